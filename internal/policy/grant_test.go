package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// Granting is a pure function, and what it grants is well formed.
func TestGrantProperties(t *testing.T) {
	p := builtin(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := months().Draw(rt, "month")
		d := dossiers(p, m).Draw(rt, "person")
		before := clone(d)
		o, err := p.Grant(d, m)
		if err != nil {
			rt.Fatal(err)
		}
		again, err := p.Grant(d, m)
		if err != nil || !reflect.DeepEqual(o, again) {
			rt.Fatalf("twice: %v\n%s", err, gocmp.Diff(o, again))
		}
		if !reflect.DeepEqual(d, before) {
			rt.Fatalf("granting changed the person:\n%s", gocmp.Diff(before, d))
		}
		wellFormed(rt, p, d, m, o)
	})
}

// TestGrantsOfBelievablePeople is the same over people who share what people share.
func TestGrantsOfBelievablePeople(t *testing.T) {
	p := builtin(t)
	for _, d := range believable(3000, month.Of(2026, 11)) {
		for _, m := range []month.Month{month.Of(2023, 12), month.Of(2024, 12), month.Of(2026, 11)} {
			wellFormed(t, p, d, m, grant(t, p, d, m))
		}
	}
}

type fatalf interface {
	Helper()
	Fatalf(string, ...any)
}

// wellFormed is what holds of every outcome of the built-in pack.
func wellFormed(t fatalf, p *Pack, d *roster.Dossier, m month.Month, o *Outcome) {
	t.Helper()
	var codes []string
	for _, g := range o.Grants {
		codes = append(codes, g.Item)
		if g.Amount <= 0 || g.Payee == "" {
			t.Fatalf("%s: grant %+v", m, g)
		}
		if slices.Contains(o.Zero, g.Item) || slices.ContainsFunc(o.Gaps, func(x Gap) bool { return x.Item == g.Item }) || slices.Contains(o.Unmet, g.Item) {
			t.Fatalf("%s: item %s both granted and not: %+v", m, g.Item, o)
		}
	}
	var lists []string
	for _, l := range o.Listings {
		lists = append(lists, l.Item)
	}
	for _, list := range [][]string{codes, lists, o.Zero, o.Unmet} {
		if !slices.IsSortedFunc(list, func(a, b string) int { return p.ItemOrder(a) - p.ItemOrder(b) }) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Fatalf("%s: not in list order, or twice: %v", m, list)
		}
	}
	if slices.Contains(codes, "16") && slices.Contains(codes, "23-2") {
		t.Fatalf("%s: two winners of a 就高 group: %+v", m, o.Grants)
	}
	for _, g := range o.Gaps {
		if g.Sentence == "" || (g.Rate == "" && len(g.Facts) == 0) {
			t.Fatalf("%s: a gap that says nothing: %+v", m, g)
		}
	}
	if roster.Temporary(d.ID) && (len(slices.DeleteFunc(codes, is24)) > 0 || len(slices.DeleteFunc(lists, is24)) > 0) {
		t.Fatalf("%s: a temporary number gets more than item 24: %+v", m, o)
	}
	if d.Died != 0 && d.Died < m.First() && (len(lists) > 0 || len(slices.DeleteFunc(codes, func(c string) bool { return c == "18-4" })) > 0) {
		t.Fatalf("%s: the dead get %+v", m, o)
	}
	if m < month.Of(2024, 1) && slices.ContainsFunc(codes, func(c string) bool { it, _ := p.Item(c); return !it.Pay.Determined.Value }) {
		t.Fatalf("%s: grants before there was any rate: %+v", m, o.Grants)
	}
}

func is24(code string) bool { return code == "24" }

// Age is counted in months: the oracle counts birthdays day by day, each from the
// first day of its month.
func TestAgeDayByDay(t *testing.T) {
	p := builtin(t)
	rapid.Check(t, func(rt *rapid.T) {
		birth := day("1915-01-01") + month.Date(rapid.IntRange(0, 27_000).Draw(rt, "born"))
		m := month.Of(2024, 1).Add(rapid.IntRange(0, 60).Draw(rt, "month"))
		age := 0
		for at := (birth.Month() + 1).First(); at <= m.Last(); at++ {
			if at.Day() == 1 && at.Month().InYear() == birth.Month().InYear() {
				age++
			}
		}
		d := &roster.Dossier{Person: roster.Person{ID: roster.MakeID("140213", birth, 1), Birth: birth}}
		x, err := p.Explain(d, m)
		if err != nil || x.Age != age {
			rt.Fatalf("born %s, in %s: age %d, by days %d (%v)", birth, m, x.Age, age, err)
		}
		o := grant(t, p, d, m)
		want := map[bool]string{age >= 80 && age <= 99: "11", age >= 100: "12"}[true]
		if got := itemsOf(o); got != want {
			rt.Fatalf("born %s, in %s, age %d: granted %q, want %q", birth, m, age, got, want)
		}
	})
}

func itemsOf(o *Outcome) string {
	var all []string
	for _, g := range o.Grants {
		all = append(all, g.Item)
	}
	return strings.Join(all, " ")
}

// A conflict names the facts that it rests on, also those behind derived names, and is
// one of the first day.
func TestConflicts(t *testing.T) {
	p, m := load(t, strings.Replace(small, "when: 低保 and known(供养)}", "when: 困难 and known(机构)}", 1)), month.Of(2026, 11)
	d := person("1950-01-01", "低保", "是", "机构", "甲院", "收费", "1.00")
	want := []Conflicting{{"低保与供养", []string{"低保", "供养", "机构"}}}
	if diff := gocmp.Diff(want, grant(t, p, d, m).Conflicts); diff != "" {
		t.Error(diff)
	}
	d.Facts[0].Since = m.First() + 1
	if o := grant(t, p, d, m); len(o.Conflicts) > 0 {
		t.Errorf("%+v", o.Conflicts)
	}
}

// Lists, details, notes and zero amounts of the small pack, seen whole.
func TestOutcomeWhole(t *testing.T) {
	p := load(t, small)
	m := month.Of(2026, 11)
	d := person("1940-01-01", "低保", "是", "供养", "集中", "机构", "甲院", "收费", "1200.10")
	d.Awards = []roster.Award{{Item: "3", Amount: 100, First: m - 1, Last: m + 1}}
	want := &Outcome{
		Grants:    []Grant{{Item: "1", Amount: 8000, Payee: "本人"}, {Item: "3", Amount: 100, Payee: "本人"}, {Item: "4-2", Amount: 20010, Payee: "甲院"}},
		Listings:  []Listing{{"2", "甲院"}},
		Notes:     []Note{{"4-2", "收费较高"}},
		Conflicts: []Conflicting{{"低保与供养", []string{"低保", "供养"}}},
	}
	if diff := gocmp.Diff(want, grant(t, p, d, m)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	d.Facts[3].Value = "80.00" // no more than item 1 gives
	o := grant(t, p, d, m)
	if !slices.Equal(o.Zero, []string{"4-2"}) || itemsOf(o) != "1 3" {
		t.Errorf("zero: %+v", o)
	}
	d.Facts = d.Facts[:3]
	o = grant(t, p, d, m)
	if len(o.Gaps) != 1 || !slices.Equal(o.Gaps[0].Facts, []string{"收费"}) || o.Gaps[0].Sentence != "收费未登记，无法计算金额" {
		t.Errorf("gap: %+v", o.Gaps)
	}
	if total := o.Grants[0].Amount.Add(o.Grants[1].Amount); total != money.Fen(8100) {
		t.Errorf("total %s", total)
	}
}
