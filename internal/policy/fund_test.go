package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
)

func share(payer, percent string) Share {
	return Share{Payer: Text{Value: payer}, Percent: Decimal{Value: percent}}
}

func TestSplitGivesTheRestToTheLastPayer(t *testing.T) {
	t.Parallel()
	f := &Fund{Shares: []Share{share("中央", "33.3"), share("省", "33.3"), share("市", "33.4"), share("区", "0")}}
	got := f.Split(100)
	want := []money.Fen{33, 33, 34, 0}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("100 分 split into %v, want %v", got, want)
		}
	}
	if got := f.Split(-101); got[0] != -33 || got[2] != -35 || got[3] != 0 {
		t.Errorf("-101 分 split into %v", got)
	}
}

// A fund of which nothing is known yet divides nothing, and a 资金拨付申请 is still written.
func TestSplitWithoutShares(t *testing.T) {
	t.Parallel()
	if got := (&Fund{}).Split(100); len(got) != 0 {
		t.Errorf("parts %v", got)
	}
}

// The last band has no upper end; every other one ends with its last full year.
func TestClearingSpan(t *testing.T) {
	t.Parallel()
	for ages, want := range map[string][2]int{"80-89": {80, 89}, "100-": {100, 999}, "0-0": {0, 0}, "200-200": {200, 200}} {
		if from, to := (&ClearingBand{Ages: Text{Value: ages}}).Span(); from != want[0] || to != want[1] {
			t.Errorf("%s is %d to %d", ages, from, to)
		}
	}
}

func TestSplitAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(0, 10000).Draw(t, "first")
		second := rapid.IntRange(0, 10000-first).Draw(t, "second")
		f := &Fund{}
		for i, n := range []int{first, second, 10000 - first - second} {
			f.Shares = append(f.Shares, share(string(rune('甲'+i)), money.Fen(n).String()))
		}
		a := money.Fen(rapid.Int64Range(-1e14, 1e14).Draw(t, "fen"))
		sum := money.Fen(0)
		for _, part := range f.Split(a) {
			sum += part
		}
		if sum != a {
			t.Fatalf("%d is split into parts of %d", a, sum)
		}
	})
}

func TestFundAndClearingProblems(t *testing.T) {
	t.Parallel()
	const fund = "{name: 高龄津贴资金, shares: [{payer: 中央, percent: 0}, {payer: 省, percent: 0}, {payer: 市, percent: 0}, {payer: 区, percent: 100}], unconfirmed: 各级分担比例待核定，暂全列区级}"
	for _, c := range []struct{ old, new, want string }{
		{fund, strings.Replace(fund, "percent: 100", `percent: "99.9"`, 1), "各方比例合计 99.9，应为 100"},
		{fund, strings.Replace(fund, "payer: 省", "payer: 中央", 1), "承担方“中央”重复"},
		{fund, strings.Replace(fund, "name: 高龄津贴资金", "name: 高龄资金", 1), "没有项目的 fund 是“高龄资金”"},
		{fund, strings.Replace(fund, ", unconfirmed: 各级分担比例待核定，暂全列区级", "", 1), "要写 source"},
		{`  items: ["11", "12"]` + "\n  fact: 低保", `  items: ["11", "9"]` + "\n  fact: 低保", "清算的项目“9”不在清单中，或不发钱"},
		{"  fact: 低保\n  source", "  fact: 特困\n  source", "清算按是否有“特困”分标准，facts 里要有这个 flag 类事实"},
		{"{ages: 90-99,", "{ages: 89-99,", "年龄段要从小到大"},
		{"{ages: 100-,", "{ages: 百岁,", "ages 应为年龄段"},
		{"low_income: 150,", `low_income: "150.005",`, "最多两位小数"},
		{"{ages: 100-, low_income: 150, other: 150}", "{ages: 100-, low_income: 150}", "要写 low_income 和 other"},
	} {
		text := string(Builtin())
		if !strings.Contains(text, c.old) {
			t.Fatalf("the built-in pack lacks %q", c.old)
		}
		_, err := Load([]byte(strings.Replace(text, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.want, err)
		}
	}
}
