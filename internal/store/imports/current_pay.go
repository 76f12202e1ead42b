package imports

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// PersonPay is the amount of an item for a person and a month.
type PersonPay struct {
	Item   string
	Amount money.Fen // 分, 当月 only
	Held   bool      // 暂缓
}

// CurrentPay returns the current amounts (当月) of people in the latest month that was run, by
// person and in the order of item codes; month 0 where none was run. It goes with match
// results, to show what a wrong payment costs.
func CurrentPay(ctx context.Context, db *postgres.DB, region int32, people []int64) (month.Month, map[int64][]PersonPay, error) {
	pays := map[int64][]PersonPay{}
	var latest *time.Time
	err := db.Read(ctx, func(tx pgx.Tx) error {
		const counts = `region = $1 AND state NOT IN ('carried', 'voided')`
		if err := tx.QueryRow(ctx, `SELECT max(month) FROM batch WHERE `+counts, region).Scan(&latest); err != nil || latest == nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT person, item, sum(amount)::bigint, bool_or(hold <> 0) FROM (
			    SELECT region, batch, person, item, amount, hold FROM line WHERE region = $1 AND person = ANY($2) AND kind = 1
			    UNION ALL
			    SELECT region, batch, person, item, amount, hold FROM draft_line WHERE region = $1 AND person = ANY($2) AND kind = 1) l
			JOIN batch b USING (region, batch) WHERE b.month = $3 AND b.state NOT IN ('carried', 'voided')
			GROUP BY person, item ORDER BY person, item`, region, people, latest)
		if err != nil {
			return err
		}
		var person int64
		var pay PersonPay
		_, err = pgx.ForEachRow(rows, []any{&person, &pay.Item, &pay.Amount, &pay.Held}, func() error {
			pays[person] = append(pays[person], pay)
			return nil
		})
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read current payments: %w", err)
	}
	return postgres.NullableMonth(latest), pays, nil
}
