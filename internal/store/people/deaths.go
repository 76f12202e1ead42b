package people

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
)

// DeathsSince returns the dates of death, as of revision upTo, of everybody whose record
// changed after revision after; 0 for the living. A letter that is written after a batch
// must be addressed to the family of somebody who has died since.
func DeathsSince(ctx context.Context, scope postgres.Scope, after, upTo int64) (map[int64]month.Date, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT ON (person) person, died FROM person
		WHERE region = $1 AND rev > $2 AND rev <= $3
		ORDER BY person, rev DESC`, scope.Region, after, upTo)
	if err != nil {
		return nil, fmt.Errorf("read deaths: %w", err)
	}
	deaths := map[int64]month.Date{}
	var person int64
	var died *time.Time
	_, err = pgx.ForEachRow(rows, []any{&person, &died}, func() error {
		deaths[person] = 0
		if died != nil {
			deaths[person] = month.FromTime(*died)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read deaths: %w", err)
	}
	return deaths, nil
}
