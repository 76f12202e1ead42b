package explain_test

import (
	"cmp"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/explain"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// TestWhyChanged: what a street office reads beside a name says which fact, rate or
// decision it was, and since when.
func TestWhyChanged(t *testing.T) {
	t.Parallel()
	oct31 := payruntest.Day(2026, 10, 31)
	longAgo := payruntest.Day(2020, 1, 1)
	moved := func(in, out month.Date) payruntest.Change {
		return func(c *engine.Case) { c.Dossier.MovedIn, c.Dossier.MovedOut = in, out }
	}
	more := func(t *testing.T) *policy.Pack { // 23-2 is more than 16, and 高龄津贴 rises in November
		return payruntest.Pack(t, "name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 100", "name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 150",
			"name: 高龄津贴标准\n    unit: 元/月\n    values:\n", "name: 高龄津贴标准\n    unit: 元/月\n    values:\n      - {from: 2026-11, value: 80, source: 文}\n")
	}
	for _, c := range []struct {
		name   string
		now    *engine.Case
		before *engine.Case // nil: as now
		item   string
		want   string
	}{
		{"低保 began", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", payruntest.Day(2026, 11, 1)), payruntest.Fact("生活不能自理")), payruntest.Person(payruntest.Seventy, payruntest.Fact("生活不能自理")), "16", "低保自 2026-11-01 起"},
		{"低保 is told late", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", payruntest.Day(2026, 8, 1)), payruntest.Fact("生活不能自理")), payruntest.Person(payruntest.Seventy, payruntest.Fact("生活不能自理")), "16", "低保自 2026-08-01 起（补登记）"},
		{"低保 ended", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", longAgo, oct31), payruntest.Fact("生活不能自理")), payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理")), "16", "低保到 2026-10-31 止"},
		{"低保 was a mistake", payruntest.Person(payruntest.Seventy, payruntest.Fact("生活不能自理")), payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理")), "16", "低保的登记已撤销"},
		{"a grade began", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("失能等级=重度失能", payruntest.Day(2026, 11, 1))), nil, "16", "失能等级（重度失能）自 2026-11-01 起"},
		{"a grade rose", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("失能等级=中度失能", longAgo, oct31), payruntest.Fact("失能等级=重度失能", payruntest.Day(2026, 11, 1))), nil, "16", "失能等级由中度失能变为重度失能（2026-11-01 起）"},
		{"特困 began", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), payruntest.Fact("特困=分散", payruntest.Day(2026, 11, 1))), nil, "16", "特困（分散）自 2026-11-01 起"},
		{"就高 away", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理"), payruntest.Fact("残疾等级=一级", payruntest.Day(2026, 11, 1))), nil, "16", "就高改发 23-2 重度残疾人护理补贴"},
		{"就高 to", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理"), payruntest.Fact("残疾等级=一级", payruntest.Day(2026, 11, 1))), nil, "23-2", "残疾等级（一级）自 2026-11-01 起；就高代替 16 护理补贴"},
		{"another multiple", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("自理能力=半自理", longAgo, oct31), payruntest.Fact("自理能力=全护理", payruntest.Day(2026, 11, 1))), nil, "18-3", "自理能力由半自理变为全护理（2026-11-01 起）；照料护理倍数由 2倍变为 3倍"},
		{"a decision began", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-11", "", "")), nil, "17", "核定金额自 2026-11 起"},
		{"a decision for one month", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-11", "2026-11", "")), nil, "17", "一次性核定金额"},
		{"that month is over", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-10", "2026-10", "")), nil, "17", "一次性核定金额，上月已发"},
		{"a decision ended", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-01", "2026-10", "")), nil, "17", "核定金额到 2026-10 止"},
		{"another decision", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-01", "2026-10", ""), payruntest.Award("17", 95050, "2026-11", "", "")), nil, "17", "核定金额由 900.00 元变为 950.50 元"},
		{"funeral grant is over", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Died(payruntest.Day(2026, 9, 9)), payruntest.Award("18-4", 90000, "2026-10", "", "乙某")), nil, "18-4", "一次性核定金额，上月已发"},
		{"once a year", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("医疗保险=居民")), nil, "18-2", "一年一次，本年度已经发放"},
		{"turned 80 at 0 元", payruntest.Person(payruntest.Day(1946, 11, 20), payruntest.Fact("低保")), nil, "13", "本月满 80 周岁；养老服务补贴标准由 0元/月变为 70元/月"},
		{"another ID number", payruntest.Person(payruntest.Day(1926, 5, 5)), payruntest.Person(payruntest.Day(1927, 5, 5)), "12", "更正出生日期后为 100 周岁"},
		{"turned 100", payruntest.Person(payruntest.Day(1926, 11, 20)), nil, "11", "本月满 100 周岁"},
		{"turned 80 and registered in one month", payruntest.Person(payruntest.Day(1946, 11, 20)), &engine.Case{}, "11", "本月满 80 周岁"},
		{"moved in on the first day of last month", payruntest.Person(payruntest.Eighty, moved(payruntest.Day(2026, 10, 1), 0)), nil, "11", "2026-10-01 迁入"},
		{"turned 80, having come back last month", payruntest.Person(payruntest.Day(1946, 11, 20), moved(payruntest.Day(2026, 10, 20), payruntest.Day(2026, 10, 5))), nil, "11", "本月满 80 周岁"},
		{"低保 ended, another fact ends later", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", longAgo, oct31), payruntest.Fact("生活不能自理", longAgo, payruntest.Day(2026, 11, 20)), payruntest.Fact("居住状况=独居")),
			nil, "16", "低保到 2026-10-31 止"},
		{"低保 ended, and was back for some days", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", longAgo, oct31), payruntest.Fact("低保", payruntest.Day(2026, 11, 10), payruntest.Day(2026, 11, 30)), payruntest.Fact("生活不能自理")), nil, "16", "低保到 2026-10-31 止"},
		{"registered anew", payruntest.Person(payruntest.Eighty), &engine.Case{}, "11", "本月登记入册"},
		{"a rate rose", payruntest.Person(payruntest.Eighty), nil, "11", "高龄津贴标准由 70元/月变为 80元/月"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := more(t)
			now, before := c.now.Dossier, c.now.Dossier
			if c.before != nil {
				before = c.before.Dossier
			}
			book := explain.NewBook(p, payruntest.Nov, p, payruntest.Nov-1, nil)
			book.Against(p, payruntest.Nov-1)
			then := before
			if then == nil {
				then = &roster.Dossier{}
			}
			got := reasonOf(t, book, now, before, due(t, p, then, payruntest.Nov-1, c.item), due(t, p, now, payruntest.Nov, c.item))
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestWhyChangedSinceAnEarlierMonth: where the last approved batch lies further back, the
// reason names the month in which a 核定金额 really ended, whatever else was determined.
func TestWhyChangedSinceAnEarlierMonth(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t)
	who := payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-01", "2026-07", ""), payruntest.Award("17", 95000, "2026-08", "2026-09", ""),
		payruntest.Award("17", 95000, "2026-12", "2027-01", ""), payruntest.Award("18-5", 100, "2026-01", "2026-10", ""), payruntest.Award("1", 100, "2026-01", "", ""))
	book := explain.NewBook(p, payruntest.Nov, p, payruntest.Nov-3, nil)
	book.Against(p, payruntest.Nov-3)
	got := reasonOf(t, book, who.Dossier, who.Dossier, due(t, p, who.Dossier, payruntest.Nov-3, "17"), nil)
	if got != "核定金额到 2026-09 止" {
		t.Error(got)
	}
}

// TestWhyOnceAYear: what is paid once a year begins again with the new one.
func TestWhyOnceAYear(t *testing.T) {
	t.Parallel()
	p, october := payruntest.Pack(t), month.Of(2027, 10)
	who := payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("医疗保险=居民"))
	book := explain.NewBook(p, october, p, october-1, nil)
	book.Against(p, october-1)
	if got := reasonOf(t, book, who.Dossier, who.Dossier, nil, due(t, p, who.Dossier, october, "18-2")); got != "新的年度，一年一次" {
		t.Error(got)
	}
}

// TestOnceIsNotStopped: what was granted for one month, or once a year, is told from what
// was stopped.
func TestOnceIsNotStopped(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t)
	grant := func(first, last month.Month) func(*engine.Case) {
		return func(c *engine.Case) {
			c.Dossier.Awards = append(c.Dossier.Awards, roster.Award{Item: "17", Amount: 80000, First: first, Last: last})
		}
	}
	for name, c := range map[string]struct {
		who  *engine.Case
		item string
		once bool
	}{
		"for one month": {payruntest.Person(payruntest.Seventy, payruntest.Fact("低保=是"), grant(payruntest.Nov-1, payruntest.Nov-1)), "17", true},
		"for three":     {payruntest.Person(payruntest.Seventy, payruntest.Fact("低保=是"), grant(payruntest.Nov-3, payruntest.Nov-1)), "17", false},
		"once a year":   {payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散"), payruntest.Fact("医疗保险=居民")), "18-2", true},
	} {
		book := explain.NewBook(p, payruntest.Nov, p, payruntest.Nov-1, nil)
		book.Against(p, payruntest.Nov-1)
		var rows []explain.BridgeRow
		err := book.Bridge(c.who.Dossier, c.who.Dossier, due(t, p, c.who.Dossier, payruntest.Nov-1, c.item), due(t, p, c.who.Dossier, payruntest.Nov, c.item),
			func(r explain.BridgeRow) { rows = append(rows, r) })
		if err != nil || len(rows) != 1 || rows[0].This != 0 || rows[0].Once != c.once {
			t.Errorf("%s: %+v, %v; want once %v", name, rows, err, c.once)
		}
	}
}

// TestWhyOfAnItemForEverybody: where neither death nor residence is asked about, the first
// condition still gives the reason.
func TestWhyOfAnItemForEverybody(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t, "    name: 高龄津贴\n", "    name: 高龄津贴\n    presence: any\n")
	who := payruntest.Person(payruntest.Day(1946, 11, 20)).Dossier
	book := explain.NewBook(p, payruntest.Nov, p, payruntest.Nov-1, nil)
	book.Against(p, payruntest.Nov-1)
	if got := reasonOf(t, book, who, who, nil, due(t, p, who, payruntest.Nov, "11")); got != "本月满 80 周岁" {
		t.Error(got)
	}
}

// TestWhyTheRuleChanged: a new condition is named where it speaks against, and only there.
func TestWhyTheRuleChanged(t *testing.T) {
	t.Parallel()
	old := payruntest.Pack(t)
	who := payruntest.Person(payruntest.Eighty).Dossier // 82
	for name, c := range map[string]struct{ condition, want string }{
		"it excludes":       {"年龄 >= 83", "规则自本月起改变：年龄 ≥ 83"},
		"it still includes": {"年龄 >= 81", "不再符合本项条件"},
	} {
		now := payruntest.Pack(t, "      - 年龄 >= 80\n      - 年龄 <= 99\n", "      - "+c.condition+"\n      - 年龄 <= 99\n")
		book := explain.NewBook(now, payruntest.Nov, old, payruntest.Nov-1, nil)
		book.Against(old, payruntest.Nov-1)
		if got := reasonOf(t, book, who, who, due(t, old, who, payruntest.Nov-1, "11"), nil); got != c.want && name == "it excludes" || strings.Contains(got, "规则") != (name == "it excludes") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// due is what the rules grant of an item, as a line of 当月.
func due(t *testing.T, p *policy.Pack, d *roster.Dossier, m month.Month, item string) []payrun.Line {
	t.Helper()
	if d.Birth == 0 {
		return nil
	}
	o, err := p.Grant(d, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range o.Grants {
		if g.Item == item {
			return []payrun.Line{{Item: item, Payee: g.Payee, Month: m, Kind: payrun.Current, Amount: g.Amount, Against: item}}
		}
	}
	return nil
}

func reasonOf(t *testing.T, book *explain.Book, now, before *roster.Dossier, last, this []payrun.Line) string {
	t.Helper()
	reason := ""
	if err := book.Bridge(now, before, last, this, func(r explain.BridgeRow) { reason = r.Reason }); err != nil {
		t.Fatal(err)
	}
	return reason
}

// TestLate: 补发 and 扣回 say what has become known of the month since the batch before.
func TestLate(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t, "name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 100", "name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 150")
	can := payruntest.Fact("生活不能自理")
	resident := func(charge string) *engine.Case {
		return payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("失能等级=完全失能"), payruntest.Fact("入住机构=甲院"), payruntest.Fact("机构月收费="+charge), payruntest.Fact("低保月金额=730.00"))
	}
	for _, c := range []struct {
		name        string
		now, before *engine.Case
		line        payrun.Line
		want        string
	}{
		{"低保 is told late", payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保", payruntest.Day(2026, 10, 1))), payruntest.Person(payruntest.Seventy, can),
			payrun.Line{Item: "16", Kind: payrun.Arrears, Amount: 10000}, "低保自 2026-10-01 起（补登记）；2026年10月应发 100.00 元，此前未发放"},
		{"低保 had ended", payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 9, 30))), payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保")),
			payrun.Line{Item: "16", Kind: payrun.Recovery, Amount: -10000}, "低保到 2026-09-30 止；2026年10月不再符合本项条件"},
		{"nothing new: it had been held", payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保")), payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保")),
			payrun.Line{Item: "16", Kind: payrun.Arrears, Amount: 10000}, "2026年10月应发 100.00 元，此前未发放"},
		{"dead", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 9, 3))), payruntest.Person(payruntest.Eighty),
			payrun.Line{Item: "11", Kind: payrun.Recovery, Amount: -7000}, "2026-09-03 去世"},
		{"a decision is told late", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Award("17", 90000, "2026-10", "", "")), payruntest.Person(payruntest.Seventy, payruntest.Fact("低保")),
			payrun.Line{Item: "17", Kind: payrun.Arrears, Amount: 90000}, "核定金额自 2026-10 起；2026年10月应发 900.00 元，此前未发放"},
		{"another item turned out to be more", payruntest.Person(payruntest.Seventy, can, payruntest.Fact("经济困难认定"), payruntest.Fact("残疾等级=一级", payruntest.Day(2026, 10, 1))), payruntest.Person(payruntest.Seventy, can, payruntest.Fact("经济困难认定")),
			payrun.Line{Item: "16", Kind: payrun.Recovery, Amount: -10000}, "就高改发 23-2 重度残疾人护理补贴；2026年10月不再符合本项条件"},
		{"it had been more already", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("残疾等级=一级")), payruntest.Person(payruntest.Seventy, can, payruntest.Fact("经济困难认定"), payruntest.Fact("残疾等级=一级")),
			payrun.Line{Item: "16", Kind: payrun.Recovery, Amount: -10000}, "生活不能自理的登记已撤销；2026年10月不再符合本项条件"},
		{"a charge was told wrong", resident("1700.00"), resident("1500.00"),
			payrun.Line{Item: "15", Kind: payrun.Arrears, Amount: 20000, Payee: "甲院"}, "机构月收费由1500变为1700（2020-01-01 起）；2026年10月应发 870.00 元，此前已发 670.00 元"},
		{"当月 says nothing", payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保", payruntest.Day(2026, 10, 1))), payruntest.Person(payruntest.Seventy, can),
			payrun.Line{Item: "16", Kind: payrun.Current, Amount: 10000}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			book := explain.NewBook(p, payruntest.Nov, p, payruntest.Nov-1, nil)
			c.line.Payee, c.line.Month, c.line.Against = cmp.Or(c.line.Payee, roster.Myself), payruntest.Nov-1, c.line.Item
			got, err := book.Detail(c.now.Dossier, c.line, explain.Earlier{})
			if err == nil {
				err = book.Late(c.now.Dossier, c.before.Dossier, &got)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Reason != c.want {
				t.Errorf("%q, want %q", got.Reason, c.want)
			}
		})
	}
}
