package modeltest

import (
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/recovery"
	"disburse/internal/store/runs"
	"disburse/internal/store/second"
)

// run runs a month and compares what it makes with what the model says is due.
func (d *district) run() error {
	m := d.last
	switch {
	case m == 0:
		m = opening + month.Month(1+d.rand.IntN(2))
	case d.chance(35):
		m++
	case d.chance(8):
		m += month.Month(d.rand.IntN(4) - 2)
	}
	_, err := d.runMonth(m, false)
	return err
}

// mistype runs a month that nobody meant, and discards it for the one that was; sometimes
// it discards what was meant.
func (d *district) mistype() error {
	meant := d.last
	if meant == 0 {
		return d.run()
	}
	if d.chance(60) {
		if _, err := d.runMonth(meant+month.Month(2+d.rand.IntN(12)), false); err != nil {
			return err
		}
	} else {
		meant = max(d.opening, meant-month.Month(d.rand.IntN(2)))
	}
	done, err := d.runMonth(meant, true)
	if done {
		d.last = meant
		d.did["discarded"]++
	}
	return err
}

// discard takes away all later batches of the model; false: one was handed to those who
// sign, and nothing can be discarded.
func (d *district) discard(m month.Month) bool {
	for _, b := range d.batches {
		if b.month > m && (b.handed || b.state == payrun.Voided || b.state == payrun.Approved) {
			return false
		}
	}
	for _, b := range d.batches {
		if b.month > m {
			b.state, b.lines, b.debts, b.doubts, b.refused, b.then = payrun.CarriedOver, nil, nil, nil, nil, nil
		}
	}
	return true
}

// runMonth runs the month, perhaps discarding later ones, and says whether it was done.
func (d *district) runMonth(m month.Month, discard bool) (done bool, err error) {
	d.raised = d.raised != d.chance(4)
	d.learned()
	first := d.opening == 0
	if first {
		d.opening = opening
	}
	var bureaus []string
	for _, b := range d.pack().File.Bureaus {
		bureaus = append(bureaus, b.Name.Value)
	}
	wrong := m < d.opening || len(d.people) == 0
	if discard && !wrong {
		wrong = !d.discard(m)
	}
	turns := d.turns(m, bureaus)
	order := runs.Order{Region: region, Month: m, Pack: d.pack(), Full: d.chance(30), DiscardLater: discard, By: by("os:tester", "月份写错")}
	if first {
		order.Opening = opening
	}
	report, err := runs.Run(d.ctx, d.db, order)
	if wrong || !slices.ContainsFunc(turns, func(t turn) bool { return !t.later }) {
		if first {
			d.opening = 0
		}
		return false, refused(err)
	}
	if err != nil {
		return false, err
	}
	d.last = max(d.last, m)
	d.did["run"]++
	for _, t := range turns {
		i := slices.IndexFunc(report.Bureaus, func(b runs.BureauRun) bool { return b.Bureau == t.bureau })
		if err := d.made(m, t, report.Revision, report.Bureaus[i]); err != nil {
			return false, err
		}
	}
	return true, d.carry(m, turns, report)
}

// made compares what a run did for one bureau.
func (d *district) made(m month.Month, t turn, rev int64, got runs.BureauRun) error {
	if t.outcome == runs.Blocked || t.outcome == runs.Untouched {
		if got.Outcome != t.outcome {
			return fmt.Errorf("run %s of %s: %s, want %s", m, t.bureau, got.Outcome, t.outcome)
		}
		return nil
	}
	lines, debts := d.compute(t.bureau, m)
	if t.before != nil && t.before.month == m && t.outcome != runs.Remade && !news(lines, t.before) {
		t.outcome = runs.NothingDue
	}
	if t.before != nil {
		t.before.later = nil
	}
	d.did[string(t.outcome)]++
	if got.Outcome != t.outcome {
		return fmt.Errorf("run %s of %s: %s, want %s", m, t.bureau, got.Outcome, t.outcome)
	}
	if t.outcome == runs.NothingDue {
		t.before.later, t.before.laterRev = debts, rev
		return nil
	}
	b := t.batch
	if t.outcome != runs.Remade {
		b = &batch{number: got.Batch.Number, month: m, bureau: t.bureau, n: t.n}
		d.batches = append(d.batches, b)
	}
	b.state, b.rev, b.raised, b.lines, b.debts = payrun.Open, rev, d.raised, lines, debts
	b.doubts, b.refused = map[int64]map[string]string{}, map[string]string{}
	b.then = map[int64]standing{}
	for k, l := range lines {
		b.doubts[k.person], b.then[k.person] = d.doubts(k.person, m), d.standing(k.person, m)
		if payment := d.refused[l.account]; payment != "" {
			b.refused[payment] = refusal(l.account, payment)
		}
	}
	return d.same(b, got.Batch)
}

