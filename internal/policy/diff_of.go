package policy

import (
	"slices"

	"disburse/internal/policy/lang"
)

// DiffOf is the part of Diff that can make one item come out another way: the item
// itself, the rates, facts and derived names it rests on under either pack, and the 就高
// groups it stands in.
func DiffOf(a, b *Pack, code string) []Difference {
	names := slices.Concat(a.namesBehind(code), b.namesBehind(code))
	return Diff(a.File.about(code, names), b.File.about(code, names))
}

// about is what a pack says of one item and of names, and nothing else.
func (f *File) about(code string, names []string) *File {
	named := func(t Text) bool { return slices.Contains(names, t.Value) }
	return &File{
		Facts:   those(f.Facts, func(x *Fact) bool { return named(x.Name) }),
		Rates:   those(f.Rates, func(x *Rate) bool { return named(x.Name) }),
		Derived: those(f.Derived, func(x *Derived) bool { return named(x.Name) }),
		Items:   those(f.Items, func(x *Item) bool { return x.Code.Value == code }),
		HigherOf: those(f.HigherOf, func(x *Group) bool {
			return slices.ContainsFunc(x.Items, func(t Text) bool { return t.Value == code })
		}),
	}
}

func those[T any](all []T, which func(*T) bool) []T {
	var some []T
	for i := range all {
		if which(&all[i]) {
			some = append(some, all[i])
		}
	}
	return some
}

// RatesOf are the rates that an item's rules rest on, in any month, in the pack's order.
func (p *Pack) RatesOf(code string) []*Rate {
	names := p.namesBehind(code)
	var all []*Rate
	for i := range p.File.Rates {
		if r := &p.File.Rates[i]; slices.Contains(names, r.Name.Value) {
			all = append(all, r)
		}
	}
	return all
}

// namesBehind lists every name that an item's rules rest on, in any month.
func (p *Pack) namesBehind(code string) []string {
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
		names = append(names, p.namesBehind(other)...)
	}
	return names
}
