package policy

import (
	"strconv"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// What the pack's file may not say, whatever its keys mean: each with its place.
func TestFileRefusals(t *testing.T) {
	cases := []struct{ name, old, with, sentence string }{
		{"unknown key", "district: 示例区", "‸districk: 示例区\ndistrict: 示例区", "不认识的键“districk”"},
		{"unknown key inside", "list: full", "‸lists: full\n    list: full", "不认识的键“lists”"},
		{"key of another part", "age_over: 110", "‸code: 110", "不认识的键“code”"},
		{"key of a place", "district: 示例区", "‸At: 示例区\ndistrict: 示例区", "不认识的键“At”"},
		{"empty key", "district: 示例区", "‸\"\": 示例区\ndistrict: 示例区", "不认识的键“”"},
		{"list as key", "district: 示例区", "? ‸[a]\n: b\ndistrict: 示例区", "不认识的键"},
		{"same key twice", "title: 示例清单", "title: 示例清单\n‸district: 另一区", "键“district”重复"},
		{"same key twice in a line", "{name: 区民政局, code: MZ}", "{name: 区民政局, code: MZ, ‸name: 甲}", "键“name”重复"},
		{"list for a value", "district: 示例区", "district: ‸[示例区]", "此处应为单个值"},
		{"mapping for a value", "district: 示例区", "district: ‸{a: b}", "此处应为单个值"},
		{"value for a list", "streets: [甲街, 乙街]", "streets: ‸甲街", "此处应为列表"},
		{"nothing for a list", "streets: [甲街, 乙街]", "streets:‸", "此处应为列表"},
		{"mapping for a list", "streets: [甲街, 乙街]", "streets: ‸{甲街: 乙街}", "此处应为列表"},
		{"value for a mapping", "{name: 区民政局, code: MZ}", "‸区民政局", "“键: 值”的形式"},
		{"list for a mapping", "pay: {amount: 标准, fund: 资金}", "pay: ‸[标准]", "“键: 值”的形式"},
		{"nothing for a mapping", "pay: {amount: 标准, fund: 资金}", "pay:‸", "“键: 值”的形式"},
		{"mapping for a condition", "when: [年龄 >= 80]", "when: ‸{is: 年龄 >= 80}", "此处应为列表"},
		{"float", `value: "1.3"`, "value: ‸1.3", "“1.3”是浮点数"},
		{"float as code", `code: "2"`, "code: ‸2.1", "“2.1”是浮点数"},
		{"float with exponent", "value: 70, floor: 70", "value: ‸7e1, floor: 70", "“7e1”是浮点数"},
		{"infinity", "value: 70, floor: 70", "value: ‸.inf, floor: 70", "浮点数"},
		{"signed decimal", "value: 70, floor: 70", "value: ‸+70, floor: 70", "不是十进制数"},
		{"negative decimal", "value: 70, floor: 70", `value: ‸"-70", floor: 70`, "不是十进制数"},
		{"underscores", "value: 70, floor: 70", "value: ‸7_0, floor: 70", "不是十进制数"},
		{"hexadecimal", "value: 70, floor: 70", "value: ‸0x46, floor: 70", "不是十进制数"},
		{"leading zero", "value: 70, floor: 70", "value: ‸070, floor: 70", "不是十进制数"},
		{"seven places", "value: 70, floor: 70", `value: ‸"70.0000001", floor: 70`, "不是十进制数"},
		{"thirteen digits", "value: 70, floor: 70", "value: ‸7000000000000, floor: 70", "不是十进制数"},
		{"words for a decimal", "value: 70, floor: 70", "value: ‸七十, floor: 70", "不是十进制数"},
		{"empty decimal", "value: 70, floor: 70", `value: ‸"", floor: 70`, "不是十进制数"},
		{"whole number", "age_over: 110", "age_over: ‸一百一", "不带符号的整数"},
		{"signed whole number", "age_over: 110", "age_over: ‸-1", "不带符号的整数"},
		{"huge whole number", "age_over: 110", "age_over: ‸99999999999999999999", "不带符号的整数"},
		{"yes for true", "determined: true, payee: {determined: true}", "determined: ‸yes, payee: {determined: true}", "应为 true 或 false"},
		{"True for true", "determined: true, payee: {determined: true}", "determined: ‸True, payee: {determined: true}", "应为 true 或 false"},
		{"quoted true", "determined: true, payee: {determined: true}", `determined: ‸"true", payee: {determined: true}`, "应为 true 或 false"},
		{"true as text", "district: 示例区", "district: ‸true", "应为文字，请加引号"},
		{"null as text", "district: 示例区", "district: ‸null", "应为文字，请加引号"},
		{"nothing as text", "district: 示例区\n", "district:‸\n", "应为文字，请加引号"},
		{"month", "{from: 2024-01, value: 70, floor: 70", "{from: ‸2024-13, value: 70, floor: 70", "“2024-13”不是月份"},
		{"month of another form", "{from: 2024-01, value: 70, floor: 70", "{from: ‸2024/01, value: 70, floor: 70", "不是月份"},
		{"month without zero", "{from: 2024-01, value: 70, floor: 70", "{from: ‸2024-1, value: 70, floor: 70", "不是月份"},
		{"month zero", "{from: 2024-01, value: 70, floor: 70", "{from: ‸0000-01, value: 70, floor: 70", "不是月份"},
		{"day for a month", "{from: 2024-01, value: 70, floor: 70", "{from: ‸2024-01-01, value: 70, floor: 70", "不是月份"},
		{"day", "born: 1940-01-01", "born: ‸1940-02-30", "“1940-02-30”不存在"},
		{"words for a day", "born: 1940-01-01", "born: ‸正月", "不是日期"},
		{"anchor", "district: 示例区", "district: ‸&a 示例区", "锚点和别名"},
		{"anchor on a key", "district: 示例区", "‸&a district: 示例区", "锚点和别名"},
		{"anchor on a list", "streets: [甲街, 乙街]", "streets: ‸&s [甲街, 乙街]", "锚点和别名"},
		{"merge key", "{name: 区民政局, code: MZ}", "{‸<<: {code: MZ}, name: 区民政局, code: MZ}", "不认识的键“<<”"},
		{"tag", "district: 示例区", "district: ‸!!str 示例区", "标签“!!str”"},
		{"own tag", "district: 示例区", "district: ‸!a 示例区", "标签“!a”"},
		{"tag on a number", "value: 70, floor: 70", `value: ‸!!int "70", floor: 70`, "标签“!!int”"},
		{"tag on a key", "district: 示例区", "‸!!str district: 示例区", "标签“!!str”"},
		{"tag on a list", "streets: [甲街, 乙街]", "streets: ‸!!seq [甲街, 乙街]", "标签“!!seq”"},
		{"second document", "streets: [甲街, 乙街]", "streets: [甲街, 乙街]\n‸---\n", "只能有一个 YAML 文档"},
		{"comma of a formula in braces", "pay: {amount: 标准, fund: 资金}", "pay: {amount: ‸max(0, 标准 - 2), fund: 资金}", "“max(0”在逗号处断开了"},
		{"comma of a formula in brackets", "pay: {amount: 标准, fund: 资金}", "pay: {amount: [‸max(0, 标准 - 2)], fund: 资金}", "要整条用引号括起来"},
		{"list of values in brackets", "    when: [年龄 >= 80]\n", "‸    when: [供养 in [\"分散\", \"集中\"], 年龄 >= 80]\n", "要整条用单引号括起来"},
		{"tab", "    name: 高龄\n", "‸\tname: 高龄\n", "不是合法的 YAML"},
		{"no colon", "    name: 高龄\n", "‸    name 高龄\n", "不是合法的 YAML"},
		{"full-width colon", "    name: 高龄\n", "‸    name：高龄\n", "不是合法的 YAML"},
		{"less indented", "    name: 护理\n", "‸   name: 护理\n", "不是合法的 YAML"},
		{"more indented", "    name: 护理\n", "‸      name: 护理\n", "不是合法的 YAML"},
		{"two colons", "    name: 高龄\n", "‸    name: 高龄: 甲\n", "不是合法的 YAML"},
		{"unclosed bracket", "    when: [低保]\n", "‸    when: [低保\n", "不是合法的 YAML"},
		{"unclosed brace", "  - {name: 区卫体局, code: WT}", "‸  - {name: 区卫体局, code: WT", "不是合法的 YAML"},
		{"unknown alias", "district: 示例区\n", "district: *a\n‸", "不是合法的 YAML"},
		{"control character", "district: 示例区", "‸district: 示\x01例区", "不是合法的 YAML"},
		{"not UTF-8", "district: 示例区", "district: 示‸\xca\xc0例区", "不是 UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, at := change(t, small, c.old, c.with)
			wants(t, problems(t, body), at, c.sentence)
		})
	}
}

