package people

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
		{Pattern: "GET /people", Search: true, Live: true, Posts: web.Readers, Do: peoplePage},
		{Pattern: "GET /people/reaching/{month}", Posts: web.Readers, Do: reachingPage},
		{Pattern: "GET /people/ending", Posts: web.Readers, Do: endingPage},
		{Pattern: "GET /people/{person}", Posts: web.Readers, Do: personPage},
		{Pattern: "POST /people/{person}/reveal", Posts: web.Readers, Do: reveal},
		{Pattern: "GET /people/{person}/why/{month}", Posts: web.Readers, Do: whyPage},
		{Pattern: "GET /people/{person}/letter/{month}", Posts: web.Readers, Do: personLetter},
		{Pattern: "GET /people/{person}/change/who", Posts: web.Clerk, Do: changeForm(whoChange)},
		{Pattern: "POST /people/{person}/change/who", Posts: web.Clerk, Do: changeForm(whoChange)},
		{Pattern: "GET /people/new", Posts: web.Clerk, Do: newPersonForm},
		{Pattern: "POST /people/new", Posts: web.Clerk, Do: newPersonForm},
		{Pattern: "GET /people/{person}/change/number", Posts: web.Clerk, Do: changeForm(numberChange)},
		{Pattern: "POST /people/{person}/change/number", Posts: web.Clerk, Do: changeForm(numberChange)},
		{Pattern: "GET /people/{person}/change/fact", Posts: web.Clerk, Do: changeForm(factChange)},
		{Pattern: "POST /people/{person}/change/fact", Posts: web.Clerk, Do: changeForm(factChange)},
		{Pattern: "GET /people/{person}/change/award", Posts: web.Clerk, Do: changeForm(awardChange)},
		{Pattern: "POST /people/{person}/change/award", Posts: web.Clerk, Do: changeForm(awardChange)},
		{Pattern: "GET /accounts", Posts: web.Readers, Do: accountsPage},
		{Pattern: "POST /accounts", Posts: web.Checkers, Do: answerAccounts},
		{Pattern: "POST /accounts/{n}", Posts: web.Checkers, Do: answerAccount},
		{Pattern: "POST /accounts/{n}/reveal", Posts: web.Checkers, Do: revealAccount},
		{Pattern: "GET /people/{person}/change/account", Posts: web.Clerk, Do: accountForm},
		{Pattern: "POST /people/{person}/change/account", Posts: web.Clerk, Do: askAccount},
	}
}
