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

func PeopleRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /people", Search: true, Live: true, Posts: web.Readers, Do: peoplePage},
		{Pattern: "GET /people/reaching/{month}", Posts: web.Readers, Do: reachingPage},
		{Pattern: "GET /people/ending", Posts: web.Readers, Do: endingPage},
	}
}

const peopleRows = 50

// peopleData is a page of the search.
type peopleData struct {
	Words   string
	Street  string
	Streets []string
	Found   []people.Found
	Asked   bool // there is something to look for
	Next    string
	Mark    people.IndexStatus
	Part    int64 // percent of the people that can be found, while they are being built
	Clerk   bool
	Month   month.Month // of the ages
}

// peoplePage looks for people. As one types, htmx asks for the rows alone.
func peoplePage(v *web.Visit) error {
	d := peopleData{Words: v.Asked("q"), Street: v.Typed("street"), Clerk: v.User.Post == web.Clerk[0], Month: v.ThisMonth()}
	d.Asked = d.Words != "" || d.Street != ""
	for _, s := range v.Office.Pack.File.Streets {
		d.Streets = append(d.Streets, s.Value)
	}
	var err error
	if d.Mark, err = freshPeople(v); err != nil {
		return err
	}
	if d.Mark.Building() && d.Mark.End > 1 {
		d.Part = min(99, 100*d.Mark.Next/d.Mark.End)
	}
	if d.Asked {
		if err := find(v, &d); err != nil {
			return err
		}
	}
	if v.R.Header.Get("HX-Request") != "" && v.R.Header.Get("HX-History-Restore-Request") == "" {
		return v.Part("people", "found", d)
	}
	return v.Page("people", "查找人员", d)
}

func find(v *web.Visit, d *peopleData) error {
	q := people.SearchQuery{Words: d.Words, Street: d.Street, Limit: peopleRows}
	// A place that was not made by this page finds the beginning.
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

// freshPeople takes in what was learned since the last time where that is little: who was
// just changed on a page is found at once.
func freshPeople(v *web.Visit) (people.IndexStatus, error) {
	const little = 2000
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	m, err := people.ReadIndexStatus(ctx, db, region)
	if err != nil || m.UpToDate() || m.Next != 0 || m.Building() && m.End > little {
		return m, err
	}
	return people.UpdateIndex(ctx, db, region, little)
}

// How the people for search are kept up: a look every few seconds, and steps while there
// is something to take in.
const (
	peopleEvery = 3 * time.Second
	peopleStep  = 20_000
)

// KeepPeople keeps the people for search up until the console is closed.
func KeepPeople(s *web.Server) {
	tick := time.NewTicker(peopleEvery)
	defer tick.Stop()
	for {
		if err := catchUp(s.Life, s); err != nil && s.Life.Err() == nil {
			s.Log.Error("people for search not kept up", "error", err.Error())
		}
		select {
		case <-s.Life.Done():
			return
		case <-tick.C:
		}
	}
}

func catchUp(ctx context.Context, s *web.Server) error {
	db, region := s.Office.DB, s.Office.Region
	m, err := people.ReadIndexStatus(ctx, db, region)
	for err == nil && !m.UpToDate() {
		was := m
		if m, err = people.UpdateIndex(ctx, db, region, peopleStep); m == was {
			return err // another server is at it
		}
	}
	return err
}

// ages are those at which a subsidy begins or rises: items 11 and 12.
var ages = []int{80, 100}

// reachingData lists who reaches an age in a month.
type reachingData struct {
	Month  month.Month
	Age    int
	Ages   []int
	Counts map[int]int
	Found  []people.Found
	Next   string
}

// reachingPage lists who turns 80, or 100, in a month.
func reachingPage(v *web.Visit) error {
	m, err := v.MonthOf("month")
	if err != nil {
		return err
	}
	d := reachingData{Month: m, Age: ages[0], Ages: ages}
	if v.Form("age") == strconv.Itoa(ages[1]) {
		d.Age = ages[1]
	}
	if _, err := freshPeople(v); err != nil {
		return err
	}
	if d.Counts, err = Reaching(v, m); err != nil {
		return err
	}
	after, _ := strconv.ParseInt(v.Form("after"), 10, 64) // 0: the beginning
	d.Found, err = people.ReachingPeople(v.R.Context(), v.Office.DB, v.Office.Region, m, d.Age, after, peopleRows+1)
	if err != nil {
		return err
	}
	if len(d.Found) > peopleRows {
		d.Found = d.Found[:peopleRows]
		d.Next = fmt.Sprintf("/people/reaching/%s?age=%d&after=%d", m, d.Age, d.Found[peopleRows-1].Number)
	}
	return v.Page("reaching", m.Chinese()+"满龄人员", d)
}

// Reaching counts who reaches each of the ages.
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
