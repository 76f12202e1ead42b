package runs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/imports"
	"disburse/internal/store/runs"
	"disburse/internal/store/storetest"
)

// during is a run of a month in whose middle something else happens, once.
func during(d *storetest.District, m month.Month, something func()) (*runs.Report, error) {
	d.T.Helper()
	o, done := d.Order(m), false
	o.Progress = func(int64, int64) {
		if !done {
			done = true
			something()
		}
	}
	report, err := runs.Run(d.T.Context(), d.Db, o)
	if !done {
		d.T.Fatal("the run showed no progress: nothing happened during it")
	}
	return report, err
}

// TestTwoRunsAtOnce: the second is told, also in a region that has never run.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	for _, ranBefore := range []bool{false, true} {
		t.Run(fmt.Sprintf("ran before %v", ranBefore), func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
			if ranBefore {
				d.Run(storetest.At(11))
			}
			other := d.Open()
			report, err := during(d, storetest.At(11), func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := runs.Run(ctx, other, d.Order(storetest.At(11)))
				storetest.Saying(t, err, fault.Refused, "另一个运行正在进行")
			})
			if err != nil {
				t.Fatal(err)
			}
			d.Sound(report)
			if _, err := runs.Run(t.Context(), other, d.Order(storetest.At(11))); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// TestRunThatWaited: a run that had to wait for a short one computes after it, and says
// whose it was; a run by itself says nothing.
func TestRunThatWaited(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	other := d.Open()
	waited := ""
	for try := 1; waited == ""; try++ {
		second := make(chan error, 1)
		var report *runs.Report
		first, err := during(d, storetest.At(11), func() {
			go func() {
				var err error
				report, err = runs.Run(t.Context(), other, d.Order(storetest.At(11)))
				second <- err
			}()
			waits(d, "run_turn", second) // for its turn
		})
		if err != nil || first.Behind != "" {
			t.Fatalf("the first: %+v, %v", first, err)
		}
		// On a machine with much to do the rest of the first may take longer than the second waits.
		switch err := <-second; {
		case err == nil:
			waited = report.Behind
			if want := fmt.Sprintf("%s 同时运行了 2026-11（第 %d 号修订）", storetest.RunBy.Actor, try+1); !strings.Contains(waited, want) {
				t.Fatalf("the second says %+v, want %s", report, want)
			}
		case !fault.Is(err, fault.Refused) || try == 20:
			t.Fatalf("the second: %v", err)
		}
	}
	if report := d.Run(storetest.At(11)); report.Behind != "" {
		t.Errorf("a run by itself says %q", report.Behind)
	}
}

