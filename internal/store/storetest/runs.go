package storetest

import (
	"fmt"
	"slices"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/recovery"
	"disburse/internal/store/rules"
	"disburse/internal/store/runs"
	"disburse/internal/store/second"
)

// Order asks for a month under the district's pack.
func (d *District) Order(m month.Month) runs.Order {
	return runs.Order{Region: DeskRegion, Month: m, Pack: d.Pack, By: RunBy}
}

func (d *District) TryRun(o runs.Order) (*runs.Report, error) {
	return runs.Run(d.T.Context(), d.Db, o)
}

// Run runs a month and checks that the stored batches are as reported and that the judge agrees
// with them.
func (d *District) Run(m month.Month) *runs.Report {
	d.T.Helper()
	return d.RunOrder(d.Order(m))
}

func (d *District) RunOrder(o runs.Order) *runs.Report {
	d.T.Helper()
	report, err := d.TryRun(o)
	if err != nil {
		d.T.Fatal(err)
	}
	d.Sound(report)
	return report
}

// Sound checks every batch of a report: digest, totals, findings, judge.
func (d *District) Sound(report *runs.Report) {
	d.T.Helper()
	for _, b := range report.Bureaus {
		if b.Batch.Number == 0 || (b.Outcome != runs.Made && b.Outcome != runs.Remade && b.Outcome != runs.Supplementary) {
			continue
		}
		stored, err := batches.Get(d.T.Context(), d.Db, DeskRegion, b.Batch.Number)
		if err != nil || stored != b.Batch {
			d.T.Errorf("stored %+v, %v, reported %+v", stored, err, b.Batch)
		}
		if digest, err := batches.StoredDigest(d.T.Context(), d.Db, DeskRegion, stored); err != nil || digest != stored.Digest {
			d.T.Errorf("%s: lines have digest %s, %v, the batch %s", approval.Title(stored), digest, err, stored.Digest)
		}
		if d.Pack.Pays(stored.Bureau) {
			d.Agrees(stored)
		}
	}
}

func (d *District) Judge(b payrun.Batch) []string {
	d.T.Helper()
	found, err := second.Judge(d.T.Context(), d.Db, DeskRegion, b.Number, d.Pack.File, nil)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for i := range found {
		all = append(all, found[i].Sentence())
	}
	return all
}

func (d *District) Agrees(b payrun.Batch) {
	d.T.Helper()
	for _, s := range d.Judge(b) {
		d.T.Errorf("judge of %s: %s", approval.Title(b), s)
	}
}

// SameInFull checks that a run that computes everybody's past months gives the same lines.
func (d *District) SameInFull(m month.Month) {
	d.T.Helper()
	lines, register := d.Lines(d.Batch(m)), d.Register()
	order := d.Order(m)
	order.Full = true
	d.RunOrder(order)
	d.Want("run --full", d.Lines(d.Batch(m)), lines...)
	d.Want("register of run --full", d.Register(), register...)
}

// Effect computes what a pack changes, and checks that nothing is stored.
func (d *District) Effect(pack *policy.Pack) (*rules.PackEffect, []rules.EffectRow) {
	d.T.Helper()
	before := d.Snapshot()
	var rows []rules.EffectRow
	e, err := rules.ReadEffect(d.T.Context(), d.Db, DeskRegion, d.Pack, pack, func(r *rules.EffectRow) error {
		rows = append(rows, *r)
		return nil
	})
	if err != nil {
		d.T.Fatal(err)
	}
	d.Unchanged(before)
	return e, rows
}

// Outcome returns the report's entry of one bureau.
func Outcome(t testing.TB, report *runs.Report, bureau string) runs.BureauRun {
	t.Helper()
	i := slices.IndexFunc(report.Bureaus, func(b runs.BureauRun) bool { return b.Bureau == bureau })
	if i < 0 {
		t.Fatalf("no %s in %+v", bureau, report.Bureaus)
	}
	return report.Bureaus[i]
}

// Batch is the latest of 区民政局 in a month.
func (d *District) Batch(m month.Month) payrun.Batch {
	d.T.Helper()
	b, err := batches.Latest(d.T.Context(), d.Db, DeskRegion, m, DeskBureau)
	if err != nil {
		d.T.Fatal(err)
	}
	return b
}

// Lines are a batch's, each as "某1944 11 本人 2026-11 当月 70.00 [暂缓]".
func (d *District) Lines(b payrun.Batch) []string {
	d.T.Helper()
	lines, err := batches.Lines(d.T.Context(), d.Db, DeskRegion, b, d.Pack)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for _, l := range lines {
		s := fmt.Sprintf("%s %s %s %s %s %s", l.Name, l.Item, l.Payee, l.Month, l.Kind, l.Amount)
		if l.Kind == payrun.Recovery {
			s += " 从" + l.Against
		}
		if l.Hold != 0 {
			s += " [" + l.Hold.String() + "]"
		}
		all = append(all, s)
	}
	return all
}

// Register is the recovery register as it is now.
func (d *District) Register() []string {
	d.T.Helper()
	debts, err := recovery.Register(d.T.Context(), d.Db, DeskRegion)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for _, x := range debts {
		all = append(all, fmt.Sprintf("%s %s %s %s %s", x.Name, x.Item, x.Payee, x.Month, x.Amount))
	}
	slices.Sort(all)
	return all
}

// Findings are those of a batch and level.
func (d *District) Findings(b payrun.Batch, level payrun.Level) []payrun.Finding {
	d.T.Helper()
	all, err := batches.Findings(d.T.Context(), d.Db, DeskRegion, b.Number)
	if err != nil {
		d.T.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f payrun.Finding) bool { return f.Level != level })
}

// Book reads the contents of a batch's sheets and lists, compared with the batches before it as
// commands do.
func (d *District) Book(b payrun.Batch, lists ...string) *books.MonthBook {
	d.T.Helper()
	o := books.MonthOrder{Region: DeskRegion, Batch: b, Pack: d.Pack, PackBefore: d.Pack, PackPrevious: d.Pack, Lists: lists, Money: b.Number != 0}
	var err error
	if o.Before, err = batches.LastApproved(d.T.Context(), d.Db, DeskRegion, DeskBureau, b.Month, b.N, false); err != nil {
		d.T.Fatal(err)
	}
	if o.Before == nil {
		o.PackBefore = nil
	}
	if o.Previous, err = batches.LastApproved(d.T.Context(), d.Db, DeskRegion, DeskBureau, b.Month, b.N, true); err != nil {
		d.T.Fatal(err)
	}
	book, err := books.ReadMonthBook(d.T.Context(), d.Db, o)
	if err != nil {
		d.T.Fatal(err)
	}
	return book
}
