package policy

import (
	"slices"
	"strconv"

	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
)

// declareItems gives every item its place before any expression can ask of it.
func (c *compiler) declareItems() {
	for i := range c.file.Items {
		def := &c.file.Items[i]
		code := def.Code.Value
		if c.pack.byCode[code] != nil {
			continue // packfile.Check refuses it
		}
		it := &item{def: def, code: code, index: i}
		c.pack.items = append(c.pack.items, it)
		c.pack.byCode[code] = it
	}
}

func (c *compiler) item(it *item) {
	d := it.def
	items := c.otherItems(it)
	var known []string
	it.when, known = c.clauses(d.When, nil, items)
	for _, u := range d.Unless { // one by one: none of them holds, so none makes another's names known
		one, _ := c.clauses([]packfile.Clause{u}, nil, items)
		it.unless = append(it.unless, one...)
	}
	for i := range d.Detail {
		c.detail(it, &d.Detail[i], known)
	}
	c.Here = d.At
	if d.Pay != nil {
		c.pay(it, known, items)
	}
}

// otherItems are those an item may ask granted() of: every paying one but itself.
// Whether they ask each other in a circle is found by order.
func (c *compiler) otherItems(it *item) func(code string) lang.Asking {
	return func(code string) lang.Asking {
		switch other, ok := c.pack.byCode[code]; {
		case !ok:
			return lang.UnknownItem
		case other == it:
			return lang.AsksItself
		case other.def.Pay == nil:
			return lang.PaysNothing
		}
		return lang.MayAsk
	}
}

// clauses compiles conditions that must all hold, so each may rely on what the ones
// before it, where always in force, make known.
func (c *compiler) clauses(defs []packfile.Clause, known []string, items func(string) lang.Asking) ([]clause, []string) {
	var all []clause
	for _, d := range defs {
		c.Here = d.At
		expr := c.compileExpr(d.Is, known, lang.Bool, items)
		if expr == nil {
			continue
		}
		all = append(all, clause{d.From, d.To, expr})
		if d.From.Value == 0 && d.To.Value == 0 {
			known = append(slices.Clone(known), expr.Knows...)
		}
	}
	return all, known
}

// condition compiles the optional condition of a case and adds what it makes known.
func (c *compiler) condition(t packfile.Text, known []string) (*lang.Expr, []string) {
	if t.Value == "" {
		return nil, known
	}
	expr := c.compileExpr(t, known, lang.Bool, nil)
	if expr == nil {
		return nil, known
	}
	return expr, append(slices.Clone(known), expr.Knows...)
}

func (c *compiler) detail(it *item, d *packfile.Detail, known []string) {
	c.Here = d.At
	cond, known := c.condition(d.If, known)
	dc := detailCase{def: d, cond: cond, slot: -1}
	if d.Value.Value != "" {
		dc.value = c.compileExpr(d.Value, known, lang.Number, nil)
	}
	if d.Fact.Value != "" {
		dc.slot = c.textFact(d.Fact)
	}
	it.detail = append(it.detail, dc)
}

// textFact resolves the name of a text fact.
func (c *compiler) textFact(t packfile.Text) int {
	slot, ok := c.names.slot[t.Value]
	if !ok || slot >= c.names.firstDerived || c.names.symbols[slot].Type != lang.Text {
		c.Fail(t.Pos, "“%s”不是文字类的事实", t.Value)
		return -1
	}
	return slot
}

func (c *compiler) groups() {
	for i := range c.file.HigherOf {
		c.pack.higher = append(c.pack.higher, c.group(&c.file.HigherOf[i]))
	}
	for i := range c.file.Replaces {
		c.group(&c.file.Replaces[i])
	}
}

