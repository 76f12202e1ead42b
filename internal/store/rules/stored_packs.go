package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// StoredPack is a pack that the region has used, adopted or had proposed.
type StoredPack struct {
	Hash    string
	Title   string
	Rev     int64 // at which it was stored first
	At      time.Time
	First   month.Month // of the batches that were computed with it; 0: none
	Last    month.Month
	Batches int
}

// StoredPacks returns the region's packs in the order in which they were stored.
func StoredPacks(ctx context.Context, db *postgres.DB, region int32) ([]StoredPack, error) {
	var all []StoredPack
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT p.hash, p.body, p.rev, j.at, b.first, b.last, coalesce(b.n, 0)
			FROM pack p JOIN journal j USING (region, rev) LEFT JOIN (
			    SELECT pack, min(month) AS first, max(month) AS last, count(*) AS n FROM batch
			    WHERE region = $1 AND `+batches.NotWithdrawn+` GROUP BY pack) b ON b.pack = p.hash
			WHERE p.region = $1 ORDER BY p.rev, p.hash`, region)
		if err != nil {
			return fmt.Errorf("read packs: %w", err)
		}
		all, err = pgx.CollectRows(rows, scanStoredPack)
		if err != nil {
			return fmt.Errorf("read packs: %w", err)
		}
		return nil
	})
	return all, err
}

func scanStoredPack(row pgx.CollectableRow) (StoredPack, error) {
	var p StoredPack
	var body string
	var first, last *time.Time
	if err := row.Scan(&p.Hash, &body, &p.Rev, &p.At, &first, &last, &p.Batches); err != nil {
		return p, err
	}
	if first != nil && last != nil {
		p.First, p.Last = month.FromTime(*first).Month(), month.FromTime(*last).Month()
	}
	// Parsed without the checks of Load, so that packs accepted by an older program have a title.
	if file, err := packfile.ParseStored([]byte(body)); err == nil {
		p.Title = file.Title.Value
	}
	return p, nil
}
