package recovery

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/store/people"
)

// PendingWaivers returns the pending requests of a bureau (empty: of all).
func PendingWaivers(ctx context.Context, db *postgres.DB, region int32, bureau string) ([]WaiverRequest, error) {
	return waivers(ctx, db, `AND a.n IS NULL AND ($2 = '' OR q.bureau = $2) ORDER BY q.n`, region, bureau)
}

// AnsweredWaivers returns a page of answered requests, newest first; before is the cursor, a
// request number (0: from the end).
func AnsweredWaivers(ctx context.Context, db *postgres.DB, region int32, bureau string, before int64, limit int) ([]WaiverRequest, error) {
	return waivers(ctx, db, `AND a.n IS NOT NULL AND ($2 = '' OR q.bureau = $2) AND q.n < $3::bigint ORDER BY q.n DESC LIMIT $4`,
		region, bureau, postgres.CursorOrEnd(before), limit)
}

// PersonWaivers returns all requests about one person and a bureau (empty: all), newest
// first, also those about records merged into the person.
func PersonWaivers(ctx context.Context, db *postgres.DB, region int32, person int64, bureau string) ([]WaiverRequest, error) {
	people, err := people.RecordsOf(ctx, db, region, person)
	if err != nil {
		return nil, err
	}
	return waivers(ctx, db, `AND q.person = ANY($2) AND ($3 = '' OR q.bureau = $3) ORDER BY q.n DESC`, region, people, bureau)
}

func waivers(ctx context.Context, db *postgres.DB, where string, args ...any) ([]WaiverRequest, error) {
	var all []WaiverRequest
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectWaiverRequest+where, args...)
		if err != nil {
			return fmt.Errorf("read waiver requests: %w", err)
		}
		if all, err = pgx.CollectRows(rows, scanWaiverRequest); err != nil {
			return fmt.Errorf("read waiver requests: %w", err)
		}
		return nil
	})
	return all, err
}
