package web

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"disburse/internal/approval"
)

// Route is one page or action.
type Route struct {
	Pattern      string          // of net/http.ServeMux: method and path
	Open         bool            // needs no session
	Posts        []approval.Post // that may use it; handlers check the bureau themselves
	Long         bool            // takes files: bodies up to uploadLimit
	Search       bool            // has a search form, whose terms must not stand in addresses
	Live         bool            // answers the search as one types, with a part of the page
	Do           func(*Visit) error
	setsPassword bool // open to users who must set a password of their own before all else
}

// Routes are the pages of the server itself: login, one's own account, downloads, progress
// of background work.
func Routes() []Route { return slices.Concat(loginRoutes(), downloadRoutes(), workRoutes()) }

// Posts that routes name. 管理 manages accounts, rules and the calendar and sees no people;
// 审计 sees everything and changes nothing, except for confirming accounts.
var (
	Clerk    = []approval.Post{approval.Clerk}
	Signers  = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver}
	Checkers = []approval.Post{approval.Reviewer, approval.Approver}
	Approver = []approval.Post{approval.Approver}
	Manager  = []approval.Post{approval.Manager}
	Auditor  = []approval.Post{approval.Auditor}
	Readers  = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Auditor}
	Everyone = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager, approval.Auditor}
	Adopters = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver, approval.Manager}
	Overseen = []approval.Post{approval.Manager, approval.Auditor}
)

// allows reports whether a post may use the route.
func (r *Route) allows(p approval.Post) bool { return r.Open || slices.Contains(r.Posts, p) }

// redirectRoutes answer GET requests for the address of an action, which browsers send when
// a refused form is reloaded or bookmarked, with a redirect to the nearest page above it in
// the path, or to the first page. They show nothing, so every post may use them.
func redirectRoutes(all []Route) []Route {
	pages := map[string]bool{"/": true}
	for _, r := range all {
		if where, is := strings.CutPrefix(r.Pattern, http.MethodGet+" "); is {
			pages[where] = true
		}
	}
	var back []Route
	for _, r := range all {
		where, is := strings.CutPrefix(r.Pattern, http.MethodPost+" ")
		if !is || pages[where] {
			continue
		}
		page := path.Dir(where)
		for !pages[page] {
			page = path.Dir(page)
		}
		back = append(back, Route{Pattern: http.MethodGet + " " + where, Open: r.Open, Posts: Everyone, Do: redirectTo(page)})
	}
	return back
}

var pathName = regexp.MustCompile(`\{([a-z]+)\}`)

// redirectTo redirects to a page. All names in its pattern must be in the request's, too.
func redirectTo(page string) func(*Visit) error {
	return func(v *Visit) error {
		return v.Redirect(pathName.ReplaceAllStringFunc(page, func(name string) string {
			return url.PathEscape(v.R.PathValue(strings.Trim(name, "{}")))
		}), "")
	}
}
