package policy

import (
	"slices"
	"strings"
)

// DiffOf is the part of Diff that can make one item come out another way: the item
// itself, the rates, facts and derived names it rests on under either pack, and the 就高
// groups it stands in.
func DiffOf(a, b *Pack, code string) []Difference {
	names := slices.Concat(a.namesBehind(code), b.namesBehind(code))
	var found []Difference
	for _, d := range Diff(a.File, b.File) {
		of := false
		switch d.Part {
		case labelOf("File", "items"):
			of = d.Subject == code
		case labelOf("File", "higher_of"):
			group, _, _ := strings.Cut(d.Subject, "，")
			of = slices.Contains(strings.Split(group, "、"), code)
		case labelOf("File", "rates"), labelOf("File", "derived"), labelOf("File", "facts"):
			of = slices.Contains(names, d.Subject)
		}
		if of {
			found = append(found, d)
		}
	}
	return found
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
