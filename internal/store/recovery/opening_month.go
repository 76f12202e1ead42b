package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

// OpeningMonth returns the region's 期初月; 0: none yet, neither by a run nor by an import.
func OpeningMonth(ctx context.Context, db *postgres.DB, region int32) (month.Month, error) {
	var opening *time.Time
	err := db.Read(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT opening_month FROM region WHERE region = $1`, region).Scan(&opening); err != nil {
			return fmt.Errorf("read opening month: %w", err)
		}
		return nil
	})
	if err != nil || opening == nil {
		return 0, err
	}
	return month.FromTime(*opening).Month(), nil
}

// SetOpening sets the opening month of a region that has none, or again after the run that set
// it was discarded. It also inserts it into the append-only region_opening, so that an audit
// detects a change of the mutable region row; for a region that ran under an earlier program
// version this happens at its next run.
func SetOpening(ctx context.Context, scope postgres.Scope, opening month.Month, again bool) error {
	_, err := scope.Tx.Exec(ctx, `UPDATE region SET opening_month = $2 WHERE region = $1 AND (opening_month IS NULL OR $3)`, scope.Region, postgres.FirstDay(opening), again)
	if err != nil {
		return fmt.Errorf("set opening month: %w", err)
	}
	_, err = scope.Tx.Exec(ctx, `
		INSERT INTO region_opening (region, rev, month)
		SELECT $1, $2, $3 WHERE $4 OR NOT EXISTS (SELECT FROM region_opening WHERE region = $1)`, scope.Region, scope.Rev, postgres.FirstDay(opening), again)
	if err != nil {
		return fmt.Errorf("keep opening month: %w", err)
	}
	return nil
}
