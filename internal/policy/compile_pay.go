package policy

import (
	"slices"

	"disburse/internal/policy/lang"
)

func (c *compiler) pay(it *item, known []string, items func(string) lang.Asking) {
	d := it.def.Pay
	p := &pay{def: d, payee: -1}
	it.pay = p
	p.when, known = c.clauses(d.When, known, items)
	for _, n := range d.Needs {
		slot, ok := c.names.slot[n.Value]
		if !ok || slot >= c.names.firstDerived || !c.names.symbols[slot].Optional {
			c.Fail(n.Pos, "needs 里的“%s”不是可能未登记的事实", n.Value)
			continue
		}
		p.needs = append(p.needs, slot)
		known = append(slices.Clone(known), n.Value)
	}
	c.amounts(p, known, items)
	c.payee(p, known)
}

func (c *compiler) amounts(p *pay, known []string, items func(string) lang.Asking) {
	for i := range p.def.Amount {
		a := &p.def.Amount[i]
		c.Here = a.At
		cond, inside := c.condition(a.If, known)
		ac := amountCase{def: a, cond: cond, is: c.compileExpr(a.Is, inside, lang.Number, items)}
		if ac.is == nil {
			continue
		}
		p.amount = append(p.amount, ac)
	}
}

func (c *compiler) payee(p *pay, known []string) {
	fact := p.def.Payee.Fact
	if fact.Value == "" {
		return
	}
	p.payee = c.textFact(fact)
	if p.payee >= 0 && !slices.Contains(known, fact.Value) {
		c.Fail(fact.Pos, "收款单位“%s”可能未登记，请先在条件里写 known(%s)，或列入 needs", fact.Value, fact.Value)
	}
}
