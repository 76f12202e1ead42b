package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/month"
)

// Values of a rate in time: no month with none, none with two.
func TestRateMonths(t *testing.T) {
	cases := []struct{ name, values, sentence string }{
		{"one", "{from: 2024-01, value: 1}", ""},
		{"closed by the next", "{from: 2024-01, value: 1}, {from: 2025-01, value: 2}", ""},
		{"closed by itself", "{from: 2024-01, to: 2024-12, value: 1}, {from: 2025-01, value: 2}", ""},
		{"in any order", "{from: 2025-01, value: 2}, {from: 2024-01, value: 1}", ""},
		{"ended", "{from: 2024-01, to: 2024-12, value: 1}", ""},
		{"one month", "{from: 2024-01, to: 2024-01, value: 1}, {from: 2024-02, value: 2}", ""},
		{"gap of a month", "{from: 2024-01, to: 2024-11, value: 1}, {from: ‸2025-01, value: 2}", "从 2024-12 到 2024-12 没有值"},
		{"gap of a year", "{from: 2024-01, to: 2024-12, value: 1}, {from: ‸2026-01, value: 2}", "从 2025-01 到 2025-12 没有值"},
		{"gap out of order", "{from: ‸2026-01, value: 2}, {from: 2024-01, to: 2024-12, value: 1}", "从 2025-01 到 2025-12 没有值"},
		{"overlap of a month", "{from: 2024-01, to: 2025-01, value: 1}, {from: ‸2025-01, value: 2}", "在 2025-01 有两个值"},
		{"overlap of years", "{from: 2024-01, to: 2030-12, value: 1}, {from: ‸2025-01, value: 2}", "在 2025-01 有两个值"},
		{"same beginning", "{from: 2024-01, value: 1}, {from: ‸2024-01, value: 2}", "有两个值都从 2024-01 起"},
		{"same beginning, one ended", "{from: 2024-01, to: 2024-12, value: 1}, {from: ‸2024-01, value: 2}", "有两个值都从 2024-01 起"},
		{"ends before it begins", "{from: 2024-01, value: 1}, {from: ‸2025-01, to: 2024-12, value: 2}", "起始月晚于终止月"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rateValues(t, "", c.values, c.sentence)
		})
	}
}

// rateValues loads a pack with one more rate and wants the one problem, or none.
func rateValues(t *testing.T, by, values, sentence string) {
	t.Helper()
	rate := "  - name: 新标准\n" + by + "    values: [" + strings.ReplaceAll(values, "}", ", source: 甲文}") + "]\nderived:\n"
	body, at := change(t, small, "derived:\n", rate)
	if sentence == "" {
		load(t, body)
		return
	}
	wants(t, problems(t, body), at, sentence)
}

// What a rate depends on: every case has its values, no case has two.
func TestRateCases(t *testing.T) {
	cases := []struct{ name, by, values, sentence string }{
		{"bands", "年龄", "{from: 2024-01, when: 80-, value: 2}, {from: 2024-01, when: 60-79, value: 1}", ""},
		{"bands from different months", "年龄", "{from: 2024-01, when: 80-, value: 2}, {from: 2025-01, when: 60-79, value: 1}", ""},
		{"a band ends and two take over", "年龄", "{from: 2024-01, to: 2024-12, when: 80-, value: 2}, {from: 2025-01, when: 80-89, value: 2}, {from: 2025-01, when: 90-, value: 3}", ""},
		{"bands touch", "年龄", "{from: 2024-01, when: 80-, value: 2}, {from: 2024-01, when: ‸60-80, value: 1}", "年龄段“60-80”与“80-”重叠"},
		{"band within a band", "年龄", "{from: 2024-01, when: 60-, value: 2}, {from: 2024-01, when: ‸70-75, value: 1}", "年龄段“70-75”与“60-”重叠"},
		{"two open bands", "年龄", "{from: 2024-01, when: 60-, value: 2}, {from: 2024-01, when: ‸80-, value: 1}", "重叠"},
		{"bands overlap later", "年龄", "{from: 2024-01, to: 2025-01, when: 80-, value: 2}, {from: 2025-01, when: ‸80-89, value: 1}", "重叠"},
		{"gap within a band", "年龄", "{from: 2024-01, to: 2024-11, when: 80-, value: 2}, {from: ‸2025-01, when: 80-, value: 1}", "从 2024-12 到 2024-12 没有值"},
		{"choice", "供养", "{from: 2024-01, when: 分散, value: 2}, {from: 2024-01, when: 集中, value: 1}", ""},
		{"choice missing", "供养", "{from: 2024-01, when: 分散, value: 2}", "缺少“集中”的值"},
		{"choice twice", "供养", "{from: 2024-01, when: 分散, value: 2}, {from: 2024-01, when: 集中, value: 1}, {from: ‸2024-01, when: 集中, value: 3}", "有两个值都从 2024-01 起"},
		{"flag fact", "低保", "{from: 2024-01, when: 是, value: 2}, {from: 2024-01, when: 否, value: 1}", ""},
		{"flag derived", "困难", "{from: 2024-01, when: 是, value: 2}, {from: 2024-01, when: 否, value: 1}", ""},
		{"flag missing", "低保", "{from: 2024-01, when: 是, value: 2}", "要有“是”和“否”两种情形"},
		{"gap within a case", "低保", "{from: 2024-01, to: 2024-06, when: 是, value: 2}, {from: ‸2024-08, when: 是, value: 3}, {from: 2024-01, when: 否, value: 1}", "从 2024-07 到 2024-07 没有值"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			by := "    by: " + c.by + "\n"
			if c.sentence != "" && !strings.Contains(c.values, "‸") { // what is missing is missing from the rate
				rate := "  - name: ‸新标准\n" + by + "    values: [" + strings.ReplaceAll(c.values, "}", ", source: 甲文}") + "]\nderived:\n"
				body, at := change(t, small, "derived:\n", rate)
				wants(t, problems(t, body), at, c.sentence)
				return
			}
			rateValues(t, by, c.values, c.sentence)
		})
	}
}

