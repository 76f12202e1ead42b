package runs

import (
	"context"

	"github.com/jackc/pgx/v5"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// RemakeBatch writes a batch as a run does that planned with it as it is given, whatever
// became of it since, and without the run's own look at the batches before.
func RemakeBatch(ctx context.Context, db *postgres.DB, region int32, planned payrun.Batch) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		r := &Computation{Tx: tx, Order: Order{Region: region}, batchesBefore: []payrun.Batch{planned}, Remade: map[int32]bool{planned.Number: true}}
		again := planned
		return r.writeBatch(ctx, &again)
	})
}
