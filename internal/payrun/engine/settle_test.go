package engine_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// office is one person's months with a ledger of its own: what a run, its approval and
// the bank do to it, without a database.
type office struct {
	t        *rapid.T
	pack     *policy.Pack
	opening  month.Month
	month    month.Month
	d        *roster.Dossier
	shared   bool
	released bool
	settled  map[key]money.Fen
	waived   map[key]money.Fen
	last     []payrun.Line // of the last approved batch
}

func newOffice(t *rapid.T, p *policy.Pack) *office {
	start := month.Of(2026, 2)
	return &office{t: t, pack: p, opening: start, month: start, d: drawPerson(t, 1), settled: map[key]money.Fen{}, waived: map[key]money.Fen{}}
}

// run computes the present month and lets nothing of it pass that docs/rules.md §5 does not say.
func (o *office) run() engine.Result {
	p := payruntest.PlanOf(o.pack, o.opening.String())
	p.Month, p.Opening, p.Bureaus[0].From = o.month, o.opening, o.opening
	if o.shared {
		p.Shared["6201"], p.Shared["6202"] = []int64{1, 2}, []int64{1, 2}
	}
	p.Released = func(string) bool { return o.released }
	c := engine.Case{Dossier: o.d, Touched: true}
	for k := range o.settled {
		c.Settled = append(c.Settled, engine.Settled{Item: k.item, Payee: k.payee, Month: k.month, Amount: o.settled[k], Waived: o.waived[k]})
	}
	slices.SortFunc(c.Settled, func(a, b engine.Settled) int { return int(a.Month - b.Month) })
	results, err := engine.New(p).Person(&c)
	if err != nil {
		o.t.Fatal(err)
	}
	r := results[0]
	r.Lines, r.Debts = slices.Clone(r.Lines), slices.Clone(r.Debts)
	o.adheres(r)
	return r
}

// entitled is what the rules grant for every month of the district's, by what is known now.
func (o *office) entitled() map[key]money.Fen {
	all := map[key]money.Fen{}
	for m := o.opening; m <= o.month; m++ {
		outcome, err := o.pack.Grant(o.d, m)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, g := range outcome.Grants {
			if o.pack.Payer(g.Item) == payruntest.Bureau {
				all[key{g.Item, g.Payee, m}] = g.Amount
			}
		}
	}
	return all
}

// dues are entitled − settled, whatever comes of them.
func (o *office) dues() map[key]money.Fen {
	dues := o.entitled()
	for k, amount := range o.settled {
		dues[k] -= amount
	}
	return dues
}

// adheres checks lines and debts against the dues: nothing forgotten, nothing twice.
func (o *office) adheres(r engine.Result) {
	positive, netted, open := map[key]money.Fen{}, map[key]money.Fen{}, map[key]money.Fen{}
	type payment struct{ item, payee string }
	pays := map[payment]money.Fen{}
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Kind == payrun.Recovery {
			netted[keyOf(l)] -= l.Amount
		} else if _, twice := positive[keyOf(l)]; twice {
			o.t.Fatalf("two lines for %v: %v", keyOf(l), payruntest.Text(r.Lines))
		} else {
			positive[keyOf(l)] = l.Amount
		}
		if isNow := l.Month == o.month; l.Kind != payrun.Recovery && isNow != (l.Kind == payrun.Current) {
			o.t.Fatalf("kind of %v in %s", payruntest.Text(r.Lines[i:i+1]), o.month)
		}
		if l.Hold == 0 {
			pays[payment{l.Against, l.Payee}] += l.Amount
		}
	}
	for _, d := range r.Debts {
		open[key{d.Item, d.Payee, d.Month}] = d.Amount
	}
	for k, due := range o.dues() {
		recovery := max(0, -due-o.waived[k])
		if positive[k] != max(0, due) || netted[k]+open[k] != recovery {
			o.t.Fatalf("%v: due %s, waived %s; line %s, netted %s, debt %s\n%v", k, due, o.waived[k], positive[k], netted[k], open[k], payruntest.Text(r.Lines))
		}
		delete(positive, k)
		delete(netted, k)
		delete(open, k)
	}
	if len(positive)+len(netted)+len(open) > 0 {
		o.t.Fatalf("beside the dues: %v %v %v", positive, netted, open)
	}
	for p, amount := range pays {
		if amount < 0 {
			o.t.Fatalf("the bank cannot pay %s for %v: %v", amount, p, payruntest.Text(r.Lines))
		}
	}
	o.nothingLeftToNet(r, func(l *payrun.Line) money.Fen { return pays[payment{l.Item, l.Payee}] })
}

// nothingLeftToNet: a debt stays only where no line of its item and payee that is not
// held has room.
func (o *office) nothingLeftToNet(r engine.Result, room func(*payrun.Line) money.Fen) {
	for _, d := range r.Debts {
		for i := range r.Lines {
			l := &r.Lines[i]
			if l.Item == d.Item && l.Payee == d.Payee && l.Hold == 0 && l.Kind != payrun.Recovery && room(l) > 0 {
				o.t.Fatalf("%s of %s is still open though %v has room: %v", d.Amount, d.Month, payruntest.Text(r.Lines[i:i+1]), payruntest.Text(r.Lines))
			}
		}
	}
}

