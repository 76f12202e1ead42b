package runs

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/people"
)

// Computation is the state of one run in progress.
type Computation struct {
	DB     *postgres.DB
	Tx     pgx.Tx // writes; committed as a whole
	Order  Order
	Plan   *engine.Plan
	report *Report

	nextPerson     int64
	Revision       int64
	adopted        string // hash of the pack that the region had adopted at that revision; empty: none
	touched        *personSet
	Merged         people.Merges  // who was merged into whom
	accountChanged *personSet     // whose account changed since their last payment
	Remade         map[int32]bool // batches that exist already and are computed again
	discarded      []payrun.Batch // later batches that are discarded
	openingReset   bool           // the opening month is set again
	batchesBefore  []payrun.Batch // every batch of the region, by month and n, as the plan read it
	chunks         []batches.ChunkRange

	spread *engine.Spread
	parts  []part // by bureau of the plan
}

// prepare makes the plan: everything that is read before the first person is computed. The
// plan has no bureaus where there is nothing to compute.
func (r *Computation) prepare(ctx context.Context) error {
	p := &Planner{Computation: r}
	if err := p.Region(ctx); err != nil {
		return err
	}
	if err := p.bureaus(ctx); err != nil {
		return err
	}
	if len(r.Plan.Bureaus) == 0 {
		return nil
	}
	return p.Knowledge(ctx)
}

// Batches lists those that the run makes.
func (r *Computation) Batches() []int32 {
	var all []int32
	for _, b := range r.Plan.Bureaus {
		all = append(all, b.Batch)
	}
	return all
}

// sameBatches refuses, with the region's row locked, unless every batch of the region is as
// the plan read it: state, round, revision, digest and sums. So none was signed, returned,
// voided, computed again or created while the run computed; otherwise dues could be paid
// twice or a signed batch overwritten.
func (r *Computation) sameBatches(ctx context.Context) error {
	now, err := AllBatches(ctx, postgres.In(r.Tx, r.Order.Region))
	if err == nil && !slices.Equal(now, r.batchesBefore) {
		return batchesChanged(nil)
	}
	return err
}

// batchesChanged is the refusal of a run whose batches changed since its plan was read.
func batchesChanged(cause error) error {
	return fault.Wrap(cause, fault.Refused, "运行期间有人对批次做了操作，为避免覆盖，本次运行没有保存，请重新运行")
}

// AllBatches reads the region's batches by month and number.
func AllBatches(ctx context.Context, scope postgres.Scope) ([]payrun.Batch, error) {
	rows, err := scope.Tx.Query(ctx, batches.SelectBatch+`ORDER BY b.month, b.n, b.batch`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	all, err := pgx.CollectRows(rows, batches.ScanBatch)
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	return all, nil
}
