package policy

import (
	"errors"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
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
func lineOf(body []byte, text string) packfile.Pos {
	before, _, _ := strings.Cut(string(body), text)
	line := strings.Count(before, "\n") + 1
	col := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return packfile.Pos{Line: line, Col: col}
}

func TestCheckReportsPlaceAndReason(t *testing.T) {
	cases := []struct {
		name, old, with string
		at              string // text that the problem must point at
		sentence        string
	}{
		{"unknown name", "      - 经济困难\n    unless", "      - 经挤困难\n    unless", "经挤困难", "不认识的名称“经挤困难”"},
		{"unknown key", "list: changes", "lisst: changes", "lisst", "不认识的键"},
		{"wrong type", "- 行动不便\n", "- 特困\n", "特困\n    list: full\n    public:", "不能单独作条件"},
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
			var problems packfile.Problems
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
	var problems packfile.Problems
	if !errors.As(err, &problems) || len(problems) != 2 {
		t.Fatalf("got %v", err)
	}
}

// What other stages ask of a pack.
func TestPackAnswers(t *testing.T) {
	p := builtin(t)
	if it, err := p.Item("18-1"); err != nil || it.Name.Value != "分散供养基本生活补贴" {
		t.Errorf("item 18-1: %v, %v", it, err)
	}
	if _, err := p.Item("25"); !fault.Is(err, fault.NotFound) {
		t.Errorf("item 25: %v", err)
	}
	if p.ItemOrder("1") != 0 || p.ItemOrder("18-2") != p.ItemOrder("18-1")+1 || p.ItemOrder("25") != -1 {
		t.Error("order of items")
	}
	if p.StreetOrder("永泰") != 0 || p.StreetOrder("小南头") != 17 || p.StreetOrder("外地") != 18 {
		t.Error("order of streets")
	}
	if !p.Pays("区民政局") || !p.Pays("区人社局") || p.Pays("区卫体局") || p.Pays("外地") {
		t.Error("which bureaus pay")
	}
	if p.Payer("18-2") != "区民政局" || p.Payer("1") != "区人社局" || p.Payer("25") != "" {
		t.Error("who pays an item")
	}
	if b, err := p.Bureau("区医保局"); err != nil || b.Code.Value != "YB" {
		t.Errorf("bureau: %v, %v", b, err)
	}
	if _, err := p.Bureau("民政局"); !fault.Is(err, fault.NotFound) {
		t.Errorf("bureau by a short name: %v", err)
	}
	want := [][]string{{"11", "12"}, {"16", "23-2"}, {"13", "16", "18-1", "18-3", "23-1", "23-2"}}
	if diff := gocmp.Diff(want, p.Replacements(month.Of(2026, 11))); diff != "" {
		t.Error(diff)
	}
	if p.Hash != packfile.Hash(Builtin()) || len(p.Hash) != 64 || string(p.Body) != string(Builtin()) {
		t.Error("a pack keeps its bytes and their hash")
	}
}

// 替代组 have months, and stand in list order however they are written.
func TestReplacementsOfAMonth(t *testing.T) {
	p := load(t, strings.Replace(small, `{items: ["4-1", "4-2"]}`, `{items: ["4-2", "1"], to: 2025-12}`+"\n  - "+`{items: ["4-2", "4-1"], from: 2026-01}`, 1))
	for m, want := range map[month.Month][][]string{
		month.Of(2025, 12): {{"1", "4-2"}},
		month.Of(2026, 1):  {{"4-1", "4-2"}},
	} {
		if diff := gocmp.Diff(want, p.Replacements(m)); diff != "" {
			t.Errorf("%s: %s", m, diff)
		}
	}
}

func TestVocabulary(t *testing.T) {
	v := builtin(t).Vocabulary()
	if v.Title != "平城区基本养老服务清单" || len(v.Streets) != 18 || len(v.Facts) != 24 {
		t.Errorf("%q, %d streets, %d facts", v.Title, len(v.Streets), len(v.Facts))
	}
	for name, want := range map[string]roster.FactType{"低保": roster.Flag, "特困": roster.Choice, "残疾类别": roster.Choices, "入住机构": roster.Text, "机构月收费": roster.Amount} {
		if f, ok := v.Fact(name); !ok || f.Type != want {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f, _ := v.Fact("自理能力"); strings.Join(f.Values, " ") != "全自理 半自理 全护理" {
		t.Errorf("%+v", f)
	}
	var determined []string
	for _, it := range v.Items {
		determined = append(determined, it.Code)
	}
	if got := strings.Join(determined, " "); got != "1 2 17 18-4 18-5 24" {
		t.Errorf("items with 核定金额: %s", got)
	}
}

// What is 待核定 is found through derived names and by the month.
func TestUnconfirmedFor(t *testing.T) {
	p := builtin(t)
	for _, c := range []struct {
		item, month, want string
	}{
		{"11", "2026-11", ""},
		{"13", "2026-11", "养老服务补贴标准 60-79"},
		{"15", "2024-12", "formula; 低保标准"},
		{"15", "2026-11", "formula"},
		{"18-1", "2024-12", "低保标准"},
		{"18-1", "2025-01", ""},
		{"18-2", "2026-11", "居民医保个人缴费"},
		{"18-2", "2023-12", ""},
		{"17", "2026-11", ""},
	} {
		m, err := month.Parse(c.month)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range p.UnconfirmedFor(c.item, m) {
			name := strings.TrimSpace(u.Rate + " " + u.When)
			if u.Rate == "" {
				name = "formula"
			}
			if u.Reason == "" {
				t.Errorf("%s in %s: %s without a reason", c.item, c.month, name)
			}
			got = append(got, name)
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s in %s: %s, want %s", c.item, c.month, s, c.want)
		}
	}
}
