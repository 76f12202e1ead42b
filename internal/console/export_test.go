package console

import (
	"disburse/internal/approval"
	"disburse/internal/console/web"
)

// RouteOfTest is a route as tests of permissions see it.
type RouteOfTest struct {
	Pattern  string
	Open     bool
	Posts    []approval.Post
	Searches bool // leads to the page that shows what is searched for
}

// RoutesOfTest lists all routes.
func RoutesOfTest() []RouteOfTest {
	var all []RouteOfTest
	for _, r := range web.WithSearches(allRoutes()) {
		all = append(all, RouteOfTest{r.Pattern, r.Open, r.Posts, r.Search})
	}
	return all
}

// SecretFieldsOfTest are the fields that no form keeps.
var SecretFieldsOfTest = web.SecretFields
