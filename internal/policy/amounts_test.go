package policy

import (
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
)

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
