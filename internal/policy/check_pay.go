package policy

import (
	"disburse/internal/policy/lang"
	"slices"
)

func (c *checker) pay(it *item, known []string, items func(string) lang.Asking) {
	d := it.def.Pay
	p := &pay{def: d, payee: -1}
	it.pay = p
	p.when, known = c.clauses(d.When, known, items)
	for _, n := range d.Needs {
		slot, ok := c.names.slot[n.Value]
		if !ok || slot >= c.names.firstDerived || !c.names.symbols[slot].Optional {
			c.fail(n.Pos, "needs 里的“%s”不是可能未登记的事实", n.Value)
			continue
		}
		p.needs = append(p.needs, slot)
		known = append(slices.Clone(known), n.Value)
	}
	c.amounts(it, p, known, items)
	c.payee(it, p, known)
	if d.OnceYear.Value > 12 {
		c.fail(d.OnceYear.Pos, "once_a_year_from 应为 1 到 12 月")
	}
	if d.OnceYear.Value > 0 && d.Determined.Value {
		c.fail(d.OnceYear.Pos, "核定金额自带起止月，不能再写 once_a_year_from")
	}
	if d.FirstOnly.Value && !d.Determined.Value {
		c.fail(d.FirstOnly.Pos, "first_only 只用于核定金额（determined: true）")
	}
	c.required(it.def.Code.Pos, d.Fund, "资金来源 fund")
}

func (c *checker) amounts(it *item, p *pay, known []string, items func(string) lang.Asking) {
	d := p.def
	if d.Determined.Value == (len(d.Amount) > 0) {
		c.fail(it.def.Code.Pos, "项目 %s 的 pay 要写 amount 或 determined: true 中的一个", it.code)
	}
	for i := range d.Amount {
		a := &d.Amount[i]
		c.here = a.At
		c.inOrder("金额", a.From, a.To)
		cond, inside := c.condition(a.If, known)
		ac := amountCase{def: a, cond: cond, is: c.compileExpr(a.Is, inside, lang.Number, items)}
		if ac.is == nil {
			continue
		}
		p.amount = append(p.amount, ac)
	}
	c.here = it.def.At
	if !c.stored {
		c.amountMonths(it)
	}
}

func (c *checker) payee(it *item, p *pay, known []string) {
	d := p.def.Payee
	given := 0
	if d.Fact.Value != "" {
		given++
		p.payee = c.textFact(d.Fact)
		if p.payee >= 0 && !slices.Contains(known, d.Fact.Value) {
			c.fail(d.Fact.Pos, "收款单位“%s”可能未登记，请先在条件里写 known(%s)，或列入 needs", d.Fact.Value, d.Fact.Value)
		}
	}
	if d.Name.Value != "" {
		given++
	}
	if d.Determined.Value {
		given++
		if !p.def.Determined.Value {
			c.fail(d.Determined.Pos, "payee 的 determined 只用于核定金额")
		}
	}
	if given > 1 {
		c.fail(it.def.Code.Pos, "项目 %s 的 payee 只能写一种", it.code)
	}
	if d.Required.Value && !d.Determined.Value {
		c.fail(d.Required.Pos, "payee 的 required 要和 determined: true 一起写")
	}
}
