package console

import (
	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// ColumnOfTest draws one month's column and returns how high it is, and the whole chart.
func ColumnOfTest(rows []postgres.MonthItem, m month.Month) (tall, whole int) {
	for _, c := range drawItems(rows, m, map[string]string{}).Columns {
		for _, p := range c.Parts {
			tall += p.Height
		}
	}
	return tall, chartTall
}

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
