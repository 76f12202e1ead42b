package judge

import (
	"fmt"
	"sort"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// claim is a positive due: money that a line of this batch pays or holds.
type claim struct {
	Key
	hold   payrun.Hold
	amount money.Fen // the line's
	room   money.Fen // what no 扣回 has taken yet
}

// overpaid is a negative due; open is what neither was waived nor netted.
type overpaid struct {
	Key
	open money.Fen
}

// netted is a part of an overpayment that the payment of another item or month carries.
type netted struct {
	Key
	against string
}

// Lines returns a person's lines of the bureau's batch, and the overpayments that
// are left (docs/rules.md §5.3), both ordered by item, payee, month and against.
func (j *Judge) Lines(c *Case) ([]payrun.Line, []payrun.Debt, error) {
	claims, debts, err := j.dues(c)
	if err != nil {
		return nil, nil, fmt.Errorf("judge person %d: %w", c.Person.Number, err)
	}
	recovered := map[netted]money.Fen{}
	for _, d := range debts {
		j.netReplacements(d, claims, recovered)
	}
	for _, d := range debts {
		netLaterMonths(d, claims, recovered)
	}
	return j.assemble(c, claims, recovered), leftOver(c, debts), nil
}

// dues computes due = entitled − settled for every item, payee and month, and sorts
// it by month, then in the order of the list.
func (j *Judge) dues(c *Case) ([]*claim, []*overpaid, error) {
	p := newSubject(c)
	entitled, err := j.entitled(p)
	if err != nil {
		return nil, nil, err
	}
	settled, err := j.sum(c.Settled)
	if err != nil {
		return nil, nil, err
	}
	waived, err := j.sum(c.Waived)
	if err != nil {
		return nil, nil, err
	}
	personal, err := j.personHolds(c, p)
	if err != nil {
		return nil, nil, err
	}
	var claims []*claim
	var debts []*overpaid
	for _, key := range j.sortedKeys(entitled, settled) {
		due := entitled[key] - settled[key]
		switch {
		case due > 0 && !j.lapsed(c, key):
			hold := personal | j.payeeHolds(c, p, key.Item, key.Payee)
			if c.elsewhere(key, j.Month) {
				hold |= j.decided(c, ElsewhereKind+key.Item)
			}
			claims = append(claims, &claim{Key: key, hold: hold, amount: due, room: due})
		case due < 0 && -due > waived[key]:
			debts = append(debts, &overpaid{Key: key, open: -due - waived[key]})
		}
	}
	return claims, debts, nil
}

// entitled is what the rules grant for every month from the opening month to M.
func (j *Judge) entitled(p *subject) (map[Key]money.Fen, error) {
	entitled := map[Key]money.Fen{}
	end := monthOf(j.Month)
	for m := monthOf(j.Opening); !end.before(m); m = m.next() {
		r, err := j.grantMonth(p, m, j.paying) // items that only list make no line
		if err != nil {
			return nil, fmt.Errorf("month %04d-%02d: %w", m.year, m.month, err)
		}
		for code, g := range r.grants {
			if j.pays(code) {
				entitled[Key{code, g.Payee, m.stored()}] = g.Amount
			}
		}
	}
	return entitled, nil
}

// pays reports whether the batch's bureau pays the item: it stands first.
func (j *Judge) pays(code string) bool {
	return j.items[code].Bureaus[0].Value == j.Bureau
}

// sum adds up entries of the bureau's items, of months up to M.
func (j *Judge) sum(entries []Entry) (map[Key]money.Fen, error) {
	sums := map[Key]money.Fen{}
	for _, e := range entries {
		if _, ok := j.items[e.Item]; !ok {
			return nil, fmt.Errorf("there are entries of item %s, which the pack does not have", e.Item)
		}
		if j.pays(e.Item) && e.Month <= j.Month {
			sums[e.Key] += e.Amount
		}
	}
	return sums, nil
}

// sortedKeys has the keys of both, oldest month first, items in list order.
func (j *Judge) sortedKeys(entitled, settled map[Key]money.Fen) []Key {
	var keys []Key
	for k := range entitled {
		keys = append(keys, k)
	}
	for k := range settled {
		if _, both := entitled[k]; !both {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(a, b int) bool {
		x, y := keys[a], keys[b]
		switch {
		case x.Month != y.Month:
			return x.Month < y.Month
		case x.Item != y.Item:
			return j.position[x.Item] < j.position[y.Item]
		}
		return x.Payee < y.Payee
	})
	return keys
}

// netReplacements is step (1): the same month and payee, another item of the same
// 替代组; groups in their order, then items in list order.
func (j *Judge) netReplacements(d *overpaid, claims []*claim, recovered map[netted]money.Fen) {
	for _, group := range j.File.Replaces {
		if !inForce(group.From, group.To, monthOf(d.Month)) || !inGroup(group, d.Item) {
			continue
		}
		for _, c := range claims { // of one month these stand in list order
			if c.Month == d.Month && c.Payee == d.Payee && c.Item != d.Item && inGroup(group, c.Item) {
				net(d, c, recovered)
			}
		}
	}
}

// netLaterMonths is step (2): the same item and payee, oldest first.
func netLaterMonths(d *overpaid, claims []*claim, recovered map[netted]money.Fen) {
	for _, c := range claims { // oldest first
		if c.Item == d.Item && c.Payee == d.Payee {
			net(d, c, recovered)
		}
	}
}

// net takes as much as is open from what a line that is not held has left.
func net(d *overpaid, c *claim, recovered map[netted]money.Fen) {
	part := min(d.open, c.room)
	if c.hold != 0 || part == 0 {
		return
	}
	d.open -= part
	c.room -= part
	recovered[netted{d.Key, c.Item}] += part
}

// assemble makes the lines: every positive due, and a 扣回 for all that was netted.
func (j *Judge) assemble(c *Case, claims []*claim, recovered map[netted]money.Fen) []payrun.Line {
	var lines []payrun.Line
	for _, d := range claims {
		line := j.line(c, d.Key)
		line.Kind, line.Amount, line.Hold, line.Against = payrun.Arrears, d.amount, d.hold, d.Item
		if d.Month == j.Month {
			line.Kind = payrun.Current
		}
		lines = append(lines, line)
	}
	for n, amount := range recovered {
		line := j.line(c, n.Key)
		line.Kind, line.Amount, line.Against = payrun.Recovery, -amount, n.against
		lines = append(lines, line)
	}
	sort.Slice(lines, func(a, b int) bool {
		x, y := &lines[a], &lines[b]
		switch {
		case x.Item != y.Item:
			return x.Item < y.Item
		case x.Payee != y.Payee:
			return x.Payee < y.Payee
		case x.Month != y.Month:
			return x.Month < y.Month
		}
		return x.Against < y.Against
	})
	return lines
}

// line has what every line of the person says.
func (j *Judge) line(c *Case, key Key) payrun.Line {
	return payrun.Line{
		Person: c.Person.Number, Item: key.Item, Payee: key.Payee, Month: key.Month,
		Name: c.Person.Name, ID: c.Person.ID, Street: c.Person.Street, Community: c.Person.Community,
		Account: j.accountOf(c, key.Payee),
	}
}

// leftOver is the person's part of the recovery register (追缴台账).
func leftOver(c *Case, debts []*overpaid) []payrun.Debt {
	var left []payrun.Debt
	for _, d := range debts {
		if d.open == 0 {
			continue
		}
		left = append(left, payrun.Debt{
			Person: c.Person.Number, Item: d.Item, Payee: d.Payee, Month: d.Month, Amount: d.open,
			ID: c.Person.ID, Name: c.Person.Name, Street: c.Person.Street,
		})
	}
	sort.Slice(left, func(a, b int) bool {
		x, y := &left[a], &left[b]
		switch {
		case x.Item != y.Item:
			return x.Item < y.Item
		case x.Payee != y.Payee:
			return x.Payee < y.Payee
		}
		return x.Month < y.Month
	})
	return left
}
