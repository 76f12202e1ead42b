package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy"
)

// StoredPack is a pack that the region has used, adopted or been offered.
type StoredPack struct {
	Hash    string
	Title   string
	Rev     int64 // when it first came
	At      time.Time
	First   month.Month // of the batches that were computed with it; 0: none
	Last    month.Month
	Batches int
}

// StoredPacks returns the region's packs as they came.
func (db *DB) StoredPacks(ctx context.Context, region int32) ([]StoredPack, error) {
	var all []StoredPack
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT p.hash, p.body, p.rev, j.at, b.first, b.last, coalesce(b.n, 0)
			FROM pack p JOIN journal j USING (region, rev) LEFT JOIN (
			    SELECT pack, min(month) AS first, max(month) AS last, count(*) AS n FROM batch
			    WHERE region = $1 AND `+notWithdrawn+` GROUP BY pack) b ON b.pack = p.hash
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
	// Without Load: what an older program accepted is still told by its title.
	if file, err := policy.ParseStored([]byte(body)); err == nil {
		p.Title = file.Title.Value
	}
	return p, nil
}

// PackByPrefix returns the stored pack whose hash begins so. Errors: fault.NotFound;
// fault.Invalid where several do.
func (db *DB) PackByPrefix(ctx context.Context, region int32, prefix string) (*policy.Pack, error) {
	var pack *policy.Pack
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT hash FROM pack WHERE region = $1 AND starts_with(hash, $2) LIMIT 2`, region, strings.ToLower(prefix))
		if err != nil {
			return fmt.Errorf("look for pack: %w", err)
		}
		hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
		switch {
		case err != nil:
			return fmt.Errorf("look for pack: %w", err)
		case len(hashes) == 0:
			return fault.New(fault.NotFound, "没有哈希以“%s”开头的规则包，请用 policy list 核对", prefix)
		case len(hashes) > 1:
			return fault.New(fault.Invalid, "哈希以“%s”开头的规则包不止一个，请多写几位", prefix)
		}
		pack, err = packByHash(ctx, tx, region, hashes[0])
		return err
	})
	return pack, err
}

// packByHash reads a stored pack.
func packByHash(ctx context.Context, tx pgx.Tx, region int32, hash string) (*policy.Pack, error) {
	var body string
	err := tx.QueryRow(ctx, `SELECT body FROM pack WHERE region = $1 AND hash = $2`, region, hash).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "没有规则包“%s”，请核对", short(hash))
	}
	if err != nil {
		return nil, fmt.Errorf("read pack %s: %w", hash, err)
	}
	return policy.LoadStored([]byte(body))
}
