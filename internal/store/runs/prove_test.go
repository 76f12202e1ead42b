package runs_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/runs"
	"disburse/internal/store/storetest"
)

// TestProveFullHoldsAndLeavesNothing takes a population through changes: looking back at
// touched people gives what looking back at everybody does, and nothing is stored.
func TestProveFullHoldsAndLeavesNothing(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	p := d.Populate(600, storetest.At(9))
	if _, err := runs.ProveFull(t.Context(), d.Db, d.Order(0)); !fault.Is(err, fault.NotFound) {
		t.Errorf("before the first month: %v", err)
	}
	d.Run(storetest.At(9))
	d.SignTo(storetest.At(9), storetest.DeskBureau, payrun.Approved)
	d.Take(p.Changes(storetest.At(9), storetest.At(10)))
	d.Run(storetest.At(10))
	proves(d, 0, storetest.At(10))
	d.Approve(storetest.At(10))
	d.Take(p.Changes(storetest.At(10), storetest.At(11)))
	proves(d, 0, storetest.At(10)) // news behind an approved batch: a supplementary one
	proves(d, storetest.At(11), storetest.At(11))
}

// proves proves a month (0: the newest) and insists that nothing is left behind.
func proves(d *storetest.District, m, want month.Month) {
	d.T.Helper()
	before := d.Snapshot()
	proof, err := runs.ProveFull(d.T.Context(), d.Db, d.Order(m))
	if err != nil {
		d.T.Fatal(err)
	}
	if proof.Month != want || len(proof.Differences) > 0 {
		d.T.Errorf("%s: %s, %q", want, proof.Month, proof.Differences)
	}
	if proof.Lines == 0 || proof.Touched >= proof.Report.People || proof.Report.Touched != proof.Report.People {
		d.T.Errorf("%s: %d lines, looked back at %d and at %d of %d", want, proof.Lines, proof.Touched, proof.Report.Touched, proof.Report.People)
	}
	d.Unchanged(before)
}

// TestProveFullFindsWhatTouchedForgets: where something changed behind the program's
// back, nobody is touched by it, and only the proof sees it.
func TestProveFullFindsWhatTouchedForgets(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Populate(200, storetest.At(9))
	d.Run(storetest.At(9))
	b := d.Approve(storetest.At(9))
	line := d.Number(`SELECT person FROM line WHERE batch = $1 AND item = '11' AND hold = 0 ORDER BY person LIMIT 1`, b.Number)
	d.Exec(`UPDATE ledger SET amount = amount - 500 WHERE person = $1 AND item = '11'`, line)
	proof, err := runs.ProveFull(t.Context(), d.Db, d.Order(storetest.At(10)))
	if err != nil {
		t.Fatal(err)
	}
	if len(proof.Differences) != 1 {
		t.Fatalf("differences: %q", proof.Differences)
	}
	d.Want("the difference", proof.Differences, "明细：全部重算才有 人员编号 "+storetest.Num64(line)+" 项目 11 所属月份 2026-09 金额 5.00")
}

// TestTryIsARunWithoutTraces: the report of a run, and nothing stored.
func TestTryIsARunWithoutTraces(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Populate(200, storetest.At(9))
	before := d.Snapshot()
	tried, err := runs.Try(t.Context(), d.Db, d.Order(storetest.At(9)))
	if err != nil {
		t.Fatal(err)
	}
	d.Unchanged(before)
	ran := d.Run(storetest.At(9))
	x, y := storetest.Outcome(t, tried, storetest.DeskBureau), storetest.Outcome(t, ran, storetest.DeskBureau)
	if x.Outcome != runs.Made || x.Batch != y.Batch {
		t.Errorf("tried %+v, ran %+v", x, y)
	}
}
