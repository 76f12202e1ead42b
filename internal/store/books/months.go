package books

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// MonthItem is what one item of a bureau pays in a month, in 分.
type MonthItem struct {
	Month  month.Month
	Item   string
	Pays   money.Fen // not held, 扣回 netted, over all of the month's approved batches
	Signed bool      // false: of a batch that is not approved yet
}

// MonthItems sums up, by month and item, what the approved batches of the months from first to
// last pay, and what the last month's batches not approved yet would pay; bureau "": all.
func MonthItems(ctx context.Context, db *postgres.DB, region int32, first, last month.Month, bureau string) ([]MonthItem, error) {
	var all []MonthItem
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT b.month, i.item, sum(i.current + i.arrears + i.recovery)::bigint, b.state = 'approved'
			FROM batch b JOIN batch_item i USING (region, batch)
			WHERE b.region = $1 AND b.month BETWEEN $2 AND $3 AND ($4 = '' OR b.bureau = $4)
			  AND (b.state = 'approved' OR (b.month = $3 AND b.state NOT IN ('voided', 'carried')))
			GROUP BY 1, 2, 4 HAVING sum(i.current + i.arrears + i.recovery) <> 0 ORDER BY 1, 2`, region, postgres.FirstDay(first), postgres.FirstDay(last), bureau)
		if err != nil {
			return fmt.Errorf("read items by month: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x MonthItem, err error) {
			var m postgres.ScannedMonth
			err = row.Scan(&m.Day, &x.Item, &x.Pays, &x.Signed)
			x.Month = m.Month()
			return x, err
		})
		if err != nil {
			return fmt.Errorf("read items by month: %w", err)
		}
		return nil
	})
	return all, err
}

// RunMonths returns the months that have batches, the latest first. A month whose run was
// discarded has none until it is run again.
func RunMonths(ctx context.Context, db *postgres.DB, region int32) ([]month.Month, error) {
	var all []month.Month
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT month FROM batch WHERE region = $1 AND `+batches.NotWithdrawn+` ORDER BY month DESC`, region)
		if err != nil {
			return fmt.Errorf("read months: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (month.Month, error) {
			var m postgres.ScannedMonth
			err := row.Scan(&m.Day)
			return m.Month(), err
		})
		if err != nil {
			return fmt.Errorf("read months: %w", err)
		}
		return nil
	})
	return all, err
}
