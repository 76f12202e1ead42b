package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// What is explained is what is granted, item by item.
func TestExplainAgreesWithGrant(t *testing.T) {
	for name, p := range packs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				m := months().Draw(rt, "month")
				explained(rt, p, dossiers(p, m).Draw(rt, "person"), m)
			})
		})
	}
}

func TestExplainBelievablePeople(t *testing.T) {
	t.Parallel()
	p, m := builtin(t), month.Of(2026, 11)
	verdicts := map[Verdict]int{}
	for _, d := range believable(500, m) {
		for _, ix := range explained(t, p, d, m).Items {
			verdicts[ix.Verdict]++
		}
	}
	for _, v := range []Verdict{Granted, OnList, NotGranted, Lower, Incomplete} {
		if verdicts[v] == 0 {
			t.Errorf("nobody of 500 people has an item %s", v)
		}
	}
}

// explained compares an explanation with the outcome.
func explained(t fatalf, p *Pack, d *roster.Dossier, m month.Month) *Explanation {
	t.Helper()
	o, err := p.Grant(d, m)
	if err != nil {
		t.Fatalf("grant: %v", err)
	}
	x, err := p.Explain(d, m)
	if err != nil {
		t.Fatalf("explain %+v for %s: %v", d, m, err)
	}
	if _, err := json.Marshal(x); err != nil {
		t.Fatalf("marshal: %v", err)
	}
	if len(x.Items) != len(p.Items()) || x.Month != m || x.Age != month.Age(d.Birth, m) {
		t.Fatalf("explanation of %d items, %s, age %d", len(x.Items), x.Month, x.Age)
	}
	for i := range x.Items {
		ix := &x.Items[i]
		if s := contradiction(p, o, ix); s != "" {
			text, _ := json.MarshalIndent(ix, "", "  ")
			t.Fatalf("%s: item %s: %s\n%s\n%+v\n%+v", m, ix.Code, s, text, o, d)
		}
	}
	return x
}

// contradiction says where an item's explanation differs from the outcome.
func contradiction(p *Pack, o *Outcome, ix *ItemExplanation) string {
	g := slices.IndexFunc(o.Grants, func(g Grant) bool { return g.Item == ix.Code })
	l := slices.IndexFunc(o.Listings, func(l Listing) bool { return l.Item == ix.Code })
	gap := slices.IndexFunc(o.Gaps, func(g Gap) bool { return g.Item == ix.Code })
	def, _ := p.Item(ix.Code)
	switch {
	case ix.Name != def.Name.Value:
		return "another name"
	case (ix.Verdict == Granted) != (g >= 0):
		return "granted or not"
	case g >= 0 && (ix.Amount != o.Grants[g].Amount.String() || ix.Payee != o.Grants[g].Payee):
		return "another amount or payee"
	case g < 0 && (ix.Amount != "" || ix.Payee != ""):
		return "an amount that is not granted"
	case (ix.Verdict == Incomplete) != (gap >= 0):
		return "a gap or none"
	case gap >= 0 && !slices.Contains(ix.Remarks, o.Gaps[gap].Sentence):
		return "the gap is not named"
	case ix.Verdict == OnList && l < 0, l >= 0 && ix.Verdict == NotGranted:
		return "on the list or not"
	case l >= 0 && ix.Detail != o.Listings[l].Detail:
		return "another detail"
	}
	for _, n := range o.Notes {
		if n.Item == ix.Code && !slices.Contains(ix.Remarks, n.Sentence) {
			return "a note is missing"
		}
	}
	return unreasoned(o, ix)
}

