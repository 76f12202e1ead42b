package batches

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// LastApproved returns the bureau's last approved batch before month m and number n; nil when
// there is none. With regular it returns instead the first approved batch of the latest
// earlier month: a comparison of months leaves supplementary batches out.
func LastApproved(ctx context.Context, db *postgres.DB, region int32, bureau string, m month.Month, n int, regular bool) (*payrun.Batch, error) {
	where := `AND b.bureau = $2 AND b.state = 'approved' AND (b.month, b.n) < ($3, $4) ORDER BY b.month DESC, b.n DESC LIMIT 1`
	args := []any{region, bureau, postgres.FirstDay(m), n}
	if regular {
		where = `AND b.bureau = $2 AND b.state = 'approved' AND b.month < $3
			AND b.month = (SELECT max(o.month) FROM batch o WHERE o.region = $1 AND o.bureau = $2 AND o.state = 'approved' AND o.month < $3)
			ORDER BY b.n LIMIT 1`
		args = args[:3]
	}
	var found []payrun.Batch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, SelectBatch+where, args...)
		if err != nil {
			return fmt.Errorf("read last approved batch: %w", err)
		}
		found, err = pgx.CollectRows(rows, ScanBatch)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Get returns a batch by its number in the region. Errors: fault.NotFound.
func Get(ctx context.Context, db *postgres.DB, region, batch int32) (payrun.Batch, error) {
	var b payrun.Batch
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		b, err = ByNumber(ctx, scope, batch)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "没有第 %d 号批次，请从“批次”里重新选", batch)
		}
		return err
	})
	return b, err
}

// ChainHash returns the audit chain's hash after a revision.
func ChainHash(ctx context.Context, db *postgres.DB, region int32, rev int64) ([]byte, error) {
	var hash []byte
	err := db.Read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT hash FROM journal WHERE region = $1 AND rev = $2`, region, rev).Scan(&hash)
	})
	if err != nil {
		return nil, fmt.Errorf("read journal entry %d: %w", rev, err)
	}
	return hash, nil
}
