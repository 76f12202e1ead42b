package runs_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// TestSigningAsRunEnds: the signature and the run's end wait for the same lock, the
// signature first. The run must not take the batch back from those who sign it.
func TestSigningAsRunEnds(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(11))
	signed := make(chan error, 1)
	released := make(chan error, 1)
	_, err := during(d, storetest.At(11), func() {
		locked, goOn := make(chan struct{}), make(chan struct{})
		go func() {
			released <- d.Open().InTx(t.Context(), func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `SELECT FROM region WHERE region = $1 FOR UPDATE`, storetest.DeskRegion)
				close(locked)
				<-goOn
				return err
			})
		}()
		<-locked
		go func() {
			_, err := d.TrySubmit(storetest.At(11))
			signed <- err
		}()
		waits(d, "region", signed)
		watch := d.Open() // the desk's own connection is busy elsewhere
		waiting := func() (n int64, err error) {
			err = watch.Read(t.Context(), func(tx pgx.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&n)
			})
			return n, err
		}
		go func() { // until the run's end waits as well
			defer close(goOn)
			for range 6000 {
				if n, err := waiting(); err != nil || n > 1 {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
	})
	if e := <-released; e != nil {
		t.Fatal(e)
	}
	if e := <-signed; e != nil {
		t.Fatalf("submitting: %v", e)
	}
	storetest.Saying(t, err, fault.Refused, "没有保存", "重新运行")
	if b := d.Batch(storetest.At(11)); b.State != payrun.Submitted {
		t.Errorf("the batch that was submitted is %s", b.State)
	}
}

// TestBatchesMoveDuringRun: whatever the journal calls it, a batch that is not as the
// plan found it, or that the plan did not find, stops the run.
func TestBatchesMoveDuringRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Run(storetest.At(11))
	mine, before := d.Batch(storetest.At(11)), d.Batch(storetest.At(10))
	set := func(b payrun.Batch, column, value string) string {
		return fmt.Sprintf(`UPDATE batch SET %s = %s WHERE batch = %d`, column, value, b.Number)
	}
	for name, c := range map[string]struct{ move, back string }{
		"state":            {set(mine, "state", "'submitted'"), set(mine, "state", "'open'")},
		"round":            {set(mine, "round", "2"), set(mine, "round", "1")},
		"digest":           {set(mine, "digest", "repeat('0', 64)"), set(mine, "digest", "'"+mine.Digest+"'")},
		"revision":         {set(mine, "revision", "revision + 1"), set(mine, "revision", "revision - 1")},
		"the month before": {set(before, "state", "'voided'"), set(before, "state", "'approved'")},
		"one more": {`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held)
			SELECT region, 1000, month, bureau, n + 1, 'submitted', revision, pack, digest, lines, heads, pays, held
			FROM batch WHERE batch = ` + storetest.Num(mine), `DELETE FROM batch WHERE batch = 1000`},
	} {
		t.Run(name, func(t *testing.T) {
			var moved string
			_, err := during(d, storetest.At(11), func() {
				d.Exec(c.move)
				moved = d.Snapshot()
			})
			storetest.Saying(t, err, fault.Refused, "没有保存", "重新运行")
			d.Unchanged(moved)
			d.Exec(c.back)
		})
	}
	d.Run(storetest.At(11)) // as all stands again, it runs
}

// TestBatchMovesWhileRunReadsItsPlan: a batch that moves between the two reads of a run,
// what is known and which batches there are, ends the run: what an approval settled would
// not be in its revision, and be paid again.
func TestBatchMovesWhileRunReadsItsPlan(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.SignTo(storetest.At(10), storetest.DeskBureau, payrun.Reviewed)
	other, err := pgx.Connect(t.Context(), d.Url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.WithoutCancel(t.Context())) }()
	exec := func(sql string) {
		t.Helper()
		if _, err := other.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`BEGIN; LOCK TABLE pack_adoption IN ACCESS EXCLUSIVE MODE`) // a run reads it between the two
	runner, ran := d.Open(), make(chan error, 1)
	go func() {
		_, err := runs.Run(t.Context(), runner, d.Order(storetest.At(10)))
		ran <- err
	}()
	waits(d, "pack_adoption", ran)
	exec(`UPDATE batch SET round = round + 1 WHERE state = 'reviewed'; COMMIT`)
	storetest.Saying(t, <-ran, fault.Refused, "没有保存", "重新运行")
}

// TestAskingForVoidDuringRun moves no batch: the run need not be done again.
func TestAskingForVoidDuringRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	s := storetest.By(storetest.Reviewer, "误发")
	s.Month = storetest.At(10)
	if _, err := during(d, storetest.At(11), func() {
		if _, err := signing.Void(t.Context(), d.Db, s, 0); err != nil {
			t.Fatal(err)
		}
	}); err != nil {
		t.Errorf("a void that was only asked for: %v", err)
	}
}

// TestOpenIsOutOfReach: the row itself refuses to become 待提交 again where it is not the
// one that the run planned with.
func TestOpenIsOutOfReach(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(11))
	open := d.Batch(storetest.At(11))
	if err := runs.RemakeBatch(t.Context(), d.Db, storetest.DeskRegion, open); err != nil {
		t.Fatalf("an open batch is not made again: %v", err)
	}
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted)
	storetest.Saying(t, runs.RemakeBatch(t.Context(), d.Db, storetest.DeskRegion, open), fault.Refused, "没有保存")
	d.ReturnBatch(storetest.At(11))
	storetest.Saying(t, runs.RemakeBatch(t.Context(), d.Db, storetest.DeskRegion, open), fault.Refused, "没有保存")
	if b := d.Batch(storetest.At(11)); b.State != payrun.Returned {
		t.Errorf("the batch is %s", b.State)
	}
}
