package postgres_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// TestProveFullHoldsAndLeavesNothing takes a population through changes: looking back at
// touched people gives what looking back at everybody does, and nothing is stored.
func TestProveFullHoldsAndLeavesNothing(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	p := d.populate(600, at(9))
	if _, err := d.db.ProveFull(t.Context(), d.order(0)); !fault.Is(err, fault.NotFound) {
		t.Errorf("before the first month: %v", err)
	}
	d.run(at(9))
	d.signTo(at(9), deskBureau, payrun.Approved)
	d.take(p.Changes(at(9), at(10)))
	d.run(at(10))
	d.proves(0, at(10))
	d.approve(at(10))
	d.take(p.Changes(at(10), at(11)))
	d.proves(0, at(10)) // news behind an approved batch: a supplementary one
	d.proves(at(11), at(11))
}

// proves proves a month (0: the newest) and insists that nothing is left behind.
func (d *district) proves(m, want month.Month) {
	d.t.Helper()
	before := d.snapshot()
	proof, err := d.db.ProveFull(d.t.Context(), d.order(m))
	if err != nil {
		d.t.Fatal(err)
	}
	if proof.Month != want || len(proof.Differences) > 0 {
		d.t.Errorf("%s: %s, %q", want, proof.Month, proof.Differences)
	}
	if proof.Lines == 0 || proof.Touched >= proof.Report.People || proof.Report.Touched != proof.Report.People {
		d.t.Errorf("%s: %d lines, looked back at %d and at %d of %d", want, proof.Lines, proof.Touched, proof.Report.Touched, proof.Report.People)
	}
	d.unchanged(before)
}

// TestProveFullFindsWhatTouchedForgets: where something changed behind the program's
// back, nobody is touched by it, and only the proof sees it.
func TestProveFullFindsWhatTouchedForgets(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.populate(200, at(9))
	d.run(at(9))
	b := d.approve(at(9))
	line := d.number(`SELECT person FROM line WHERE batch = $1 AND item = '11' AND hold = 0 ORDER BY person LIMIT 1`, b.Number)
	d.exec(`UPDATE ledger SET amount = amount - 500 WHERE person = $1 AND item = '11'`, line)
	proof, err := d.db.ProveFull(t.Context(), d.order(at(10)))
	if err != nil {
		t.Fatal(err)
	}
	if len(proof.Differences) != 1 {
		t.Fatalf("differences: %q", proof.Differences)
	}
	d.want("the difference", proof.Differences, "明细：全部重算才有 人员编号 "+num64(line)+" 项目 11 所属月份 2026-09 金额 5.00")
}

// TestTryIsARunWithoutTraces: the report of a run, and nothing stored.
func TestTryIsARunWithoutTraces(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.populate(200, at(9))
	before := d.snapshot()
	tried, err := d.db.Try(t.Context(), d.order(at(9)))
	if err != nil {
		t.Fatal(err)
	}
	d.unchanged(before)
	ran := d.run(at(9))
	x, y := outcome(t, tried, deskBureau), outcome(t, ran, deskBureau)
	if x.Outcome != postgres.Made || x.Batch != y.Batch {
		t.Errorf("tried %+v, ran %+v", x, y)
	}
}
