package runs

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// life is everything that was ever known of one record, in the order of revisions.
type life struct {
	people []roster.Person
	facts  []dated[roster.Fact]
	awards []dated[roster.Award]
	ended  int64 // revision at which it was merged into another one; 0: not
}

// dated is one piece of a history as a revision restated it; none: it withdrew the history.
type dated[T any] struct {
	rev   int64
	name  string // of the fact, or the item
	none  bool
	piece T
}

type lives map[int64]*life

func (all lives) of(person int64) *life {
	if all[person] == nil {
		all[person] = &life{}
	}
	return all[person]
}

func (all lives) people(ctx context.Context, conn *pgx.Conn, args []any) error {
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

func (all lives) facts(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `
		SELECT person, rev, n = 0, fact, since, until, value
		FROM fact WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY fact, rev, n`, args...)
	if err != nil {
		return err
	}
	var person int64
	var d dated[roster.Fact]
	var since, until *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &d.rev, &d.none, &d.name, &since, &until, &d.piece.Value}, func() error {
		d.piece.Name, d.piece.Since, d.piece.Until = d.name, postgres.NullableDate(since), postgres.NullableDate(until)
		l := all.of(person)
		l.facts = append(l.facts, d)
		return nil
	})
	return err
}

func (all lives) awards(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `
		SELECT person, rev, n = 0, item, amount, first_month, last_month, payee
		FROM award WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY item, rev, n`, args...)
	if err != nil {
		return err
	}
	var person int64
	var amount money.Fen
	var d dated[roster.Award]
	var first, last *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &d.rev, &d.none, &d.name, &amount, &first, &last, &d.piece.Payee}, func() error {
		d.piece.Item, d.piece.Amount, d.piece.First, d.piece.Last = d.name, amount, postgres.NullableMonth(first), postgres.NullableMonth(last)
		l := all.of(person)
		l.awards = append(l.awards, d)
		return nil
	})
	return err
}

func (all lives) ends(ctx context.Context, conn *pgx.Conn, args []any) error {
	rows, err := conn.Query(ctx, `SELECT gone, rev FROM merge WHERE region = $1 AND gone = ANY($2) AND rev <= $3`, args...)
	if err != nil {
		return err
	}
	var person, rev int64
	_, err = pgx.ForEachRow(rows, []any{&person, &rev}, func() error { all.of(person).ended = rev; return nil })
	return err
}

// stagesOf lists what was known of one person by their records, the merged ones among them.
func stagesOf(records []*life) []payrun.Stage {
	var revs []int64
	for _, l := range records {
		revs = append(revs, l.revisions()...)
	}
	slices.Sort(revs)
	var stages []payrun.Stage
	for _, rev := range slices.Compact(revs) {
		s := payrun.Stage{Rev: rev}
		for _, l := range records {
			if d := l.at(rev); d != nil {
				s.Records = append(s.Records, d)
			}
		}
		stages = append(stages, s)
	}
	return stages
}

// revisions are those at which something else became known of the record.
func (l *life) revisions() []int64 {
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
	if l.ended != 0 {
		revs = append(revs, l.ended)
	}
	return revs
}

// at is the record as known at a revision; nil where it was not there yet, or no longer.
func (l *life) at(rev int64) *roster.Dossier {
	n, _ := slices.BinarySearchFunc(l.people, rev+1, func(p roster.Person, rev int64) int { return cmp.Compare(p.Rev, rev) })
	if n == 0 || (l.ended != 0 && l.ended <= rev) {
		return nil
	}
	return &roster.Dossier{Person: l.people[n-1], Facts: restate(l.facts, rev), Awards: restate(l.awards, rev)}
}

// restate is what the histories were at a revision: of each what its last revision up to
// then said. They come in the order of name and revision.
func restate[T any](all []dated[T], rev int64) []T {
	var pieces []T
	var last *dated[T]
	start := 0 // where the history at hand begins
	for i := range all {
		d := &all[i]
		if d.rev > rev {
			continue
		}
		switch {
		case last == nil || last.name != d.name:
			start = len(pieces)
		case last.rev != d.rev:
			pieces = pieces[:start]
		}
		if !d.none {
			pieces = append(pieces, d.piece)
		}
		last = d
	}
	return pieces
}
