package bank

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
		{Pattern: "GET /bank", Posts: web.Readers, Do: bankPage},
		{Pattern: "GET /bank/month/{month}", Posts: web.Readers, Do: bankMonth},
		{Pattern: "GET /bank/file/{batch}/{file}", Posts: web.Readers, Do: bankFile},
		{Pattern: "POST /bank/sent/{batch}", Posts: web.Signers, Do: bankSent},
		{Pattern: "POST /bank/results", Posts: web.Clerk, Long: true, Do: bankResult},
		{Pattern: "GET /bank/results/{upload}", Posts: web.Clerk, Do: bankTrial},
		{Pattern: "POST /bank/results/{upload}", Posts: web.Clerk, Do: bankTake},
		{Pattern: "POST /bank/results/{upload}/drop", Posts: web.Clerk, Do: bankDrop},
		{Pattern: "GET /bank/month/{month}/failed", Posts: web.Readers, Do: bankFailed},
		{Pattern: "POST /bank/month/{month}/retry", Posts: web.Clerk, Do: bankRetry},
		{Pattern: "GET /bank/month/{month}/open", Posts: web.Readers, Do: bankOpenMonth},
		{Pattern: "GET /bank/open", Posts: web.Readers, Do: bankOpen},
		{Pattern: "GET /bank/month/{month}/reconcile", Posts: web.Readers, Do: bankReconcile},
		{Pattern: "POST /bank/month/{month}/reconcile", Posts: web.Readers, Do: bankReconcileAgain},
		{Pattern: "GET /bank/month/{month}/reconcile/{bureau}", Posts: web.Readers, Do: bankReconcileBook},
	}
}
