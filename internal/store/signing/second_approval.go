package signing

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/packs"
)

// chooseApproval returns which action signing as 审批 is for the batch in its present state:
// the whole approval, or the first (终审 pending) or second of two.
func chooseApproval(ctx context.Context, tx pgx.Tx, s Order, b payrun.Batch) (approval.Action, error) {
	second, err := needsSecond(ctx, postgres.In(tx, s.Region).At(math.MaxInt64), b)
	return approval.Approving(b, second), err
}

// needsSecond reports whether the batch's own pack, or the one that the district had
// adopted at a revision, requires two 审批 (second_above): running a month under another pack
// must not evade the second. Both are read from the database, so that no caller can omit them.
func needsSecond(ctx context.Context, scope postgres.Scope, b payrun.Batch) (bool, error) {
	adopted, err := packs.AdoptedAt(ctx, scope)
	if err != nil {
		return false, err
	}
	for _, hash := range []string{b.Pack, adopted} {
		if hash == "" {
			continue
		}
		file, err := packs.ReadFile(ctx, scope, hash)
		if err != nil {
			return false, err
		}
		if limit, has := file.SecondAbove(); has && b.Pays > limit {
			return true, nil
		}
	}
	return false, nil
}

// NeedsSecond reports whether a batch took two 审批 when it was approved; of one that is
// not, whether it would now.
func NeedsSecond(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (bool, error) {
	var second bool
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var rev int64
		err := scope.Tx.QueryRow(ctx, `SELECT coalesce(approved_rev, $3) FROM batch WHERE region = $1 AND batch = $2`,
			region, b.Number, int64(math.MaxInt64)).Scan(&rev)
		if err != nil {
			return fmt.Errorf("read when batch %d was approved: %w", b.Number, err)
		}
		second, err = needsSecond(ctx, scope.At(rev), b)
		return err
	})
	return second, err
}
