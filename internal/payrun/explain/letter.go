package explain

import (
	"cmp"
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// Letter is what a 告知书 tells one person about a batch.
type Letter struct {
	Person    int64
	Name      string
	ID        string
	Street    string
	Community string
	Died      month.Date // 0: alive, as far as is known when the letter is written; else the family is written to
	Account   roster.Account

	Lines   []DetailedLine // of the batch, by item, month and kind
	Why     []ItemWhy      // of 当月 lines, in list order
	Changes []BridgeRow    // against the last approved regular batch of an earlier month
	Debt    money.Fen      // 分, what the person still owes after the batch; 0 for nothing
}

// ItemWhy says in one sentence why an item is, or is not, paid in the batch's month.
type ItemWhy struct {
	Item string
	Text string
}

// Changed reports whether the letter says anything that last month's did not: money that
// begins, changes, stops or is held, or an earlier month put right.
func (l *Letter) Changed() bool {
	if len(l.Changes) > 0 {
		return true
	}
	return slices.ContainsFunc(l.Lines, func(d DetailedLine) bool { return d.Kind != payrun.Current || d.Hold != 0 })
}

// Deaths tells the book what is known of deaths beyond the dossiers it is given: by person,
// 0 for somebody who turned out not to be dead.
func (b *Book) Deaths(known map[int64]month.Date) { b.deaths = known }

func (b *Book) died(d *roster.Dossier) month.Date {
	if day, known := b.deaths[d.Number]; known {
		return day
	}
	return d.Died
}

// Letter makes the letter to a person. lines and changes are the person's own.
func (b *Book) Letter(d *roster.Dossier, lines []DetailedLine, changes []BridgeRow, debts []payrun.Debt) (*Letter, error) {
	l := &Letter{Person: d.Number, Name: d.Name, ID: d.ID, Street: d.Street, Community: d.Community, Account: d.Account, Changes: slices.Clone(changes)}
	l.Account.Holder = d.HolderName()
	l.Died = b.died(d)
	l.Lines = slices.Clone(lines)
	for i := range l.Lines {
		line := &l.Lines[i]
		if line.Kind != payrun.Recovery {
			line.Reason = line.Plain
			continue
		}
		var err error
		if line.Reason, err = b.whyLess(d, line.Item, line.Month, line.Standard); err != nil {
			return nil, err
		}
	}
	for i := range l.Changes {
		l.Changes[i].Reason = l.Changes[i].Plain
	}
	slices.SortStableFunc(l.Lines, func(x, y DetailedLine) int {
		return cmp.Or(cmp.Compare(b.pack.ItemOrder(x.Item), b.pack.ItemOrder(y.Item)), cmp.Compare(x.Month, y.Month), cmp.Compare(x.Kind, y.Kind))
	})
	for i := range debts {
		if debts[i].Payee == roster.Myself { // what an institution owes is not theirs to return
			l.Debt = l.Debt.Add(debts[i].Amount)
		}
	}
	return l, b.explain(l, d)
}

// explain adds why each item of the month is granted, or gives way to another.
func (b *Book) explain(l *Letter, d *roster.Dossier) error {
	x, err := b.pack.Explain(d, b.month)
	if err != nil {
		return fmt.Errorf("explain person %d: %w", d.Number, err)
	}
	you := "您"
	if l.Died != 0 {
		you = "老人"
	}
	for i := range x.Items {
		it := &x.Items[i]
		paid := slices.ContainsFunc(l.Lines, func(o DetailedLine) bool { return o.Item == it.Code && o.Kind == payrun.Current })
		switch {
		case paid && it.Verdict == policy.Granted:
			l.Why = append(l.Why, ItemWhy{it.Code, b.pack.Plainly(it, you)})
		case it.Verdict == policy.Lower && len(l.Lines) > 0 && b.pack.Payer(it.Code) == b.pack.Payer(l.Lines[0].Item):
			l.Why = append(l.Why, ItemWhy{it.Code, it.Name + "：" + it.Remarks[0] + "。"})
		}
	}
	return nil
}

// Recall is what a 追缴通知书 asks back from one payee for one person.
type Recall struct {
	Person    int64
	Name      string
	ID        string
	Street    string
	Community string
	Died      month.Date
	Payee     string // roster.Myself, or the institution that was paid
	Debts     []RecalledDebt
}

// RecalledDebt is one month of one item that was paid too much.
type RecalledDebt struct {
	payrun.Debt
	Standard money.Fen // 分, what is due for the month by what the batch knew
	Reason   string    // why it is less than what was paid
}

// Sum is what is asked back, in 分.
func (r *Recall) Sum() money.Fen {
	sum := money.Fen(0)
	for i := range r.Debts {
		sum = sum.Add(r.Debts[i].Amount)
	}
	return sum
}

// Recalls calls fn for each payee that owes for the person, the person first, then
// institutions by name.
func (b *Book) Recalls(d *roster.Dossier, debts []payrun.Debt, fn func(Recall)) error {
	var all []Recall
	for i := range debts {
		debt := &debts[i]
		at := slices.IndexFunc(all, func(r Recall) bool { return r.Payee == debt.Payee })
		if at < 0 {
			at = len(all)
			all = append(all, Recall{Person: d.Number, Name: debt.Name, ID: debt.ID, Street: debt.Street, Community: d.Community, Died: b.died(d), Payee: debt.Payee})
		}
		full := RecalledDebt{Debt: *debt}
		outcome, err := b.granter.Grant(d, debt.Month)
		if err != nil {
			return fmt.Errorf("grant person %d: %w", d.Number, err)
		}
		for _, g := range outcome.Grants {
			if g.Item == debt.Item && g.Payee == debt.Payee {
				full.Standard = g.Amount
			}
		}
		if full.Reason, err = b.whyLess(d, debt.Item, debt.Month, full.Standard); err != nil {
			return err
		}
		all[at].Debts = append(all[at].Debts, full)
	}
	slices.SortFunc(all, func(x, y Recall) int {
		return cmp.Or(-compareBool(x.Payee == roster.Myself, y.Payee == roster.Myself), cmp.Compare(x.Payee, y.Payee))
	})
	for i := range all {
		slices.SortFunc(all[i].Debts, func(x, y RecalledDebt) int {
			return cmp.Or(cmp.Compare(b.pack.ItemOrder(x.Item), b.pack.ItemOrder(y.Item)), cmp.Compare(x.Month, y.Month))
		})
		fn(all[i])
	}
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
