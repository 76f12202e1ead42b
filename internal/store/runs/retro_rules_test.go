package runs_test

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// ofRules are stories of rates and rules that change for the past, of 就高, deductions,
// netting and limits.
var ofRules = map[string]func() story{
	"a rate corrected from an earlier month": func() story {
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1943), storetest.Resident(1944)), month: storetest.At(10),
				lines: slices.Concat(every("某1943", "11", "本人", "70.00", 8, 10, 10), every("某1944", "11", "本人", "70.00", 8, 10, 10))},
			{pack: []string{storetest.Rate11, storetest.Rate11 + "      - {from: 2026-09, value: \"80.50\", source: 新文}\n"}, month: storetest.At(11),
				lines: slices.Concat(every("某1943", "11", "本人", "10.50", 9, 10, 11), every("某1943", "11", "本人", "80.50", 11, 11, 11),
					every("某1944", "11", "本人", "10.50", 9, 10, 11), every("某1944", "11", "本人", "80.50", 11, 11, 11))},
			{pack: []string{storetest.Rate11, storetest.Rate11 + "      - {from: 2026-09, value: \"65.25\", source: 更正}\n"}, learn: news(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 11, 30)))), month: storetest.At(12),
				lines: append(every("某1944", "11", "本人", "65.25", 12, 12, 12), "某1944 11 本人 2026-09 扣回 -15.25 从11",
					"某1944 11 本人 2026-10 扣回 -15.25 从11", "某1944 11 本人 2026-11 扣回 -15.25 从11"),
				debts: []string{"某1943 11 本人 2026-09 15.25", "某1943 11 本人 2026-10 15.25", "某1943 11 本人 2026-11 15.25"}},
		}}
	},
	"a rule corrected from an earlier month": func() story {
		poor := news(storetest.Resident(1943), storetest.Resident(1944)).Fact(storetest.IdOf(1944), "低保边缘", storetest.Since("是", storetest.LongAgo)).
			Fact(storetest.IdOf(1943), "低保", storetest.Since("是", storetest.LongAgo)).Fact(storetest.IdOf(1943), "生活不能自理", storetest.Since("是", storetest.LongAgo))
		both := func(item string, from, to int) []string {
			return append(every("某1943", item, "本人", "70.00", from, to, to), every("某1944", item, "本人", "70.00", from, to, to)...)
		}
		only := "      - {to: 2026-08, is: 经济困难}\n      - {from: 2026-09, is: 低保}\n    unless: [known(特困)]\n    pay:\n      amount: 养老服务补贴标准\n"
		never := "      - 经济困难\n    unless:\n      - known(特困)\n      - {from: 2026-10, is: 生活不能自理}\n    pay:\n      amount: 养老服务补贴标准\n"
		return story{storetest.At(8), []chapter{
			{learn: poor, month: storetest.At(10), lines: slices.Concat(both("11", 8, 10), both("13", 8, 10), every("某1943", "16", "本人", "100.00", 8, 10, 10))},
			{pack: []string{storetest.Who13, only}, month: storetest.At(11),
				lines: slices.Concat(both("11", 11, 11), every("某1943", "13", "本人", "70.00", 11, 11, 11), every("某1943", "16", "本人", "100.00", 11, 11, 11)),
				debts: []string{"某1944 13 本人 2026-09 70.00", "某1944 13 本人 2026-10 70.00"}},
			{pack: []string{storetest.Who13, never}, month: storetest.At(12),
				lines: slices.Concat(both("11", 12, 12), every("某1943", "16", "本人", "100.00", 12, 12, 12), every("某1944", "13", "本人", "70.00", 11, 12, 12)),
				debts: []string{"某1943 13 本人 2026-10 70.00", "某1943 13 本人 2026-11 70.00"}},
		}}
	},
	"就高 switches to and fro": func() story {
		helpless := func(f ...roster.Fact) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1957), "生活不能自理", f...)
		}
		in := func(from, to month.Date) roster.Fact { return storetest.Since("是", from, to) }
		disabled := news(storetest.Resident(1957)).Fact(storetest.IdOf(1957), "经济困难认定", storetest.Since("是", storetest.LongAgo)).Fact(storetest.IdOf(1957), "残疾等级", storetest.Since("一级", storetest.LongAgo)).
			Fact(storetest.IdOf(1957), "残疾类别", storetest.Since("肢体", storetest.LongAgo))
		got := func(item string, from, to, run int) []string {
			return every("某1957", item, "本人", "100.00", from, to, run)
		}
		return story{storetest.At(8), []chapter{
			{learn: disabled, month: storetest.At(10), lines: got("23-2", 8, 10, 10)},
			{learn: helpless(in(storetest.Day(2026, 9, 1), storetest.Day(2026, 9, 30))), month: storetest.At(11),
				lines: slices.Concat(got("16", 9, 9, 11), got("23-2", 11, 11, 11), []string{"某1957 23-2 本人 2026-09 扣回 -100.00 从16"})},
			// August, October and November now, and no longer September: each month nets by itself.
			{learn: helpless(in(storetest.Day(2026, 8, 1), storetest.Day(2026, 8, 31)), in(storetest.Day(2026, 10, 1), storetest.Day(2026, 11, 30))), month: storetest.At(12),
				lines: slices.Concat(got("16", 8, 8, 12), got("16", 10, 11, 12), got("23-2", 9, 9, 12), got("23-2", 12, 12, 12),
					[]string{"某1957 23-2 本人 2026-08 扣回 -100.00 从16", "某1957 16 本人 2026-09 扣回 -100.00 从23-2",
						"某1957 23-2 本人 2026-10 扣回 -100.00 从16", "某1957 23-2 本人 2026-11 扣回 -100.00 从16"})},
			// Never, and 23-2 is more from October on.
			{learn: helpless(), pack: []string{storetest.After23, "      - {from: 2026-10, value: \"120.55\", source: 新文}\n" + storetest.After23}, month: storetest.At(13),
				lines: slices.Concat(got("23-2", 8, 8, 13), every("某1957", "23-2", "本人", "120.55", 10, 11, 13), every("某1957", "23-2", "本人", "20.55", 12, 12, 13),
					every("某1957", "23-2", "本人", "120.55", 13, 13, 13),
					[]string{"某1957 16 本人 2026-08 扣回 -100.00 从23-2", "某1957 16 本人 2026-10 扣回 -100.00 从23-2", "某1957 16 本人 2026-11 扣回 -100.00 从23-2"})},
		}}
	},
	"the deductions of 15": func() story {
		id := storetest.IdOf(1944)
		first := news(storetest.Resident(1944)).Payee(storetest.House("甲院", "2001")).Fact(id, "低保", storetest.Since("是", storetest.LongAgo)).Fact(id, "失能等级", storetest.Since("完全失能", storetest.LongAgo)).
			Fact(id, "入住机构", storetest.Since("甲院", storetest.LongAgo)).Fact(id, "机构月收费", storetest.Since("1500.00", storetest.LongAgo)).Fact(id, "低保月金额", storetest.Since("500.00", storetest.LongAgo))
		of := func(item, amount string, m, run int) []string {
			return every("某1944", item, "本人", amount, m, m, run)
		}
		home := func(amount string, m int) []string { return every("某1944", "15", "甲院", amount, m, m, m) }
		steady := func(m int) []string { return slices.Concat(of("11", "70.00", m, m), of("13", "70.00", m, m)) }
		return story{storetest.At(8), []chapter{
			// 1500 − 500 − 70 (item 13) − 100 (item 16) = 830.
			{learn: first, month: storetest.At(10), lines: slices.Concat(every("某1944", "11", "本人", "70.00", 8, 10, 10), every("某1944", "13", "本人", "70.00", 8, 10, 10),
				every("某1944", "15", "甲院", "830.00", 8, 10, 10), every("某1944", "16", "本人", "100.00", 8, 10, 10))},
			// 23-1 since September, which reads any day: 830 − 100 = 730. 23-2 loses to 16.
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(id, "残疾等级", storetest.Since("二级", storetest.Day(2026, 9, 10))), month: storetest.At(11),
				lines: slices.Concat(steady(11), home("730.00", 11), of("16", "100.00", 11, 11), every("某1944", "23-1", "本人", "100.00", 9, 11, 11),
					[]string{"某1944 15 甲院 2026-09 扣回 -100.00 从15", "某1944 15 甲院 2026-10 扣回 -100.00 从15"})},
			// 16 is 130 from October on: 730 − 30 = 700.
			{pack: []string{storetest.Rate16, storetest.Rate16 + "      - {from: 2026-10, value: 130, floor: 100, source: 新文}\n"}, month: storetest.At(12),
				lines: slices.Concat(steady(12), home("700.00", 12), every("某1944", "16", "本人", "30.00", 10, 11, 12), of("16", "130.00", 12, 12), of("23-1", "100.00", 12, 12),
					[]string{"某1944 15 甲院 2026-10 扣回 -30.00 从15", "某1944 15 甲院 2026-11 扣回 -30.00 从15"})},
			// 低保 ended in October: 13, 15, 16 and 23-1 fall away in November and December, and
			// 23-2 is paid. Its 100 a month take 13 first, then of 16 what is left (docs/rules.md §5.3).
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(id, "低保", storetest.Since("是", storetest.LongAgo, storetest.Day(2026, 10, 31))), month: storetest.At(13),
				lines: slices.Concat(of("11", "70.00", 13, 13), every("某1944", "23-2", "本人", "100.00", 11, 13, 13),
					[]string{"某1944 13 本人 2026-11 扣回 -70.00 从23-2", "某1944 16 本人 2026-11 扣回 -30.00 从23-2",
						"某1944 13 本人 2026-12 扣回 -70.00 从23-2", "某1944 16 本人 2026-12 扣回 -30.00 从23-2"}),
				debts: []string{"某1944 15 甲院 2026-11 700.00", "某1944 15 甲院 2026-12 700.00", "某1944 16 本人 2026-11 100.00", "某1944 16 本人 2026-12 100.00",
					"某1944 23-1 本人 2026-11 100.00", "某1944 23-1 本人 2026-12 100.00"}},
		}}
	},
	"reclassified before later months are touched": func() story {
		helpless := func(until month.Date) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1957), "生活不能自理", storetest.Since("是", storetest.LongAgo, until))
		}
		disabled := helpless(storetest.Day(2026, 8, 31)).People(storetest.Resident(1957)).Fact(storetest.IdOf(1957), "经济困难认定", storetest.Since("是", storetest.LongAgo)).
			Fact(storetest.IdOf(1957), "残疾等级", storetest.Since("一级", storetest.LongAgo)).Fact(storetest.IdOf(1957), "残疾类别", storetest.Since("肢体", storetest.LongAgo))
		dear := "      - {from: 2024-01, value: 150, floor: 100, source: 旧文}\n      - {from: 2026-09, value: 100, floor: 100, source: 旧文}\n"
		return story{storetest.At(8), []chapter{
			{learn: disabled, pack: []string{storetest.Rate16, dear}, month: storetest.At(10), lines: append(every("某1957", "16", "本人", "150.00", 8, 8, 10), every("某1957", "23-2", "本人", "100.00", 9, 10, 10)...)},
			// 16 of August was 50 too much, and September is 16's: its 100 are for 23-2 of the same
			// month (1), so that nothing is left for August's 50 (2).
			{learn: helpless(storetest.Day(2026, 9, 30)), pack: []string{storetest.Rate16, storetest.Rate16}, month: storetest.At(11),
				lines: slices.Concat(every("某1957", "16", "本人", "100.00", 9, 9, 11), every("某1957", "23-2", "本人", "100.00", 11, 11, 11),
					[]string{"某1957 23-2 本人 2026-09 扣回 -100.00 从16"}),
				debts: []string{"某1957 16 本人 2026-08 50.00"}},
		}}
	},
	"two 替代组 in their order": func() story {
		id := storetest.IdOf(1944)
		disabled := news(storetest.Resident(1944)).Fact(id, "残疾等级", storetest.Since("一级", storetest.LongAgo)).Fact(id, "残疾类别", storetest.Since("肢体", storetest.LongAgo))
		poor := storetest.NewSheet(storetest.EveryColumn).Fact(id, "低保", storetest.Since("是", storetest.Day(2026, 10, 1))).Fact(id, "生活不能自理", storetest.Since("是", storetest.Day(2026, 10, 1)))
		return story{storetest.At(10), []chapter{
			{learn: disabled, pack: []string{storetest.Rate23, "  - name: 重度残疾人护理补贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 250,"}, month: storetest.At(10),
				lines: []string{"某1944 11 本人 2026-10 当月 70.00", "某1944 23-2 本人 2026-10 当月 250.00"}},
			// {16, 23-2} comes first, then {13, 16, …, 23-1, …} in list order.
			{learn: poor, pack: []string{storetest.Rate23, storetest.Rate23}, month: storetest.At(11),
				lines: slices.Concat(every("某1944", "11", "本人", "70.00", 11, 11, 11), every("某1944", "13", "本人", "70.00", 10, 11, 11),
					every("某1944", "16", "本人", "100.00", 10, 11, 11), every("某1944", "23-1", "本人", "100.00", 10, 11, 11),
					[]string{"某1944 23-2 本人 2026-10 扣回 -100.00 从16", "某1944 23-2 本人 2026-10 扣回 -70.00 从13", "某1944 23-2 本人 2026-10 扣回 -80.00 从23-1"})},
		}}
	},
	"核定金额 changed, and to somebody else": func() story {
		granted := func(a ...roster.Award) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Award(storetest.IdOf(1950), "17", a...)
		}
		first := granted(roster.Award{Amount: 30000, First: storetest.At(8)}).People(storetest.Resident(1950)).Payee(storetest.House("甲院", "2001")).Fact(storetest.IdOf(1950), "低保", storetest.Since("是", storetest.LongAgo))
		before := roster.Award{Amount: 30000, First: storetest.At(8), Last: storetest.At(9)}
		return story{storetest.At(8), []chapter{
			{learn: first, month: storetest.At(10), lines: every("某1950", "17", "本人", "300.00", 8, 10, 10)},
			{learn: granted(before, roster.Award{Amount: 45055, First: storetest.At(10), Payee: "甲院"}), month: storetest.At(11),
				lines: every("某1950", "17", "甲院", "450.55", 10, 11, 11), debts: []string{"某1950 17 本人 2026-10 300.00"}},
			{learn: granted(before, roster.Award{Amount: 45055, First: storetest.At(10)}), month: storetest.At(12),
				lines: append(every("某1950", "17", "本人", "450.55", 11, 12, 12), "某1950 17 本人 2026-10 补发 150.55"),
				debts: []string{"某1950 17 甲院 2026-10 450.55", "某1950 17 甲院 2026-11 450.55"}},
		}}
	},
	"arrears limits": func() story {
		held := func(from, to int) []string {
			all := every("某1945", "11", "本人", "70.00", from, to, to)
			for i := range all {
				all[i] += " [无账户]"
			}
			return all
		}
		return story{storetest.At(7), []chapter{
			// July is three months back, but nobody was paid a later month before.
			{learn: news(storetest.Resident(1943), storetest.Resident(1945, storetest.Without)), pack: []string{storetest.Pays11, storetest.Pays11 + "      arrears_months: 2\n"}, month: storetest.At(10),
				lines: append(every("某1943", "11", "本人", "70.00", 7, 10, 10), held(7, 10)...)},
			// Of somebody new July and August are too far; what was found for them in time stays due.
			{learn: news(storetest.Resident(1944)), month: storetest.At(11),
				lines: slices.Concat(every("某1943", "11", "本人", "70.00", 11, 11, 11), every("某1944", "11", "本人", "70.00", 9, 11, 11), held(7, 11))},
			{learn: news(storetest.Resident(1945)), month: storetest.At(12), leaves: true,
				lines: slices.Concat(every("某1943", "11", "本人", "70.00", 12, 12, 12), every("某1944", "11", "本人", "70.00", 12, 12, 12), every("某1945", "11", "本人", "70.00", 7, 12, 12))},
			// A batch that nobody submitted has found its dues all the same.
			{month: storetest.At(15), lines: slices.Concat(every("某1943", "11", "本人", "70.00", 12, 15, 15), every("某1944", "11", "本人", "70.00", 12, 15, 15), every("某1945", "11", "本人", "70.00", 7, 15, 15))},
		}}
	},
}