// unreasoned says where the reasons do not carry the verdict.
func unreasoned(o *Outcome, ix *ItemExplanation) string {
	against := slices.ContainsFunc(ix.Tests, func(t Test) bool { return t.Holds == t.Exclude })
	remark := func(part string) bool {
		return slices.ContainsFunc(ix.Remarks, func(s string) bool { return strings.Contains(s, part) })
	}
	switch ix.Verdict {
	case Granted, Lower:
		if against {
			return "granted although a test failed"
		}
		if ix.Sum == nil || ix.Sum.Formula == "" {
			return "no arithmetic"
		}
		if sum, err := money.Round(decimal.RequireFromString(ix.Sum.Result)); err != nil || (ix.Verdict == Granted && sum.String() != ix.Amount) {
			return "the arithmetic gives " + ix.Sum.Result
		}
		if ix.Verdict == Lower && !remark("不重复享受，就高发放后者") {
			return "the winner is not named"
		}
	case NotGranted:
		if !against && !remark("一年一次") && !remark("计算为 0 元") && !remark("没有核定金额") {
			return "not granted, and nothing speaks against it"
		}
	}
	if slices.Contains(o.Zero, ix.Code) != remark("计算为 0 元") {
		return "zero or not"
	}
	if slices.Contains(o.Unmet, ix.Code) && !remark("有核定金额，但不符合条件") {
		return "the 核定金额 is not mentioned"
	}
	for _, t := range ix.Tests {
		if t.Text == "" || t.Plain == "" {
			return "a test without words"
		}
	}
	return ""
}

