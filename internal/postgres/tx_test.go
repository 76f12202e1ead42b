package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/storetest"
)

// counters is a database with a table n(id, v) of two rows that the role may change.
func counters(t *testing.T) *postgres.DB {
	t.Helper()
	address := pgtest.New(t)
	storetest.Exec(t, address, `
		CREATE TABLE n (id int PRIMARY KEY, v int NOT NULL);
		INSERT INTO n VALUES (1, 0), (2, 0);
		GRANT SELECT, INSERT, UPDATE ON n TO disburse_app`)
	db, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func total(t *testing.T, db *postgres.DB) (sum int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT sum(v) FROM n").Scan(&sum)
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func add(ctx context.Context, tx pgx.Tx, id int) error {
	_, err := tx.Exec(ctx, "UPDATE n SET v = v + 1 WHERE id = $1", id)
	return err
}

func TestInTxCommitsOrLeavesNothing(t *testing.T) {
	t.Parallel()
	db := counters(t)
	if err := db.InTx(t.Context(), func(tx pgx.Tx) error { return add(t.Context(), tx, 1) }); err != nil {
		t.Fatal(err)
	}
	mine := errors.New("mine")
	err := db.InTx(t.Context(), func(tx pgx.Tx) error { return errors.Join(add(t.Context(), tx, 1), mine) })
	if !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.InTx(t.Context(), func(tx pgx.Tx) error {
			_ = add(t.Context(), tx, 1)
			panic("in the middle")
		})
	}()
	if got := total(t, db); got != 1 {
		t.Errorf("total %d, want 1", got)
	}
}

// Two transactions that lock two rows in opposite order: PostgreSQL undoes one of
// them, and it is done again.
func TestInTxRetriesADeadlock(t *testing.T) {
	t.Parallel()
	db := counters(t)
	var locked, done sync.WaitGroup
	locked.Add(2)
	runs := make(chan struct{}, 100)
	for i := range 2 {
		first := true
		done.Go(func() {
			err := db.InTx(t.Context(), func(tx pgx.Tx) error {
				runs <- struct{}{}
				if err := add(t.Context(), tx, 1+i); err != nil {
					return err
				}
				if first {
					first = false
					locked.Done()
					locked.Wait()
				}
				return add(t.Context(), tx, 2-i)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if got := total(t, db); got != 4 {
		t.Errorf("total %d, want 4", got)
	}
	if len(runs) < 3 {
		t.Errorf("ran %d times: no deadlock came about", len(runs))
	}
}

func TestInTxGivesUp(t *testing.T) {
	t.Parallel()
	db := counters(t)
	runs := 0
	collide := func(tx pgx.Tx) error {
		runs++
		_, err := tx.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")
		return err
	}
	storetest.WantFault(t, db.InTx(t.Context(), collide), fault.Refused, "其他人正在修改")
	if runs != 6 {
		t.Errorf("ran %d times", runs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	runs = 0
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		defer cancel()
		return collide(tx)
	})
	if !errors.Is(err, context.Canceled) || runs != 1 {
		t.Errorf("cancelled: %v after %d runs", err, runs)
	}
}

func TestReadSeesOneMomentAndCannotWrite(t *testing.T) {
	t.Parallel()
	db := counters(t)
	err := db.Read(t.Context(), func(tx pgx.Tx) error {
		var before, after int
		if err := tx.QueryRow(t.Context(), "SELECT sum(v) FROM n").Scan(&before); err != nil {
			return err
		}
		// Against the rule that InTx is not nested, to be another transaction for certain.
		if err := db.InTx(t.Context(), func(tx pgx.Tx) error { return add(t.Context(), tx, 1) }); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), "SELECT sum(v) FROM n").Scan(&after); err != nil {
			return err
		}
		if before != after {
			t.Errorf("saw %d, then %d", before, after)
		}
		return add(t.Context(), tx, 1)
	})
	storetest.WantFault(t, err, fault.Refused, "只读")
	if got := total(t, db); got != 1 {
		t.Errorf("total %d, want 1", got)
	}
}