func TestAliasIsRefused(t *testing.T) {
	body, first := change(t, small, "district: 示例区", "district: ‸&a 示例区")
	body, second := change(t, body, "title: 示例清单", "title: ‸*a")
	ps := problems(t, body)
	if len(ps) != 2 || ps[0].Pos != first || ps[1].Pos != second {
		t.Errorf("got\n%v", ps)
	}
}

// Files that are no pack at all, and the ways in which editors save one.
func TestFilesAsTheyCome(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		at       packfile.Pos
		sentence string
	}{
		"empty":            {"", packfile.Pos{Line: 1, Col: 1}, "规则包是空的"},
		"comment only":     {"# 规则包\n", packfile.Pos{Line: 1, Col: 1}, "规则包是空的"},
		"BOM only":         {"\ufeff", packfile.Pos{Line: 1, Col: 1}, "规则包是空的"},
		"a word":           {"平城区", packfile.Pos{Line: 1, Col: 1}, "“键: 值”的形式"},
		"a list":           {"- 1\n- 2\n", packfile.Pos{Line: 1, Col: 1}, "“键: 值”的形式"},
		"document mark":    {"---\n", packfile.Pos{Line: 2, Col: 1}, "“键: 值”的形式"},
		"UTF-16":           {"\xff\xfel\x00a\x00", packfile.Pos{Line: 1, Col: 1}, "不是 UTF-8"},
		"GBK":              {"language: 1\ndistrict: \xc6\xbd\xb3\xc7\xc7\xf8\n", packfile.Pos{Line: 2, Col: 12}, "不是 UTF-8"},
		"workbook":         {"PK\x03\x04\x14\x00\x06\x00", packfile.Pos{Line: 1, Col: 1}, "不是合法的 YAML"},
		"deep":             {strings.Repeat("[", 20_000), packfile.Pos{Line: 1, Col: 1}, "不是合法的 YAML"},
		"broken after end": {"language: 1\n...\n%", packfile.Pos{Line: 3, Col: 1}, "不是合法的 YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, problems(t, c.body), c.at, c.sentence)
		})
	}
	if _, err := Load(make([]byte, 1<<20+1)); !fault.Is(err, fault.Invalid) {
		t.Errorf("too large: %v", err)
	}
	for name, body := range map[string]string{
		"BOM":           "\ufeff" + small,
		"CRLF":          strings.ReplaceAll(small, "\n", "\r\n"),
		"CR":            strings.ReplaceAll(small, "\n", "\r"),
		"no last break": strings.TrimSuffix(small, "\n"),
		"end mark":      small + "...\n",
		"begin mark":    "---\n" + small,
		"comments":      "# 甲\n" + strings.ReplaceAll(small, "\nitems:", " # 乙\n\n# 丙\nitems: # 丁"),
	} {
		t.Run(name, func(t *testing.T) {
			if failed := load(t, body).Test(); len(failed) > 0 {
				t.Error(failed)
			}
		})
	}
}

