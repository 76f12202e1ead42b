package policy

import (
	"cmp"
	"slices"

	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
)

// rateMonths closes each value with the next one of the same case, and refuses
// gaps and overlaps: a month without a value would pay nobody.
func (c *compiler) rateMonths(r *rate) {
	cases := map[string][]int{}
	for i := range r.values {
		when := r.values[i].def.When.Value
		cases[when] = append(cases[when], i)
	}
	for _, when := range sortedKeys(cases) {
		list := cases[when]
		slices.SortFunc(list, func(a, b int) int {
			return cmp.Compare(r.values[a].def.From.Value, r.values[b].def.From.Value)
		})
		for k, i := range list[:len(list)-1] {
			c.rateNext(r, &r.values[i], &r.values[list[k+1]])
		}
	}
	c.rateCases(r, cases)
}

func (c *compiler) rateNext(r *rate, v, next *rateValue) {
	starts := next.def.From.Value
	switch {
	case starts == v.def.From.Value:
		c.Fail(next.def.From.Pos, "标准“%s”有两个值都从 %s 起", r.def.Name.Value, starts)
	case v.to.Value != 0 && v.to.Value >= starts:
		c.Fail(next.def.From.Pos, "标准“%s”在 %s 有两个值", r.def.Name.Value, starts)
	case v.to.Value != 0 && v.to.Value+1 < starts:
		c.Fail(next.def.From.Pos, "标准“%s”从 %s 到 %s 没有值，请补上或改起止月", r.def.Name.Value, v.to.Value+1, starts-1)
	}
	v.to.Value = starts - 1
}

// rateCases refuses cases that leave somebody without a value or give two.
func (c *compiler) rateCases(r *rate, cases map[string][]int) {
	name := r.def.Name
	switch {
	case r.by < 0:
	case r.byType == lang.Bool:
		if len(cases) != 2 {
			c.Fail(name.Pos, "标准“%s”要有“是”和“否”两种情形", name.Value)
		}
	case r.byType == lang.Number:
		c.rateBands(r)
	default:
		for _, v := range c.names.symbols[r.by].Values {
			if cases[v] == nil {
				c.Fail(name.Pos, "标准“%s”缺少“%s”的值", name.Value, v)
			}
		}
	}
}

// rateBands refuses age bands that overlap in the same month.
func (c *compiler) rateBands(r *rate) {
	for i := range r.values {
		for j := range r.values[:i] {
			a, b := &r.values[i], &r.values[j]
			together := (a.top < 0 || b.low <= a.top) && (b.top < 0 || a.low <= b.top)
			sameTime := (a.to.Value == 0 || b.def.From.Value <= a.to.Value) && (b.to.Value == 0 || a.def.From.Value <= b.to.Value)
			if together && sameTime {
				c.Fail(a.def.When.Pos, "标准“%s”的年龄段“%s”与“%s”重叠", r.def.Name.Value, a.def.When.Value, b.def.When.Value)
				break // one is enough: a long list of equal bands has a great many pairs
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// datedOnce refuses versions of one thing that overlap or leave a gap.
func (c *compiler) datedOnce(what string, versions []packfile.Clause) {
	list := slices.Clone(versions)
	slices.SortFunc(list, func(a, b packfile.Clause) int { return cmp.Compare(a.From.Value, b.From.Value) })
	for i := range list {
		v := &list[i]
		c.Here = v.At
		c.InOrder(what, v.From, v.To)
		if i == 0 {
			continue
		}
		last := list[i-1].To.Value
		switch {
		case last == 0 || v.From.Value <= last:
			c.Fail(v.From.Or(v.Is.Pos), "%s在 %s 有两个版本同时有效", what, v.From.Value)
		case v.From.Value != last+1:
			c.Fail(v.From.Pos, "%s从 %s 到 %s 没有有效的版本", what, last+1, v.From.Value-1)
		}
	}
}

// derive compiles a derived name, and first those it uses.
func (c *compiler) derive(i int) {
	slot := c.names.firstDerived + i
	if c.state[slot] != 0 {
		return
	}
	c.state[slot] = 1
	d := c.names.derived[i]
	for _, v := range d.def.Is {
		for _, name := range lang.NamesIn(v.Is.Value) {
			c.deriveFirst(d, v, name)
		}
	}
	c.Here = d.def.At
	c.datedOnce("派生“"+d.def.Name.Value+"”", d.def.Is)
	if len(d.def.Is) == 0 {
		c.Fail(d.def.Name.Pos, "派生“%s”没有 is", d.def.Name.Value)
	}
	for _, v := range d.def.Is {
		c.Here = v.At
		expr := c.compileExpr(v.Is, nil, d.typ, nil)
		if expr == nil {
			continue
		}
		d.typ = expr.Type
		d.clauses = append(d.clauses, clause{v.From, v.To, expr})
	}
	c.names.symbols[slot].Type = d.typ
	c.state[slot] = 2
}

func (c *compiler) deriveFirst(d *derived, v packfile.Clause, name string) {
	slot, ok := c.names.slot[name]
	if ok && slot >= c.names.firstRate {
		slot = c.names.rates[slot-c.names.firstRate].by // a rate may depend on a derived flag
		ok = slot >= 0
	}
	if !ok || slot < c.names.firstDerived || slot >= c.names.firstRate {
		return
	}
	if c.state[slot] == 1 {
		c.Fail(v.Is.Pos, "派生“%s”与“%s”互相引用，成了循环", d.def.Name.Value, name)
		return
	}
	c.derive(slot - c.names.firstDerived)
}
