package runs

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// writeElsewhere looks for what other regions of the database have paid for ID numbers of
// this one, and writes down what is new as a revision of its own, before a run computes.
// With one region it is a single look at a short table. What was paid: lines of approved
// batches that a payment carries which has not failed, by the ID number that was signed,
// 扣回 and what was collected (收回) taken off.
func writeElsewhere(ctx context.Context, db *postgres.DB, region int32, by journal.By) error {
	var several bool
	err := db.Read(ctx, func(tx pgx.Tx) (err error) {
		several, err = severalRegions(ctx, tx)
		return err
	})
	if err != nil || !several {
		return err
	}
	_, err = db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		now, err := paidElsewhere(ctx, scope)
		if err != nil {
			return journal.Entry{}, err
		}
		known, err := knownElsewhere(ctx, scope)
		if err != nil {
			return journal.Entry{}, err
		}
		changed := changedElsewhere(known, now)
		if len(changed) == 0 {
			return journal.Entry{}, postgres.ErrNoChange
		}
		if err := insertElsewhere(ctx, scope, changed, now); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{Action: "登记外区发放", Subject: "同库其他区划", Summary: fmt.Sprintf("%d 人有变化", len(changed))}, nil
	})
	return err
}

func severalRegions(ctx context.Context, tx pgx.Tx) (several bool, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) > 1 FROM region`).Scan(&several); err != nil {
		return false, fmt.Errorf("count regions: %w", err)
	}
	return several, nil
}

// ElsewhereSince looks once more at what other regions have paid by now, and finds the
// people of whom a batch knew something else. It only reads, so no region waits for
// another: of two who approve at the same moment neither sees the other, and the next run
// of each finds what both have settled.
func ElsewhereSince(ctx context.Context, scope postgres.Scope, b payrun.Batch) (map[int64][]payrun.Elsewhere, []int64, error) {
	several, err := severalRegions(ctx, scope.Tx)
	if err != nil || !several {
		return nil, nil, err
	}
	now, err := paidElsewhere(ctx, scope)
	if err != nil {
		return nil, nil, err
	}
	known, err := knownElsewhere(ctx, scope.At(b.Revision+1))
	if err != nil {
		return nil, nil, err
	}
	return now, changedElsewhere(known, now), nil
}

// paidElsewhere looks into the other regions. Their people with one of our numbers are
// found first, by index, for lines are many.
func paidElsewhere(ctx context.Context, scope postgres.Scope) (map[int64][]payrun.Elsewhere, error) {
	rows, err := scope.Tx.Query(ctx, `
		WITH ours AS MATERIALIZED (
		    SELECT person, id_number FROM person p WHERE region = $1 AND rev = (
		        SELECT max(rev) FROM person q WHERE q.region = p.region AND q.person = p.person)
		      AND person NOT IN (SELECT gone FROM merge WHERE region = $1)
		), theirs AS MATERIALIZED (
		    SELECT DISTINCT ours.person AS mine, ours.id_number, p.region, p.person FROM ours
		    JOIN person p ON p.id_number = ours.id_number AND p.region IN (SELECT region FROM region WHERE region <> $1))
		SELECT mine, region, item, month, sum(amount)::bigint FROM (
		    SELECT t.mine, l.region, l.item, l.month, l.amount
		    FROM theirs t JOIN line l ON l.region = t.region AND l.person = t.person AND l.id_number = t.id_number AND l.file IS NOT NULL
		    JOIN batch b ON b.region = l.region AND b.batch = l.batch AND b.state = 'approved'
		    WHERE NOT EXISTS (SELECT FROM payment_result r WHERE r.region = l.region AND r.batch = l.batch
		                      AND r.file = l.file AND r.seq = l.seq AND r.outcome = 2)
		    UNION ALL
		    SELECT t.mine, e.region, e.item, e.month, e.amount
		    FROM theirs t JOIN ledger e ON e.region = t.region AND e.person = t.person AND e.kind = 4) paid
		GROUP BY mine, region, item, month HAVING sum(amount) > 0
		ORDER BY mine, region, item, month`, pgx.QueryExecModeExec, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read payments of other regions: %w", err)
	}
	return collectElsewhere(rows)
}

// knownElsewhere is what was known of it before the revision.
func knownElsewhere(ctx context.Context, scope postgres.Scope) (map[int64][]payrun.Elsewhere, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT person, other, item, month, amount FROM paid_elsewhere e
		WHERE region = $1 AND rev < $2 AND n > 0 AND NOT EXISTS (
		    SELECT FROM paid_elsewhere l WHERE l.region = e.region AND l.person = e.person AND l.rev > e.rev AND l.rev < $2)
		ORDER BY person, other, item, month`, scope.Region, scope.Rev)
	if err != nil {
		return nil, fmt.Errorf("read known payments of other regions: %w", err)
	}
	return collectElsewhere(rows)
}

func collectElsewhere(rows pgx.Rows) (map[int64][]payrun.Elsewhere, error) {
	all := map[int64][]payrun.Elsewhere{}
	var person int64
	var e payrun.Elsewhere
	var m postgres.ScannedMonth
	_, err := pgx.ForEachRow(rows, []any{&person, &e.Region, &e.Item, &m.Day, &e.Amount}, func() error {
		e.Month = m.Month()
		all[person] = append(all[person], e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read payments of other regions: %w", err)
	}
	return all, nil
}

// changedElsewhere returns the people of whom something else is known, in order.
func changedElsewhere(known, now map[int64][]payrun.Elsewhere) []int64 {
	var changed []int64
	for person := range now {
		if !slices.Equal(known[person], now[person]) {
			changed = append(changed, person)
		}
	}
	for person := range known {
		if _, still := now[person]; !still {
			changed = append(changed, person)
		}
	}
	slices.Sort(changed)
	return changed
}

func insertElsewhere(ctx context.Context, scope postgres.Scope, changed []int64, now map[int64][]payrun.Elsewhere) error {
	var rows [][]any
	for _, person := range changed {
		if len(now[person]) == 0 {
			rows = append(rows, []any{scope.Region, person, scope.Rev, int16(0), int32(0), "", nil, int64(0)})
		}
		for i, e := range now[person] {
			rows = append(rows, []any{scope.Region, person, scope.Rev, int16(i + 1), e.Region, e.Item, postgres.FirstDay(e.Month), int64(e.Amount)})
		}
	}
	_, err := scope.Tx.CopyFrom(ctx, pgx.Identifier{"paid_elsewhere"},
		[]string{"region", "person", "rev", "n", "other", "item", "month", "amount"}, pgx.CopyFromRows(rows))
	if err != nil {
		return fmt.Errorf("insert payments of other regions: %w", err)
	}
	return nil
}

// elsewhere reads what is known of payments of other regions.
func (p *Planner) elsewhere(ctx context.Context) (map[int64][]payrun.Elsewhere, error) {
	return knownElsewhere(ctx, postgres.In(p.Tx, p.Order.Region).At(p.Revision+1))
}
