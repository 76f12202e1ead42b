package engine_test

import (
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// TestHoldNames goes through all sets of reasons: each is written once, in the order
// of docs/interface.md §3.1, joined by 、.
func TestHoldNames(t *testing.T) {
	t.Parallel()
	order := []string{"无账户", "账户无效", "已故待领", "暂停发放", "疑点未决", "决定暂缓"}
	for h := payrun.Hold(0); h < 64; h++ {
		var names []string
		for i, name := range order {
			if h>>i&1 == 1 {
				names = append(names, name)
			}
		}
		if got, want := h.String(), strings.Join(names, "、"); got != want {
			t.Errorf("hold %d reads %q, want %q", h, got, want)
		}
		status := "暂缓"
		if h == 0 {
			status = "可发"
		}
		if l := (payrun.Line{Hold: h}); l.Status() != status {
			t.Errorf("hold %d has status %s", h, l.Status())
		}
	}
}

func always(string) bool { return true }

func shared(p *engine.Plan) { p.Shared["6201"] = []int64{1, 2} }

// TestHolds has every reason of docs/rules.md §5.7 by itself, at its edges, and together.
func TestHolds(t *testing.T) {
	t.Parallel()
	home := []payruntest.Change{payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=半自理")}
	at := func(house string, more ...payruntest.Change) *engine.Case {
		return payruntest.Person(payruntest.Seventy, append(append([]payruntest.Change{payruntest.Fact("入住机构=" + house)}, home...), more...)...)
	}
	paid := []string{"11 本人 2026-11 当月 70.00"}
	only := func(reason string) []string { return []string{"11 本人 2026-11 当月 70.00 [" + reason + "]"} }
	for _, c := range []struct {
		name string
		who  *engine.Case
		plan func(*engine.Plan)
		want []string
	}{
		{"nothing stands against it", payruntest.Person(payruntest.Eighty), nil, paid},
		{"no account", payruntest.Person(payruntest.Eighty, payruntest.Account("")), nil, only("无账户")},
		{"the bank refused the account", payruntest.Person(payruntest.Eighty, payruntest.Account("6299")), nil, only("账户无效")},
		{"a 户名 that says what was paid to anyway", payruntest.Person(payruntest.Eighty, payruntest.Account("6299"), payruntest.Holder("甲某")), nil, only("账户无效")},
		{"户名不符 mended: it is another account", payruntest.Person(payruntest.Eighty, payruntest.Account("6299"), payruntest.Holder("甲茉")),
			func(p *engine.Plan) { p.Released = func(string) bool { return true } }, paid},
		{"died the day before the month: only October is due", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 31))), nil,
			[]string{"11 本人 2026-10 补发 70.00 [已故待领]"}},
		{"died on the first day: its month is paid", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 1))), nil,
			[]string{"11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}},
		{"somebody receives it", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 31)), payruntest.Deputy("丙某", "去世")), nil,
			[]string{"11 本人 2026-10 补发 70.00"}},
		{"suspended", payruntest.Person(payruntest.Eighty, payruntest.Fact("暂停发放=核查")), nil, only("暂停发放")},
		{"suspended from the first day", payruntest.Person(payruntest.Eighty, payruntest.Fact("暂停发放=核查", payruntest.Day(2026, 11, 1))), nil, only("暂停发放")},
		{"suspended from the second day", payruntest.Person(payruntest.Eighty, payruntest.Fact("暂停发放=核查", payruntest.Day(2026, 11, 2))), nil, paid},
		{"suspended up to the first day", payruntest.Person(payruntest.Eighty, payruntest.Fact("暂停发放=核查", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 11, 1))), nil, only("暂停发放")},
		{"suspended up to the day before", payruntest.Person(payruntest.Eighty, payruntest.Fact("暂停发放=核查", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 10, 31))), nil, paid},
		{"a shared account", payruntest.Person(payruntest.Eighty), shared, only("疑点未决")},
		{"an account that is shared no longer", payruntest.Person(payruntest.Eighty), func(p *engine.Plan) { p.Shared["6201"] = []int64{1} }, paid},
		{"a shared account, decided to hold", payruntest.Person(payruntest.Eighty), func(p *engine.Plan) { shared(p); p.Kept = always }, only("决定暂缓")},
		{"the bank refused the account, decided to hold", payruntest.Person(payruntest.Eighty, payruntest.Account("6299")), func(p *engine.Plan) { p.Kept = always }, only("账户无效、决定暂缓")},
		{"one 疑点 decided to hold, another undecided", payruntest.Person(payruntest.Eighty, payruntest.Holder("乙某")), func(p *engine.Plan) {
			shared(p)
			p.Kept = func(id string) bool { return strings.HasPrefix(id, "户名不符") }
		}, only("疑点未决、决定暂缓")},
		{"one 疑点 decided to hold, another released", payruntest.Person(payruntest.Eighty, payruntest.Holder("乙某")), func(p *engine.Plan) {
			shared(p)
			p.Kept = func(id string) bool { return strings.HasPrefix(id, "户名不符") }
			p.Released = func(id string) bool { return !p.Kept(id) }
		}, only("决定暂缓")},
		{"somebody has the same name and birth date", payruntest.Person(payruntest.Eighty), func(p *engine.Plan) { p.Alike = map[int64][]int64{1: {1, 2}} }, only("疑点未决")},
		{"nobody has any longer", payruntest.Person(payruntest.Eighty), func(p *engine.Plan) { p.Alike = map[int64][]int64{1: {1}} }, paid},
		{"another holder without a reason", payruntest.Person(payruntest.Eighty, payruntest.Holder("乙某")), nil, only("疑点未决")},
		{"another holder for a reason", payruntest.Person(payruntest.Eighty, payruntest.Holder("乙某"), payruntest.Deputy("乙某", "卧床")), nil, paid},
		{"another holder, a deputy without a reason", payruntest.Person(payruntest.Eighty, payruntest.Holder("乙某"), payruntest.Deputy("乙某", "")), nil, only("疑点未决")},
		{"the holder is the person", payruntest.Person(payruntest.Eighty, payruntest.Holder("甲某")), nil, paid},
		{"a holder without an account is no doubt", payruntest.Person(payruntest.Eighty, payruntest.Account(""), payruntest.Holder("乙某")), nil, only("无账户")},
		{"110 years are believed", payruntest.Person(payruntest.Day(1915, 12, 1)), nil, []string{"12 本人 2026-11 当月 300.00"}},
		{"111 are not", payruntest.Person(payruntest.Day(1915, 11, 30)), nil, []string{"12 本人 2026-11 当月 300.00 [疑点未决]"}},
		{"低保 and 特困", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("特困=分散"), payruntest.Fact("自理能力=全自理")), nil,
			[]string{"18-1 本人 2026-11 当月 960.00 [疑点未决]", "18-3 本人 2026-11 当月 100.00 [疑点未决]"}},
		{"低保 and 特困, one of them over", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 10, 31)), payruntest.Fact("特困=分散", payruntest.Day(2026, 11, 1)), payruntest.Fact("自理能力=全自理")), nil,
			[]string{"18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00"}},
		{"an institution", at("甲院"), nil, []string{"19 甲院 2026-11 当月 1160.00"}},
		{"an institution without an account", at("无户院"), nil, []string{"19 无户院 2026-11 当月 1160.00 [无账户]"}},
		{"an institution nobody registered", at("新院"), nil, []string{"19 新院 2026-11 当月 1160.00 [无账户]"}},
		{"an institution whose account was refused", at("停户院"), nil, []string{"19 停户院 2026-11 当月 1160.00 [账户无效]"}},
		{"an institution is paid though the person has no account", at("甲院", payruntest.Account("")), nil, []string{"19 甲院 2026-11 当月 1160.00"}},
		{"an institution is paid for the dead", at("甲院", payruntest.Died(payruntest.Day(2026, 10, 31))), nil, []string{"19 甲院 2026-10 补发 1160.00"}},
		{"suspension holds the institution's line too", at("甲院", payruntest.Fact("暂停发放=核查")), nil, []string{"19 甲院 2026-11 当月 1160.00 [暂停发放]"}},
		{"a 疑点 holds the institution's line too", at("甲院"), shared, []string{"19 甲院 2026-11 当月 1160.00 [疑点未决]"}},
		{"18-4 is held until it is known who buried the person",
			payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("自理能力=全自理"), payruntest.Died(payruntest.Day(2026, 11, 10)), payruntest.Award("18-4", 300000, "2026-11", "", "")), nil,
			[]string{"18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00", "18-4 本人 2026-11 当月 3000.00 [已故待领]"}},
		{"18-4 that came back is still held until it is known",
			payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("自理能力=全自理"), payruntest.Died(payruntest.Day(2026, 11, 10)), payruntest.Award("18-4", 300000, "2026-11", "", ""), payruntest.Settled("18-4 2026-11 300000"), payruntest.Settled("18-4 2026-11 -300000")), nil,
			[]string{"18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00", "18-4 本人 2026-11 当月 3000.00 [已故待领]"}},
		{"18-4 is paid to who did, though the person is dead",
			payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("自理能力=全自理"), payruntest.Died(payruntest.Day(2026, 10, 10)), payruntest.Award("18-4", 300000, "2026-11", "", "甲院")), nil,
			[]string{"18-1 本人 2026-10 补发 960.00 [已故待领]", "18-3 本人 2026-10 补发 100.00 [已故待领]", "18-4 甲院 2026-11 当月 3000.00"}},
		{"all that can be together, without an account", payruntest.Person(payruntest.Day(1910, 1, 1), payruntest.Account(""), payruntest.Died(payruntest.Day(2026, 10, 1)), payruntest.Fact("暂停发放=核查")), nil,
			[]string{"12 本人 2026-10 补发 300.00 [无账户、已故待领、暂停发放、疑点未决]"}},
		{"all that can be together, with a refused one", payruntest.Person(payruntest.Day(1910, 1, 1), payruntest.Account("6299"), payruntest.Died(payruntest.Day(2026, 10, 1)), payruntest.Fact("暂停发放=核查")), nil,
			[]string{"12 本人 2026-10 补发 300.00 [账户无效、已故待领、暂停发放、疑点未决]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opening := "2026-11"
			if c.who.Dossier.Died != 0 {
				opening = "2026-10"
			}
			p := payruntest.Plan(t, opening)
			if c.plan != nil {
				c.plan(p)
			}
			if strings.Contains(c.name, "18-4") && c.who.Dossier.Died.Month() == payruntest.Nov {
				p.Opening, p.Bureaus[0].From = payruntest.Nov, payruntest.Nov
			}
			payruntest.Want(t, "lines", payruntest.Text(payruntest.Compute(t, p, c.who).Lines), c.want)
		})
	}
}