// approve settles what is not held. Afterwards nothing but that is due, and what is
// open stays open.
func (o *office) approve() {
	r := o.run()
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Hold == 0 {
			o.settled[keyOf(l)] += l.Amount
		}
	}
	o.last = r.Lines
	after := o.run()
	var held []payrun.Line
	for _, l := range r.Lines {
		if l.Hold != 0 {
			held = append(held, l)
		}
	}
	if diff := gocmp.Diff(payruntest.Text(held), payruntest.Text(after.Lines), cmpopts.EquateEmpty()); diff != "" {
		o.t.Fatalf("due after settling (-held +got):\n%s", diff)
	}
	if diff := gocmp.Diff(r.Debts, after.Debts, cmpopts.EquateEmpty()); diff != "" {
		o.t.Fatalf("debts after settling:\n%s", diff)
	}
}

// bounce lets the bank refuse a payment of the last batch: all lines it carried are
// undone in the ledger (docs/rules.md §5.8).
func (o *office) bounce() {
	var paid []payrun.Line
	for _, l := range o.last {
		if l.Hold == 0 {
			paid = append(paid, l)
		}
	}
	if len(paid) == 0 {
		return
	}
	one := rapid.SampledFrom(paid).Draw(o.t, "payment")
	for i := range paid {
		if l := &paid[i]; l.Against == one.Against && l.Payee == one.Payee {
			o.settled[keyOf(l)] -= l.Amount
		}
	}
	o.last = slices.DeleteFunc(o.last, func(l payrun.Line) bool { return l.Against == one.Against && l.Payee == one.Payee })
}

// lower takes a part of one debt, if there is any, to books: collected or waived.
func (o *office) lower(books map[key]money.Fen, sign money.Fen) {
	debts := o.run().Debts
	if len(debts) == 0 {
		return
	}
	d := rapid.SampledFrom(debts).Draw(o.t, "debt")
	books[key{d.Item, d.Payee, d.Month}] += sign * money.Fen(rapid.Int64Range(1, int64(d.Amount)).Draw(o.t, "part"))
}

// TestAnySequenceEndsSettled draws changes of knowledge, approvals, months nobody
// submits, returned payments, collections and waivers. After each, lines and debts are
// exactly the dues; in the end, with nothing in the way, settled = entitled.
func TestAnySequenceEndsSettled(t *testing.T) {
	t.Parallel()
	builtin := payruntest.Pack(t)
	rapid.Check(t, func(t *rapid.T) {
		o := newOffice(t, builtin)
		t.Repeat(map[string]func(*rapid.T){
			"":        func(*rapid.T) { o.run() },
			"approve": func(*rapid.T) { o.approve() },
			"month":   func(*rapid.T) { o.month = min(o.month+1, month.Of(2027, 1)) },
			"fact":    func(t *rapid.T) { drawFact(t, o.d, rapid.SampledFrom(drawnFactNames).Draw(t, "fact")) },
			"award":   func(t *rapid.T) { drawAward(t, o.d) },
			"account": func(t *rapid.T) { drawAccount(t, o.d) },
			"deputy":  func(t *rapid.T) { drawDeputy(t, o.d) },
			"dates":   func(t *rapid.T) { drawDates(t, o.d) },
			"share":   func(t *rapid.T) { o.shared = rapid.Bool().Draw(t, "shared") },
			"decide":  func(t *rapid.T) { o.released = rapid.Bool().Draw(t, "released") },
			"bounce":  func(*rapid.T) { o.bounce() },
			"collect": func(*rapid.T) { o.lower(o.settled, -1) },
			"waive":   func(*rapid.T) { o.lower(o.waived, 1) },
		})
		o.end()
	})
}

// release takes every reason for a hold away.
func (o *office) release() {
	o.released, o.d.Account, o.d.Deputy = true, roster.Account{Number: "6201"}, roster.Deputy{Name: "丙某", Reason: "去世"}
	o.d.Facts = slices.DeleteFunc(o.d.Facts, func(f roster.Fact) bool { return f.Name == "暂停发放" })
	for i := range o.d.Facts {
		if f := &o.d.Facts[i]; f.Name == "入住机构" {
			f.Value = "甲院"
		}
	}
}

// end pays, collects what is owed, and compares.
func (o *office) end() {
	o.release()
	o.approve()
	for _, d := range o.run().Debts {
		o.settled[key{d.Item, d.Payee, d.Month}] -= d.Amount
	}
	for k, due := range o.dues() {
		if due > 0 || due < -o.waived[k] {
			o.t.Fatalf("%v: %s is still due (%s waived)", k, due, o.waived[k])
		}
	}
	if r := o.run(); len(r.Lines)+len(r.Debts) > 0 {
		o.t.Fatalf("in the end: %v %v", payruntest.Text(r.Lines), payruntest.DebtText(r.Debts))
	}
}

// TestSettledMonthsNeedNoLook: of somebody of whom nothing new is known, looking at the
// last approved batch's successor months alone finds what looking at all of them finds.
func TestSettledMonthsNeedNoLook(t *testing.T) {
	t.Parallel()
	builtin := payruntest.Pack(t)
	rapid.Check(t, func(t *rapid.T) {
		o := newOffice(t, builtin)
		o.month = month.Of(2026, 9)
		o.release() // people with a held line are touched
		o.approve()
		o.month += month.Month(rapid.IntRange(1, 3).Draw(t, "months on"))
		full := o.run()
		p := payruntest.PlanOf(o.pack, o.opening.String())
		p.Month, p.Bureaus[0].From, p.Released = o.month, month.Of(2026, 10), func(string) bool { return true }
		results, err := engine.New(p).Person(&engine.Case{Dossier: o.d})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(full.Lines, results[0].Lines, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("untouched in %s (-full +got):\n%s", o.month, diff)
		}
		if len(full.Debts)+len(results[0].Debts) > 0 {
			t.Fatalf("debts %v %v", full.Debts, results[0].Debts)
		}
	})
}
