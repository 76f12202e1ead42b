package policy

import (
	"slices"
	"testing"

	"disburse/internal/month"
)

// TestUnconfirmedOfEveryRate: whoever approves is told of every value that is 待核定 and that the
// item's money may rest on in the month: of the first rate of the pack, of one by a fact,
// of one behind a derived name; of no other month and no other item.
func TestUnconfirmedOfEveryRate(t *testing.T) {
	t.Parallel()
	body, _ := change(t, small, "{from: 2025-01, value: 80, source: 乙文}", "{from: 2025-01, value: 80, source: 乙文, unconfirmed: 待文件}")
	body, _ = change(t, body, "when: 集中, value: 1, source: 甲文}", "when: 集中, value: 1, source: 甲文, unconfirmed: 待定}")
	body, _ = change(t, body, "is: 收费 - 1000, check", "is: 生活费, check")
	p := load(t, body)
	first, byFact := Unconfirmed{"标准", "", "80", "元/月", month.Of(2025, 1), "待文件"}, Unconfirmed{"供养倍数", "集中", "1", "", month.Of(2024, 1), "待定"}
	for _, c := range []struct {
		item string
		m    month.Month
		want []Unconfirmed
	}{
		{"1", month.Of(2024, 12), nil},
		{"1", month.Of(2025, 1), []Unconfirmed{first}},
		{"4-1", month.Of(2024, 12), []Unconfirmed{byFact}},
		{"4-1", month.Of(2025, 1), []Unconfirmed{byFact, first}},
		{"4-2", month.Of(2025, 1), []Unconfirmed{first}},
		{"3", month.Of(2025, 1), nil},
	} {
		got := p.UnconfirmedFor(c.item, c.m)
		if len(got) != len(c.want) {
			t.Errorf("item %s in %s: %+v", c.item, c.m, got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("item %s in %s: %+v, want %+v", c.item, c.m, got[i], c.want[i])
			}
		}
	}
}

// TestRatesOf: the rates behind an item, through what is derived; none whose name merely
// is a part of one that is.
func TestRatesOf(t *testing.T) {
	t.Parallel()
	const shorter = "rates:\n  - name: 津贴标准\n    unit: 元/月\n    values: [{from: 2024-01, value: 1, source: 试}]\n"
	body, _ := change(t, string(Builtin()), "rates:\n", shorter)
	p := load(t, body)
	for code, want := range map[string][]string{"11": {"高龄津贴标准"}, "12": {"百岁补贴标准"}, "17": nil} {
		var got []string
		for _, r := range p.RatesOf(code) {
			got = append(got, r.Name.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("item %s rests on %v, want %v", code, got, want)
		}
	}
	body, _ = change(t, string(Builtin()), "derived:\n", "derived:\n  - name: 应发津贴\n    is: 高龄津贴标准\n    source: 试\n")
	body, _ = change(t, body, "amount: 高龄津贴标准", "amount: 应发津贴")
	derived := load(t, body)
	if got := derived.RatesOf("11"); len(got) != 1 || got[0].Name.Value != "高龄津贴标准" {
		t.Errorf("through a derived name: %+v", got)
	}
}
