package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// A fact that none of an item's rules can see changes nothing about the item.
func TestUnrelatedFacts(t *testing.T) {
	p := builtin(t)
	related := map[string]string{}
	for _, it := range p.Items() {
		related[it.Code.Value] = everythingSaid(p, it.Code.Value, map[string]bool{})
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := months().Draw(rt, "month")
		d := dossiers(p, m).Draw(rt, "person")
		f := &p.File.Facts[rapid.IntRange(0, len(p.File.Facts)-1).Draw(rt, "fact")]
		c := clone(d)
		c.Facts = slices.DeleteFunc(c.Facts, func(r roster.Fact) bool { return r.Name == f.Name.Value })
		if rapid.Bool().Draw(rt, "other") {
			c.Facts = append(c.Facts, records(f, m).Draw(rt, "records")...)
		}
		arrange(c)
		a, b := grant(t, p, d, m), grant(t, p, c, m)
		for code, said := range related {
			if strings.Contains(said, f.Name.Value) {
				continue
			}
			if x, y := about(a, code), about(b, code); !reflect.DeepEqual(x, y) {
				rt.Fatalf("%s turns on %s, which its rules do not name:\n%s", code, f.Name.Value, gocmp.Diff(x, y))
			}
		}
	})
}

// about is an outcome as far as one item goes.
func about(o *Outcome, code string) []any {
	var all []any
	for _, g := range o.Grants {
		if g.Item == code {
			all = append(all, g)
		}
	}
	for _, l := range o.Listings {
		if l.Item == code {
			all = append(all, l)
		}
	}
	for _, g := range o.Gaps {
		if g.Item == code {
			all = append(all, g)
		}
	}
	for _, n := range o.Notes {
		if n.Item == code {
			all = append(all, n)
		}
	}
	return append(all, slices.Contains(o.Zero, code), slices.Contains(o.Unmet, code))
}

// everythingSaid joins all expressions that an item can rest on, read off the file:
// its own, those of names that occur in them, of items it asks, and of its 就高 group.
func everythingSaid(p *Pack, code string, seen map[string]bool) string {
	if seen[code] {
		return ""
	}
	seen[code] = true
	it, err := p.Item(code)
	if err != nil {
		return ""
	}
	var b strings.Builder
	say := func(texts ...packfile.Text) {
		for _, t := range texts {
			b.WriteString(t.Value + "\n")
		}
	}
	for _, c := range slices.Concat(it.When, it.Unless) {
		say(c.Is)
	}
	for _, d := range it.Detail {
		say(d.If, d.Value, d.Fact)
	}
	if it.Pay != nil {
		for _, c := range it.Pay.When {
			say(c.Is)
		}
		for _, a := range it.Pay.Amount {
			say(a.If, a.Is)
		}
		say(it.Pay.Needs...)
		say(it.Pay.Payee.Fact)
	}
	for again := true; again; {
		again = false
		for _, d := range p.File.Derived {
			if strings.Contains(b.String(), d.Name.Value) && !seen["="+d.Name.Value] {
				seen["="+d.Name.Value], again = true, true
				for _, c := range d.Is {
					say(c.Is)
				}
			}
		}
		for _, r := range p.File.Rates {
			if strings.Contains(b.String(), r.Name.Value) && !seen["="+r.Name.Value] {
				seen["="+r.Name.Value], again = true, true
				say(r.By)
			}
		}
	}
	said := b.String()
	for _, other := range p.Items() {
		if strings.Contains(said, `granted("`+other.Code.Value+`")`) {
			said += everythingSaid(p, other.Code.Value, seen)
		}
	}
	for _, g := range p.File.HigherOf {
		if slices.ContainsFunc(g.Items, func(t packfile.Text) bool { return t.Value == code }) {
			for _, t := range g.Items {
				said += everythingSaid(p, t.Value, seen)
			}
		}
	}
	return said
}
