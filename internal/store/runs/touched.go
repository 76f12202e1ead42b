package runs

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"disburse/internal/roster"
)

// personSet is a set of person numbers, a bit each.
type personSet struct {
	bits  []uint64
	count int64
}

func newPersonSet(next int64) *personSet { return &personSet{bits: make([]uint64, next/64+1)} }

func (s *personSet) add(person int64) {
	word, bit := person/64, uint64(1)<<(person%64)
	if s.bits[word]&bit == 0 {
		s.bits[word] |= bit
		s.count++
	}
}

func (s *personSet) has(person int64) bool {
	return s.bits[person/64]&(1<<(person%64)) != 0
}

func (s *personSet) fill(next int64) {
	for p := int64(1); p < next; p++ {
		s.add(p)
	}
}

// findTouched finds the people whose past months must be computed again. For everybody else
// entitled − settled is still what it was when their bureau's last batch was approved, which
// is 0, and skipping them saves most of a run's time. ProveFull checks this invariant.
//
// Touched are people
//   - whose record changed after that batch's revision;
//   - with a ledger entry by anything but an approval (returned payment, collection, opening
//     entry, merge) or a waiver;
//   - with a held line or an open debt in that batch;
//   - whom another region pays, because that finding is repeated as long as it is true.
//
// Everybody is touched by a changed pack, by Order.Full, and by a limit on 补发 where an
// approved batch was voided.
func (p *Planner) findTouched(ctx context.Context) error {
	p.touched = newPersonSet(p.nextPerson)
	known, entered := int64(math.MaxInt64), int64(math.MaxInt64)
	all := p.Order.Full || p.reapproves()
	var before []int32
	for _, b := range p.Plan.Bureaus {
		if b.Before == nil {
			entered = 0 // opening entries (期初) of any revision
			continue
		}
		before = append(before, b.Before.Number)
		known, entered = min(known, b.Before.Revision), min(entered, b.Before.Revision)
		all = all || b.Before.Pack != p.Order.Pack.Hash
	}
	if all {
		p.touched.fill(p.nextPerson)
		p.report.Touched = p.touched.count
		return nil
	}
	if err := p.addTouched(ctx, known, entered, before); err != nil {
		return err
	}
	for person := range p.Plan.Elsewhere {
		p.touched.add(person)
	}
	p.report.Touched = p.touched.count
	return nil
}

// addTouched reads the numbers of touched people. Revisions are written into the SQL text, not
// passed as parameters: only with constants can the planner use the partial indexes on rev.
func (p *Planner) addTouched(ctx context.Context, known, entered int64, before []int32) error {
	region := p.Order.Region
	sql := fmt.Sprintf(`
		SELECT person FROM ledger WHERE region = %[1]d AND rev > %[3]d AND rev <= %[4]d AND kind <> 1
		UNION SELECT person FROM waiver WHERE region = %[1]d AND rev > %[3]d AND rev <= %[4]d
		UNION SELECT person FROM line WHERE region = %[1]d AND batch = ANY($1) AND hold <> 0
		UNION SELECT person FROM debt WHERE region = %[1]d AND batch = ANY($1)
		UNION SELECT person FROM later_debt WHERE region = %[1]d AND batch = ANY($1)`, region, known, entered, p.Revision)
	if known < math.MaxInt64 {
		cond := fmt.Sprintf("region = %d AND rev > %d AND rev > 1 AND rev <= %d", region, known, p.Revision)
		for _, table := range []string{"person", "fact", "award"} {
			sql += "\nUNION SELECT person FROM " + table + " WHERE " + cond
		}
		sql += "\nUNION SELECT unnest(ARRAY[gone, kept]) FROM merge WHERE " + cond
		sql += "\nUNION SELECT person FROM paid_elsewhere WHERE " + cond
	}
	rows, err := p.Tx.Query(ctx, sql, pgx.QueryExecModeExec, before)
	if err != nil {
		return fmt.Errorf("read touched people: %w", err)
	}
	var person int64
	_, err = pgx.ForEachRow(rows, []any{&person}, func() error {
		p.touched.add(person)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read touched people: %w", err)
	}
	return nil
}

// findAccountChanges finds the people whose account changed since the batch of their last
// payment was computed, which may be long ago: a payment to another account than last time
// is a finding (docs/rules.md §6.3), whether or not the person is touched otherwise. A merge
// counts as a change, because the other record may have been paid last.
func (p *Planner) findAccountChanges(ctx context.Context) error {
	p.accountChanged = newPersonSet(p.nextPerson)
	rows, err := p.Tx.Query(ctx, fmt.Sprintf(`
		WITH changed AS (
		    SELECT p.person, max(p.rev) AS rev FROM person p CROSS JOIN LATERAL (
		        SELECT q.bank, q.account, q.holder, q.name FROM person q
		        WHERE q.region = p.region AND q.person = p.person AND q.rev < p.rev ORDER BY q.rev DESC LIMIT 1) q
		    WHERE p.region = %[1]d AND p.rev > 1 AND p.rev <= %[2]d
		      AND (p.bank, p.account, p.holder, p.name) <> (q.bank, q.account, q.holder, q.name)
		    GROUP BY p.person
		    UNION ALL
		    SELECT kept, rev FROM merge WHERE region = %[1]d AND rev <= %[2]d)
		SELECT person FROM changed c WHERE NOT EXISTS (
		    SELECT FROM line l JOIN batch b USING (region, batch)
		    WHERE l.region = %[1]d AND l.person = c.person AND l.payee = $1 AND l.file IS NOT NULL
		      AND b.state <> 'voided' AND b.revision >= c.rev)`,
		p.Order.Region, p.Revision), pgx.QueryExecModeExec, roster.Myself)
	if err != nil {
		return fmt.Errorf("read changed accounts: %w", err)
	}
	var person int64
	_, err = pgx.ForEachRow(rows, []any{&person}, func() error {
		p.accountChanged.add(person)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read changed accounts: %w", err)
	}
	return nil
}
