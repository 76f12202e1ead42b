package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"disburse/internal/fault"
)

const (
	MaxAttempts = 6
	firstPause  = 10 * time.Millisecond // doubled at each attempt, with jitter
)

// InTx runs fn in a transaction and commits it when fn returns nil. Every write goes
// through it.
//
// fn may run several times: when the server aborts the transaction because of a conflict
// with another one (serialization failure 40001, deadlock 40P01), the whole transaction is
// retried, up to MaxAttempts times. So fn must have no effects but on the database, and
// must reset every variable it fills: no files, no messages, no running counters.
//
// fn must not call InTx or Read: the inner one would use another connection, outside the
// transaction, and could wait for the outer one's locks for ever.
//
// Errors: fn's own; fault.Internal when the connection broke; fault.Refused when all
// attempts ended in conflicts.
func (db *DB) InTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.runTx(ctx, pgx.TxOptions{}, fn)
		if !isConflict(err) {
			return explain(ctx, err)
		}
		if attempt == MaxAttempts {
			return fault.Wrap(err, fault.Refused, "有其他人正在修改同样的数据，试了 %d 次都没有成功，请稍后重试", MaxAttempts)
		}
		if err := backOff(ctx, attempt); err != nil {
			return err
		}
	}
}

// Read runs fn in a read-only transaction on one snapshot (REPEATABLE READ READ ONLY). fn
// must not call InTx or Read. Errors as InTx.
func (db *DB) Read(ctx context.Context, fn func(tx pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return explain(ctx, db.runTx(ctx, options, fn))
}

func (db *DB) runTx(ctx context.Context, options pgx.TxOptions, fn func(tx pgx.Tx) error) error {
	return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		return InTx(ctx, conn.Conn(), options, fn)
	})
}

// InTx runs fn in a transaction of conn.
func InTx(ctx context.Context, conn *pgx.Conn, options pgx.TxOptions, fn func(tx pgx.Tx) error) error {
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	// Deferred for panics of fn too. If the rollback fails, the pool closes the connection,
	// which ends the transaction; after a commit it does nothing.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// isConflict reports whether the server aborted the transaction because of another one, so
// that a retry may succeed.
func isConflict(err error) bool {
	var f *fault.Fault
	if errors.As(err, &f) {
		return false // fn has already turned it into a sentence for staff
	}
	state := SQLState(err)
	return state == SerializationFailure || state == DeadlockDetected
}

// backOff waits exponentially longer after each attempt, with jitter, so that two processes
// do not conflict in step.
func backOff(ctx context.Context, attempt int) error {
	pause := firstPause << (attempt - 1)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause/2 + rand.N(pause)):
		return nil
	}
}
