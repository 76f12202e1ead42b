package imports

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// PastImport is an import of a roster, or a registration on a person's page.
type PastImport struct {
	Rev     int64
	Page    bool
	At      time.Time
	Actor   string
	File    string
	Reason  string
	Summary string
	Undone  int64 // revision that undid it; 0: none
}

// ListImports returns a page of imports, newest first; before is the cursor, a revision (0:
// from the end).
func ListImports(ctx context.Context, db *postgres.DB, region int32, before int64, limit int) ([]PastImport, error) {
	var all []PastImport
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT j.rev, j.action = $5, j.at, j.actor, j.subject, j.reason, j.summary,
			       coalesce((SELECT max(u.rev) FROM roster_undo u WHERE u.region = j.region AND u.undone = j.rev), 0)
			FROM journal j WHERE j.region = $1 AND j.rev < $2 AND j.action IN ($3, $5) ORDER BY j.rev DESC LIMIT $4`,
			region, postgres.CursorOrEnd(before), importAction, limit, pageAction)
		if err != nil {
			return fmt.Errorf("read imports: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[PastImport]); err != nil {
			return fmt.Errorf("read imports: %w", err)
		}
		return nil
	})
	return all, err
}