// One explanation seen whole: conditions with values and records, the rate with its
// source, the arithmetic, what 就高 dropped.
func TestExplanationWhole(t *testing.T) {
	p, m := load(t, small), month.Of(2026, 11)
	d := person("1940-01-01", "供养", "分散")
	d.Facts[0].Since, d.Facts[0].Rev, d.Facts[0].Basis = day("2026-03-01"), 17, "认定书"
	x, err := p.Explain(d, m)
	if err != nil {
		t.Fatal(err)
	}
	rate := Input{Name: "标准", Value: "80", Since: "2025-01", Source: "乙文"}
	fact := Input{Name: "供养", Value: "分散", Since: "2026-03-01", KnownAt: 17, Basis: "认定书"}
	alive, here := Test{Text: "月初健在", Holds: true}, Test{Text: "月初户籍在本区", Holds: true}
	age := Input{Name: "年龄", Value: "86"}
	want := map[string]ItemExplanation{
		"1": {Code: "1", Name: "高龄", Verdict: Lower, Tests: []Test{alive, here, {Text: "年龄 >= 80", Holds: true, Inputs: []Input{age}}},
			Sum:     &Arithmetic{Formula: "标准", Result: "80", Inputs: []Input{rate}},
			Remarks: []string{"应得 80.00 元，与 4-1 护理 不重复享受，就高发放后者"}},
		"3": {Code: "3", Name: "救助", Verdict: NotGranted, Tests: []Test{alive, here, {Text: "低保", Inputs: []Input{{Name: "低保", Value: "未登记"}}}}},
		"4-1": {Code: "4-1", Name: "护理", Verdict: Granted, Amount: "104.00", Payee: "本人",
			Tests: []Test{alive, here, {Text: "年龄 >= 60", Holds: true, Inputs: []Input{age}}, {Text: "known(供养)", Holds: true, Inputs: []Input{fact}},
				{Text: "known(机构)", Exclude: true, Inputs: []Input{{Name: "机构", Value: "未登记"}}}},
			Sum: &Arithmetic{Formula: "供养倍数 * 标准", Result: "104", Inputs: []Input{{Name: "供养倍数", Value: "1.3", Since: "2024-01", Source: "甲文"}, fact, rate}}},
	}
	for _, got := range x.Items {
		w, ok := want[got.Code]
		if !ok {
			continue
		}
		if diff := gocmp.Diff(w, got, cmpopts.IgnoreFields(Test{}, "Plain"), cmpopts.IgnoreFields(Arithmetic{}, "Plain"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("item %s (-want +got)\n%s", got.Code, diff)
		}
	}
}

// What an item deducts is named with its amount, and derived names are opened up.
func TestExplanationOfDeductions(t *testing.T) {
	p, m := builtin(t), month.Of(2026, 11)
	d := person("1944-01-01", "低保", "是", "失能等级", "完全失能", "入住机构", "示例养老院", "机构月收费", "1800.50", "低保月金额", "730.00")
	x, err := p.Explain(d, m)
	if err != nil {
		t.Fatal(err)
	}
	sum := x.Items[p.ItemOrder("15")].Sum
	want := "机构月收费=1800.5 低保月金额=730 分散供养基本生活费=960 分散供养倍数=1.3 低保标准=730 特困基本生活标准=960 护理补贴标准=100 " +
		"项目 13 养老服务补贴=70.00 项目 16 护理补贴=100.00 项目 23-1 困难残疾人生活补贴=0.00 项目 23-2 重度残疾人护理补贴=0.00"
	if got := inputsOf(sum.Inputs); got != want || sum.Result != "900.5" || sum.Unconfirmed == "" {
		t.Errorf("got %s\nresult %s, unconfirmed %q", got, sum.Result, sum.Unconfirmed)
	}
	poor := x.Items[p.ItemOrder("13")].Tests[3]
	if got := inputsOf(poor.Inputs); poor.Text != "经济困难" || got != "经济困难=是 低保=是 低保边缘=未登记 经济困难认定=未登记" {
		t.Errorf("%s: %s", poor.Text, got)
	}
	d.Facts[1].Since = m.First() + 1 // 失能等级 from the second day: not yet
	x, err = p.Explain(d, m)
	if err != nil {
		t.Fatal(err)
	}
	if ix := x.Items[p.ItemOrder("15")]; ix.Verdict != NotGranted || !strings.Contains(inputsOf(ix.Tests[4].Inputs), "失能等级=未登记") {
		t.Errorf("%+v", ix)
	}
}

func inputsOf(list []Input) string {
	var all []string
	for _, in := range list {
		all = append(all, in.Name+"="+in.Value)
	}
	return strings.Join(all, " ")
}

// Months, numbers and moves that speak against an item are tests of their own.
func TestExplanationOfPresence(t *testing.T) {
	p := load(t, strings.Replace(small, "    name: 高龄\n", "    name: 高龄\n    from: 2026-01\n", 1))
	failing := func(d *roster.Dossier, m month.Month) string {
		x, err := p.Explain(d, m)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, tt := range x.Items[0].Tests {
			if tt.Holds == tt.Exclude {
				all = append(all, tt.Text+"("+inputsOf(tt.Inputs)+")")
			}
		}
		return strings.Join(all, "；")
	}
	m := month.Of(2026, 11)
	for name, c := range map[string]struct {
		change func(*roster.Dossier)
		month  month.Month
		want   string
	}{
		"nothing":      {func(*roster.Dossier) {}, m, ""},
		"too early":    {func(*roster.Dossier) {}, month.Of(2025, 12), "本项目在该月有效()"},
		"temporary":    {func(d *roster.Dossier) { d.ID = "临-1" }, m, "有身份证号（临时编号只享受社会救助）()"},
		"dead":         {func(d *roster.Dossier) { d.Died = day("2026-10-31") }, m, "月初健在(死亡日期=2026-10-31)"},
		"not yet":      {func(d *roster.Dossier) { d.MovedIn = day("2026-11-01") }, m, "月初户籍在本区(迁入日期=2026-11-01)"},
		"gone":         {func(d *roster.Dossier) { d.MovedOut = day("2026-10-31") }, m, "月初户籍在本区(迁出日期=2026-10-31)"},
		"between":      {func(d *roster.Dossier) { d.MovedIn, d.MovedOut = day("2026-11-05"), day("2026-10-31") }, m, "月初户籍在本区(迁入日期=2026-11-05 迁出日期=2026-10-31)"},
		"too young":    {func(d *roster.Dossier) { d.Birth = day("1946-12-01") }, m, "年龄 >= 80(年龄=79)"},
		"both at once": {func(d *roster.Dossier) { d.Birth, d.Died = day("1946-12-01"), day("2026-10-31") }, m, "月初健在(死亡日期=2026-10-31)；年龄 >= 80(年龄=79)"},
	} {
		d := person("1940-01-01")
		c.change(d)
		if got := failing(d, c.month); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
