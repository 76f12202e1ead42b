package postgres_test

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
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// during is a run of a month in whose middle something else happens, once.
func (d *district) during(m month.Month, something func()) (*postgres.RunReport, error) {
	d.t.Helper()
	o, done := d.order(m), false
	o.Progress = func(int64, int64) {
		if !done {
			done = true
			something()
		}
	}
	report, err := d.db.Run(d.t.Context(), o)
	if !done {
		d.t.Fatal("the run showed no progress: nothing happened during it")
	}
	return report, err
}

// TestTwoRunsAtOnce: the second is told, also in a region that has never run.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	for _, ranBefore := range []bool{false, true} {
		t.Run(fmt.Sprintf("ran before %v", ranBefore), func(t *testing.T) {
			t.Parallel()
			d := openDistrict(t)
			d.learn(newSheet(everyColumn).people(resident(1944)))
			if ranBefore {
				d.run(at(11))
			}
			other := d.open()
			report, err := d.during(at(11), func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := other.Run(ctx, d.order(at(11)))
				saying(t, err, fault.Refused, "另一个运行正在进行")
			})
			if err != nil {
				t.Fatal(err)
			}
			d.sound(report)
			if _, err := other.Run(t.Context(), d.order(at(11))); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// TestRunThatWaited: a run that had to wait for a short one computes after it, and says
// whose it was; a run by itself says nothing.
func TestRunThatWaited(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	other := d.open()
	waited := ""
	for try := 1; waited == ""; try++ {
		second := make(chan error, 1)
		var report *postgres.RunReport
		first, err := d.during(at(11), func() {
			go func() {
				var err error
				report, err = other.Run(t.Context(), d.order(at(11)))
				second <- err
			}()
			d.waits("run_turn", second) // for its turn
		})
		if err != nil || first.Behind != "" {
			t.Fatalf("the first: %+v, %v", first, err)
		}
		// On a machine with much to do the rest of the first may take longer than the second waits.
		switch err := <-second; {
		case err == nil:
			waited = report.Behind
			if want := fmt.Sprintf("%s 同时运行了 2026-11（第 %d 号修订）", runBy.Actor, try+1); !strings.Contains(waited, want) {
				t.Fatalf("the second says %+v, want %s", report, want)
			}
		case !fault.Is(err, fault.Refused) || try == 20:
			t.Fatalf("the second: %v", err)
		}
	}
	if report := d.run(at(11)); report.Behind != "" {
		t.Errorf("a run by itself says %q", report.Behind)
	}
}

// waits returns once a session waits for a lock in a statement about the table, or has
// come to an end.
func (d *district) waits(table string, ended <-chan error) {
	d.t.Helper()
	for range 6000 {
		if len(ended) > 0 || d.number(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`, table) > 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	d.t.Errorf("nobody waited for %s", table)
}

// TestRegionsRunSideBySide: runs exclude each other within a region only.
func TestRegionsRunSideBySide(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	const elsewhere = int32(140214)
	if err := d.db.EnsureRegion(t.Context(), elsewhere, "云冈区"); err != nil {
		t.Fatal(err)
	}
	s := newSheet(everyColumn).people(resident(1945))
	if _, err := d.db.ImportRoster(t.Context(), elsewhere, &s.in, runBy, false, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := d.during(at(11), func() {
		o := d.order(at(11))
		o.Region = elsewhere
		if _, err := d.open().Run(t.Context(), o); err != nil {
			t.Errorf("another region: %v", err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	for region, name := range map[int32]string{deskRegion: "某1944", elsewhere: "某1945"} {
		b, err := d.db.LatestBatch(t.Context(), region, at(11), deskBureau)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := d.db.Lines(t.Context(), region, b, d.pack)
		if err != nil || len(lines) != 1 || lines[0].Name != name {
			t.Errorf("region %d: %+v, %v", region, lines, err)
		}
	}
}

// TestImportDuringRun: what becomes known while a run computes is not in it, and is in
// the next one. (A death would have to be run again before anybody signs: see later.go.)
func TestImportDuringRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1945)))
	report, err := d.during(at(11), func() {
		d.learn(newSheet(everyColumn).people(resident(1943), resident(1945, func(p *roster.Person) { p.MovedOut = day(2026, 10, 1) })))
	})
	if err != nil {
		t.Fatal(err)
	}
	d.sound(report)
	if report.Revision != 1 {
		t.Errorf("the run was made of revision %d", report.Revision)
	}
	d.want("as known when it began", d.lines(d.batch(at(11))), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	d.approve(at(11))
	d.run(at(11))
	d.want("what came meanwhile", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00")
	d.want("register", d.register(), "某1945 11 本人 2026-11 70.00")
	if err := d.db.VerifyChain(t.Context(), deskRegion); err != nil {
		t.Error(err)
	}
}

// TestSigningDuringRun: whoever signs while a run computes wins; the run changes nothing.
func TestSigningDuringRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(11))
	for _, c := range []struct {
		name string
		sign func()
	}{
		{"submitting its batch", func() { d.signTo(at(11), deskBureau, payrun.Submitted) }},
		{"returning it", func() { d.returnBatch(at(11)) }},
		{"approving another bureau's", func() { d.signTo(at(11), "区人社局", payrun.Approved) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var signed string
			_, err := d.during(at(11), func() {
				c.sign()
				signed = d.snapshot()
			})
			saying(t, err, fault.Refused, "没有保存", "重新运行")
			d.unchanged(signed)
		})
	}
	if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.Remade {
		t.Errorf("afterwards: %+v", b)
	}
}

// TestDecisionDuringRun is for the next run.
func TestDecisionDuringRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(11))
	if _, err := d.during(at(11), func() { d.decide(d.batch(at(11)), "户名不符", true) }); err != nil {
		t.Fatal(err)
	}
	held := func() (n int) {
		for _, l := range d.lines(d.batch(at(11))) {
			if strings.Contains(l, "疑点未决") {
				n++
			}
		}
		return n
	}
	if n := held(); n != 1 {
		t.Errorf("%d lines held for the 疑点 while it was decided", n)
	}
	d.run(at(11))
	if n := held(); n != 0 {
		t.Errorf("%d lines held after the decision", n)
	}
}

// TestInterruptedRun: a run that is cancelled, or whose connections break, leaves nothing.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(10))
	d.run(at(11))
	before := d.snapshot()
	for _, m := range []month.Month{at(11), at(12)} {
		ctx, cancel := context.WithCancel(t.Context())
		o := d.order(m)
		o.Progress = func(int64, int64) { cancel() }
		if _, err := d.db.Run(ctx, o); err == nil {
			t.Errorf("%s cancelled succeeded", m)
		}
		d.unchanged(before)

		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := d.db.Run(ended, d.order(m)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s cancelled before it began: %v", m, err)
		}
		d.unchanged(before)

		victim, broken := d.open(), d.order(m)
		broken.Progress = func(int64, int64) {
			d.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		}
		if _, err := victim.Run(t.Context(), broken); err == nil {
			t.Errorf("%s with its connections killed succeeded", m)
		}
		d.unchanged(before)
		d.db = d.open() // those of the first were killed as well
	}
	report := d.run(at(12))
	if len(report.Carried) != len(d.pack.File.Bureaus) {
		t.Errorf("afterwards %d batches are carried over", len(report.Carried))
	}
	if err := d.db.VerifyChain(t.Context(), deskRegion); err != nil {
		t.Error(err)
	}
}

// TestReadersBreak kills the connections that read, not the one that writes: half the
// people must not make a batch.
func TestReadersBreak(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.populate(300, at(11))
	before := d.snapshot()
	d.exec(`ALTER TABLE fact RENAME TO fact_away`) // what the readers need is gone
	if _, err := d.tryRun(d.order(at(11))); err == nil {
		t.Error("a run without its facts succeeded")
	}
	d.exec(`ALTER TABLE fact_away RENAME TO fact`)
	d.unchanged(before)
	d.run(at(11))
}
