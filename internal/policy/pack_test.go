package policy

import (
	"errors"
	"strings"
	"testing"
)

func builtin(t testing.TB) *Pack {
	t.Helper()
	p, err := Load(Builtin())
	if err != nil {
		t.Fatalf("built-in pack:\n%v", err)
	}
	return p
}

// TestBuiltinExamples runs the golden cases of the pack itself.
func TestBuiltinExamples(t *testing.T) {
	p := builtin(t)
	if len(p.File.Examples) < 40 {
		t.Errorf("only %d examples", len(p.File.Examples))
	}
	for _, f := range p.Test() {
		t.Error(f)
	}
}

// edit replaces text in the built-in pack, which must be there.
func edit(t *testing.T, old, with string) []byte {
	t.Helper()
	if !strings.Contains(string(Builtin()), old) {
		t.Fatalf("the pack has no %q", old)
	}
	return []byte(strings.Replace(string(Builtin()), old, with, 1))
}

// lineOf finds where text stands, as a problem must say it.
func lineOf(body []byte, text string) Pos {
	before, _, _ := strings.Cut(string(body), text)
	line := strings.Count(before, "\n") + 1
	col := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return Pos{line, col}
}

func TestCheckReportsPlaceAndReason(t *testing.T) {
	cases := []struct {
		name, old, with string
		at              string // text that the problem must point at
		sentence        string
	}{
		{"unknown name", "      - 经济困难\n    unless", "      - 经挤困难\n    unless", "经挤困难", "不认识的名称“经挤困难”"},
		{"unknown key", "list: changes", "lisst: changes", "lisst", "不认识的键"},
		{"wrong type", "- 行动不便\n", "- 特困\n", "特困\n    list: full\n  - code: \"8\"", "不能单独作条件"},
		{"float", `value: "1.3", floor`, `value: 1.3, floor`, "1.3, floor", "浮点数"},
		{"float in expression", "分散供养倍数 * 低保标准}", "1.3 * 低保标准}", "1.3 * 低保标准}", "小数"},
		{"unguarded optional", "needs: [机构月收费, 低保月金额]", "needs: [机构月收费]", "低保月金额 - granted", "可能未登记"},
		{"under its floor", "value: 70, floor: 70", "value: 69, floor: 70", "69, floor", "低于下限"},
		{"rate gap", "from: 2024-01, value: 700", "from: 2024-01, to: 2024-11, value: 700", "2025-01, value: 730", "从 2024-12 到 2024-12 没有值"},
		{"doubled code", `code: "12"`, `code: "11"`, "\"11\"\n    name: 百岁补贴", "重复"},
		{"cycle", "amount: 护理补贴标准", `amount: 护理补贴标准 + granted("15")`, "\"15\"", "循环"},
		{"derived cycle", "is: 残疾等级 in", "is: 特殊困难 or 残疾等级 in", "known(居住状况) or", "循环"},
		{"not trap", "not known(失能等级)", `not 失能等级 == "轻度失能"`, `not 失能等级 ==`, "not 会先与紧跟的名称结合"},
		{"unguarded !=", `养老保险 == "职工"`, `养老保险 != "职工"`, `养老保险 != "职工"`, "known(养老保险)"},
		{"misspelt value", `养老保险 == "职工"`, `养老保险 == "职公"`, `"职公"`, "没有“职公”这个值"},
		{"division", "amount: 百岁补贴标准", "amount: 百岁补贴标准 / 3", "/ 3", "不支持运算符"},
		{"chained comparison", "- 年龄 <= 99", "- 80 <= 年龄 <= 99", "80 <= 年龄", "连续比较"},
		{"alias", "suspension: 暂停发放", "suspension: &x 暂停发放", "&x", "锚点"},
		{"group of unknown item", `["11", "12"]`, `["11", "99"]`, `"99"`, "不存在"},
		{"language", "language: 1", "language: 2", "2\nregion", "language"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := edit(t, c.old, c.with)
			_, err := Load(body)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("loaded, error %v", err)
			}
			want := lineOf(body, c.at)
			for _, p := range problems {
				if p.Pos == want && strings.Contains(p.Sentence, c.sentence) {
					return
				}
			}
			t.Errorf("want %v …%s…, got\n%v", want, c.sentence, problems)
		})
	}
}

func TestCheckReportsAllErrorsAtOnce(t *testing.T) {
	body := strings.Replace(string(edit(t, "list: changes", "lisst: changes")), "language: 1", "language: x", 1)
	_, err := Load([]byte(body))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 2 {
		t.Fatalf("got %v", err)
	}
}
