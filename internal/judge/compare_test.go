package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

func sampleLine() payrun.Line {
	return payrun.Line{Person: 7, Item: "16", Payee: roster.Myself, Month: ym("2026-11"), Kind: payrun.Current, Amount: 10000, Against: "16",
		Name: "王某", ID: "140202194003100011", Street: "古城", Community: "一社区", Account: roster.Account{Bank: "示例银行", Number: "622200"}}
}

// alter returns the sample line with one thing changed.
func alter(f func(*payrun.Line)) []payrun.Line {
	l := sampleLine()
	f(&l)
	return []payrun.Line{l}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	mine := []payrun.Line{sampleLine()}
	who := "王某（140202********0011），项目 16，2026-11，当月："
	for name, c := range map[string]struct {
		engine, judge []payrun.Line
		want          []string
	}{
		"equal":               {alter(func(*payrun.Line) {}), mine, nil},
		"holder written out":  {alter(func(l *payrun.Line) { l.Account.Holder = "王某" }), mine, nil},
		"one 分":               {alter(func(l *payrun.Line) { l.Amount++ }), mine, []string{who + "金额不一致，系统为100.01元，复算为100.00元"}},
		"hold":                {alter(func(l *payrun.Line) { l.Hold = payrun.Suspended }), mine, []string{who + "暂缓原因不一致，系统为暂停发放，复算为无"}},
		"account":             {alter(func(l *payrun.Line) { l.Account.Number = "1" }), mine, []string{who + "银行账号不一致，系统为1，复算为622200"}},
		"holder":              {alter(func(l *payrun.Line) { l.Account.Holder = "李四" }), mine, []string{who + "账户户名不一致，系统为李四，复算为王某"}},
		"line too many":       {mine, nil, []string{who + "金额不一致，系统为100.00元，复算为无"}},
		"line missing":        {nil, mine, []string{who + "金额不一致，系统为无，复算为100.00元"}},
		"line twice":          {append(alter(func(*payrun.Line) {}), sampleLine()), mine, []string{who + "行数不一致，系统为重复，复算为无"}},
		"another institution": {alter(func(l *payrun.Line) { l.Payee = "甲院" }), nil, []string{"王某（140202********0011），项目 16，2026-11，当月，付给甲院：金额不一致，系统为100.00元，复算为无"}},
		"another against": {alter(func(l *payrun.Line) { l.Kind, l.Amount, l.Against = payrun.Recovery, -500, "13" }), nil,
			[]string{"王某（140202********0011），项目 16，2026-11，扣回，从项目 13 扣：金额不一致，系统为-5.00元，复算为无"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, sentences(Compare(c.engine, c.judge))); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func sentences(found []Difference) []string {
	var all []string
	for i := range found {
		all = append(all, found[i].Sentence())
	}
	return all
}

func TestCompareDebts(t *testing.T) {
	t.Parallel()
	debt := payrun.Debt{Person: 7, Item: "16", Payee: roster.Myself, Month: ym("2026-10"), Amount: 7000, ID: "临-A0001", Name: "某人"}
	other := debt
	other.Amount = 7001
	who := "某人（临-****1），项目 16，2026-10："
	for name, c := range map[string]struct {
		engine, judge []payrun.Debt
		want          []string
	}{
		"equal":    {[]payrun.Debt{debt}, []payrun.Debt{debt}, nil},
		"amount":   {[]payrun.Debt{other}, []payrun.Debt{debt}, []string{who + "待追缴金额不一致，系统为70.01元，复算为70.00元"}},
		"too many": {[]payrun.Debt{debt}, nil, []string{who + "待追缴金额不一致，系统为70.00元，复算为无"}},
		"missing":  {nil, []payrun.Debt{debt}, []string{who + "待追缴金额不一致，系统为无，复算为70.00元"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, sentences(CompareDebts(c.engine, c.judge))); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompareBirth(t *testing.T) {
	t.Parallel()
	p := roster.Person{Number: 7, Name: "王某", ID: "140202194003100011", Birth: date("1940-03-10")}
	if found := CompareBirth(&p); len(found) != 0 {
		t.Errorf("got %v", sentences(found))
	}
	p.Birth = date("1941-03-10")
	want := []string{"王某（140202********0011）：出生日期不一致，系统为19410310，复算为19400310"}
	if diff := cmp.Diff(want, sentences(CompareBirth(&p))); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	p.ID = "临-A0001"
	if found := CompareBirth(&p); len(found) != 0 {
		t.Errorf("a temporary number has no birth date in it, got %v", sentences(found))
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	line := func(item string, kind payrun.Kind, amount string, hold payrun.Hold) payrun.Line {
		return payrun.Line{Item: item, Kind: kind, Amount: fen(amount), Hold: hold}
	}
	var got Totals
	got.Add([]payrun.Line{line("11", payrun.Current, "70", 0), line("11", payrun.Arrears, "140", 0), line("16", payrun.Recovery, "-30", 0)})
	got.Add([]payrun.Line{line("11", payrun.Current, "70", payrun.NoAccount)})
	got.Add(nil)
	want := Totals{Lines: 4, Heads: 1, Pays: fen("180"), Held: fen("70"), Items: map[string]ItemTotals{
		"11": {Heads: 1, Current: fen("70"), Arrears: fen("140"), Held: fen("70")},
		"16": {Heads: 1, Recovery: fen("-30")},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if found := CompareTotals(want, got); len(found) != 0 {
		t.Errorf("equal totals differ: %v", sentences(found))
	}
	want.Pays++
	delete(want.Items, "16")
	differences := sentences(CompareTotals(want, got))
	expected := []string{"整批：应发合计不一致，系统为180.01元，复算为180.00元",
		"项目 16：人数不一致，系统为0，复算为1", "项目 16：扣回合计不一致，系统为0.00元，复算为-30.00元"}
	if diff := cmp.Diff(expected, differences); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}
