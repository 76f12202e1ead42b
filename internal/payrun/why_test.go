package payrun_test

import (
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// TestWhyChanged: what a street office reads beside a name says which fact, rate or
// decision it was, and since when.
func TestWhyChanged(t *testing.T) {
	t.Parallel()
	oct31 := day(2026, 10, 31)
	longAgo := day(2020, 1, 1)
	more := func(t *testing.T) *policy.Pack { // 23-2 is more than 16, and 高龄津贴 rises in November
		return pack(t, "name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 100", "name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 150",
			"name: 高龄津贴标准\n    unit: 元/月\n    values:\n", "name: 高龄津贴标准\n    unit: 元/月\n    values:\n      - {from: 2026-11, value: 80, source: 文}\n")
	}
	for _, c := range []struct {
		name   string
		now    *payrun.Case
		before *payrun.Case // nil: as now
		item   string
		want   string
	}{
		{"低保 began", person(seventy, fact("低保", day(2026, 11, 1)), fact("生活不能自理")), person(seventy, fact("生活不能自理")), "16", "低保自 2026-11-01 起"},
		{"低保 is told late", person(seventy, fact("低保", day(2026, 8, 1)), fact("生活不能自理")), person(seventy, fact("生活不能自理")), "16", "低保自 2026-08-01 起（补登记）"},
		{"低保 ended", person(seventy, fact("低保", longAgo, oct31), fact("生活不能自理")), person(seventy, fact("低保"), fact("生活不能自理")), "16", "低保到 2026-10-31 止"},
		{"低保 was a mistake", person(seventy, fact("生活不能自理")), person(seventy, fact("低保"), fact("生活不能自理")), "16", "低保的登记已撤销"},
		{"a grade began", person(seventy, fact("经济困难认定"), fact("失能等级=重度失能", day(2026, 11, 1))), nil, "16", "失能等级（重度失能）自 2026-11-01 起"},
		{"a grade rose", person(seventy, fact("经济困难认定"), fact("失能等级=中度失能", longAgo, oct31), fact("失能等级=重度失能", day(2026, 11, 1))), nil, "16", "失能等级由中度失能变为重度失能（2026-11-01 起）"},
		{"特困 began", person(seventy, fact("低保"), fact("生活不能自理"), fact("特困=分散", day(2026, 11, 1))), nil, "16", "特困（分散）自 2026-11-01 起"},
		{"就高 away", person(seventy, fact("经济困难认定"), fact("生活不能自理"), fact("残疾等级=一级", day(2026, 11, 1))), nil, "16", "就高改发 23-2 重度残疾人护理补贴"},
		{"就高 to", person(seventy, fact("经济困难认定"), fact("生活不能自理"), fact("残疾等级=一级", day(2026, 11, 1))), nil, "23-2", "残疾等级（一级）自 2026-11-01 起；就高代替 16 护理补贴"},
		{"another multiple", person(seventy, fact("特困=分散"), fact("自理能力=半自理", longAgo, oct31), fact("自理能力=全护理", day(2026, 11, 1))), nil, "18-3", "自理能力由半自理变为全护理（2026-11-01 起）；照料护理倍数由 2倍变为 3倍"},
		{"a decision began", person(seventy, fact("低保"), award("17", 90000, "2026-11", "", "")), nil, "17", "核定金额自 2026-11 起"},
		{"a decision for one month", person(seventy, fact("低保"), award("17", 90000, "2026-11", "2026-11", "")), nil, "17", "一次性核定金额"},
		{"that month is over", person(seventy, fact("低保"), award("17", 90000, "2026-10", "2026-10", "")), nil, "17", "一次性核定金额，上月已发"},
		{"a decision ended", person(seventy, fact("低保"), award("17", 90000, "2026-01", "2026-10", "")), nil, "17", "核定金额到 2026-10 止"},
		{"another decision", person(seventy, fact("低保"), award("17", 90000, "2026-01", "2026-10", ""), award("17", 95050, "2026-11", "", "")), nil, "17", "核定金额由 900.00 元变为 950.50 元"},
		{"funeral grant is over", person(seventy, fact("特困=分散"), died(day(2026, 9, 9)), award("18-4", 90000, "2026-10", "", "乙某")), nil, "18-4", "一次性核定金额，上月已发"},
		{"once a year", person(seventy, fact("特困=分散"), fact("医疗保险=居民")), nil, "18-2", "一年一次，本年度已经发放"},
		{"turned 80 at 0 元", person(day(1946, 11, 20), fact("低保")), nil, "13", "本月满 80 周岁；养老服务补贴标准由 0元/月变为 70元/月"},
		{"another ID number", person(day(1926, 5, 5)), person(day(1927, 5, 5)), "12", "更正出生日期后为 100 周岁"},
		{"turned 100", person(day(1926, 11, 20)), nil, "11", "本月满 100 周岁"},
		{"registered anew", person(eighty), &payrun.Case{}, "11", "本月登记入册"},
		{"a rate rose", person(eighty), nil, "11", "高龄津贴标准由 70元/月变为 80元/月"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := more(t)
			now, before := c.now.Dossier, c.now.Dossier
			if c.before != nil {
				before = c.before.Dossier
			}
			book := payrun.NewBook(p, nov, p, nov-1, nil)
			book.Against(p, nov-1)
			then := before
			if then == nil {
				then = &roster.Dossier{}
			}
			got := reasonOf(t, book, now, before, due(t, p, then, nov-1, c.item), due(t, p, now, nov, c.item))
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
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

func reasonOf(t *testing.T, book *payrun.Book, now, before *roster.Dossier, last, this []payrun.Line) string {
	t.Helper()
	reason := ""
	if err := book.Bridge(now, before, last, this, func(r payrun.BridgeRow) { reason = r.Reason }); err != nil {
		t.Fatal(err)
	}
	return reason
}

// TestLate: 补发 and 扣回 say what has become known of the month since the batch before.
func TestLate(t *testing.T) {
	t.Parallel()
	p := pack(t)
	can := fact("生活不能自理")
	for _, c := range []struct {
		name        string
		now, before *payrun.Case
		line        payrun.Line
		want        string
	}{
		{"低保 is told late", person(seventy, can, fact("低保", day(2026, 10, 1))), person(seventy, can),
			payrun.Line{Item: "16", Kind: payrun.Arrears, Amount: 10000}, "低保自 2026-10-01 起（补登记）；2026年10月应发 100.00 元，此前未发放"},
		{"低保 had ended", person(seventy, can, fact("低保", day(2020, 1, 1), day(2026, 9, 30))), person(seventy, can, fact("低保")),
			payrun.Line{Item: "16", Kind: payrun.Recovery, Amount: -10000}, "低保到 2026-09-30 止；2026年10月不再符合本项条件"},
		{"nothing new: it had been held", person(seventy, can, fact("低保")), person(seventy, can, fact("低保")),
			payrun.Line{Item: "16", Kind: payrun.Arrears, Amount: 10000}, "2026年10月应发 100.00 元，此前未发放"},
		{"dead", person(eighty, died(day(2026, 9, 3))), person(eighty),
			payrun.Line{Item: "11", Kind: payrun.Recovery, Amount: -7000}, "2026-09-03 去世"},
		{"a decision is told late", person(seventy, fact("低保"), award("17", 90000, "2026-10", "", "")), person(seventy, fact("低保")),
			payrun.Line{Item: "17", Kind: payrun.Arrears, Amount: 90000}, "核定金额自 2026-10 起；2026年10月应发 900.00 元，此前未发放"},
		{"当月 says nothing", person(seventy, can, fact("低保", day(2026, 10, 1))), person(seventy, can),
			payrun.Line{Item: "16", Kind: payrun.Current, Amount: 10000}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			book := payrun.NewBook(p, nov, p, nov-1, nil)
			c.line.Payee, c.line.Month, c.line.Against = roster.Myself, nov-1, c.line.Item
			got, err := book.Detail(c.now.Dossier, c.line)
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
