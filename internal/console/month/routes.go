package month

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
		{Pattern: "GET /{$}", Posts: web.Everyone, Do: home},
		{Pattern: "GET /month/{month}", Posts: web.Everyone, Do: monthPage},
		{Pattern: "POST /month/{month}/run", Posts: web.Clerk, Do: runMonth},
	}
}
