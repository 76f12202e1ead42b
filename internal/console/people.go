package console

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

func peopleRoutes() []route {
	return []route{
		{pattern: "GET /people", search: true, live: true, posts: readers, do: (*visit).peoplePage},
		{pattern: "GET /people/reaching/{month}", posts: readers, do: (*visit).reachingPage},
		{pattern: "GET /people/ending", posts: readers, do: (*visit).endingPage},
	}
}

const peopleRows = 50

// peopleData is a page of the search.
type peopleData struct {
	Words   string
	Street  string
	Streets []string
	Found   []postgres.FoundPerson
	Asked   bool // there is something to look for
	Next    string
	Mark    postgres.PeopleMark
	Part    int64 // percent of the people that can be found, while they are being built
	Clerk   bool
	Month   month.Month // of the ages
}

// peoplePage looks for people. As one types, htmx asks for the rows alone.
func (v *visit) peoplePage() error {
	d := peopleData{Words: v.asked("q"), Street: v.typed("street"), Clerk: v.user.Post == clerk[0], Month: v.thisMonth()}
	d.Asked = d.Words != "" || d.Street != ""
	for _, s := range v.office.Pack.File.Streets {
		d.Streets = append(d.Streets, s.Value)
	}
	var err error
	if d.Mark, err = v.freshPeople(); err != nil {
		return err
	}
	if d.Mark.Building() && d.Mark.End > 1 {
		d.Part = min(99, 100*d.Mark.Next/d.Mark.End)
	}
	if d.Asked {
		if err := v.find(&d); err != nil {
			return err
		}
	}
	if v.r.Header.Get("HX-Request") != "" && v.r.Header.Get("HX-History-Restore-Request") == "" {
		return v.part("people", "found", d)
	}
	return v.page("people", "查找人员", d)
}

func (v *visit) find(d *peopleData) error {
	q := postgres.PeopleQuery{Words: d.Words, Street: d.Street, Limit: peopleRows}
	// A place that was not made by this page finds the beginning.
	_, _ = fmt.Sscanf(v.form("after"), "%d-%d", &q.After.Way, &q.After.Person)
	found, next, err := v.office.DB.FindPeople(v.r.Context(), v.office.Region, q)
	if err != nil {
		return err
	}
	d.Found = found
	if next != nil {
		d.Next = v.address("/people", url.Values{"q": {d.Words}, "street": {d.Street}, "after": {fmt.Sprintf("%d-%d", next.Way, next.Person)}})
	}
	return nil
}

// freshPeople takes in what was learned since the last time where that is little: who was
// just changed on a page is found at once.
func (v *visit) freshPeople() (postgres.PeopleMark, error) {
	const little = 2000
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	m, err := db.PeopleMark(ctx, region)
	if err != nil || m.Whole() || m.Next != 0 || m.Building() && m.End > little {
		return m, err
	}
	return db.CatchUpPeople(ctx, region, little)
}

// How the people for search are kept up: a look every few seconds, and steps while there
// is something to take in.
const (
	peopleEvery = 3 * time.Second
	peopleStep  = 20_000
)

// keepPeople keeps the people for search up until the console is closed.
func (s *Server) keepPeople() {
	tick := time.NewTicker(peopleEvery)
	defer tick.Stop()
	for {
		if err := s.catchUp(s.life); err != nil && s.life.Err() == nil {
			s.Log.Error("people for search not kept up", "error", err.Error())
		}
		select {
		case <-s.life.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) catchUp(ctx context.Context) error {
	db, region := s.Office.DB, s.Office.Region
	m, err := db.PeopleMark(ctx, region)
	for err == nil && !m.Whole() {
		was := m
		if m, err = db.CatchUpPeople(ctx, region, peopleStep); m == was {
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
	Found  []postgres.FoundPerson
	Next   string
}

// reachingPage lists who turns 80, or 100, in a month.
func (v *visit) reachingPage() error {
	m, err := v.monthOf("month")
	if err != nil {
		return err
	}
	d := reachingData{Month: m, Age: ages[0], Ages: ages}
	if v.form("age") == strconv.Itoa(ages[1]) {
		d.Age = ages[1]
	}
	if _, err := v.freshPeople(); err != nil {
		return err
	}
	if d.Counts, err = v.reaching(m); err != nil {
		return err
	}
	after, _ := strconv.ParseInt(v.form("after"), 10, 64) // 0: the beginning
	d.Found, err = v.office.DB.ReachingPeople(v.r.Context(), v.office.Region, m, d.Age, after, peopleRows+1)
	if err != nil {
		return err
	}
	if len(d.Found) > peopleRows {
		d.Found = d.Found[:peopleRows]
		d.Next = fmt.Sprintf("/people/reaching/%s?age=%d&after=%d", m, d.Age, d.Found[peopleRows-1].Number)
	}
	return v.page("reaching", m.Chinese()+"满龄人员", d)
}

// reaching counts who reaches each of the ages.
func (v *visit) reaching(m month.Month) (map[int]int, error) {
	counts, err := v.office.DB.CountReaching(v.r.Context(), v.office.Region, m, ages...)
	if err != nil {
		return nil, err
	}
	all := map[int]int{}
	for i, n := range counts {
		all[ages[i]] = n
	}
	return all, nil
}
