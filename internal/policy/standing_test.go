package policy

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// TestStanding: what an explanation of a change rests on: presence, months in force, once a
// year, who gives way to whom, and the 核定金额.
func TestStanding(t *testing.T) {
	t.Parallel()
	p, m := builtin(t), month.Of(2026, 11)
	both := []string{"低保", "是", "生活不能自理", "是", "残疾等级", "一级", "残疾类别", "肢体"}
	with := func(d *roster.Dossier, f func(*roster.Dossier)) *roster.Dossier { f(d); return d }
	for _, c := range []struct {
		name string
		d    *roster.Dossier
		item string
		want Standing
	}{
		{"granted", person("1944-01-01"), "11", Standing{Present: true, InForce: true}},
		{"dead", with(person("1944-01-01"), func(d *roster.Dossier) { d.Died = m.First() - 1 }), "11", Standing{InForce: true}},
		{"gives way", person("1956-01-01", both...), "23-2", Standing{Present: true, InForce: true, LosesTo: "16"}},
		{"is given way to", person("1956-01-01", both...), "16", Standing{Present: true, InForce: true, Beats: []string{"23-2"}}},
		{"once a year", person("1956-01-01", "特困", "分散", "医疗保险", "居民"), "18-2", Standing{Present: true, InForce: true, Once: true}},
		{"unknown to the pack", person("1944-01-01"), "99", Standing{}},
	} {
		got, err := p.Standing(c.d, m, c.item)
		if err != nil {
			t.Fatal(err)
		}
		if got.Code != c.item || got.Present != c.want.Present || got.InForce != c.want.InForce || got.Once != c.want.Once || got.LosesTo != c.want.LosesTo || !slices.Equal(got.Beats, c.want.Beats) || got.Award != nil {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	d := person("1956-01-01", "低保", "是")
	d.Awards = []roster.Award{{Item: "17", Amount: 100, First: m}, {Item: "18-5", Amount: 200, First: m}}
	if got, err := p.Standing(d, m, "17"); err != nil || got.Award == nil || got.Award.Amount != 100 {
		t.Errorf("with a 核定金额: %+v, %v", got, err)
	}
	if got, err := p.Standing(d, m, "6"); err != nil || got.Award != nil {
		t.Errorf("an item that pays nothing: %+v, %v", got, err)
	}
}

// TestStandingOfABrokenRule: a formula that comes out negative is an error, not a standing.
func TestStandingOfABrokenRule(t *testing.T) {
	t.Parallel()
	body, _ := change(t, small, "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准 - 100, fund: 资金}")
	if got, err := load(t, body).Standing(person("1940-01-01"), month.Of(2026, 11), "1"); err == nil || !strings.Contains(err.Error(), "负数") {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestReads tells the kinds of names apart, the first and the last of each in the pack.
func TestReads(t *testing.T) {
	t.Parallel()
	p := load(t, small)
	for name, want := range map[string]Reads{
		"年龄": ReadsAge, "低保": ReadsFact, "停发": ReadsFact, "困难": ReadsDerived, "生活费": ReadsDerived, "标准": ReadsRate, "探访": ReadsRate, "项目 1": ReadsOther, "核定金额": ReadsOther,
	} {
		if got := p.Reads(&Input{Name: name}); got != want {
			t.Errorf("%s reads %d, want %d", name, got, want)
		}
	}
	if got := p.Reads(&Input{Name: "名称", Item: "1"}); got != ReadsItem {
		t.Errorf("the amount of another item reads %d", got)
	}
	for name, want := range map[string]string{"标准": "元/月", "低保": "", "困难": "", "分档": ""} {
		if got := p.UnitOf(name); got != want {
			t.Errorf("unit of %s is %q", name, got)
		}
	}
}

// TestDeathOnTheLastDay: what is read on the day of death counts a death on any day of the
// month, the last one too, and none of the next.
func TestDeathOnTheLastDay(t *testing.T) {
	t.Parallel()
	p, m := builtin(t), month.Of(2026, 11)
	for died, want := range map[month.Date]string{m.First(): "18-4", m.Last(): "18-4", m.Last() + 1: ""} {
		d := person("1950-01-01", "特困", "分散")
		d.Died, d.Awards = died, []roster.Award{{Item: "18-4", Amount: 300000, First: m, Payee: "甲某"}}
		got := ""
		for _, g := range grant(t, p, d, m).Grants {
			if g.Item == "18-4" && g.Payee == "甲某" && !g.Unnamed {
				got = g.Item
			}
		}
		if got != want {
			t.Errorf("died %s: granted %q", died, got)
		}
	}
}

// TestLimitsArrears: whether any item limits arrears decides how far a run must remember what
// it found.
func TestLimitsArrears(t *testing.T) {
	t.Parallel()
	if builtin(t).LimitsArrears() {
		t.Error("the built-in pack limits no arrears")
	}
	body, _ := change(t, small, "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, arrears_months: 1}")
	if !load(t, body).LimitsArrears() {
		t.Error("one month is a limit")
	}
}

// TestOverlappingRecords: the roster refuses them, but should two records of a single choice
// ever hold on one day, the later one counts and nothing breaks.
func TestOverlappingRecords(t *testing.T) {
	t.Parallel()
	p, m := builtin(t), month.Of(2026, 11)
	d := person("1956-01-01", "经济困难认定", "是", "失能等级", "轻度失能")
	d.Facts = append(d.Facts, roster.Fact{Name: "失能等级", Value: "重度失能", Since: m.First() - 40})
	if got := itemsOf(grant(t, p, d, m)); got != "16" {
		t.Errorf("granted %q", got)
	}
}
