package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/fault"
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

// Amounts are rounded half up to 分, once.
func TestRounding(t *testing.T) {
	for formula, want := range map[string]string{
		"甲":           "", // 0.004
		"乙":           "0.01",
		"乙 * 1":       "0.01",
		"乙 * 3":       "0.02", // 0.015; rounded first it would be 0.03
		"乙 + 乙":       "0.01",
		"甲 + 甲":       "0.01", // 0.008
		"丙":           "0.01", // 0.014999
		"丙 + 丁":       "0.02", // 0.015
		"乙 - 丁":       "",     // 0.004999
		"戊 * 己":       "3.37", // 1.295 × 2.6 = 3.367
		"max(甲, 乙)":   "0.01",
		"乙 - 乙":       "",
		"100 + 乙 - 丁": "100.00",
	} {
		pack := strings.Replace(ordered([]string{formula}), "items:\n", `rates:
  - {name: 甲, values: [{from: 2024-01, value: "0.004", source: 甲文}]}
  - {name: 乙, values: [{from: 2024-01, value: "0.005", source: 甲文}]}
  - {name: 丙, values: [{from: 2024-01, value: "0.014999", source: 甲文}]}
  - {name: 丁, values: [{from: 2024-01, value: "0.000001", source: 甲文}]}
  - {name: 戊, values: [{from: 2024-01, value: "1.295", source: 甲文}]}
  - {name: 己, values: [{from: 2024-01, value: "2.6", source: 甲文}]}
items:
`, 1)
		o := grant(t, load(t, pack), person("1950-01-01"), month.Of(2026, 11))
		got := ""
		if len(o.Grants) > 0 {
			got = o.Grants[0].Amount.String()
		}
		if got != want || (want == "") != (len(o.Zero) == 1) {
			t.Errorf("%s: %q, want %q; %+v", formula, got, want, o)
		}
	}
}

// What granted() gives is the rounded amount: what is deducted is what is paid.
func TestDeductionIsOfWhatIsPaid(t *testing.T) {
	pack := strings.Replace(ordered([]string{"甲", `1 - granted("1")`}), "items:\n", "rates:\n  - {name: 甲, values: [{from: 2024-01, value: \"0.335\", source: 甲文}]}\nitems:\n", 1)
	o := grant(t, load(t, pack), person("1950-01-01"), month.Of(2026, 11))
	if o.Grants[0].Amount != 34 || o.Grants[1].Amount != 66 {
		t.Errorf("%+v", o.Grants)
	}
}

// A formula that goes below zero is a mistake of the pack: it is never paid and never nothing.
func TestNegativeAmount(t *testing.T) {
	p := load(t, ordered([]string{"5 - 6"}))
	_, err := p.Grant(person("1950-01-01"), month.Of(2026, 11))
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "项目 1 算出负数 -1 元（2026-11）") {
		t.Errorf("got %v", err)
	}
	if _, err := p.Explain(person("1950-01-01"), month.Of(2026, 11)); !fault.Is(err, fault.Invalid) {
		t.Errorf("explain: %v", err)
	}
	if _, err := load(t, ordered([]string{"9000000000 * 9000000000"})).Grant(person("1950-01-01"), month.Of(2026, 11)); !fault.Is(err, fault.Invalid) {
		t.Errorf("beyond the limit: %v", err)
	}
}

// An amount among the facts that is none, left by another pack, is a sentence, not a panic.
func TestAmountThatIsNone(t *testing.T) {
	p := load(t, small)
	for _, value := range []string{"甲", "", "-1", "1e9", "1_0", "1.2345678", "99999999999999"} {
		d := person("1950-01-01", "机构", "甲院", "收费", value)
		if _, err := p.Grant(d, month.Of(2026, 11)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "事实“收费”") {
			t.Errorf("收费 %q: %v", value, err)
		}
		if _, err := p.Granter().Grant(d, month.Of(2026, 11)); !fault.Is(err, fault.Invalid) {
			t.Errorf("收费 %q, remembered: %v", value, err)
		}
	}
}

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
	say := func(texts ...Text) {
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
		if slices.ContainsFunc(g.Items, func(t Text) bool { return t.Value == code }) {
			for _, t := range g.Items {
				said += everythingSaid(p, t.Value, seen)
			}
		}
	}
	return said
}

