package runs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/recovery"
	"disburse/internal/store/runs"
	"disburse/internal/store/storetest"
)

// found is all that a run says of a month: lines, debts, findings and totals of every bureau.
type found struct {
	Lines    []payrun.Line
	Debts    []payrun.Debt
	Findings []payrun.Finding
	Totals   map[string]payrun.ItemTotal
}

func foundIn(d *storetest.District, m month.Month) map[string]found {
	d.T.Helper()
	ctx, all := d.T.Context(), map[string]found{}
	batchList, err := batches.OfMonth(ctx, d.Db, storetest.DeskRegion, m)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, b := range batchList {
		var f found
		for _, read := range []func() error{
			func() (err error) {
				f.Lines, err = batches.Lines(ctx, d.Db, storetest.DeskRegion, b, d.Pack)
				return err
			},
			func() (err error) {
				f.Debts, err = recovery.Debts(ctx, d.Db, storetest.DeskRegion, b.Number)
				return err
			},
			func() (err error) {
				f.Findings, err = batches.Findings(ctx, d.Db, storetest.DeskRegion, b.Number)
				return err
			},
			func() (err error) {
				f.Totals, err = batches.ItemTotals(ctx, d.Db, storetest.DeskRegion, b.Number)
				return err
			},
		} {
			if err := read(); err != nil {
				d.T.Fatal(err)
			}
		}
		all[b.Bureau] = f
	}
	return all
}

// sameAsFull compares a month as it was run with `run --full`, which looks at
// everybody and must find the same. In a supplementary batch remarks on people who have
// nothing in it are left out: the regular batch has made them.
func sameAsFull(d *storetest.District, m month.Month) {
	d.T.Helper()
	touched := foundIn(d, m)
	o := d.Order(m)
	o.Full = true
	report := d.RunOrder(o)
	if report.Touched != report.People {
		d.T.Errorf("--full looked back at %d of %d people", report.Touched, report.People)
	}
	full := foundIn(d, m)
	if d.Batch(m).N > 1 {
		for _, all := range []map[string]found{touched, full} {
			for bureau, f := range all {
				f.Findings = nil
				all[bureau] = f
			}
		}
	}
	if diff := cmp.Diff(touched, full); diff != "" {
		d.T.Errorf("%s (-touched +full):\n%s", m, diff)
	}
}

// TestFullRunFindsTheSame takes a population through three months of changes, a month
// nobody submits among them, and a supplementary batch.
func TestFullRunFindsTheSame(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	p := d.Populate(1500, storetest.At(9))
	order := d.Order(storetest.At(9))
	order.Opening = storetest.At(8)
	d.RunOrder(order)
	d.SignTo(storetest.At(9), storetest.DeskBureau, payrun.Approved)
	d.SignTo(storetest.At(9), "区人社局", payrun.Approved)

	d.Take(p.Changes(storetest.At(9), storetest.At(10)))
	report := d.Run(storetest.At(9))
	if b := storetest.Outcome(t, report, storetest.DeskBureau); b.Outcome != runs.Supplementary {
		t.Errorf("news of September: %+v", b)
	}
	if report.Touched == 0 || report.Touched > report.People/2 {
		t.Errorf("%d of %d people are touched by a month's changes", report.Touched, report.People)
	}
	sameAsFull(d, storetest.At(9))
	d.SignTo(storetest.At(9), storetest.DeskBureau, payrun.Approved)

	d.Run(storetest.At(10)) // nobody submits it
	sameAsFull(d, storetest.At(10))

	d.Take(p.Changes(storetest.At(10), storetest.At(11)))
	d.Run(storetest.At(11))
	sameAsFull(d, storetest.At(11))
	b := d.Approve(storetest.At(11))
	d.SignTo(storetest.At(11), "区人社局", payrun.Approved)
	for what, n := range map[string]int64{
		"补发": d.Number(`SELECT count(*) FROM line WHERE batch = $1 AND kind = 2`, b.Number),
		"扣回": d.Number(`SELECT count(*) FROM line WHERE kind = 3`),
		"暂缓": d.Number(`SELECT count(*) FROM line WHERE batch = $1 AND hold <> 0`, b.Number),
		"追缴": d.Number(`SELECT count(*) FROM debt WHERE batch = $1`, b.Number),
	} {
		if n == 0 {
			t.Errorf("no %s: the population is too tame", what)
		}
	}

	d.Take(p.Changes(storetest.At(11), storetest.At(12)))
	d.Run(storetest.At(12))
	sameAsFull(d, storetest.At(12))
}
