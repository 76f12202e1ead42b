package recovery

import (
	"embed"

	"disburse/internal/console/web"
)

// Templates are the templates of the pages, each named as its page.
//
//go:embed templates
var Templates embed.FS

// Routes are the pages and actions of the package with the posts that may use them.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /recovery", Search: true, Posts: web.Readers, Do: recoveryPage},
		{Pattern: "GET /recovery/notices", Posts: web.Readers, Do: recoveryNotices},
		{Pattern: "GET /recovery/person/{person}", Posts: web.Readers, Do: debtorPage},
		{Pattern: "GET /recovery/person/{person}/notice", Posts: web.Readers, Do: debtorNotice},
		{Pattern: "POST /recovery/person/{person}/collect", Posts: web.Clerk, Do: debtorCollect},
		{Pattern: "POST /recovery/person/{person}/plan", Posts: web.Clerk, Do: debtorPlan},
		{Pattern: "POST /recovery/person/{person}/endplan", Posts: web.Clerk, Do: debtorEndPlan},
		{Pattern: "POST /recovery/person/{person}/waive", Posts: web.Clerk, Do: debtorWaive},
		{Pattern: "GET /recovery/waivers", Posts: web.Readers, Do: waiversPage},
		{Pattern: "POST /recovery/waivers/{n}", Posts: waiverAnswerers, Do: waiverAnswer},
		{Pattern: "GET /recovery/opening", Posts: web.Clerk, Do: openingPage},
		{Pattern: "GET /recovery/opening/template", Posts: web.Clerk, Do: openingTemplate},
		{Pattern: "POST /recovery/opening", Posts: web.Clerk, Long: true, Do: openingUpload},
		{Pattern: "GET /recovery/opening/{upload}", Posts: web.Clerk, Do: openingTrial},
		{Pattern: "POST /recovery/opening/{upload}", Posts: web.Clerk, Do: openingTake},
		{Pattern: "GET /recovery/opening/{upload}/errors", Posts: web.Clerk, Do: openingErrors},
	}
}
