package console

import "disburse/internal/approval"

// RouteOfTest is a route as tests of permissions see it.
type RouteOfTest struct {
	Pattern string
	Open    bool
	Posts   []approval.Post
}

// RoutesOfTest lists all routes.
func RoutesOfTest() []RouteOfTest {
	var all []RouteOfTest
	for _, r := range allRoutes() {
		all = append(all, RouteOfTest{r.pattern, r.open, r.posts})
	}
	return all
}
