package policy

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
)

// behind lists every name an expression rests on: its own, those of derived names it
// uses, and what a rate depends on, each once, in order of appearance. use chooses
// the versions of derived names that are followed.
func (p *Pack) behind(x *lang.Expr, use func(*clause) bool) []string {
	var names []string
	var visit func(name string)
	open := func(x *lang.Expr) {
		for _, name := range x.Names {
			visit(name)
		}
	}
	visit = func(name string) {
		if slices.Contains(names, name) {
			return
		}
		names = append(names, name)
		slot, n := p.names.slot[name], p.names
		switch {
		case slot >= n.firstRate:
			if by := n.rates[slot-n.firstRate].by; by >= 0 {
				visit(n.labels[by])
			}
		case slot >= n.firstDerived:
			for i := range n.derived[slot-n.firstDerived].clauses {
				if c := &n.derived[slot-n.firstDerived].clauses[i]; use(c) {
					open(c.expr)
				}
			}
		}
	}
	open(x)
	return names
}

// factsOf lists the facts an expression rests on, in any version.
func (p *Pack) factsOf(x *lang.Expr) []string {
	return slices.DeleteFunc(p.behind(x, func(*clause) bool { return true }), func(name string) bool {
		_, isFact := p.facts[name]
		return !isFact
	})
}

// Unconfirmed is a value or a formula that is 待核定.
type Unconfirmed struct {
	Rate   string // empty: the item's formula
	When   string // the case of the rate: an age band, a value
	Value  string
	Unit   string
	From   month.Month
	Reason string
}

// UnconfirmedFor lists what is 待核定 among all that the item's amount may rest on in
// the month.
func (p *Pack) UnconfirmedFor(code string, m month.Month) []Unconfirmed {
	it := p.byCode[code]
	var found []Unconfirmed
	if reason := it.pay.def.Unconfirmed.Value; reason != "" {
		found = append(found, Unconfirmed{Reason: reason})
	}
	seen := map[string]bool{}
	for _, a := range it.pay.amount {
		for _, name := range p.behind(a.is, func(c *clause) bool { return c.inForce(m) }) {
			slot := p.names.slot[name]
			if slot < p.names.firstRate || seen[name] {
				continue
			}
			seen[name] = true
			found = append(found, p.names.rates[slot-p.names.firstRate].unconfirmed(m)...)
		}
	}
	return found
}

func (r *rate) unconfirmed(m month.Month) []Unconfirmed {
	var found []Unconfirmed
	for i := range r.values {
		v := &r.values[i]
		if v.def.Unconfirmed.Value != "" && packfile.InForce(v.def.From, v.to, m) {
			found = append(found, Unconfirmed{r.def.Name.Value, v.def.When.Value, v.def.Value.Value, r.def.Unit.Value, v.def.From.Value, v.def.Unconfirmed.Value})
		}
	}
	return found
}

// RatesOf are the rates that an item's rules rest on, in any month, in the pack's order.
func (p *Pack) RatesOf(code string) []*packfile.Rate {
	names := p.NamesBehind(code)
	var all []*packfile.Rate
	for i := range p.File.Rates {
		if r := &p.File.Rates[i]; slices.Contains(names, r.Name.Value) {
			all = append(all, r)
		}
	}
	return all
}

// NamesBehind lists every name that an item's rules rest on, in any month.
func (p *Pack) NamesBehind(code string) []string {
	it, ok := p.byCode[code]
	if !ok {
		return nil
	}
	var names []string
	every := func(*clause) bool { return true }
	add := func(cs []clause) {
		for i := range cs {
			names = append(names, p.behind(cs[i].expr, every)...)
		}
	}
	add(it.when)
	add(it.unless)
	for i := range it.detail {
		for _, x := range []*lang.Expr{it.detail[i].cond, it.detail[i].value} {
			if x != nil {
				names = append(names, p.behind(x, every)...)
			}
		}
	}
	if it.pay == nil {
		return names
	}
	add(it.pay.when)
	for i := range it.pay.amount {
		a := &it.pay.amount[i]
		names = append(names, p.behind(a.is, every)...)
		if a.cond != nil {
			names = append(names, p.behind(a.cond, every)...)
		}
	}
	for _, other := range asked(it) {
		names = append(names, p.NamesBehind(other)...)
	}
	return names
}
