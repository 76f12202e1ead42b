package web

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// backRoutes leads whoever opens the address of an action, by reloading a refused form or
// from a bookmark, to the page above it: the longest that there is, or the first one. They
// show nothing themselves, so anybody who is logged in may use them.
func backRoutes(all []Route) []Route {
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
		back = append(back, Route{Pattern: http.MethodGet + " " + where, Open: r.Open, Posts: Everyone, Do: leadTo(page)})
	}
	return back
}

var pathName = regexp.MustCompile(`\{([a-z]+)\}`)

// leadTo leads to a page whose path has only names that the request's has too.
func leadTo(page string) func(*Visit) error {
	return func(v *Visit) error {
		return v.GoTo(pathName.ReplaceAllStringFunc(page, func(name string) string {
			return url.PathEscape(v.R.PathValue(strings.Trim(name, "{}")))
		}), "")
	}
}
