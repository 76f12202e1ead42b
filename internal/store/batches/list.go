package batches

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// Row is a batch in a list of batches.
type Row struct {
	payrun.Batch
	SentAt time.Time // zero: not handed to the bank
}

// From returns the batches of the months from first to last, the latest month
// first; bureau and state "": all.
func From(ctx context.Context, db *postgres.DB, region int32, first, last month.Month, bureau string, state payrun.State) ([]Row, error) {
	var all []Row
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		rows, err := scope.Tx.Query(ctx, SelectBatch+`AND b.month BETWEEN $2 AND $3 AND ($4 = '' OR b.bureau = $4) AND ($5 = '' OR b.state = $5)
			ORDER BY b.month DESC, b.bureau, b.n DESC`, region, postgres.FirstDay(first), postgres.FirstDay(last), bureau, string(state))
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		found, err := pgx.CollectRows(rows, ScanBatch)
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		sent, err := SentTimes(ctx, scope)
		for _, b := range found {
			all = append(all, Row{b, sent[b.Number]})
		}
		return err
	})
	return all, err
}

// SentTimes returns when the region's batches were handed to the banks; others are missing.
func SentTimes(ctx context.Context, scope postgres.Scope) (map[int32]time.Time, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT b.batch, j.at FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.sent_rev WHERE b.region = $1`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read when sent: %w", err)
	}
	all := map[int32]time.Time{}
	var batch int32
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&batch, &at}, func() error {
		all[batch] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read when sent: %w", err)
	}
	return all, nil
}

// Next returns the bureau's batch after b, of the same month or a later one; nil: b is the
// last.
func Next(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (*payrun.Batch, error) {
	var found []payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, SelectBatch+`AND b.bureau = $2 AND (b.month, b.n) > ($3, $4) ORDER BY b.month, b.n LIMIT 1`,
			region, b.Bureau, postgres.FirstDay(b.Month), b.N)
		if err != nil {
			return fmt.Errorf("read next batch: %w", err)
		}
		if found, err = pgx.CollectRows(rows, ScanBatch); err != nil {
			return fmt.Errorf("read next batch: %w", err)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}