// Versions of a derived name follow one another without gap or overlap.
func TestDerivedVersions(t *testing.T) {
	for name, c := range map[string]struct{ is, sentence string }{
		"one":               {"[{from: 2024-01, is: 低保}]", ""},
		"two":               {"[{to: 2024-12, is: 低保}, {from: 2025-01, is: known(供养)}]", ""},
		"out of order":      {"[{from: 2025-01, is: known(供养)}, {to: 2024-12, is: 低保}]", ""},
		"gap":               {"[{to: 2024-12, is: 低保}, {from: ‸2025-03, is: known(供养)}]", "从 2025-01 到 2025-02 没有有效的版本"},
		"overlap":           {"[{to: 2025-01, is: 低保}, {from: ‸2025-01, is: known(供养)}]", "在 2025-01 有两个版本"},
		"two without end":   {"[{from: 2024-01, is: 低保}, {from: ‸2025-01, is: known(供养)}]", "在 2025-01 有两个版本"},
		"two without dates": {"[低保, ‸known(供养)]", "有两个版本"},
		"backward":          {"[{from: ‸2025-02, to: 2025-01, is: 低保}]", "起始月晚于终止月"},
	} {
		t.Run(name, func(t *testing.T) {
			body, at := change(t, small, "derived:\n", "derived:\n  - name: 新\n    is: "+c.is+"\n")
			if c.sentence == "" {
				load(t, body)
				return
			}
			wants(t, problems(t, body), at, c.sentence)
		})
	}
}

// Derived names that use each other, directly or through a rate, are a circle.
func TestDerivedCircles(t *testing.T) {
	body, _ := change(t, small, "derived:\n", "derived:\n  - {name: 甲, is: 乙}\n  - {name: 乙, is: 丙 or 低保}\n  - {name: 丙, is: 甲}\n")
	_, at := change(t, body, "{name: 丙, is: 甲}", "{name: 丙, is: ‸甲}")
	wants(t, problems(t, body), at, "派生“丙”与“甲”互相引用，成了循环")

	// 困难 decides the rate 探访: it cannot rest on it.
	body, at = change(t, small, "is: 低保 or known(供养)", "is: ‸探访 > 1")
	wants(t, problems(t, body), at, "派生“困难”与“探访”互相引用，成了循环")

	// In any order of the file, without a circle.
	load(t, strings.Replace(small, "derived:\n", "derived:\n  - {name: 甲, is: 乙 and 探访 > 1}\n  - {name: 乙, is: 困难}\n", 1))
}

// Before its first value, and after its last, a rate has none: no line, and a gap that
// names it.
func TestMonthsWithoutRate(t *testing.T) {
	p := load(t, strings.Replace(small, "{from: 2025-01, value: 80, source: 乙文}", "{from: 2025-01, to: 2025-12, value: 80, source: 乙文}", 1))
	d := person("1930-01-01")
	for m := month.Of(2023, 11); m <= month.Of(2026, 2); m++ {
		o := grant(t, p, d, m)
		if valued := m.Year() == 2024 || m.Year() == 2025; valued {
			want := map[int]string{2024: "70.00", 2025: "80.00"}[m.Year()]
			if len(o.Grants) != 1 || o.Grants[0].Amount.String() != want || len(o.Gaps) > 0 {
				t.Errorf("%s: %+v", m, o)
			}
			continue
		}
		want := []Gap{{Item: "1", Rate: "标准"}}
		if m.Year() == 2023 { // the visits have no rate either, and their list still names the person
			want = append(want, Gap{Item: "2", Rate: "探访"})
		}
		if diff := cmp.Diff(want, o.Gaps, cmpopts.IgnoreFields(Gap{}, "Sentence")); diff != "" || len(o.Grants) > 0 || len(o.Listings) != 1 {
			t.Errorf("%s: %+v\n%s", m, o, diff)
		}
		if want := "标准“标准”在 " + m.String() + " 没有值，无法计算"; o.Gaps[0].Sentence != want {
			t.Errorf("%s: %s", m, o.Gaps[0].Sentence)
		}
	}
	// What asks for an item with a gap has one too, and one that needs no rate does not.
	o := grant(t, p, person("1930-01-01", "机构", "甲院", "收费", "500.00"), month.Of(2023, 12))
	if len(o.Gaps) != 2 || o.Gaps[1].Item != "4-2" || o.Gaps[1].Rate != "标准" {
		t.Errorf("gaps %+v", o.Gaps)
	}
	o = grant(t, p, person("1950-01-01", "机构", "甲院", "收费", "500.00"), month.Of(2023, 12))
	if len(o.Gaps) != 0 || len(o.Grants) != 1 || o.Grants[0].Amount != 50000 {
		t.Errorf("%+v", o)
	}
}