// A block text that is cut off by the end of the file, or begins with empty lines.
func TestBlockTexts(t *testing.T) {
	for _, mark := range []string{">-", ">", "|", "|-", ">+", "|2"} {
		for _, tail := range []string{"", "\n", "\n\n\n", "\n  ", "\n\n  甲", "\n  甲\n  乙", "\r\n  甲\r\n", "\r  甲"} {
			body := strings.Replace(small, "title: 示例清单\n", "", 1) + "title: " + mark + tail
			_, err := Load([]byte(body))
			if has := strings.ContainsAny(tail, "甲乙"); (err == nil) != has {
				t.Errorf("title: %s%q: %v", mark, tail, err)
			}
		}
	}
}

func TestScalarsAreKept(t *testing.T) {
	p := load(t, small)
	f := p.File
	if f.Language.Value != 1 || f.Language.Pos != (packfile.Pos{Line: 1, Col: 11}) || f.Region.Value != "140213" || f.Region.Pos != (packfile.Pos{Line: 2, Col: 9}) {
		t.Errorf("head: %+v %+v", f.Language, f.Region)
	}
	v := f.Rates[1].Values[1]
	if v.When.Value != "60-79" || v.Value.Value != "50.005" || v.From.Value != month.Of(2024, 1) || v.To.Value != 0 {
		t.Errorf("rate value: %+v", v)
	}
	if len(f.Items[3].Pay.Amount) != 1 || f.Items[3].Pay.Amount[0].Is.Value != "供养倍数 * 标准" {
		t.Errorf("bare amount: %+v", f.Items[3].Pay.Amount)
	}
	if e := f.Examples[0]; e.Facts[0].Fact.Value != "低保" || e.Person.Born.Value != day("1940-01-01") || e.Pays[1].Amount.Value != "500" {
		t.Errorf("example: %+v", e)
	}
	if _, at := change(t, small, `- code: "2"`, `- ‸code: "2"`); f.Items[1].At != at {
		t.Errorf("item 2 begins at %v, not at %v", f.Items[1].At, at)
	}
}

