package engine

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// Elsewhere is what another region of the same database has paid for somebody's ID
// number: of one item and benefit month, by lines that are neither held nor failed, less
// what it got back.
type Elsewhere struct {
	Region int32
	Item   string
	Month  month.Month
	Amount money.Fen // 分
}

// abroad is one item of the person at hand that other regions have paid too.
type abroad struct {
	item  string
	paid  []Elsewhere // by region and month, up to the run's month
	twice []Settled   // of those months, what is settled here as well: paid twice already
	doubt payrun.Finding
}

// lookElsewhere sets down what other regions paid to the person, item by item. Whoever is
// among them is touched, so that Settled is complete.
func (c *Computer) lookElsewhere(cs *Case) {
	c.abroad = c.abroad[:0]
	for _, e := range c.plan.Elsewhere[cs.Dossier.Number] {
		if e.Month > c.plan.Month {
			continue
		}
		i := slices.IndexFunc(c.abroad, func(a abroad) bool { return a.item == e.Item })
		if i < 0 {
			i = len(c.abroad)
			c.abroad = append(c.abroad, abroad{item: e.Item})
		}
		c.abroad[i].paid = append(c.abroad[i].paid, e)
	}
	for i := range c.abroad {
		a := &c.abroad[i]
		a.settled(cs)
		a.doubt = c.paidElsewhere(cs, a)
	}
}

// settled finds the months that are settled here as well, whoever was paid for them.
func (a *abroad) settled(cs *Case) {
	sums := map[month.Month]money.Fen{}
	for i := range cs.Settled {
		if s := &cs.Settled[i]; s.Item == a.item && a.paidFor(s.Month) {
			sums[s.Month] = sums[s.Month].Add(s.Amount)
		}
	}
	for m, sum := range sums {
		if sum > 0 {
			a.twice = append(a.twice, Settled{Item: a.item, Month: m, Amount: sum})
		}
	}
}

// paidFor reports whether another region paid the item for the month.
func (a *abroad) paidFor(m month.Month) bool {
	return slices.ContainsFunc(a.paid, func(e Elsewhere) bool { return e.Month == m })
}

// paidElsewhere is the 疑点 about it. It rests on all that was paid there of the item up
// to the run's month, so a decision stands until they pay another month.
func (c *Computer) paidElsewhere(cs *Case, a *abroad) payrun.Finding {
	var evidence, said []string
	for from := 0; from < len(a.paid); {
		to, sum, months := from, money.Fen(0), []month.Month(nil)
		for ; to < len(a.paid) && a.paid[to].Region == a.paid[from].Region; to++ {
			e := a.paid[to]
			evidence = append(evidence, fmt.Sprintf("%d|%s|%s", e.Region, e.Month, e.Amount))
			sum, months = sum.Add(e.Amount), append(months, e.Month)
		}
		said = append(said, fmt.Sprintf("%d 发了 %s（共 %s 元）", a.paid[from].Region, spans(months), sum))
		from = to
	}
	s := fmt.Sprintf("%s 的项目 %s 在别的区划也发过：%s", who(cs.Dossier), a.item, strings.Join(said, "；"))
	if len(a.twice) == 0 {
		s += "，请与对方核实由哪里发放"
	} else {
		var sum money.Fen
		var months []month.Month
		for _, t := range a.twice {
			sum, months = sum.Add(t.Amount), append(months, t.Month)
		}
		s += fmt.Sprintf("；其中 %s 本区（%d）也已发放（共 %s 元），已经重复，请与对方商定由哪里继续发放、哪里追回", spans(months), c.plan.Region, sum)
	}
	return finding(payrun.PaidElsewhere, cs.Dossier.Number, a.item, s, strings.Join(evidence, "\n"))
}

// spans writes months as 2026-03 至 2026-07、2026-09.
func spans(months []month.Month) string {
	slices.Sort(months)
	var said []string
	for from := 0; from < len(months); {
		to := from
		for to+1 < len(months) && months[to+1] == months[to]+1 {
			to++
		}
		if to == from {
			said = append(said, months[from].String())
		} else {
			said = append(said, months[from].String()+" 至 "+months[to].String())
		}
		from = to + 1
	}
	return strings.Join(said, "、")
}

// elsewhereFindings says of somebody that another region paid what a line pays, or what
// was paid here before, which needs no line any more.
func (c *Computer) elsewhereFindings(bureau int) {
	lines := c.results[bureau].Lines
	for i := range c.abroad {
		a := &c.abroad[i]
		same := func(l payrun.Line) bool { return l.Kind != payrun.Recovery && l.Item == a.item && a.paidFor(l.Month) }
		if c.leads(bureau, a.item) && (len(a.twice) > 0 || slices.ContainsFunc(lines, same)) {
			c.note(bureau, a.doubt)
		}
	}
}

// paidMeanwhile lists what of a batch's lines other regions have paid, where nobody
// decided to pay all the same. The person at hand is theirs.
func (c *Computer) paidMeanwhile(paid []payrun.Line) []string {
	var all []string
	for i := range c.abroad {
		a := &c.abroad[i]
		var months []month.Month
		for k := range paid {
			if l := &paid[k]; l.Kind != payrun.Recovery && l.Item == a.item && a.paidFor(l.Month) {
				months = append(months, l.Month)
			}
		}
		if len(months) > 0 && !c.plan.Released(a.doubt.ID) {
			slices.Sort(months)
			all = append(all, fmt.Sprintf("%s（项目 %s 的 %s %s已发放）", payrun.PaidElsewhere, a.item, spans(slices.Compact(months)), a.regions()))
		}
	}
	return all
}

// regions names those that paid the item.
func (a *abroad) regions() string {
	var said []string
	for _, e := range a.paid {
		if s := fmt.Sprint(e.Region); !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return "区划 " + strings.Join(said, "、") + " "
}