// 核定金额: who is paid, when, and what is said when it is not paid.
func TestDeterminedAmounts(t *testing.T) {
	m := month.Of(2026, 11)
	award := roster.Award{Item: "3", Amount: 12345, First: m, Payee: "丙"}
	cases := []struct {
		name, pay string
		change    func(*roster.Award, *roster.Dossier)
		want      string
	}{
		{"named payee", "determined: true, payee: {determined: true}", nil, "丙 123.45"},
		{"no payee rule", "determined: true", nil, "本人 123.45"},
		{"fixed payee", "determined: true, payee: {name: 区医保局}", nil, "区医保局 123.45"},
		{"payee of a fact", "determined: true, needs: [机构], payee: {fact: 机构}", nil, "甲院 123.45"},
		{"none named", "determined: true, payee: {determined: true}", func(a *roster.Award, _ *roster.Dossier) { a.Payee = "" }, "本人 123.45"},
		{"none named, required", "determined: true, payee: {determined: true, required: true}", func(a *roster.Award, _ *roster.Dossier) { a.Payee = "" }, "本人 123.45 unnamed"},
		{"named, required", "determined: true, payee: {determined: true, required: true}", nil, "丙 123.45"},
		{"not begun", "determined: true", func(a *roster.Award, _ *roster.Dossier) { a.First = m + 1 }, ""},
		{"ended", "determined: true", func(a *roster.Award, _ *roster.Dossier) { a.First, a.Last = m-5, m-1 }, ""},
		{"last month", "determined: true", func(a *roster.Award, _ *roster.Dossier) { a.First, a.Last = m-5, m }, "本人 123.45"},
		{"open", "determined: true", func(a *roster.Award, _ *roster.Dossier) { a.First = m - 50 }, "本人 123.45"},
		{"first only, in it", "determined: true, first_only: true", nil, "本人 123.45"},
		{"first only, after it", "determined: true, first_only: true", func(a *roster.Award, _ *roster.Dossier) { a.First = m - 1 }, ""},
		{"of another item", "determined: true", func(a *roster.Award, _ *roster.Dossier) { a.Item = "1" }, ""},
		{"conditions fail", "determined: true", func(_ *roster.Award, d *roster.Dossier) { d.Facts = d.Facts[1:] }, "unmet"},
		{"conditions fail after its first month", "determined: true, first_only: true", func(a *roster.Award, d *roster.Dossier) { a.First, d.Facts = m-1, d.Facts[1:] }, ""},
		{"pay.when fails", "determined: true, when: [年龄 >= 99]", nil, "unmet"},
		{"pay.when holds", "determined: true, when: [年龄 >= 70]", nil, "本人 123.45"},
		{"dead", "determined: true", func(_ *roster.Award, d *roster.Dossier) { d.Died = (m - 1).First() }, "unmet"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, _ := change(t, small, "determined: true, payee: {determined: true}", c.pay)
			p := load(t, body)
			d, a := person("1950-01-01", "低保", "是", "机构", "甲院", "收费", "1.00"), award
			if c.change != nil {
				c.change(&a, d)
			}
			d.Awards = []roster.Award{a}
			o, got := grant(t, p, d, m), ""
			for _, g := range o.Grants {
				if g.Item == "3" {
					got = g.Payee + " " + g.Amount.String() + map[bool]string{true: " unnamed"}[g.Unnamed]
				}
			}
			if slices.Contains(o.Unmet, "3") {
				got += "unmet"
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Once a coverage year: granted in the first month of it in which the person qualifies.
func TestOnceAYear(t *testing.T) {
	body := strings.Replace(small, "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, once_a_year_from: 10, when: [低保]}", 1)
	p := load(t, body)
	paid := func(d *roster.Dossier) string {
		var all []string
		for m := month.Of(2025, 9); m <= month.Of(2026, 12); m++ {
			if strings.Contains(" "+itemsOf(grant(t, p, d, m))+" ", " 1 ") {
				all = append(all, m.String())
			}
		}
		return strings.Join(all, " ")
	}
	for name, c := range map[string]struct {
		change func(*roster.Dossier)
		want   string
	}{
		"always":                   {func(*roster.Dossier) {}, "2025-10 2026-10"},
		"from the middle":          {func(d *roster.Dossier) { d.Facts[0].Since = day("2026-02-01") }, "2026-02 2026-10"},
		"from the second of March": {func(d *roster.Dossier) { d.Facts[0].Since = day("2026-03-02") }, "2026-04 2026-10"},
		"80 in May":                {func(d *roster.Dossier) { d.Birth = day("1946-05-31") }, "2026-05 2026-10"},
		"until the year's end":     {func(d *roster.Dossier) { d.Facts[0].Until = day("2026-10-01") }, "2025-10 2026-10"},
		"ended":                    {func(d *roster.Dossier) { d.Facts[0].Until = day("2026-09-30") }, "2025-10"},
		"gone for the winter": {func(d *roster.Dossier) {
			d.MovedOut, d.MovedIn = day("2025-09-20"), day("2026-03-05")
		}, "2025-09 2026-04 2026-10"},
		"died": {func(d *roster.Dossier) { d.Died = day("2026-10-01") }, "2025-10 2026-10"},
	} {
		t.Run(name, func(t *testing.T) {
			d := person("1930-01-01", "低保", "是")
			d.Facts[0].Since = day("2020-10-01")
			c.change(d)
			got := strings.TrimPrefix(paid(d), "2025-09 ")
			want := strings.TrimPrefix(c.want, "2025-09 ")
			if got != want {
				t.Errorf("paid in %s, want %s", got, want)
			}
		})
	}
}

// How dated facts are read: the first day, any day, the day of death.
func TestReadings(t *testing.T) {
	m := month.Of(2026, 11)
	first, last := m.First(), m.Last()
	type record struct {
		value        string
		since, until month.Date
	}
	for name, c := range map[string]struct {
		records             []record
		first, any, ofDeath string // died on the 15th
	}{
		"before":                 {[]record{{"一", first - 30, first - 1}}, "", "", ""},
		"until the first":        {[]record{{"一", first - 30, first}}, "一", "一", ""},
		"from the first":         {[]record{{"一", first, 0}}, "一", "一", "一"},
		"from the second":        {[]record{{"一", first + 1, 0}}, "", "一", "一"},
		"on the last":            {[]record{{"一", last, 0}}, "", "一", ""},
		"after":                  {[]record{{"一", last + 1, 0}}, "", "", ""},
		"one day":                {[]record{{"一", first + 14, first + 14}}, "", "一", "一"},
		"changed":                {[]record{{"一", first - 30, first + 9}, {"二", first + 10, 0}}, "一", "二", "二"},
		"changed on the first":   {[]record{{"一", first - 30, first - 1}, {"二", first, 0}}, "二", "二", "二"},
		"changed after death":    {[]record{{"一", first - 30, first + 19}, {"二", first + 20, 0}}, "一", "二", "一"},
		"two of them, both past": {[]record{{"一", first - 30, first + 2}, {"二", first + 5, first + 8}}, "一", "二", ""},
		"three":                  {[]record{{"一", first - 30, first + 2}, {"二", first + 5, first + 8}, {"三", first + 9, first + 20}}, "一", "三", "三"},
	} {
		pack := strings.Replace(ordered([]string{"1"}), "facts: [", "facts: [{name: 等级, type: choice, values: [一, 二, 三]}, ", 1)
		p := load(t, pack)
		d := person("1950-01-01")
		for _, r := range c.records {
			d.Facts = append(d.Facts, roster.Fact{Name: "等级", Value: r.value, Since: r.since, Until: r.until})
		}
		for r, want := range map[reading]string{firstDay: c.first, anyDay: c.any, dayOfDeath: c.ofDeath} {
			died := clone(d)
			if r == dayOfDeath {
				died.Died = first + 14
			}
			got, err := newView(p, died, m, r).Value(p.names.slot["等级"])
			if err != nil || got.Text != want || got.Known != (want != "") {
				t.Errorf("%s, read %d: %q, want %q (%v)", name, r, got.Text, want, err)
			}
		}
		if got, _ := newView(p, d, m, dayOfDeath).Value(p.names.slot["等级"]); got.Known {
			t.Errorf("%s: the living have a day of death", name)
		}
	}
}

// Several values of one fact count together, also from several records.
func TestSeveralValues(t *testing.T) {
	p := load(t, small)
	m := month.Of(2026, 11)
	d := person("1950-01-01")
	d.Facts = []roster.Fact{
		{Name: "类别", Value: "智力", Since: m.First() - 10},
		{Name: "类别", Value: "精神、智力", Since: m.First() + 3, Until: m.First() + 5},
	}
	for r, want := range map[reading]string{firstDay: "智力", anyDay: "智力 精神 智力"} {
		got, err := newView(p, d, m, r).Value(p.names.slot["类别"])
		if err != nil || strings.Join(got.Texts, " ") != want {
			t.Errorf("read %d: %v, %v", r, got.Texts, err)
		}
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