// All errors are listed at once, in the order of the file, and no more than anybody reads.
func TestProblemsAreListed(t *testing.T) {
	body := strings.NewReplacer("district: 示例区", "districk: 示例区", "title: 示例清单", "titel: 示例清单", "language: 1", "language: 一").Replace(small)
	ps := problems(t, body)
	if len(ps) != 3 || ps[0].Line != 1 || ps[1].Line != 3 || ps[2].Line != 4 {
		t.Errorf("got\n%v", ps)
	}
	if want := "第1行第11列：“一”应为不带符号的整数\n第3行第1列：不认识的键“districk”"; !strings.HasPrefix(ps.Error(), want) {
		t.Errorf("got %q", ps.Error())
	}
	ps = problems(t, strings.Repeat("- a\n", 2000)+"x")
	if len(ps) != 1 {
		t.Errorf("broken YAML: %v", ps)
	}
	ps = problems(t, "streets:\n"+strings.Repeat("- [a]\n", 2000))
	if len(ps) != 501 || !strings.Contains(ps[500].Sentence, "只列出 500 处") {
		t.Errorf("%d problems, last %v", len(ps), ps[len(ps)-1])
	}
	ps = problems(t, strings.Replace(small, "streets: [甲街, 乙街]", "streets: [甲街"+strings.Repeat(", 甲街", 2000)+"]", 1))
	if len(ps) != 501 {
		t.Errorf("%d problems", len(ps))
	}
}

// Hostile sizes come to an end, in memory and well before the test's time limit: long lists, deep brackets, names that square each other.
func TestHostilePacks(t *testing.T) {
	for name, body := range map[string]string{
		"brackets":    strings.Replace(small, "is: 低保 or known(供养)", "is: "+strings.Repeat("(", 500_000), 1),
		"nots":        strings.Replace(small, "is: 低保 or known(供养)", "is: "+strings.Repeat("not ", 200_000)+"低保", 1),
		"equal bands": strings.Replace(small, "derived:", "  - name: 多段\n    by: 年龄\n    values:\n"+strings.Repeat("      - {from: 2024-01, when: 60-, value: 1, source: 甲}\n", 3_000)+"derived:", 1),
		"one line":    strings.Replace(small, "streets: [甲街, 乙街]", "streets: ["+strings.Repeat("'',", 50_000)+"甲]", 1),
		"chain":       strings.Replace(small, "derived:\n", "derived:\n"+chain(1000), 1),
	} {
		if _, err := Load([]byte(body)); err == nil && name != "chain" {
			t.Errorf("%s: loaded", name)
		}
	}
	squares := strings.Replace(small, "amount: 标准,", "amount: 甲60,", 1)
	squares = strings.Replace(squares, "derived:\n", "derived:\n  - {name: 甲0, is: 标准 * 标准}\n"+squaring(60), 1)
	if _, err := load(t, squares).Grant(person("1940-01-01"), month.Of(2026, 11)); !fault.Is(err, fault.Invalid) {
		t.Errorf("squares of squares: %v", err)
	}
}

// chain is a long line of derived names, each of the one after it.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("  - {name: 乙" + strconv.Itoa(i) + ", is: 乙" + strconv.Itoa(i+1) + "}\n")
	}
	return b.String() + "  - {name: 乙" + strconv.Itoa(n) + ", is: 低保}\n"
}

func squaring(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("  - {name: 甲" + strconv.Itoa(i+1) + ", is: 甲" + strconv.Itoa(i) + " * 甲" + strconv.Itoa(i) + "}\n")
	}
	return b.String()
}
