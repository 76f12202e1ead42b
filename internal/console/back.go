package console

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
func backRoutes(all []route) []route {
	pages := map[string]bool{"/": true}
	for _, r := range all {
		if where, is := strings.CutPrefix(r.pattern, http.MethodGet+" "); is {
			pages[where] = true
		}
	}
	var back []route
	for _, r := range all {
		where, is := strings.CutPrefix(r.pattern, http.MethodPost+" ")
		if !is || pages[where] {
			continue
		}
		page := path.Dir(where)
		for !pages[page] {
			page = path.Dir(page)
		}
		back = append(back, route{pattern: http.MethodGet + " " + where, open: r.open, posts: everyone, do: leadTo(page)})
	}
	return back
}

var pathName = regexp.MustCompile(`\{([a-z]+)\}`)

// leadTo leads to a page whose path has only names that the request's has too.
func leadTo(page string) func(*visit) error {
	return func(v *visit) error {
		return v.goTo(pathName.ReplaceAllStringFunc(page, func(name string) string {
			return url.PathEscape(v.r.PathValue(strings.Trim(name, "{}")))
		}), "")
	}
}
