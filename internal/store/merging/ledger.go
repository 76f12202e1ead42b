package merging

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/postgres"
)

// sumUp sums up what the merge is about to move. moveSettled checks its own sums against it.
func (r *Report) sumUp(ctx context.Context, scope postgres.Scope) error {
	err := scope.Tx.QueryRow(ctx, `
		WITH settled AS (
		    SELECT person, item, payee, month, sum(amount) AS amount FROM ledger
		    WHERE region = $1 AND person IN ($2, $3) GROUP BY person, item, payee, month HAVING sum(amount) <> 0
		), excused AS (
		    SELECT item, payee, month, sum(amount) AS amount FROM waiver WHERE region = $1 AND person = $2 GROUP BY item, payee, month
		)
		SELECT count(*), coalesce(sum(g.amount), 0)::bigint,
		       coalesce(sum(least(g.amount, k.amount)) FILTER (WHERE g.amount > 0 AND k.amount > 0), 0)::bigint,
		       coalesce(sum(least(g.amount, k.amount, w.amount)) FILTER (WHERE g.amount > 0 AND k.amount > 0 AND w.amount > 0), 0)::bigint,
		       (SELECT coalesce(sum(amount), 0)::bigint FROM waiver WHERE region = $1 AND person = $2),
		       (SELECT count(*) FROM line l JOIN batch b USING (region, batch)
		        WHERE l.region = $1 AND l.person = $2 AND l.file IS NOT NULL AND b.state = 'approved' AND NOT EXISTS (
		            SELECT FROM payment_result p WHERE p.region = l.region AND p.batch = l.batch AND p.file = l.file AND p.seq = l.seq AND p.outcome < 3))
		FROM settled g LEFT JOIN settled k ON k.person = $3 AND k.item = g.item AND k.payee = g.payee AND k.month = g.month
		LEFT JOIN excused w ON w.item = g.item AND w.payee = g.payee AND w.month = g.month
		WHERE g.person = $2`, scope.Region, r.Gone.Number, r.Kept.Number).Scan(&r.Entries, &r.Settled, &r.Twice, &r.Excused, &r.Waived, &r.Waits)
	if err != nil {
		return fmt.Errorf("add up what a merge moves: %w", err)
	}
	return nil
}

// moveSettled moves the settled amounts from the merged record to the survivor by pairs of
// ledger entries of opposite sign (kind 6): the sum over both never changes.
func (r *Report) moveSettled(ctx context.Context, scope postgres.Scope) error {
	var taken, given money.Fen
	err := scope.Tx.QueryRow(ctx, `
		WITH said AS (
		    SELECT item, payee, month, against, sum(amount)::bigint AS amount FROM ledger
		    WHERE region = $1 AND person = $2 GROUP BY item, payee, month, against HAVING sum(amount) <> 0
		), entered AS (
		    INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		    SELECT $1, side.person, item, payee, month, $4, against, 6, side.sign * amount, 0
		    FROM said, (VALUES ($2::bigint, -1), ($3::bigint, 1)) AS side (person, sign)
		    RETURNING person, amount)
		SELECT coalesce(sum(amount) FILTER (WHERE person = $2), 0)::bigint, coalesce(sum(amount) FILTER (WHERE person = $3), 0)::bigint FROM entered`,
		pgx.QueryExecModeExec, scope.Region, r.Gone.Number, r.Kept.Number, r.Rev).Scan(&taken, &given)
	if err != nil {
		return fmt.Errorf("move what was settled: %w", err)
	}
	if taken != -r.Settled || given != r.Settled {
		return fmt.Errorf("move what was settled: %s yuan are there, %s taken, %s given", r.Settled, taken, given)
	}
	return nil
}

// moveWaived inserts the merged record's write-offs for the survivor, with actor and approver
// of the latest one: what is no longer claimed back must not be claimed again.
func (r *Report) moveWaived(ctx context.Context, scope postgres.Scope) error {
	_, err := scope.Tx.Exec(ctx, `
		INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		SELECT $1, $3, item, payee, month, $4, sum(amount), (array_agg(actor ORDER BY rev DESC))[1],
		       (array_agg(approver ORDER BY rev DESC))[1], (array_agg(reason ORDER BY rev DESC))[1]
		FROM waiver WHERE region = $1 AND person = $2 GROUP BY item, payee, month`, scope.Region, r.Gone.Number, r.Kept.Number, r.Rev)
	if err != nil {
		return fmt.Errorf("move what was waived: %w", err)
	}
	return nil
}
