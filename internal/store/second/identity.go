package second

import (
	"context"
	"time"

	"disburse/internal/judge"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// readNamesakes finds people in the district in the batch's month who share name and birth date
// with another one who is too.
func (s *session) readNamesakes(ctx context.Context) error {
	type namesake struct {
		name  string
		birth time.Time
	}
	groups := map[namesake][]int64{}
	var p roster.Person
	var birth time.Time
	var in, out, died *time.Time
	err := s.each(ctx, "namesakes", `
		SELECT person, id_number, name, birth, moved_in, moved_out, died FROM (
		    SELECT latest.*, count(*) OVER (PARTITION BY name, birth) AS alike FROM (
		        SELECT DISTINCT ON (person) * FROM person WHERE region = $1 AND rev <= $2 ORDER BY person, rev DESC) latest
		    WHERE person NOT IN (SELECT gone FROM merge WHERE region = $1 AND rev <= $2)) p
		WHERE alike > 1`,
		[]any{s.Region, s.batch.Revision}, []any{&p.Number, &p.ID, &p.Name, &birth, &in, &out, &died},
		func() {
			p.MovedIn, p.MovedOut, p.Died = postgres.NullableDate(in), postgres.NullableDate(out), postgres.NullableDate(died)
			if judge.Present(&p, s.batch.Month) {
				k := namesake{p.Name, birth.UTC()}
				groups[k] = append(groups[k], p.Number)
			}
		})
	s.namesakes = map[int64]bool{}
	for _, group := range groups {
		for _, number := range group {
			s.namesakes[number] = len(group) > 1
		}
	}
	return err
}

// elsewhere reads the payments of other regions as of the batch's revision.
func (s *session) elsewhere(ctx context.Context, from, to int64, people map[int64]*judge.Case) error {
	var number int64
	var e judge.Entry
	var of time.Time
	return s.each(ctx, "payments of other regions", `
		SELECT person, item, month, amount FROM paid_elsewhere e
		WHERE region = $1 AND person >= $2 AND person < $3 AND n > 0 AND rev = (
		    SELECT max(rev) FROM paid_elsewhere f WHERE f.region = e.region AND f.person = e.person AND f.rev <= $4)`,
		[]any{s.Region, from, to, s.batch.Revision}, []any{&number, &e.Item, &of, &e.Amount},
		func() {
			e.Month = postgres.NullableMonth(&of)
			if c := people[number]; c != nil {
				c.Elsewhere = append(c.Elsewhere, e)
			}
		})
}

// readDecidedElsewhere reads the decisions on items that another region paid too.
func (s *session) readDecidedElsewhere(ctx context.Context) error {
	var number int64
	var item string
	var release bool
	return s.each(ctx, "decisions on payments of other regions", `
		SELECT f.person, f.item, d.release FROM finding f JOIN decision d ON d.region = f.region AND d.id = f.id
		WHERE f.region = $1 AND f.batch = $2 AND f.kind = $4 AND d.rev <= $3 ORDER BY d.rev`,
		[]any{s.Region, s.batch.Number, s.batch.Revision, payrun.PaidElsewhere}, []any{&number, &item, &release},
		func() { s.decide(number, judge.ElsewhereKind+item, release) })
}
