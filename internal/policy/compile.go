package policy

import (
	"slices"

	"github.com/shopspring/decimal"

	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
)

// compiler makes a Pack of a file, and finds everything wrong that expressions and the
// names in them bring about; packfile.Check has found the rest.
type compiler struct {
	*packfile.Report
	file  *packfile.File
	names *names
	pack  *Pack
	state map[int]int // of derived names: 1 being compiled, 2 done
}

// compile makes section after section, in the order in which they build on each other.
func compile(file *packfile.File, found *packfile.Report) *Pack {
	c := &compiler{Report: found, file: file, state: map[int]int{}}
	c.Here = file.At
	c.pack = &Pack{File: file, byCode: map[string]*item{}, streets: map[string]int{}, facts: map[string]int{}}
	for i, s := range file.Streets {
		c.pack.streets[s.Value] = i
	}
	c.declareNames()
	c.pack.names = c.names
	for i := range c.names.rates {
		c.rate(i)
	}
	for i := range c.names.derived {
		c.derive(i)
	}
	c.rateFlags()
	c.declareItems()
	for _, it := range c.pack.items {
		c.item(it)
	}
	c.groups()
	c.conflicts()
	c.order()
	c.collectAges()
	return c.pack
}

// declareNames gives every name its slot before any expression is compiled.
func (c *compiler) declareNames() {
	n := &names{slot: map[string]int{}}
	c.names = n
	c.declare(lang.AgeName, packfile.Pos{}, lang.Symbol{Type: lang.Number})
	n.firstFact = len(n.symbols)
	for i := range c.file.Facts {
		f := &c.file.Facts[i]
		c.Here = f.At
		c.pack.facts[f.Name.Value] = i
		c.declare(f.Name.Value, f.Name.Pos, factSymbol(f))
	}
	n.firstDerived = len(n.symbols)
	for i := range c.file.Derived {
		d := &c.file.Derived[i]
		c.Here = d.At
		c.declare(d.Name.Value, d.Name.Pos, lang.Symbol{}) // its type is found when it is compiled
		n.derived = append(n.derived, &derived{def: d})
	}
	n.firstRate = len(n.symbols)
	for i := range c.file.Rates {
		r := &c.file.Rates[i]
		c.Here = r.At
		c.declare(r.Name.Value, r.Name.Pos, lang.Symbol{Type: lang.Number})
		n.rates = append(n.rates, &rate{def: r, by: -1})
	}
}

// reserved cannot be names: the language has them as words.
var reserved = map[string]bool{"and": true, "or": true, "not": true, "in": true, "min": true, "max": true, "known": true, "granted": true, "true": true, "false": true, "nil": true, "let": true, "if": true, "else": true,
	"matches": true, "contains": true, "startsWith": true, "endsWith": true, "本人": true}

func (c *compiler) declare(name string, at packfile.Pos, s lang.Symbol) {
	switch {
	case !packfile.IsProperName(name) || reserved[name]:
		c.Fail(at, "名称“%s”不能用：应以文字开头，只含文字、数字和下划线，且不是保留字", name)
	default:
		if _, twice := c.names.slot[name]; twice {
			c.Fail(at, "名称“%s”重复，事实、派生和标准不能同名", name)
		}
	}
	s.Slot = len(c.names.symbols)
	if _, twice := c.names.slot[name]; !twice {
		c.names.slot[name] = s.Slot
	}
	c.names.symbols = append(c.names.symbols, s)
	c.names.labels = append(c.names.labels, name)
}

// factSymbol is a fact as expressions know it; the zero symbol for one of a wrong type,
// which packfile.Check refuses.
func factSymbol(f *packfile.Fact) lang.Symbol {
	types := map[string]lang.Symbol{
		"flag":    {Type: lang.Bool},
		"choice":  {Type: lang.Text, Optional: true},
		"choices": {Type: lang.Texts, Optional: true},
		"text":    {Type: lang.Text, Optional: true},
		"amount":  {Type: lang.Number, Optional: true},
	}
	s := types[f.Type.Value]
	for _, v := range f.Values {
		s.Values = append(s.Values, v.Value)
	}
	return s
}

// compileExpr compiles one expression and places its errors in the file.
func (c *compiler) compileExpr(t packfile.Text, known []string, want lang.Type, items func(string) lang.Asking) *lang.Expr {
	if t.Value == "" {
		c.Fail(t.Pos, "表达式是空的")
		return nil
	}
	expr, errs := lang.Compile(t.Value, scope{c.names, items}, known, want)
	for _, e := range errs {
		c.Fail(t.Place(e.Line, e.Col), "%s", e.Sentence)
	}
	return expr
}

