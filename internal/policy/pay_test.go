package policy

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
)

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
