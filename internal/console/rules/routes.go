package rules

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
		{Pattern: "GET /policy", Posts: web.Everyone, Do: policyPage},
		{Pattern: "GET /policy/{item}", Posts: web.Everyone, Do: itemPage},
		{Pattern: "POST /policy/lists/{month}", Posts: web.Readers, Do: countListsNow},
		{Pattern: "GET /rates", Posts: web.Everyone, Do: ratesPage},
		{Pattern: "GET /packs", Posts: web.Everyone, Do: packsPage},
		{Pattern: "POST /packs", Posts: web.Adopters, Long: true, Do: uploadPack},
		{Pattern: "GET /packs/diff", Posts: web.Everyone, Do: packDiff},
		{Pattern: "GET /packs/upload/{upload}", Posts: web.Adopters, Do: uploadedPackPage},
		{Pattern: "POST /packs/upload/{upload}/adopt", Posts: web.Adopters, Do: adoptPack},
		{Pattern: "GET /packs/proposal/{proposal}", Posts: web.Everyone, Do: proposalPage},
		{Pattern: "POST /packs/proposal/{proposal}/effect", Posts: web.Adopters, Do: proposalEffect},
		{Pattern: "POST /packs/proposal/{proposal}/confirm", Posts: web.Approver, Do: confirmPack},
		{Pattern: "GET /packs/file/{hash}", Posts: web.Everyone, Do: packFile},
	}
}
