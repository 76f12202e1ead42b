package people

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/month"
	"disburse/internal/store/people"
)

// peopleData is the data of a page of search results.
type peopleData struct {
	Words   string
	Street  string
	Streets []string
	Found   []people.Found
	Asked   bool // there are search terms
	Next    string
	Mark    people.IndexStatus
	Part    int64 // percent indexed while the search index is being built; 0: complete
	Clerk   bool
	Month   month.Month // in which ages are computed
}

// peoplePage searches people. As one types, htmx requests the rows alone.
func peoplePage(v *web.Visit) error {
	d := peopleData{Words: v.SearchTerm("q"), Street: v.Typed("street"), Clerk: v.User.Post == web.Clerk[0], Month: v.ThisMonth()}
	d.Asked = d.Words != "" || d.Street != ""
	for _, s := range v.Office.Pack.File.Streets {
		d.Streets = append(d.Streets, s.Value)
	}
	var err error
	if d.Mark, err = updateSearch(v); err != nil {
		return err
	}
	if d.Mark.Building() && d.Mark.End > 1 {
		d.Part = min(99, 100*d.Mark.Next/d.Mark.End)
	}
	if d.Asked {
		if err := findPeople(v, &d); err != nil {
			return err
		}
	}
	if v.R.Header.Get("HX-Request") != "" && v.R.Header.Get("HX-History-Restore-Request") == "" {
		return v.Part("people", "found", d)
	}
	return v.Page("people", "查找人员", d)
}

// findPeople adds a page of results.
func findPeople(v *web.Visit, d *peopleData) error {
	q := people.SearchQuery{Words: d.Words, Street: d.Street, Limit: web.PageRows}
	// An invalid cursor is the beginning.
	_, _ = fmt.Sscanf(v.Form("after"), "%d-%d", &q.After.Way, &q.After.Person)
	found, next, err := people.Search(v.R.Context(), v.Office.DB, v.Office.Region, q)
	if err != nil {
		return err
	}
	d.Found = found
	if next != nil {
		d.Next = v.Address("/people", url.Values{"q": {d.Words}, "street": {d.Street}, "after": {fmt.Sprintf("%d-%d", next.Way, next.Person)}})
	}
	return nil
}

// updateSearch updates the search index within the request if there are few changes, so that
// somebody just changed on a page is found at once; else the background loop does.
func updateSearch(v *web.Visit) (people.IndexStatus, error) {
	const little = 2000
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	m, err := people.ReadIndexStatus(ctx, db, region)
	if err != nil || m.UpToDate() || m.Next != 0 || m.Building() && m.End > little {
		return m, err
	}
	return people.UpdateIndex(ctx, db, region, little)
}

// The background loop polls the revision at an interval and indexes people in steps, each in a
// transaction of its own.
const (
	searchInterval = 3 * time.Second
	searchStep     = 20_000
)

// MaintainSearch is the background loop that updates the search index of people.
func MaintainSearch(s *web.Server) {
	tick := time.NewTicker(searchInterval)
	defer tick.Stop()
	for {
		if err := catchUpSearch(s.Context, s); err != nil && s.Context.Err() == nil {
			s.Log.Error("search index of people not updated", "error", err.Error())
		}
		select {
		case <-s.Context.Done():
			return
		case <-tick.C:
		}
	}
}

// catchUpSearch indexes all changes up to the present revision.
func catchUpSearch(ctx context.Context, s *web.Server) error {
	db, region := s.Office.DB, s.Office.Region
	m, err := people.ReadIndexStatus(ctx, db, region)
	for err == nil && !m.UpToDate() {
		was := m
		if m, err = people.UpdateIndex(ctx, db, region, searchStep); m == was {
			return err // no progress: another server holds the lock
		}
	}
	return err
}

// ages at which a subsidy begins or rises (items 11 and 12).
var ages = []int{80, 100}

// reachingData is the data of the list of people who reach an age in a month.
type reachingData struct {
	Month  month.Month
	Age    int
	Ages   []int
	Counts map[int]int
	Found  []people.Found
	Next   string
}

// reachingPage lists who turns 80 or 100 in a month.
func reachingPage(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	d := reachingData{Month: m, Age: ages[0], Ages: ages}
	if v.Form("age") == strconv.Itoa(ages[1]) {
		d.Age = ages[1]
	}
	if _, err := updateSearch(v); err != nil {
		return err
	}
	if d.Counts, err = Reaching(v, m); err != nil {
		return err
	}
	after, _ := strconv.ParseInt(v.Form("after"), 10, 64) // invalid: from the beginning
	d.Found, err = people.ReachingPeople(v.R.Context(), v.Office.DB, v.Office.Region, m, d.Age, after, web.PageRows+1)
	if err != nil {
		return err
	}
	if len(d.Found) > web.PageRows {
		d.Found = d.Found[:web.PageRows]
		d.Next = fmt.Sprintf("/people/reaching/%s?age=%d&after=%d", m, d.Age, d.Found[web.PageRows-1].Number)
	}
	return v.Page("reaching", m.Chinese()+"满龄人员", d)
}

// Reaching counts the people who reach each of the ages in a month, by age.
func Reaching(v *web.Visit, m month.Month) (map[int]int, error) {
	counts, err := people.CountReaching(v.R.Context(), v.Office.DB, v.Office.Region, m, ages...)
	if err != nil {
		return nil, err
	}
	all := map[int]int{}
	for i, n := range counts {
		all[ages[i]] = n
	}
	return all, nil
}
