package policy

import (
	"slices"
	"strconv"
	"strings"

	"disburse/internal/policy/lang"
)

// declareItems gives every item its place before any expression can ask of it.
func (c *checker) declareItems() {
	if len(c.file.Items) == 0 {
		c.fail(Pos{1, 1}, "规则包没有项目 items")
	}
	for i := range c.file.Items {
		def := &c.file.Items[i]
		code := def.Code.Value
		c.here = def.At
		if !itemCode.MatchString(code) {
			c.fail(orPos(def.Code.Pos, def.Name.Pos), "项目编号“%s”应为清单序号，如 \"11\" 或 \"18-1\"", code)
		}
		if _, twice := c.pack.byCode[code]; twice {
			c.fail(def.Code.Pos, "项目编号“%s”重复", code)
			continue
		}
		it := &item{def: def, code: code, index: i}
		c.pack.items = append(c.pack.items, it)
		c.pack.byCode[code] = it
	}
}

func (c *checker) item(it *item) {
	d := it.def
	at := d.Code.Pos
	c.here = d.At
	c.required(at, d.Name, "项目名称 name")
	c.public(it)
	c.itemBureaus(d)
	c.oneOf(d.Presence, "presence", "", "district", "alive", "any")
	c.oneOf(d.Reads, "reads", "", "first_day", "any_day", "day_of_death")
	c.oneOf(d.List, "list", "", "full", "changes")
	c.inOrder("项目 "+it.code+" ", d.From, d.To)
	if len(d.When) == 0 {
		c.fail(at, "项目 %s 没有 when（享受条件）", it.code)
	}
	if d.List.Value == "" && d.Pay == nil {
		c.fail(at, "项目 %s 既不列名册（list）也不发钱（pay）", it.code)
	}
	if d.List.Value == "" && len(d.Detail) > 0 {
		c.fail(at, "项目 %s 没有 list，不能写 detail", it.code)
	}
	items := c.otherItems(it)
	var known []string
	it.when, known = c.clauses(d.When, nil, items)
	for _, u := range d.Unless { // one by one: none of them holds, so none makes another's names known
		one, _ := c.clauses([]Clause{u}, nil, items)
		it.unless = append(it.unless, one...)
	}
	for i := range d.Detail {
		c.detail(it, &d.Detail[i], known)
	}
	c.here = d.At
	if d.Pay != nil {
		c.pay(it, known, items)
	}
}

func (c *checker) itemBureaus(d *Item) {
	if len(d.Bureaus) == 0 {
		c.fail(d.Code.Pos, "项目 %s 没有写牵头单位 bureaus", d.Code.Value)
	}
	for _, b := range d.Bureaus {
		if !slices.ContainsFunc(c.file.Bureaus, func(x Bureau) bool { return x.Name.Value == b.Value }) {
			c.fail(b.Pos, "项目 %s 的单位“%s”没有在 bureaus 里列出", d.Code.Value, b.Value)
		}
	}
	if d.Pay != nil && len(d.Bureaus) > 1 {
		c.fail(d.Bureaus[1].Pos, "项目 %s 发钱，只能有一个单位", d.Code.Value)
	}
}

func (c *checker) oneOf(t Text, key string, allowed ...string) {
	if !slices.Contains(allowed, t.Value) {
		c.fail(t.Pos, "%s 不能是“%s”", key, t.Value)
	}
}

