package recovery

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// Debts returns the debts (待追缴) that the run of a batch found.
func Debts(ctx context.Context, db *postgres.DB, region, batch int32) ([]payrun.Debt, error) {
	return debts(ctx, db, `SELECT person, item, payee, month, amount, id_number, name, street FROM debt
		WHERE region = $1 AND batch = $2`, region, batch)
}

// DebtTotal counts and sums the debts that the run of a batch found.
func DebtTotal(ctx context.Context, db *postgres.DB, region, batch int32) (debts int, sum money.Fen, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*), coalesce(sum(amount), 0)::bigint FROM debt WHERE region = $1 AND batch = $2`, region, batch).Scan(&debts, &sum)
		if err != nil {
			return fmt.Errorf("add up debts: %w", err)
		}
		return nil
	})
	return debts, sum, err
}

// Register returns the current recovery register (追缴台账): the debts of each bureau's latest
// batch, or those that a later run computed without making a batch, less what was collected,
// written off or moved to another record (合并) since.
func Register(ctx context.Context, db *postgres.DB, region int32) ([]payrun.Debt, error) {
	return debts(ctx, db, `
		WITH latest AS (
		    SELECT DISTINCT ON (bureau) batch, revision FROM batch
		    WHERE region = $1 AND state NOT IN ('carried', 'voided') ORDER BY bureau, month DESC, n DESC
		), found AS (
		    SELECT d.*, revision FROM debt d JOIN latest USING (batch)
		    WHERE region = $1 AND NOT EXISTS (SELECT FROM later_register l WHERE l.region = $1 AND l.batch = d.batch)
		    UNION ALL
		    SELECT d.*, l.revision FROM later_debt d JOIN later_register l USING (region, batch) JOIN latest USING (batch)
		    WHERE region = $1
		), given AS MATERIALIZED ( -- few, while debts may be ten thousand
		    SELECT person, item, payee, month, rev, amount, kind FROM ledger WHERE region = $1 AND kind IN (4, 6)
		    UNION ALL
		    SELECT person, item, payee, month, rev, amount, 0 FROM waiver WHERE region = $1
		), settled AS (
		    SELECT f.person, f.item, f.payee, f.month, f.amount AS was, f.id_number, f.name, f.street,
		           coalesce(sum(-g.amount) FILTER (WHERE g.kind = 4), 0) + greatest(0, coalesce(sum(-g.amount) FILTER (WHERE g.kind = 6), 0))
		           + coalesce(sum(g.amount) FILTER (WHERE g.kind = 0), 0) AS since
		    FROM found f LEFT JOIN given g ON g.person = f.person AND g.item = f.item AND g.payee = f.payee AND g.month = f.month AND g.rev > f.revision
		    GROUP BY f.batch, f.person, f.item, f.payee, f.month, f.amount, f.id_number, f.name, f.street)
		SELECT person, item, payee, month, (was - since)::bigint, id_number, name, street FROM settled WHERE was > since`, region)
}

func debts(ctx context.Context, db *postgres.DB, sql string, args ...any) ([]payrun.Debt, error) {
	var all []payrun.Debt
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return fmt.Errorf("read debts: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (payrun.Debt, error) {
			var d payrun.Debt
			var first time.Time
			err := row.Scan(&d.Person, &d.Item, &d.Payee, &first, &d.Amount, &d.ID, &d.Name, &d.Street)
			d.Month = month.FromTime(first).Month()
			return d, err
		})
		slices.SortFunc(all, compareDebts)
		return err
	})
	return all, err
}

// compareDebts is the order of debts; the queries above have no ORDER BY.
func compareDebts(a, b payrun.Debt) int {
	return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Payee, b.Payee), cmp.Compare(a.Month, b.Month))
}
