package lang_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/policy/lang"
)

// The constructs that packs may use, with what is found out about each.
func TestAccepted(t *testing.T) {
	cases := []struct {
		source string
		known  []string
		want   lang.Expr // Type 0 stands for a condition
	}{
		{"低保", nil, lang.Expr{Names: known("低保"), Knows: known("低保")}},
		{"not 低保", nil, lang.Expr{Names: known("低保")}},
		{"((低保))", nil, lang.Expr{Names: known("低保"), Knows: known("低保")}},
		{"低保 and 低保边缘", nil, lang.Expr{Names: known("低保", "低保边缘"), Knows: known("低保", "低保边缘")}},
		{"低保 or 低保边缘", nil, lang.Expr{Names: known("低保", "低保边缘")}},
		{"低保 or 低保 and 低保边缘", nil, lang.Expr{Names: known("低保", "低保边缘"), Knows: known("低保")}},
		{"not (低保 and 低保边缘)", nil, lang.Expr{Names: known("低保", "低保边缘")}},
		{"年龄 >= 80", nil, lang.Expr{Names: known("年龄"), Ages: []int{80}}},
		{"年龄 >= 80 and 年龄 <= 99", nil, lang.Expr{Names: known("年龄"), Ages: []int{80, 99}}},
		{"年龄 == 80 or 年龄 != 7", nil, lang.Expr{Names: known("年龄"), Ages: []int{80, 7}}},
		{"年龄 < 80", nil, lang.Expr{Names: known("年龄"), Ages: []int{80}}},
		{"年龄 > 80", nil, lang.Expr{Names: known("年龄"), Ages: []int{80}}},
		{`特困 == "分散"`, nil, lang.Expr{Names: known("特困"), Knows: known("特困")}},
		{`not (特困 == "分散")`, nil, lang.Expr{Names: known("特困")}},
		{`特困 in ["分散", "集中"]`, nil, lang.Expr{Names: known("特困"), Knows: known("特困")}},
		{`特困 in ["分散"]`, nil, lang.Expr{Names: known("特困"), Knows: known("特困")}},
		{`not (特困 in ["分散"])`, nil, lang.Expr{Names: known("特困")}},
		{`"精神" in 残疾类别`, nil, lang.Expr{Names: known("残疾类别"), Knows: known("残疾类别")}},
		{`not ("精神" in 残疾类别)`, nil, lang.Expr{Names: known("残疾类别")}},
		{"known(特困)", nil, lang.Expr{Names: known("特困"), Knows: known("特困")}},
		{"not known(特困)", nil, lang.Expr{Names: known("特困")}},
		{"known(残疾类别) and known(机构月收费)", nil, lang.Expr{Names: known("残疾类别", "机构月收费"), Knows: known("残疾类别", "机构月收费")}},
		{`known(特困) and 特困 != "分散"`, nil, lang.Expr{Names: known("特困"), Knows: known("特困", "特困")}},
		{`known(特困) and 特困 not in ["分散"]`, nil, lang.Expr{Names: known("特困"), Knows: known("特困")}},
		{`known(残疾类别) and "精神" not in 残疾类别`, nil, lang.Expr{Names: known("残疾类别"), Knows: known("残疾类别")}},
		{`特困 != "分散"`, known("特困"), lang.Expr{Names: known("特困"), Knows: known("特困")}},
		{`特困 not in ["分散"]`, known("特困"), lang.Expr{Names: known("特困")}},
		{`"精神" not in 残疾类别`, known("残疾类别"), lang.Expr{Names: known("残疾类别")}},
		{"机构月收费 != 低保标准", known("机构月收费"), lang.Expr{Names: known("机构月收费", "低保标准"), Knows: known("机构月收费")}},
		{"机构月收费 > 0", nil, lang.Expr{Names: known("机构月收费"), Knows: known("机构月收费")}},
		{"低保标准 > 0", nil, lang.Expr{Names: known("低保标准")}},
		{"机构月收费 > 低保月金额", nil, lang.Expr{Names: known("机构月收费", "低保月金额"), Knows: known("机构月收费", "低保月金额")}},
		{"机构月收费 > 机构月收费 - 1", nil, lang.Expr{Names: known("机构月收费"), Knows: known("机构月收费")}},
		{"known(机构月收费) and 机构月收费 + 1 > 2", nil, lang.Expr{Names: known("机构月收费"), Knows: known("机构月收费")}},
		{"known(机构月收费) and 低保标准 < 机构月收费 + 1", nil, lang.Expr{Names: known("机构月收费", "低保标准"), Knows: known("机构月收费")}},
		{"known(自理能力) and 照料护理倍数 > 1", nil, lang.Expr{Names: known("自理能力", "照料护理倍数"), Knows: known("自理能力")}},
		{`自理能力 == "半自理" and 照料护理倍数 > 1`, nil, lang.Expr{Names: known("自理能力", "照料护理倍数"), Knows: known("自理能力")}},
		{"照料护理倍数 > 1", known("自理能力"), lang.Expr{Names: known("照料护理倍数")}},
		{`granted("18-1") > 0`, nil, lang.Expr{Items: known("18-1")}},
		{`入住机构 == "任意名称"`, nil, lang.Expr{Names: known("入住机构"), Knows: known("入住机构")}},
		{"60 > 50", nil, lang.Expr{}},
		{"㐂 and 𠮷", nil, lang.Expr{Names: known("㐂", "𠮷"), Knows: known("㐂", "𠮷")}},
		{"低保　and　低保边缘", nil, lang.Expr{Names: known("低保", "低保边缘"), Knows: known("低保", "低保边缘")}},
		{"低保\n  and\r\n\t低保边缘\n", nil, lang.Expr{Names: known("低保", "低保边缘"), Knows: known("低保", "低保边缘")}},
		{"年龄>=80", nil, lang.Expr{Names: known("年龄"), Ages: []int{80}}},

		{"70", nil, lang.Expr{Type: lang.Number}},
		{"0", nil, lang.Expr{Type: lang.Number}},
		{"低保标准", nil, lang.Expr{Type: lang.Number, Names: known("低保标准")}},
		{"标准_2025 * 2", nil, lang.Expr{Type: lang.Number, Names: known("标准_2025")}},
		{"分散供养倍数 * 低保标准 + 10 - 低保标准", nil, lang.Expr{Type: lang.Number, Names: known("分散供养倍数", "低保标准")}},
		{"max(0, min(低保标准, 100, 分散供养倍数))", nil, lang.Expr{Type: lang.Number, Names: known("低保标准", "分散供养倍数")}},
		{`granted("18-1") + granted("23-1") - granted("18-1")`, nil, lang.Expr{Type: lang.Number, Items: known("18-1", "23-1")}},
		{"机构月收费 - 低保月金额", known("机构月收费", "低保月金额"), lang.Expr{Type: lang.Number, Names: known("机构月收费", "低保月金额")}},
		{"照料护理倍数 * 低保标准", known("自理能力"), lang.Expr{Type: lang.Number, Names: known("照料护理倍数", "低保标准")}},
		{"照料护理倍数", known("照料护理倍数"), lang.Expr{Type: lang.Number, Names: known("照料护理倍数")}},
	}
	for _, c := range cases {
		want := c.want
		want.Source, want.AgeOnlyCompared = c.source, true
		if want.Type == 0 {
			want.Type = lang.Bool
		}
		for _, asked := range []lang.Type{want.Type, 0} { // 0: it must find out by itself
			got, errs := lang.Compile(c.source, scope{}, c.known, asked)
			if len(errs) > 0 {
				t.Errorf("%s: %v", c.source, errs)
				continue
			}
			if diff := cmp.Diff(describe(&want), describe(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.source, diff)
			}
		}
	}
}