// otherItems are those an item may ask granted() of: every paying one but itself.
// Whether they ask each other in a circle is found by order.
func (c *checker) otherItems(it *item) func(code string) lang.Asking {
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
func (c *checker) clauses(defs []Clause, known []string, items func(string) lang.Asking) ([]clause, []string) {
	var all []clause
	for _, d := range defs {
		c.here = d.At
		c.inOrder("条件", d.From, d.To)
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

// inOrder refuses what ends before it begins: it would never be in force.
func (c *checker) inOrder(what string, from, to Month) {
	if from.Value != 0 && to.Value != 0 && from.Value > to.Value {
		c.fail(from.Pos, "%s的起始月晚于终止月", what)
	}
}

// condition compiles the optional condition of a case and adds what it makes known.
func (c *checker) condition(t Text, known []string) (*lang.Expr, []string) {
	if t.Value == "" {
		return nil, known
	}
	expr := c.compileExpr(t, known, lang.Bool, nil)
	if expr == nil {
		return nil, known
	}
	return expr, append(slices.Clone(known), expr.Knows...)
}

func (c *checker) detail(it *item, d *Detail, known []string) {
	c.here = d.At
	cond, known := c.condition(d.If, known)
	dc := detailCase{def: d, cond: cond, slot: -1}
	given := 0
	for _, t := range []Text{d.Text, d.Value, d.Fact} {
		if t.Value != "" {
			given++
		}
	}
	if given != 1 {
		c.fail(d.At, "项目 %s 的每个 detail 要写 text、value、fact 中的一个", it.code)
	}
	if d.Value.Value != "" {
		dc.value = c.compileExpr(d.Value, known, lang.Number, nil)
	}
	if d.Fact.Value != "" {
		dc.slot = c.textFact(d.Fact)
	}
	it.detail = append(it.detail, dc)
}

// textFact resolves the name of a text fact.
func (c *checker) textFact(t Text) int {
	slot, ok := c.names.slot[t.Value]
	if !ok || slot >= c.names.firstDerived || c.names.symbols[slot].Type != lang.Text {
		c.fail(t.Pos, "“%s”不是文字类的事实", t.Value)
		return -1
	}
	return slot
}

func (c *checker) groups() {
	for i := range c.file.HigherOf {
		c.pack.higher = append(c.pack.higher, c.group(&c.file.HigherOf[i]))
	}
	for i := range c.file.Replaces {
		c.group(&c.file.Replaces[i])
	}
}

func (c *checker) group(def *Group) *group {
	g := &group{def: def}
	c.here = def.At
	c.inOrder("组", def.From, def.To)
	for _, code := range def.Items {
		it, ok := c.pack.byCode[code.Value]
		switch {
		case !ok:
			c.fail(code.Pos, "组里的项目“%s”不存在", code.Value)
		case it.def.Pay == nil:
			c.fail(code.Pos, "组里的项目“%s”不发钱", code.Value)
		case slices.Contains(g.items, it):
			c.fail(code.Pos, "组里的项目“%s”重复", code.Value)
		default:
			g.items = append(g.items, it)
		}
	}
	if len(def.Items) < 2 {
		c.fail(def.At, "一组至少要有两个项目")
	}
	slices.SortFunc(g.items, func(a, b *item) int { return a.index - b.index })
	return g
}

func (c *checker) checks() {
	c.here = c.file.At
	if s := c.file.Suspension; s.Value != "" {
		c.pack.suspend = s.Value
		c.textFact(s)
	}
	for i := range c.file.Checks.Conflicts {
		d := &c.file.Checks.Conflicts[i]
		c.here = d.At
		c.required(d.When.Pos, d.Name, "冲突的名称 name")
		if expr := c.compileExpr(d.When, nil, lang.Bool, nil); expr != nil {
			c.undated(d, expr)
			c.pack.conflicts = append(c.pack.conflicts, conflict{d.Name.Value, expr})
		}
	}
	c.here = c.file.At
}

// undated refuses a conflict that rests on what has no value in some months: a
// conflict is one of facts, and there is no amount that could have a gap.
func (c *checker) undated(d *Conflict, expr *lang.Expr) {
	for _, name := range c.pack.behind(expr, func(*clause) bool { return true }) {
		slot := c.names.slot[name]
		if slot >= c.names.firstRate || (slot >= c.names.firstDerived && !c.names.derived[slot-c.names.firstDerived].always()) {
			c.fail(d.When.Pos, "冲突“%s”用到的“%s”不是每个月都有值，冲突的条件只能用事实", d.Name.Value, name)
		}
	}
}

// always reports whether some version is in force in every month; gaps between
// versions are refused elsewhere.
func (d *derived) always() bool {
	first := slices.ContainsFunc(d.clauses, func(c clause) bool { return c.from.Value == 0 })
	return first && slices.ContainsFunc(d.clauses, func(c clause) bool { return c.to.Value == 0 })
}

// admits reports whether a record of the fact may have the value, as the roster's
// reader writes it. An example may leave out 是.
func (f *Fact) admits(value string) bool {
	isListed := func(s string) bool {
		return slices.ContainsFunc(f.Values, func(v Text) bool { return v.Value == s })
	}
	switch f.Type.Value {
	case "flag":
		return value == "" || value == "是"
	case "choice":
		return isListed(value)
	case "choices":
		return !slices.ContainsFunc(strings.Split(value, "、"), func(s string) bool { return !isListed(s) })
	case "amount":
		return exactDecimal.MatchString(value)
	}
	return value != ""
}

// collectAges finds the ages at which any rule may turn, so that people between
// two of them can be granted once. Arithmetic on the age makes every year count.
func (c *checker) collectAges() {
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
