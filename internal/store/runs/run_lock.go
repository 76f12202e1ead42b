package runs

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// ensureRunLock inserts the row that the region's runs lock (table run_turn); none where there
// is no such region. A row of its own, because region's row is locked by every change.
func ensureRunLock(ctx context.Context, scope postgres.Scope) error {
	_, err := scope.Tx.Exec(ctx, `INSERT INTO run_turn (region) SELECT region FROM region WHERE region = $1 ON CONFLICT DO NOTHING`, scope.Region)
	if err != nil {
		return fmt.Errorf("insert run turn: %w", err)
	}
	return nil
}

// lockRun locks the region's row in run_turn, or refuses after a second (fault.Refused). It
// waits that long because a run whose client was killed holds the lock until the server
// notices the closed connection.
func lockRun(ctx context.Context, scope postgres.Scope) error {
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL lock_timeout = '1s'`); err != nil {
		return fmt.Errorf("set lock timeout: %w", err)
	}
	_, err := scope.Tx.Exec(ctx, `SELECT FROM run_turn WHERE region = $1 FOR UPDATE`, scope.Region)
	if postgres.SQLState(err) == postgres.LockNotAvailable {
		return fault.Wrap(err, fault.Refused, "另一个运行正在进行，请等它结束后再试")
	}
	if err != nil {
		return fmt.Errorf("lock run turn: %w", err)
	}
	if _, err := scope.Tx.Exec(ctx, `SET LOCAL lock_timeout = 0`); err != nil {
		return fmt.Errorf("set lock timeout: %w", err)
	}
	return nil
}

// RolledBack runs fn while holding the region's run lock and rolls back all it wrote.
func RolledBack(ctx context.Context, db *postgres.DB, region int32, fn func(tx pgx.Tx) error) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		if err := ensureRunLock(ctx, postgres.In(tx, region)); err != nil {
			return err
		}
		if err := lockRun(ctx, postgres.In(tx, region)); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return postgres.ErrDryRun
	})
	if errors.Is(err, postgres.ErrDryRun) {
		return nil
	}
	return err
}
