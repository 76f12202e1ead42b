package runs

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// recordHistory holds every version of one person record that was ever stored, in ascending
// order of revisions, so that the record as of any revision can be rebuilt in memory.
type recordHistory struct {
	people   []roster.Person
	facts    []version[roster.Fact]
	awards   []version[roster.Award]
	mergedAt int64 // revision at which it was merged into another record; 0: not
}

// version is one row of a fact's or award's history as a revision restated it. A revision
// replaces the whole history of that name; withdrawn says that it left nothing of it.
type version[T any] struct {
	rev       int64
	name      string // of the fact, or the item
	withdrawn bool
	row       T
}

// recordHistories are histories by person number.
type recordHistories map[int64]*recordHistory

func (all recordHistories) of(person int64) *recordHistory {
	if all[person] == nil {
		all[person] = &recordHistory{}
	}
	return all[person]
}

func (all recordHistories) people(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `
		SELECT person, rev, id_number, name, street, community, birth, moved_in, moved_out, died
		FROM person WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY rev`, args...)
	if err != nil {
		return err
	}
	var p roster.Person
	var birth time.Time
	var in, out, died *time.Time
	_, err = pgx.ForEachRow(rows, []any{&p.Number, &p.Rev, &p.ID, &p.Name, &p.Street, &p.Community, &birth, &in, &out, &died}, func() error {
		p.Birth, p.MovedIn, p.MovedOut, p.Died = month.FromTime(birth), postgres.NullableDate(in), postgres.NullableDate(out), postgres.NullableDate(died)
		l := all.of(p.Number)
		l.people = append(l.people, p)
		return nil
	})
	return err
}

func (all recordHistories) facts(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `
		SELECT person, rev, n = 0, fact, since, until, value
		FROM fact WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY fact, rev, n`, args...)
	if err != nil {
		return err
	}
	var person int64
	var d version[roster.Fact]
	var since, until *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &d.rev, &d.withdrawn, &d.name, &since, &until, &d.row.Value}, func() error {
		d.row.Name, d.row.Since, d.row.Until = d.name, postgres.NullableDate(since), postgres.NullableDate(until)
		l := all.of(person)
		l.facts = append(l.facts, d)
		return nil
	})
	return err
}

func (all recordHistories) awards(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `
		SELECT person, rev, n = 0, item, amount, first_month, last_month, payee
		FROM award WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY item, rev, n`, args...)
	if err != nil {
		return err
	}
	var person int64
	var amount money.Fen
	var d version[roster.Award]
	var first, last *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &d.rev, &d.withdrawn, &d.name, &amount, &first, &last, &d.row.Payee}, func() error {
		d.row.Item, d.row.Amount, d.row.First, d.row.Last = d.name, amount, postgres.NullableMonth(first), postgres.NullableMonth(last)
		l := all.of(person)
		l.awards = append(l.awards, d)
		return nil
	})
	return err
}

func (all recordHistories) merges(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `SELECT gone, rev FROM merge WHERE region = $1 AND gone = ANY($2) AND rev <= $3`, args...)
	if err != nil {
		return err
	}
	var person, rev int64
	_, err = pgx.ForEachRow(rows, []any{&person, &rev}, func() error { all.of(person).mergedAt = rev; return nil })
	return err
}

// stagesOf lists what was known of one person after each revision that changed one of their
// records, merged ones included.
func stagesOf(records []*recordHistory) []engine.Stage {
	var revs []int64
	for _, l := range records {
		revs = append(revs, l.revisions()...)
	}
	slices.Sort(revs)
	var stages []engine.Stage
	for _, rev := range slices.Compact(revs) {
		s := engine.Stage{Rev: rev}
		for _, l := range records {
			if d := l.at(rev); d != nil {
				s.Records = append(s.Records, d)
			}
		}
		stages = append(stages, s)
	}
	return stages
}

// revisions lists the revisions that changed the record, unsorted and with duplicates.
func (l *recordHistory) revisions() []int64 {
	var revs []int64
	for i := range l.people {
		revs = append(revs, l.people[i].Rev)
	}
	for i := range l.facts {
		revs = append(revs, l.facts[i].rev)
	}
	for i := range l.awards {
		revs = append(revs, l.awards[i].rev)
	}
	if l.mergedAt != 0 {
		revs = append(revs, l.mergedAt)
	}
	return revs
}

// at returns the record as of a revision; nil where it did not exist yet or was merged already.
func (l *recordHistory) at(rev int64) *roster.Dossier {
	n, _ := slices.BinarySearchFunc(l.people, rev+1, func(p roster.Person, rev int64) int { return cmp.Compare(p.Rev, rev) })
	if n == 0 || (l.mergedAt != 0 && l.mergedAt <= rev) {
		return nil
	}
	return &roster.Dossier{Person: l.people[n-1], Facts: rowsAt(l.facts, rev), Awards: rowsAt(l.awards, rev)}
}

// rowsAt returns the rows of all histories as of a revision: of each name, those of the last
// revision up to then. all is sorted by name and revision.
func rowsAt[T any](all []version[T], rev int64) []T {
	var rows []T
	var last *version[T]
	start := 0 // index in rows where the current name's history begins
	for i := range all {
		d := &all[i]
		if d.rev > rev {
			continue
		}
		switch {
		case last == nil || last.name != d.name:
			start = len(rows)
		case last.rev != d.rev:
			rows = rows[:start] // a later revision replaces the history
		}
		if !d.withdrawn {
			rows = append(rows, d.row)
		}
		last = d
	}
	return rows
}
