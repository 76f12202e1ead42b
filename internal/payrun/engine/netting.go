package engine

import (
	"slices"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// open is a due on its way to lines: what is left of a positive one for netting
// against, or of a negative one to be netted.
type open struct {
	*due
	hold payrun.Hold
	left money.Fen
}

// lines turns one bureau's dues of a person into lines and debts (docs/rules.md §5.3).
func (c *Computer) lines(cs *Case, bureau int, dues []due) {
	var positive, negative []open
	for i := range dues {
		d := &dues[i]
		switch {
		case d.amount > 0:
			positive = append(positive, open{d, c.hold(cs, d), d.amount})
		case d.amount < 0:
			if rest := -d.amount - d.waived; rest > 0 {
				negative = append(negative, open{d, 0, rest})
			}
		}
	}
	r := &c.results[bureau]
	for i := range positive {
		p := &positive[i]
		r.Lines = append(r.Lines, c.line(cs, p))
		r.News = r.News || p.hold == 0 || p.amount != p.held
	}
	if len(negative) > 0 {
		c.net(cs, r, positive, negative)
	}
	if len(r.Lines) > 1 {
		slices.SortFunc(r.Lines, func(a, b payrun.Line) int { return a.Compare(&b) })
	}
}

// net nets negative dues, which are in order of month and list, against positive
// ones that are not held: step (1) for all of them, then step (2).
func (c *Computer) net(cs *Case, r *Result, positive, negative []open) {
	for i := range negative {
		c.reclassify(cs, r, positive, &negative[i])
	}
	for i := range negative {
		n := &negative[i]
		for k := range positive { // oldest first: dues are sorted by month
			if p := &positive[k]; p.item == n.item && p.payee == n.payee {
				c.recover(cs, r, p, n)
			}
		}
	}
	for i := range negative {
		if n := &negative[i]; n.left > 0 {
			r.Debts = append(r.Debts, payrun.Debt{
				Person: cs.Dossier.Number, Item: n.item, Payee: n.payee, Month: n.month, Amount: n.left,
				ID: cs.Dossier.ID, Name: cs.Dossier.Name, Street: cs.Dossier.Street,
			})
		}
	}
}

// reclassify is step (1): the same month and payee, another item of the same
// 替代组, groups in their order, then items in list order.
func (c *Computer) reclassify(cs *Case, r *Result, positive []open, n *open) {
	for _, group := range c.replacements(n.month) {
		if !slices.Contains(group, n.item) {
			continue
		}
		for _, item := range group {
			for k := range positive {
				p := &positive[k]
				if item != n.item && p.item == item && p.month == n.month && p.payee == n.payee {
					c.recover(cs, r, p, n)
				}
			}
		}
	}
}

func (c *Computer) replacements(m month.Month) [][]string {
	groups, ok := c.replace[m]
	if !ok {
		groups = c.plan.Pack.Replacements(m)
		c.replace[m] = groups
	}
	return groups
}

// recover nets what it can of n against p and adds it to the 扣回 line of that key.
func (c *Computer) recover(cs *Case, r *Result, p, n *open) {
	part := min(p.left, n.left)
	if p.hold != 0 || part == 0 {
		return
	}
	p.left, n.left = p.left.Sub(part), n.left.Sub(part)
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Kind == payrun.Recovery && l.Item == n.item && l.Payee == n.payee && l.Month == n.month && l.Against == p.item {
			l.Amount = l.Amount.Sub(part)
			return
		}
	}
	l := c.line(cs, n)
	l.Kind, l.Amount, l.Against = payrun.Recovery, -part, p.item
	r.Lines = append(r.Lines, l)
}

// line makes the line of a positive due.
func (c *Computer) line(cs *Case, o *open) payrun.Line {
	d := cs.Dossier
	l := payrun.Line{
		Person: d.Number, Item: o.item, Payee: o.payee, Month: o.month, Kind: payrun.Current, Amount: o.amount, Hold: o.hold, Against: o.item,
		Name: d.Name, ID: d.ID, Street: d.Street, Community: d.Community, Account: c.account(d, o.payee),
	}
	if o.month != c.plan.Month {
		l.Kind = payrun.Arrears
	}
	return l
}

// account returns where a payee's money goes, with the holder's name filled in.
func (c *Computer) account(d *roster.Dossier, payee string) roster.Account {
	if payee == roster.Myself {
		a := d.Account
		a.Holder = d.HolderName()
		return a
	}
	return accountOf(c.plan, payee)
}

// accountOf returns an institution's or bureau's account.
func accountOf(p *Plan, payee string) roster.Account {
	a := p.Payees[payee]
	if a.Holder == "" {
		a.Holder = payee
	}
	return a
}
