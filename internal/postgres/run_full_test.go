package postgres_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/payrun"
	madeup "disburse/internal/population"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// populate imports a believable population's first roster, workbook and all.
func (d *district) populate(people int, m month.Month) *madeup.Population {
	d.t.Helper()
	p, err := madeup.Generate(madeup.Options{People: people, Seed: 7, Month: m})
	if err != nil {
		d.t.Fatal(err)
	}
	file := filepath.Join(d.t.TempDir(), "花名册.xlsx")
	if err := p.WriteRoster(file, d.pack.Vocabulary(), nil); err != nil {
		d.t.Fatal(err)
	}
	in, err := roster.Read(d.t.Context(), file, d.pack.Vocabulary(), m.Last(), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	d.take(in)
	return p
}

func (d *district) take(in *roster.Import) {
	d.t.Helper()
	d.confirmed(d.imports(in))
}

// found is all that a run says of a month: lines, debts, findings and totals of every bureau.
type found struct {
	Lines    []payrun.Line
	Debts    []payrun.Debt
	Findings []payrun.Finding
	Totals   map[string]payrun.ItemTotal
}

func (d *district) found(m month.Month) map[string]found {
	d.t.Helper()
	ctx, all := d.t.Context(), map[string]found{}
	batches, err := d.db.Batches(ctx, deskRegion, m)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, b := range batches {
		var f found
		for _, read := range []func() error{
			func() (err error) { f.Lines, err = d.db.Lines(ctx, deskRegion, b, d.pack); return err },
			func() (err error) { f.Debts, err = d.db.Debts(ctx, deskRegion, b.Number); return err },
			func() (err error) { f.Findings, err = d.db.Findings(ctx, deskRegion, b.Number); return err },
			func() (err error) { f.Totals, err = d.db.ItemTotals(ctx, deskRegion, b.Number); return err },
		} {
			if err := read(); err != nil {
				d.t.Fatal(err)
			}
		}
		all[b.Bureau] = f
	}
	return all
}

// sameAsFull compares a month as it was run with `run --full`, which looks at
// everybody and must find the same. In a supplementary batch remarks on people who have
// nothing in it are left out: the regular batch has made them.
func (d *district) sameAsFull(m month.Month) {
	d.t.Helper()
	touched := d.found(m)
	o := d.order(m)
	o.Full = true
	report := d.runOrder(o)
	if report.Touched != report.People {
		d.t.Errorf("--full looked back at %d of %d people", report.Touched, report.People)
	}
	full := d.found(m)
	if d.batch(m).N > 1 {
		for _, all := range []map[string]found{touched, full} {
			for bureau, f := range all {
				f.Findings = nil
				all[bureau] = f
			}
		}
	}
	if diff := cmp.Diff(touched, full); diff != "" {
		d.t.Errorf("%s (-touched +full):\n%s", m, diff)
	}
}

// TestFullRunFindsTheSame takes a population through three months of changes, a month
// nobody submits among them, and a supplementary batch.
func TestFullRunFindsTheSame(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	p := d.populate(1500, at(9))
	order := d.order(at(9))
	order.Opening = at(8)
	d.runOrder(order)
	d.signTo(at(9), deskBureau, payrun.Approved)
	d.signTo(at(9), "区人社局", payrun.Approved)

	d.take(p.Changes(at(9), at(10)))
	report := d.run(at(9))
	if b := outcome(t, report, deskBureau); b.Outcome != postgres.Supplementary {
		t.Errorf("news of September: %+v", b)
	}
	if report.Touched == 0 || report.Touched > report.People/2 {
		t.Errorf("%d of %d people are touched by a month's changes", report.Touched, report.People)
	}
	d.sameAsFull(at(9))
	d.signTo(at(9), deskBureau, payrun.Approved)

	d.run(at(10)) // nobody submits it
	d.sameAsFull(at(10))

	d.take(p.Changes(at(10), at(11)))
	d.run(at(11))
	d.sameAsFull(at(11))
	b := d.approve(at(11))
	d.signTo(at(11), "区人社局", payrun.Approved)
	for what, n := range map[string]int64{
		"补发": d.number(`SELECT count(*) FROM line WHERE batch = $1 AND kind = 2`, b.Number),
		"扣回": d.number(`SELECT count(*) FROM line WHERE kind = 3`),
		"暂缓": d.number(`SELECT count(*) FROM line WHERE batch = $1 AND hold <> 0`, b.Number),
		"追缴": d.number(`SELECT count(*) FROM debt WHERE batch = $1`, b.Number),
	} {
		if n == 0 {
			t.Errorf("no %s: the population is too tame", what)
		}
	}

	d.take(p.Changes(at(11), at(12)))
	d.run(at(12))
	d.sameAsFull(at(12))
}