func (c *compiler) group(def *packfile.Group) *group {
	g := &group{def: def}
	c.Here = def.At
	c.InOrder("组", def.From, def.To)
	for _, code := range def.Items {
		it, ok := c.pack.byCode[code.Value]
		switch {
		case !ok:
			c.Fail(code.Pos, "组里的项目“%s”不存在", code.Value)
		case it.def.Pay == nil:
			c.Fail(code.Pos, "组里的项目“%s”不发钱", code.Value)
		case slices.Contains(g.items, it):
			c.Fail(code.Pos, "组里的项目“%s”重复", code.Value)
		default:
			g.items = append(g.items, it)
		}
	}
	if len(def.Items) < 2 {
		c.Fail(def.At, "一组至少要有两个项目")
	}
	slices.SortFunc(g.items, func(a, b *item) int { return a.index - b.index })
	return g
}

// conflicts compiles what holds people up whatever the items say: 暂停发放 and conflicts.
func (c *compiler) conflicts() {
	c.Here = c.file.At
	if s := c.file.Suspension; s.Value != "" {
		c.pack.suspend = s.Value
		c.textFact(s)
	}
	for i := range c.file.Checks.Conflicts {
		d := &c.file.Checks.Conflicts[i]
		c.Here = d.At
		if expr := c.compileExpr(d.When, nil, lang.Bool, nil); expr != nil {
			c.undated(d, expr)
			c.pack.conflicts = append(c.pack.conflicts, conflict{d.Name.Value, expr})
		}
	}
	c.Here = c.file.At
}

// undated refuses a conflict that rests on what has no value in some months: a
// conflict is one of facts, and there is no amount that could have a gap.
func (c *compiler) undated(d *packfile.Conflict, expr *lang.Expr) {
	for _, name := range c.pack.behind(expr, func(*clause) bool { return true }) {
		slot := c.names.slot[name]
		if slot >= c.names.firstRate || (slot >= c.names.firstDerived && !c.names.derived[slot-c.names.firstDerived].always()) {
			c.Fail(d.When.Pos, "冲突“%s”用到的“%s”不是每个月都有值，冲突的条件只能用事实", d.Name.Value, name)
		}
	}
}

// always reports whether some version is in force in every month; gaps between
// versions are refused elsewhere.
func (d *derived) always() bool {
	first := slices.ContainsFunc(d.clauses, func(c clause) bool { return c.from.Value == 0 })
	return first && slices.ContainsFunc(d.clauses, func(c clause) bool { return c.to.Value == 0 })
}

// collectAges finds the ages at which any rule may turn, so that people between
// two of them can be granted once. Arithmetic on the age makes every year count.
func (c *compiler) collectAges() {
	ages := []int{}
	for _, e := range c.pack.exprs() {
		if !e.AgeOnlyCompared {
			return // pack.ages stays nil
		}
		for _, a := range e.Ages {
			ages = append(ages, a, a+1) // both sides of <, <=, ==
		}
	}
	for _, r := range c.names.rates {
		for _, v := range r.values {
			if r.by == 0 {
				ages = append(ages, v.low, v.top+1)
			}
		}
	}
	slices.Sort(ages)
	c.pack.ages = slices.Compact(ages)
}

// exprs lists every expression that decides outcomes.
func (p *Pack) exprs() []*lang.Expr {
	var all []*lang.Expr
	add := func(cs []clause) {
		for _, c := range cs {
			all = append(all, c.expr)
		}
	}
	for _, d := range p.names.derived {
		add(d.clauses)
	}
	for _, c := range p.conflicts {
		all = append(all, c.cond)
	}
	for _, it := range p.items {
		add(it.when)
		add(it.unless)
		for _, d := range it.detail {
			all = append(all, d.cond, d.value)
		}
		if it.pay != nil {
			add(it.pay.when)
			for _, a := range it.pay.amount {
				all = append(all, a.cond, a.is)
			}
		}
	}
	return slices.DeleteFunc(all, func(e *lang.Expr) bool { return e == nil })
}

// describeItems writes codes for a sentence about a circle.
func describeItems(path []*item) string {
	s := ""
	for i, it := range path {
		if i > 0 {
			s += " → "
		}
		s += strconv.Quote(it.code)
	}
	return s
}