func (c *compiler) rate(i int) {
	r := c.names.rates[i]
	c.Here = r.def.At
	if by := r.def.By.Value; by != "" {
		c.rateBy(r, i)
	}
	if len(r.def.Values) == 0 {
		c.Fail(r.def.Name.Pos, "标准“%s”没有值", r.def.Name.Value)
	}
	for j := range r.def.Values {
		c.rateValue(r, &r.def.Values[j])
	}
	c.Here = r.def.At
	c.rateMonths(r)
}

// rateBy resolves what a rate depends on.
func (c *compiler) rateBy(r *rate, i int) {
	slot, ok := c.names.slot[r.def.By.Value]
	if !ok || slot >= c.names.firstRate {
		c.Fail(r.def.By.Pos, "标准“%s”的 by 应为年龄、一个事实或派生的是非名称", r.def.Name.Value)
		return
	}
	s := c.names.symbols[slot]
	if slot >= c.names.firstDerived {
		s.Type = lang.Bool // checked once the derived name is compiled
	}
	if s.Type == lang.Texts || (s.Type == lang.Text && s.Values == nil) || (s.Type == lang.Number && slot != 0) {
		c.Fail(r.def.By.Pos, "标准“%s”的 by 只能是年龄、单选事实或是非", r.def.Name.Value)
		return
	}
	r.by, r.byType = slot, s.Type
	if s.Optional {
		rs := &c.names.symbols[c.names.firstRate+i]
		rs.Optional, rs.Needs = true, r.def.By.Value
	}
}

// rateFlags sees, once derived names have their types, that a rate by one of them
// is by a flag.
func (c *compiler) rateFlags() {
	for _, r := range c.names.rates {
		if r.by < c.names.firstDerived {
			continue
		}
		if t := c.names.symbols[r.by].Type; t != lang.Bool && t != 0 {
			c.Fail(r.def.By.Pos, "标准“%s”的 by 应为是非，“%s”不是", r.def.Name.Value, r.def.By.Value)
		}
	}
}

func (c *compiler) rateValue(r *rate, v *packfile.RateValue) {
	rv := rateValue{def: v, to: v.To, top: -1}
	name := r.def.Name.Value
	c.Here = v.At
	if v.From.Value == 0 {
		c.Fail(v.At, "标准“%s”的每个值都要写 from（起始月）", name)
	}
	if v.To.Value != 0 && v.From.Value > v.To.Value {
		c.Fail(v.From.Pos, "标准“%s”的值的起始月晚于终止月", name)
	}
	if v.Source.Value == "" {
		c.Fail(v.Value.Pos, "标准“%s”的每个值都要写 source（依据）", name)
	}
	if v.Value.Value == "" {
		c.Fail(v.From.Pos, "标准“%s”缺少 value", name)
		return
	}
	rv.value = decimal.RequireFromString(v.Value.Value)
	if v.Floor.Value != "" && rv.value.LessThan(decimal.RequireFromString(v.Floor.Value)) {
		c.Fail(v.Value.Pos, "标准“%s”的值 %s 低于下限 %s", name, v.Value.Value, v.Floor.Value)
	}
	c.rateWhen(r, &rv)
	r.values = append(r.values, rv)
}

func (c *compiler) rateWhen(r *rate, rv *rateValue) {
	when, name := rv.def.When, r.def.Name.Value
	switch {
	case r.by < 0:
		if when.Value != "" && r.def.By.Value == "" {
			c.Fail(when.Pos, "标准“%s”没有 by，不能写 when", name)
		}
	case r.byType == lang.Number:
		var ok bool
		if rv.low, rv.top, ok = packfile.AgeBand(when.Value); !ok {
			c.Fail(when.Or(rv.def.Value.Pos), "标准“%s”的 when 应为年龄段，如 60-79 或 80-", name)
		}
	case r.byType == lang.Bool:
		if when.Value != packfile.Yes && when.Value != packfile.No {
			c.Fail(when.Or(rv.def.Value.Pos), "标准“%s”的 when 应为 是 或 否", name)
		}
	default:
		if !slices.Contains(c.names.symbols[r.by].Values, when.Value) {
			c.Fail(when.Or(rv.def.Value.Pos), "标准“%s”的 when “%s”不是“%s”的值", name, when.Value, r.def.By.Value)
		}
	}
}