// TestDoubtsHoldEveryLine lets one 疑点 hold all lines of a person, 补发 and the
// institution's among them, and release all of them at once.
func TestDoubtsHoldEveryLine(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2026-10")
	who := payruntest.Person(payruntest.Day(1944, 1, 1), payruntest.Fact("低保"), payruntest.Fact("失能等级=完全失能"), payruntest.Fact("入住机构=甲院"), payruntest.Fact("机构月收费=1800.50"), payruntest.Fact("低保月金额=730.00"),
		payruntest.Settled("11 2026-10 3000"), payruntest.Holder("乙某"))
	held := payruntest.Compute(t, p, who)
	payruntest.Want(t, "held", payruntest.Text(held.Lines), []string{
		"11 本人 2026-10 补发 40.00 [疑点未决]", "11 本人 2026-11 当月 70.00 [疑点未决]",
		"13 本人 2026-10 补发 70.00 [疑点未决]", "13 本人 2026-11 当月 70.00 [疑点未决]",
		"15 甲院 2026-10 补发 900.50 [疑点未决]", "15 甲院 2026-11 当月 900.50 [疑点未决]",
		"16 本人 2026-10 补发 100.00 [疑点未决]", "16 本人 2026-11 当月 100.00 [疑点未决]",
	})
	doubt := payruntest.TheFinding(t, held.Findings, "户名不符", payrun.Doubt)

	p.Released = func(id string) bool { return id == doubt.ID }
	for _, l := range payruntest.Compute(t, p, who).Lines {
		if l.Hold != 0 {
			t.Errorf("after the decision %s is still held", payruntest.Text([]payrun.Line{l}))
		}
	}
	p.Shared["6201"] = []int64{1, 9}
	for _, l := range payruntest.Compute(t, p, who).Lines {
		if l.Hold != payrun.Undecided {
			t.Errorf("one of two 疑点 decided: %s", payruntest.Text([]payrun.Line{l}))
		}
	}
}

// TestLineCarriesTheAccount checks what a line says of where its money goes.
func TestLineCarriesTheAccount(t *testing.T) {
	t.Parallel()
	r := payruntest.Compute(t, payruntest.Plan(t, "2026-11"), payruntest.Person(payruntest.Eighty, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=甲院"), payruntest.Deputy("乙某", "卧床"), payruntest.Holder("乙某")))
	accounts := map[string]roster.Account{"11": {Bank: "示例银行", Number: "6201", Holder: "乙某"}, "19": {Bank: "示例银行", Number: "2001", Holder: "甲院"}}
	for _, l := range r.Lines {
		if l.Account != accounts[l.Item] {
			t.Errorf("item %s goes to %+v", l.Item, l.Account)
		}
		if l.Name != "甲某" || l.Street != "永泰" || l.Community != "一社区" || l.Person != 1 || !strings.HasPrefix(l.ID, "14020219440505") {
			t.Errorf("line %+v", l)
		}
	}
	if r = payruntest.Compute(t, payruntest.Plan(t, "2026-11"), payruntest.Person(payruntest.Eighty)); r.Lines[0].Account.Holder != "甲某" {
		t.Errorf("an account without a holder is the person's: %+v", r.Lines[0].Account)
	}
}