// carry moves unsigned batches of earlier months on.
func (d *district) carry(m month.Month, turns []turn, report *runs.Report) error {
	carried := 0
	for _, b := range d.batches {
		i := slices.IndexFunc(turns, func(t turn) bool { return t.bureau == b.bureau })
		if b.month < m && b.state.Unsigned() && turns[i].outcome != runs.Blocked && turns[i].outcome != runs.Untouched {
			b.state = payrun.CarriedOver
			carried++
		}
	}
	if carried != len(report.Carried) {
		return fmt.Errorf("run %s carried over %d batches, want %d", m, len(report.Carried), carried)
	}
	return nil
}

// same compares a batch that a run has made with the model's, and asks the judge.
func (d *district) same(b *batch, got payrun.Batch) error {
	if pays, held := b.pays(); got.N != b.n || got.Lines != len(b.lines) || got.Pays != pays || got.Held != held {
		return fmt.Errorf("%s has %d lines, %s paid, %s held: want %d, %s, %s\n%s", approval.Title(got), got.Lines, got.Pays, got.Held, len(b.lines), pays, held, d.linesDiffer(b, got))
	}
	if itemsOf[b.bureau] == nil { // serves, and pays nothing
		return nil
	}
	if diff := d.linesDiffer(b, got); diff != "" {
		return fmt.Errorf("lines of %s (-model +system):\n%s", approval.Title(got), diff)
	}
	debts, err := recovery.Debts(d.ctx, d.db, region, got.Number)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(b.debts, byKey(debts)); diff != "" {
		return fmt.Errorf("debts of %s (-model +system):\n%s", approval.Title(got), diff)
	}
	if digest, err := batches.StoredDigest(d.ctx, d.db, region, got); err != nil || digest != got.Digest {
		return fmt.Errorf("%s: digest %s, %v, stored lines have %s", approval.Title(got), got.Digest, err, digest)
	}
	if err := d.sameDoubts(b); err != nil {
		return err
	}
	return d.judged(b)
}

func (d *district) linesDiffer(b *batch, got payrun.Batch) string {
	stored, err := batches.Lines(d.ctx, d.db, region, got, packOf(b))
	if err != nil {
		return err.Error()
	}
	lines := map[lineKey]line{}
	for _, l := range stored {
		k := lineKey{key{l.Person, l.Item, l.Payee, l.Month}, l.Against}
		lines[k] = line{l.Kind, l.Amount, l.Hold, l.Account}
	}
	plain := func(a, b line) bool { return a == b }
	return cmp.Diff(b.lines, lines, cmp.Comparer(plain))
}

func byKey(debts []payrun.Debt) map[key]money.Fen {
	all := map[key]money.Fen{}
	for _, x := range debts {
		all[key{x.Person, x.Item, x.Payee, x.Month}] += x.Amount
	}
	return all
}

// sameDoubts compares the 疑点 on people of a batch.
func (d *district) sameDoubts(b *batch) error {
	findings, err := batches.Findings(d.ctx, d.db, region, b.number)
	if err != nil {
		return err
	}
	got, want := map[string]bool{}, map[string]bool{}
	for _, f := range findings {
		switch f.Level {
		case payrun.Doubt:
			got[fmt.Sprint(f.Person, f.Kind)] = true
		case payrun.Blocking:
			return fmt.Errorf("batch %d is blocked: %s", b.number, f.Sentence)
		}
	}
	for n, kinds := range b.doubts {
		for kind := range kinds {
			want[fmt.Sprint(n, kind)] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("疑点 of batch %d (-model +system):\n%s", b.number, diff)
	}
	return nil
}

// judged asks the second computation about a batch.
func (d *district) judged(b *batch) error {
	found, err := second.Judge(d.ctx, d.db, region, b.number, packOf(b).File, nil)
	if err != nil || len(found) > 0 {
		sentences := ""
		for i := range found {
			sentences += "\n" + found[i].Sentence()
		}
		return fmt.Errorf("judge of %s %s %d: %v%s", b.bureau, b.month, b.n, err, sentences)
	}
	d.did["judged"]++
	return nil
}
