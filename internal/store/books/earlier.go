package books

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/explain"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/runs"
)

// EarlierDues finds why a batch's 补发 lines were not paid earlier: the due was held, voided
// or carried over in an earlier batch, its month was never approved, or it was paid to
// another payee. Everything is read as of the batch's revision, so that the sheets of an
// approved batch can be written again identically. people restricts it; nil means everybody.
func EarlierDues(ctx context.Context, scope postgres.Scope, b payrun.Batch, people []int64) (map[payments.DueKey]explain.Earlier, error) {
	all := map[payments.DueKey]explain.Earlier{}
	for _, read := range []func(context.Context, pgx.Tx, int32, payrun.Batch, []int64, map[payments.DueKey]explain.Earlier) error{neverApproved, earlierLines, otherPayees} {
		if err := read(ctx, scope.Tx, scope.Region, b, people, all); err != nil {
			return nil, fmt.Errorf("look for what became of earlier dues: %w", err)
		}
	}
	return all, nil
}

// arrearsOf begins a query with two CTEs: due, the batch's 补发 lines, and records, which
// pairs each of their people with every record that was merged into theirs up to revision $4.
// $1 is the region, $2 the batch, $3 the people or null.
func arrearsOf(b payrun.Batch) string {
	return `WITH RECURSIVE due AS (
		    SELECT person, item, payee, month FROM ` + batches.LineTable(b) + ` WHERE region = $1 AND batch = $2 AND kind = 2
		    AND ($3::bigint[] IS NULL OR person = ANY ($3))
		), records (record, person) AS (
		    SELECT DISTINCT person, person FROM due
		    UNION SELECT m.gone, records.person FROM merge m JOIN records ON m.kept = records.record WHERE m.region = $1 AND m.rev <= $4
		) `
}

// neverApproved are dues of months that the bureau had not approved by the batch's revision.
func neverApproved(ctx context.Context, tx pgx.Tx, region int32, b payrun.Batch, people []int64, all map[payments.DueKey]explain.Earlier) error {
	approved, err := runs.Approvals(ctx, postgres.In(tx, region).At(b.Revision))
	if err != nil {
		return err
	}
	next := engine.NextMonth(approved[b.Bureau], b.Opening, b.Revision)
	if next >= b.Month {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT person, item, payee, month FROM `+batches.LineTable(b)+` WHERE region = $1 AND batch = $2 AND kind = 2
		AND ($3::bigint[] IS NULL OR person = ANY ($3)) AND month >= $4`, region, b.Number, people, postgres.FirstDay(next))
	if err != nil {
		return err
	}
	var k payments.DueKey
	var m postgres.ScannedMonth
	_, err = pgx.ForEachRow(rows, []any{&k.Person, &k.Item, &k.Payee, &m.Day}, func() error {
		k.Month = m.Month()
		all[k] = explain.Earlier{Missed: explain.MissedSkipped}
		return nil
	})
	return err
}

// earlierLines finds dues that an earlier batch had and did not pay; the last such batch counts.
func earlierLines(ctx context.Context, tx pgx.Tx, region int32, b payrun.Batch, people []int64, all map[payments.DueKey]explain.Earlier) error {
	rows, err := tx.Query(ctx, arrearsOf(b)+`
		SELECT DISTINCT ON (person, item, payee, month) person, item, payee, month, hold, of, n, state FROM (
		    SELECT due.*, l.hold, e.month AS of, e.n, l.batch,
		           CASE WHEN e.batch IN (SELECT batch FROM void_signature v WHERE v.region = $1 AND v.n = 2 AND v.rev <= $4) THEN 'voided' ELSE 'approved' END AS state
		    FROM due JOIN records USING (person) JOIN line l ON l.region = $1 AND l.person = record AND l.item = due.item AND l.payee = due.payee AND l.month = due.month
		    JOIN batch e ON e.region = $1 AND e.batch = l.batch WHERE l.kind < 3 AND l.batch <> $2 AND e.approved_rev <= $4
		    UNION ALL
		    SELECT due.*, l.hold, e.month, e.n, l.batch, 'carried'
		    FROM batch e, due JOIN records USING (person) JOIN draft_line l ON l.region = $1 AND l.person = record AND l.item = due.item AND l.payee = due.payee AND l.month = due.month
		    WHERE e.region = $1 AND e.batch = l.batch AND e.bureau = $5 AND e.state = 'carried' AND e.revision < $4 AND l.kind < 3 AND l.batch <> $2) earlier
		ORDER BY person, item, payee, month, of DESC, batch DESC`, pgx.QueryExecModeExec, region, b.Number, people, b.Revision, b.Bureau)
	if err != nil {
		return err
	}
	var k payments.DueKey
	var e explain.Earlier
	var m, of postgres.ScannedMonth
	var hold int16
	var state payrun.State
	_, err = pgx.ForEachRow(rows, []any{&k.Person, &k.Item, &k.Payee, &m.Day, &hold, &of.Day, &e.N, &state}, func() error {
		k.Month, e.Month, e.Hold, e.Missed = m.Month(), of.Month(), payrun.Hold(hold), explain.MissedUnknown
		switch {
		case hold != 0:
			e.Missed = explain.MissedHeld
		case state == payrun.CarriedOver:
			e.Missed = explain.MissedCarried
		case state == payrun.Voided:
			e.Missed = explain.MissedVoided
		}
		all[k] = e
		return nil
	})
	return err
}

// otherPayees adds what is settled of the same item and month for other payees. An item pays
// one payee a month, so that money was paid to somebody who is no longer entitled to it.
func otherPayees(ctx context.Context, tx pgx.Tx, region int32, b payrun.Batch, people []int64, all map[payments.DueKey]explain.Earlier) error {
	rows, err := tx.Query(ctx, arrearsOf(b)+`
		SELECT due.person, due.item, due.payee, due.month, l.payee, sum(l.amount)::bigint
		FROM due JOIN records USING (person) JOIN ledger l ON l.region = $1 AND l.person = record AND l.item = due.item AND l.month = due.month
		WHERE l.payee <> due.payee AND l.rev <= $4
		GROUP BY due.person, due.item, due.payee, due.month, l.payee HAVING sum(l.amount) > 0
		ORDER BY l.payee`, pgx.QueryExecModeExec, region, b.Number, people, b.Revision)
	if err != nil {
		return err
	}
	var k payments.DueKey
	var m postgres.ScannedMonth
	var payee string
	var amount money.Fen
	_, err = pgx.ForEachRow(rows, []any{&k.Person, &k.Item, &k.Payee, &m.Day, &payee, &amount}, func() error {
		k.Month = m.Month()
		e := all[k]
		if e.Moved != "" {
			e.Moved += "、"
		}
		e.Moved, e.Amount = e.Moved+payee, e.Amount.Add(amount)
		all[k] = e
		return nil
	})
	return err
}
