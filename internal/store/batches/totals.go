package batches

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// ItemTotals returns a batch's control totals by item.
func ItemTotals(ctx context.Context, db *postgres.DB, region, batch int32) (map[string]payrun.ItemTotal, error) {
	var totals map[string]payrun.ItemTotal
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		totals, err = ItemTotalsIn(ctx, scope, batch)
		return err
	})
	return totals, err
}

// ItemTotalsIn reads a batch's control totals by item.
func ItemTotalsIn(ctx context.Context, scope postgres.Scope, batch int32) (map[string]payrun.ItemTotal, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT item, heads, current, arrears, recovery, held FROM batch_item
		WHERE region = $1 AND batch = $2`, scope.Region, batch)
	if err != nil {
		return nil, fmt.Errorf("read item totals: %w", err)
	}
	totals := map[string]payrun.ItemTotal{}
	var t payrun.ItemTotal
	_, err = pgx.ForEachRow(rows, []any{&t.Item, &t.Heads, &t.Current, &t.Arrears, &t.Recovery, &t.Held}, func() error {
		totals[t.Item] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read item totals: %w", err)
	}
	return totals, nil
}

// Findings returns the findings (检查结果) of a batch, by level and id.
func Findings(ctx context.Context, db *postgres.DB, region, batch int32) ([]payrun.Finding, error) {
	var all []payrun.Finding
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, level, kind, person, item, sentence FROM finding
			WHERE region = $1 AND batch = $2 ORDER BY level, id, person`, region, batch)
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[payrun.Finding])
		return err
	})
	return all, err
}
