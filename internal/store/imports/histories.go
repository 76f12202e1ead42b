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

// maxRecords limits the records of one history: more are a mistake in the file, and column n
// is a smallint.
const maxRecords = 1000

// historyUpdate is one fact's, or item's, whole history of one person, as the file states it.
type historyUpdate[R comparable] struct {
	people.History[R]
	rows      int  // of the file
	unchanged bool // equal to what is stored
	deferred  bool // pending until a second person confirms it; not written
}

// historyUpdates collects the histories of people who exist after the import, and refuses
// the rows of all others.
type historyUpdates[R comparable] struct {
	list     []historyUpdate[R]
	problems []roster.Problem
}

// add adds one history, whose rows are at the places given, or refuses these rows.
func (c *historyUpdates[R]) add(a *resolver, places []roster.Place, id, name string, records []R) {
	person, reason := a.personNumber(id)
	if reason == "" && len(records) > maxRecords {
		reason = fmt.Sprintf("一个人的“%s”有 %d 条记录，超过 %d 条，请核对", name, len(records), maxRecords)
	}
	if reason == "" {
		// Nothing is stored yet as far as known here, so an empty history changes nothing.
		c.list = append(c.list, historyUpdate[R]{History: people.History[R]{Person: person, Name: name, Records: records}, rows: len(places), unchanged: len(records) == 0})
		return
	}
	for _, place := range places {
		c.problems = append(c.problems, roster.Problem{Place: place, Column: "身份证号", Value: id, Reason: reason})
	}
}

// placesOf returns the places of a history's rows: on its first sheet, and in more those on
// continuation sheets.
func placesOf(sheet string, rows []int, more []roster.Place, buffer []roster.Place) []roster.Place {
	for _, row := range rows {
		buffer = append(buffer, roster.Place{Sheet: sheet, Row: row})
	}
	return append(buffer, more...)
}

func factUpdates(in *roster.Import, a *resolver) *historyUpdates[roster.Fact] {
	c := &historyUpdates[roster.Fact]{list: make([]historyUpdate[roster.Fact], 0, len(in.Facts))}
	var places []roster.Place
	for i := range in.Facts {
		h := &in.Facts[i]
		places = placesOf(h.Place.Sheet, h.Rows, h.More, places[:0])
		c.add(a, places, h.ID, h.Fact, h.Facts)
	}
	return c
}

func awardUpdates(in *roster.Import, a *resolver) *historyUpdates[roster.Award] {
	c := &historyUpdates[roster.Award]{list: make([]historyUpdate[roster.Award], 0, len(in.Awards))}
	var places []roster.Place
	for i := range in.Awards {
		h := &in.Awards[i]
		places = placesOf(h.Place.Sheet, h.Rows, h.More, places[:0])
		c.add(a, places, h.ID, h.Item, h.Awards)
	}
	return c
}

// markUnchanged marks the histories that equal those stored before revision rev. People with
// numbers from newcomer on have none yet.
func (c *historyUpdates[R]) markUnchanged(ctx context.Context, tx pgx.Tx, s *people.HistoryTable[R], region int32, rev, newcomer int64) error {
	return c.eachKnown(ctx, tx, s, region, rev-1, newcomer, func(l *historyUpdate[R], records []R) { l.unchanged = s.Same(l.Records, records) })
}

// eachKnown sorts the histories and calls fn with the stored records, as of revision rev, of
// each that has any: a merge join of two sorted streams. The records are valid until fn
// returns.
func (c *historyUpdates[R]) eachKnown(ctx context.Context, tx pgx.Tx, s *people.HistoryTable[R], region int32, rev, newcomer int64, fn func(*historyUpdate[R], []R)) error {
	const chunk = 10_000
	slices.SortFunc(c.list, func(x, y historyUpdate[R]) int {
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
			for len(rest) > 0 && historyBefore(&rest[0].History, &h) {
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

func historyBefore[R comparable](a, b *people.History[R]) bool {
	return a.Person < b.Person || (a.Person == b.Person && a.Name < b.Name)
}

// write stores the changed histories that are not deferred at revision rev. It returns how
// many these are, and how many rows of the file changed nothing.
func (c *historyUpdates[R]) write(ctx context.Context, tx pgx.Tx, s *people.HistoryTable[R], region int32, rev int64) (changed, unchanged int, err error) {
	var news []*people.History[R]
	for i := range c.list {
		switch l := &c.list[i]; {
		case l.unchanged:
			unchanged += l.rows
		case !l.deferred:
			news = append(news, &l.History)
		}
	}
	err = postgres.CopyRows(ctx, tx, s.CopyIn(), len(news), func(w *postgres.RowWriter, i int) { s.Encode(w, region, rev, news[i]) })
	if err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", s.Table, err)
	}
	return len(news), unchanged, nil
}