// describe is what an expression says of itself; none and nothing are the same.
func describe(x *lang.Expr) []any {
	return []any{x.Source, x.Type, strings.Join(x.Names, " "), strings.Join(x.Items, " "), strings.Join(x.Knows, " "), append([]int{}, x.Ages...), x.AgeOnlyCompared}
}

// What stands in quotation marks is text, whatever it looks like.
func TestTextsAreTakenAsTheyStand(t *testing.T) {
	for literal, want := range map[string]string{
		`"甲 // 乙"`:              "甲 // 乙",
		`"甲 # 乙"`:               "甲 # 乙",
		`"甲 /* 乙 */"`:           "甲 /* 乙 */",
		`"a && b || !c | d"`:    "a && b || !c | d",
		`"1.30 0x10 1_000 .5"`:  "1.30 0x10 1_000 .5",
		`"1 < 2 < 3"`:           "1 < 2 < 3",
		`"it's ` + "`so`" + `"`: "it's `so`",
		`"说\"好\""`:              `说"好"`,
		`"\\"`:                  `\`,
		`"\\\""`:                `\"`,
		`"a;b ? c : d .. ::"`:   "a;b ? c : d .. ::",
		`""`:                    "",
		`"\u4e2d"`:              "中",
	} {
		x := compile(t, "入住机构 == "+literal, lang.Bool)
		for _, value := range []string{want, want + "x"} {
			got, err := x.Holds(env{values: values("入住机构", text(value))})
			if err != nil || got != (value == want) {
				t.Errorf("入住机构 == %s for %q: %v, %v", literal, value, got, err)
			}
		}
	}
}

// Age is only compared with whole numbers unless arithmetic or a name is involved:
// then every year may matter.
func TestAgeOnlyCompared(t *testing.T) {
	for source, want := range map[string]bool{
		"年龄 >= 60":                   true,
		"年龄 >= 60 and 年龄 < 80":       true,
		"低保":                         true,
		"60 <= 年龄":                   false,
		"年龄 >= 低保标准":                 false,
		"年龄 + 1 >= 60":               false,
		"年龄 >= 60 and 3 < 年龄":        false,
		"3 < 年龄 and 年龄 >= 60":        false,
		"年龄 >= 60 and 年龄 > 年龄 - 1":   false,
		"年龄 > 年龄":                    false,
		"max(年龄, 3) > 4":             false,
		"年龄 >= 60 or 低保标准 * 年龄 > 60": false,
	} {
		if x := compile(t, source, lang.Bool); x.AgeOnlyCompared != want {
			t.Errorf("%s: AgeOnlyCompared %v, want %v", source, x.AgeOnlyCompared, want)
		}
	}
	if x := compile(t, "年龄", lang.Number); x.AgeOnlyCompared {
		t.Error("an amount of 年龄 only compares it")
	}
}

func TestNamesIn(t *testing.T) {
	for source, want := range map[string]string{
		`甲 or 乙 in ["丙"] and "丁" in 戊 and known(甲)`: "甲 乙 戊 known",
		`max(甲, granted("18-1")) > 0`:               "甲 granted",
		`甲 and`:                                     "",
		``:                                          "",
		strings.Repeat("(", 1_000_000):              "",
	} {
		if got := strings.Join(lang.NamesIn(source), " "); got != want {
			t.Errorf("NamesIn(%.40s) = %q, want %q", source, got, want)
		}
	}
}
