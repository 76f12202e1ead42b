package policy

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
)

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
