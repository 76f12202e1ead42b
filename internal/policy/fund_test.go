package policy

import (
	"strings"
	"testing"
)

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
