package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// maxRecords is how many records a history may have: beyond it a file is not a roster.
const maxRecords = 1000

// claim is what a file says is the whole history of one fact, or item, of one person.
type claim[R comparable] struct {
	people.History[R]
	rows  int  // of the file
	known bool // nothing new
	waits bool // for a second person
}

// claims collects the claims about people who are there after the import, and refuses
// the rows of all others.
type claims[R comparable] struct {
	list     []claim[R]
	problems []roster.Problem
}

// take takes in one claim, which stands at the places given.
func (c *claims[R]) take(a *admission, places []roster.Place, id, name string, records []R) {
	person, reason := a.locate(id)
	if reason == "" && len(records) > maxRecords {
		reason = fmt.Sprintf("一个人的“%s”有 %d 条记录，超过 %d 条，请核对", name, len(records), maxRecords)
	}
	if reason == "" {
		// Knowing nothing yet, a claim of nothing is no news.
		c.list = append(c.list, claim[R]{History: people.History[R]{Person: person, Name: name, Records: records}, rows: len(places), known: len(records) == 0})
		return
	}
	for _, place := range places {
		c.problems = append(c.problems, roster.Problem{Place: place, Column: "身份证号", Value: id, Reason: reason})
	}
}

// placesOf returns the places of a history's rows: those on its first sheet, and more on
// continuation sheets.
func placesOf(sheet string, rows []int, more []roster.Place, buffer []roster.Place) []roster.Place {
	for _, row := range rows {
		buffer = append(buffer, roster.Place{Sheet: sheet, Row: row})
	}
	return append(buffer, more...)
}

func factClaims(in *roster.Import, a *admission) *claims[roster.Fact] {
	c := &claims[roster.Fact]{list: make([]claim[roster.Fact], 0, len(in.Facts))}
	var places []roster.Place
	for i := range in.Facts {
		h := &in.Facts[i]
		places = placesOf(h.Place.Sheet, h.Rows, h.More, places[:0])
		c.take(a, places, h.ID, h.Fact, h.Facts)
	}
	return c
}

func awardClaims(in *roster.Import, a *admission) *claims[roster.Award] {
	c := &claims[roster.Award]{list: make([]claim[roster.Award], 0, len(in.Awards))}
	var places []roster.Place
	for i := range in.Awards {
		h := &in.Awards[i]
		places = placesOf(h.Place.Sheet, h.Rows, h.More, places[:0])
		c.take(a, places, h.ID, h.Item, h.Awards)
	}
	return c
}

// compare marks the claims that say what is known before revision rev. People from
// newcomer on have no history yet.
func (c *claims[R]) compare(ctx context.Context, tx pgx.Tx, s *people.Series[R], region int32, rev, newcomer int64) error {
	return c.known(ctx, tx, s, region, rev-1, newcomer, func(l *claim[R], records []R) { l.known = s.Same(l.Records, records) })
}

// known sorts the claims and calls fn with what was known at revision rev of each of which
// anything was. The records are valid until fn returns.
func (c *claims[R]) known(ctx context.Context, tx pgx.Tx, s *people.Series[R], region int32, rev, newcomer int64, fn func(*claim[R], []R)) error {
	const chunk = 10_000
	slices.SortFunc(c.list, func(x, y claim[R]) int {
		return cmp.Or(cmp.Compare(x.Person, y.Person), cmp.Compare(x.Name, y.Name))
	})
	var persons []int64
	for i := range c.list {
		if n := c.list[i].Person; n < newcomer && (i == 0 || c.list[i-1].Person != n) {
			persons = append(persons, n)
		}
	}
	rest := c.list
	for part := range slices.Chunk(persons, chunk) {
		err := s.Each(ctx, postgres.In(tx, region).At(rev), people.Among(part), func(h people.History[R]) error {
			for len(rest) > 0 && before(&rest[0].History, &h) {
				rest = rest[1:]
			}
			if len(rest) > 0 && rest[0].Person == h.Person && rest[0].Name == h.Name {
				fn(&rest[0], h.Records)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read %s: %w", s.Table, err)
		}
	}
	return nil
}

func before[R comparable](a, b *people.History[R]) bool {
	return a.Person < b.Person || (a.Person == b.Person && a.Name < b.Name)
}

// write makes the claims that are news known at revision rev. It returns how many
// there were, and how many rows of the file said nothing new.
func (c *claims[R]) write(ctx context.Context, tx pgx.Tx, s *people.Series[R], region int32, rev int64) (changed, unchanged int, err error) {
	var news []*people.History[R]
	for i := range c.list {
		switch l := &c.list[i]; {
		case l.known:
			unchanged += l.rows
		case !l.waits:
			news = append(news, &l.History)
		}
	}
	err = postgres.CopyRows(ctx, tx, s.CopyIn(), len(news), func(w *postgres.RowWriter, i int) { s.Encode(w, region, rev, news[i]) })
	if err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", s.Table, err)
	}
	return len(news), unchanged, nil
}
