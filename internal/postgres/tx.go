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
	firstPause  = 10 * time.Millisecond // doubled at each attempt, and varied
)

// InTx runs fn in a transaction and commits it when fn returns nil. It is the
// only way to a transaction that writes.
//
// fn may run several times: the server aborts a transaction that collides with
// another one (40001, 40P01), and then the whole of it is done again, a limited
// number of times. So fn may touch only the database, and must set every
// variable it fills afresh: no files, no messages, no counters that go on.
//
// fn must not call InTx or Read: the inner one would work on another connection,
// outside the transaction, and may wait for it for ever.
//
// Errors: what fn returned, or a fault when the connection broke or the
// collisions would not end.
func (db *DB) InTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, pgx.TxOptions{}, fn)
		if !collided(err) {
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

// Read runs fn in a transaction that sees one moment of the database and cannot
// write (REPEATABLE READ READ ONLY). fn must not call InTx or Read. Errors as InTx.
func (db *DB) Read(ctx context.Context, fn func(tx pgx.Tx) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return explain(ctx, db.once(ctx, options, fn))
}

func (db *DB) once(ctx context.Context, options pgx.TxOptions, fn func(tx pgx.Tx) error) error {
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
	// Also when fn panics. The connection is closed if this fails, which ends the
	// transaction too; after a commit it does nothing.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// collided reports whether the server undid the transaction because of another
// one, so that doing it again may succeed.
func collided(err error) bool {
	var f *fault.Fault
	if errors.As(err, &f) {
		return false // the caller has already judged it
	}
	state := State(err)
	return state == SerializationFailure || state == DeadlockDetected
}

// backOff waits longer after each attempt, and not equally long in two processes
// that collide with each other.
func backOff(ctx context.Context, attempt int) error {
	pause := firstPause << (attempt - 1)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause/2 + rand.N(pause)):
		return nil
	}
}
