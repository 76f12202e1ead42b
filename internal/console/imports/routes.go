package imports

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
		{Pattern: "GET /imports", Posts: web.Readers, Do: importsPage},
		{Pattern: "POST /imports", Posts: web.Clerk, Long: true, Do: takeRoster},
		{Pattern: "GET /imports/{upload}", Posts: web.Clerk, Do: importPage},
		{Pattern: "POST /imports/roster/{upload}/try", Posts: web.Clerk, Do: retryRoster},
		{Pattern: "POST /imports/roster/{upload}/commit", Posts: web.Clerk, Do: commitRoster},
		{Pattern: "POST /imports/roster/{upload}/drop", Posts: web.Clerk, Do: dropRoster},
		{Pattern: "GET /imports/roster/{upload}/errors", Posts: web.Clerk, Do: errorsFile},
		{Pattern: "GET /imports/template", Posts: web.Readers, Do: rosterTemplate},
		{Pattern: "POST /imports/export", Posts: web.Readers, Do: exportRoster},
		{Pattern: "GET /imports/export/{upload}", Posts: web.Readers, Do: exportPage},
		{Pattern: "GET /imports/export/{upload}/file", Posts: web.Readers, Do: exportFile},
		{Pattern: "GET /imports/undo/{rev}", Posts: web.Clerk, Do: undoPage},
		{Pattern: "POST /imports/undo/{rev}", Posts: web.Clerk, Do: undoImport},
		{Pattern: "GET /imports/match", Posts: web.Clerk, Do: matchPage},
		{Pattern: "POST /imports/match", Posts: web.Clerk, Long: true, Do: takeMatch},
		{Pattern: "GET /imports/match/{upload}", Posts: web.Clerk, Do: matchedPage},
		{Pattern: "POST /imports/match/{upload}/commit", Posts: web.Clerk, Do: commitMatch},
		{Pattern: "GET /imports/match/{upload}/report", Posts: web.Clerk, Do: matchReport},
		{Pattern: "GET /imports/merge", Posts: web.Clerk, Do: mergePage},
		{Pattern: "POST /imports/merge", Posts: web.Clerk, Do: mergePeople},
	}
}