// waits returns once a session waits for a lock in a statement about the table, or has
// come to an end.
func waits(d *storetest.District, table string, ended <-chan error) {
	d.T.Helper()
	for range 6000 {
		if len(ended) > 0 || d.Number(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`, table) > 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	d.T.Errorf("nobody waited for %s", table)
}

// TestRegionsRunSideBySide: runs exclude each other within a region only.
func TestRegionsRunSideBySide(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	const elsewhere = int32(140214)
	if err := d.Db.EnsureRegion(t.Context(), elsewhere, "云冈区"); err != nil {
		t.Fatal(err)
	}
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945))
	if _, err := imports.ImportRoster(t.Context(), d.Db, elsewhere, &s.In, storetest.RunBy, false, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := during(d, storetest.At(11), func() {
		o := d.Order(storetest.At(11))
		o.Region = elsewhere
		if _, err := runs.Run(t.Context(), d.Open(), o); err != nil {
			t.Errorf("another region: %v", err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	for region, name := range map[int32]string{storetest.DeskRegion: "某1944", elsewhere: "某1945"} {
		b, err := batches.Latest(t.Context(), d.Db, region, storetest.At(11), storetest.DeskBureau)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := batches.Lines(t.Context(), d.Db, region, b, d.Pack)
		if err != nil || len(lines) != 1 || lines[0].Name != name {
			t.Errorf("region %d: %+v, %v", region, lines, err)
		}
	}
}

// TestImportDuringRun: what becomes known while a run computes is not in it, and is in
// the next one. (A death would have to be run again before anybody signs: see later.go.)
func TestImportDuringRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945)))
	report, err := during(d, storetest.At(11), func() {
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1945, func(p *roster.Person) { p.MovedOut = storetest.Day(2026, 10, 1) })))
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Sound(report)
	if report.Revision != 1 {
		t.Errorf("the run was made of revision %d", report.Revision)
	}
	d.Want("as known when it began", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	d.Approve(storetest.At(11))
	d.Run(storetest.At(11))
	d.Want("what came meanwhile", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00")
	d.Want("register", d.Register(), "某1945 11 本人 2026-11 70.00")
	if err := storetest.VerifyChain(t.Context(), d.Db, storetest.DeskRegion); err != nil {
		t.Error(err)
	}
}

// TestSigningDuringRun: whoever signs while a run computes wins; the run changes nothing.
func TestSigningDuringRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(11))
	for _, c := range []struct {
		name string
		sign func()
	}{
		{"submitting its batch", func() { d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted) }},
		{"returning it", func() { d.ReturnBatch(storetest.At(11)) }},
		{"approving another bureau's", func() { d.SignTo(storetest.At(11), "区人社局", payrun.Approved) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var signed string
			_, err := during(d, storetest.At(11), func() {
				c.sign()
				signed = d.Snapshot()
			})
			storetest.Saying(t, err, fault.Refused, "没有保存", "重新运行")
			d.Unchanged(signed)
		})
	}
	if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.Remade {
		t.Errorf("afterwards: %+v", b)
	}
}

// TestDecisionDuringRun is for the next run.
func TestDecisionDuringRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(11))
	if _, err := during(d, storetest.At(11), func() { d.Decide(d.Batch(storetest.At(11)), "户名不符", true) }); err != nil {
		t.Fatal(err)
	}
	held := func() (n int) {
		for _, l := range d.Lines(d.Batch(storetest.At(11))) {
			if strings.Contains(l, "疑点未决") {
				n++
			}
		}
		return n
	}
	if n := held(); n != 1 {
		t.Errorf("%d lines held for the 疑点 while it was decided", n)
	}
	d.Run(storetest.At(11))
	if n := held(); n != 0 {
		t.Errorf("%d lines held after the decision", n)
	}
}

// TestInterruptedRun: a run that is cancelled, or whose connections break, leaves nothing.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(10))
	d.Run(storetest.At(11))
	before := d.Snapshot()
	for _, m := range []month.Month{storetest.At(11), storetest.At(12)} {
		ctx, cancel := context.WithCancel(t.Context())
		o := d.Order(m)
		o.Progress = func(int64, int64) { cancel() }
		if _, err := runs.Run(ctx, d.Db, o); err == nil {
			t.Errorf("%s cancelled succeeded", m)
		}
		d.Unchanged(before)

		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := runs.Run(ended, d.Db, d.Order(m)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s cancelled before it began: %v", m, err)
		}
		d.Unchanged(before)

		victim, broken := d.Open(), d.Order(m)
		broken.Progress = func(int64, int64) {
			d.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		}
		if _, err := runs.Run(t.Context(), victim, broken); err == nil {
			t.Errorf("%s with its connections killed succeeded", m)
		}
		d.Unchanged(before)
		d.Db = d.Open() // those of the first were killed as well
	}
	report := d.Run(storetest.At(12))
	if len(report.Carried) != len(d.Pack.File.Bureaus) {
		t.Errorf("afterwards %d batches are carried over", len(report.Carried))
	}
	if err := storetest.VerifyChain(t.Context(), d.Db, storetest.DeskRegion); err != nil {
		t.Error(err)
	}
}

// TestReadersBreak kills the connections that read, not the one that writes: half the
// people must not make a batch.
func TestReadersBreak(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Populate(300, storetest.At(11))
	before := d.Snapshot()
	d.Exec(`ALTER TABLE fact RENAME TO fact_away`) // what the readers need is gone
	if _, err := d.TryRun(d.Order(storetest.At(11))); err == nil {
		t.Error("a run without its facts succeeded")
	}
	d.Exec(`ALTER TABLE fact_away RENAME TO fact`)
	d.Unchanged(before)
	d.Run(storetest.At(11))
}
