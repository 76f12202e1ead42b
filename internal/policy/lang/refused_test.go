package lang_test

import (
	"strings"
	"testing"

	"disburse/internal/policy/lang"
)

// refusal is a source with the one error it must give. A caret in the source, which is
// taken out, marks the place.
type refusal struct {
	source, sentence string
}

func refuse(t *testing.T, want lang.Type, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		before, after, marked := strings.Cut(c.source, "‸")
		if !marked {
			t.Fatalf("%q has no mark", c.source)
		}
		line := strings.Count(before, "\n") + 1
		col := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
		source := before + after
		x, errs := lang.Compile(source, scope{}, nil, want)
		if x != nil || len(errs) != 1 {
			t.Errorf("%s: got %v, want one error …%s…", source, errs, c.sentence)
			continue
		}
		if e := errs[0]; e.Line != line || e.Col != col || !strings.Contains(e.Sentence, c.sentence) {
			t.Errorf("%s: got %v, want %d:%d …%s…", source, e, line, col, c.sentence)
		}
	}
}

// The traps of the parser, closed by name: what it takes but reads otherwise than people do.
func TestTraps(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{`‸not 特困 == "分散"`, "not 会先与紧跟的名称结合"},
		{`特困 == ‸not 低保`, "not 会先与紧跟的名称结合"},
		{`低保 and ‸not 年龄 >= 60`, "not 会先与紧跟的名称结合"},
		{`not 特困 ‸in ["分散"]`, "“in”请写成"},
		{`not "精神" ‸in 残疾类别`, "“in”请写成"},
		{"年龄 >= ‸1.30", "十进制整数"},
		{"年龄 >= ‸1.", "十进制整数"},
		{"年龄 >= ‸.5", "十进制整数"},
		{"年龄 >= ‸0x10", "十进制整数"},
		{"年龄 >= ‸0b1", "十进制整数"},
		{"年龄 >= ‸0o7", "十进制整数"},
		{"年龄 >= ‸1_000", "十进制整数"},
		{"年龄 >= ‸1e3", "十进制整数"},
		{"‸1E3 < 年龄", "十进制整数"},
		{"年龄 >= ‸060", "不能以 0 开头"},
		{"年龄>=‸060", "不能以 0 开头"},
		{"‸60 <= 年龄 <= 80", "不能连续比较"},
		{"(60) <= 年龄 ‸<= 80", "不能连续比较"},
		{"60 <= (年龄) ‸<= 80", "不能连续比较"},
		{`低保 and ‸特困 == "分散" == "集中"`, "不能连续比较"},
		{"年龄 >= 60 ‸// 满六十", "不能写注释"},
		{"年龄 >= 60 ‸# 满六十", "不能写注释"},
		{"年龄 >= 60 ‸/* 满六十 */", "不能写注释"},
		{"年龄 >= 60 and\n  ‸// 满六十\n  低保", "不能写注释"},
		{"18‸-1", "不支持运算符“-”"},
		{"granted(18‸-1)", "条件中只能调用 known"},
	}[:25])
	refuse(t, lang.Bool, []refusal{
		{"‸granted(18-1) > 0", "granted 要写一个带引号的项目编号"},
	})
	refuse(t, lang.Number, []refusal{
		{"‸granted(18-1)", "granted 要写一个带引号的项目编号"},
		{"‸1.3 * 低保标准", "十进制整数"},
		{"低保标准 * ‸1.3", "十进制整数"},
		{"低保标准 * ‸01", "不能以 0 开头"},
	})
}

// Absent values: what would surprise needs its guard, on the same line and before it.
func TestUnguarded(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{`‸特困 != "分散"`, "请先写 known(特困)"},
		{`‸特困 not in ["分散"]`, "请先写 known(特困)"},
		{`"精神" not in ‸残疾类别`, "请先写 known(残疾类别)"},
		{`known(特困) or ‸特困 != "分散"`, "请先写 known(特困)"},
		{`not known(特困) and ‸特困 != "分散"`, "请先写 known(特困)"},
		{`‸特困 != "分散" and known(特困)`, "请先写 known(特困)"},
		{`(known(特困) or 低保) and ‸特困 != "分散"`, "请先写 known(特困)"},
		{`(known(特困) or 特困 in ["分散"]) and 低保 and known(自理能力) and ‸残疾类别 != "分散"`, "请先写 known(残疾类别)"},
		{"‸机构月收费 != 0", "请先写 known(机构月收费)"},
		{"0 != ‸机构月收费", "请先写 known(机构月收费)"},
		{"‸机构月收费 + 1 > 0", "请先写 known(机构月收费)"},
		{"known(低保月金额) and 低保标准 < 低保月金额 + ‸机构月收费", "请先写 known(机构月收费)"},
		{"‸照料护理倍数 > 1", "请先写 known(自理能力)"},
		{"‸照料护理倍数 != 1", "请先写 known(自理能力)"},
		{"known(特困) and ‸照料护理倍数 > 1", "请先写 known(自理能力)"},
	}[:7])
	refuse(t, lang.Bool, []refusal{
		{"‸机构月收费 + 1 > 0", "请先写 known(机构月收费)"},
		{"known(低保月金额) and 低保标准 < 低保月金额 + ‸机构月收费", "请先写 known(机构月收费)"},
		{"‸照料护理倍数 > 1", "请先写 known(自理能力)"},
		{"known(特困) and ‸照料护理倍数 > 1", "请先写 known(自理能力)"},
	})
	refuse(t, lang.Number, []refusal{
		{"‸机构月收费", "请先写 known(机构月收费)，或列入 needs"},
		{"低保标准 - ‸机构月收费", "请先写 known(机构月收费)，或列入 needs"},
		{"max(0,\n    ‸机构月收费)", "请先写 known(机构月收费)，或列入 needs"},
		{"‸照料护理倍数 * 低保标准", "请先写 known(自理能力)，或列入 needs"},
	})
}
