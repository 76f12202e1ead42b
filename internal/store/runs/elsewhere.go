package runs

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
)

// writeElsewhere reads what other regions of the database have paid for ID numbers of this
// one and stores the differences as a revision of its own, before a run computes: a run must
// depend only on what is known at its revision, so that it can be recomputed later. With one
// region it costs a count over a short table.
//
// Paid means: lines of approved batches whose payment has not failed, by the ID number that
// was signed, less 扣回 and 收回.
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

// ElsewhereSince reads what other regions have paid by now, and returns it with the people
// for whom the batch's run knew something else. It takes no lock, so regions never wait for
// each other. The race that remains: of two regions that approve at the same moment neither
// sees the other; the next run of each finds the double payment.
func ElsewhereSince(ctx context.Context, scope postgres.Scope, b payrun.Batch) (map[int64][]engine.Elsewhere, []int64, error) {
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

// paidElsewhere reads the other regions. Their people with one of our ID numbers are found
// first, by index: their lines are too many to scan.
func paidElsewhere(ctx context.Context, scope postgres.Scope) (map[int64][]engine.Elsewhere, error) {
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

// knownElsewhere reads what was stored before the revision. A row with n = 0 says that
// nothing is paid any more.
func knownElsewhere(ctx context.Context, scope postgres.Scope) (map[int64][]engine.Elsewhere, error) {
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

func collectElsewhere(rows pgx.Rows) (map[int64][]engine.Elsewhere, error) {
	all := map[int64][]engine.Elsewhere{}
	var person int64
	var e engine.Elsewhere
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

// changedElsewhere returns, in ascending order, the people whose payments by other regions differ.
func changedElsewhere(known, now map[int64][]engine.Elsewhere) []int64 {
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

func insertElsewhere(ctx context.Context, scope postgres.Scope, changed []int64, now map[int64][]engine.Elsewhere) error {
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

// elsewhere reads the stored payments of other regions as of the run's revision.
func (p *Planner) elsewhere(ctx context.Context) (map[int64][]engine.Elsewhere, error) {
	return knownElsewhere(ctx, postgres.In(p.Tx, p.Order.Region).At(p.Revision+1))
}
