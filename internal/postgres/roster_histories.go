package postgres

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/roster"
)

// maxRecords is how many records a history may have: beyond it a file is not a roster.
const maxRecords = 1000

// claim is what a file says is the whole history of one fact, or item, of one person.
type claim[R comparable] struct {
	history[R]
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
		c.list = append(c.list, claim[R]{history: history[R]{person, name, records}, rows: len(places), known: len(records) == 0})
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
func (c *claims[R]) compare(ctx context.Context, tx pgx.Tx, s *series[R], region int32, rev, newcomer int64) error {
	return c.known(ctx, tx, s, region, rev-1, newcomer, func(l *claim[R], records []R) { l.known = s.same(l.records, records) })
}

// known sorts the claims and calls fn with what was known at revision rev of each of which
// anything was. The records are valid until fn returns.
func (c *claims[R]) known(ctx context.Context, tx pgx.Tx, s *series[R], region int32, rev, newcomer int64, fn func(*claim[R], []R)) error {
	const chunk = 10_000
	slices.SortFunc(c.list, func(x, y claim[R]) int {
		return cmp.Or(cmp.Compare(x.person, y.person), cmp.Compare(x.name, y.name))
	})
	var people []int64
	for i := range c.list {
		if n := c.list[i].person; n < newcomer && (i == 0 || c.list[i-1].person != n) {
			people = append(people, n)
		}
	}
	rest := c.list
	for part := range slices.Chunk(people, chunk) {
		err := s.each(ctx, tx, region, rev, among(part), func(h history[R]) error {
			for len(rest) > 0 && before(&rest[0].history, &h) {
				rest = rest[1:]
			}
			if len(rest) > 0 && rest[0].person == h.person && rest[0].name == h.name {
				fn(&rest[0], h.records)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read %s: %w", s.table, err)
		}
	}
	return nil
}

func before[R comparable](a, b *history[R]) bool {
	return a.person < b.person || (a.person == b.person && a.name < b.name)
}

// write makes the claims that are news known at revision rev. It returns how many
// there were, and how many rows of the file said nothing new.
func (c *claims[R]) write(ctx context.Context, tx pgx.Tx, s *series[R], region int32, rev int64) (changed, unchanged int, err error) {
	var news []*history[R]
	for i := range c.list {
		switch l := &c.list[i]; {
		case l.known:
			unchanged += l.rows
		case !l.waits:
			news = append(news, &l.history)
		}
	}
	err = copyRows(ctx, tx, s.copyIn(), len(news), func(w *RowWriter, i int) { s.encode(w, region, rev, news[i]) })
	if err != nil {
		return 0, 0, fmt.Errorf("write %s: %w", s.table, err)
	}
	return len(news), unchanged, nil
}

// copyRows runs a COPY … FROM STDIN (FORMAT binary) with what encode writes for 0 … n−1.
func copyRows(ctx context.Context, tx pgx.Tx, sql string, n int, encode func(w *RowWriter, i int)) error {
	const block = 64 << 10
	if n == 0 {
		return nil
	}
	_, err := CopyInFunc(ctx, tx.Conn().PgConn(), sql, func(out io.Writer) error {
		var w RowWriter
		for i := range n {
			encode(&w, i)
			if w.Len() < block && i < n-1 {
				continue
			}
			if _, err := out.Write(w.Encoded()); err != nil {
				return err
			}
			w.Reset()
		}
		return nil
	})
	return err
}
