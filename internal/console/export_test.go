package console

import (
	"disburse/internal/approval"
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
	for _, r := range withSearches(allRoutes()) {
		all = append(all, RouteOfTest{r.pattern, r.open, r.posts, r.search})
	}
	return all
}

// SecretFieldsOfTest are the fields that no form keeps.
var SecretFieldsOfTest = secretFields
