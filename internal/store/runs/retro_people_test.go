package runs_test

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// ofPeople are stories of what becomes known late of people.
var ofPeople = map[string]func() story{
	"late death": func() story {
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1943), storetest.Resident(1944)), month: storetest.At(10),
				lines: slices.Concat(every("某1943", "11", "本人", "70.00", 8, 10, 10), every("某1944", "11", "本人", "70.00", 8, 10, 10))},
			// The month of death is paid, the next is not.
			{learn: news(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20)))), month: storetest.At(11),
				lines: every("某1943", "11", "本人", "70.00", 11, 11, 11),
				debts: []string{"某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-10 70.00"}},
			{learn: news(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 10, 1)))), month: storetest.At(12),
				lines: every("某1943", "11", "本人", "70.00", 12, 12, 12)},
			// It was somebody else.
			{learn: news(storetest.Resident(1944)), month: storetest.At(13),
				lines: slices.Concat(every("某1943", "11", "本人", "70.00", 13, 13, 13), every("某1944", "11", "本人", "70.00", 11, 13, 13))},
		}}
	},
	"低保 back-dated, withdrawn, granted again": func() story {
		own := func(m int) []string { return every("某1944", "11", "本人", "70.00", m, m, m) }
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1944)), month: storetest.At(10), lines: every("某1944", "11", "本人", "70.00", 8, 10, 10)},
			// From 15 August: not in force on 1 August.
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.Day(2026, 8, 15))), month: storetest.At(11),
				lines: append(own(11), every("某1944", "13", "本人", "70.00", 9, 11, 11)...)},
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保"), month: storetest.At(12), lines: own(12),
				debts: []string{"某1944 13 本人 2026-09 70.00", "某1944 13 本人 2026-10 70.00", "某1944 13 本人 2026-11 70.00"}},
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.Day(2026, 10, 1))), month: storetest.At(13),
				lines: slices.Concat(own(13), every("某1944", "13", "本人", "70.00", 12, 13, 13), []string{"某1944 13 本人 2026-09 扣回 -70.00 从13"})},
		}}
	},
	"birth corrected by a new number": func() story {
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1946), storetest.Resident(1947)), month: storetest.At(10), lines: every("某1946", "11", "本人", "70.00", 8, 10, 10)},
			// One is 80 only in October, the other was in August already.
			{learn: storetest.NewSheet(storetest.EveryColumn).Person(reborn(1946, storetest.Day(1946, 10, 31)), storetest.IdOf(1946)).Person(reborn(1947, storetest.Day(1946, 8, 1)), storetest.IdOf(1947)), month: storetest.At(11),
				lines: slices.Concat(every("某1946", "11", "本人", "70.00", 11, 11, 11), []string{"某1946 11 本人 2026-08 扣回 -70.00 从11"},
					every("某1947", "11", "本人", "70.00", 8, 11, 11)),
				debts: []string{"某1946 11 本人 2026-09 70.00"}},
			{month: storetest.At(12), lines: slices.Concat(every("某1946", "11", "本人", "70.00", 12, 12, 12), []string{"某1946 11 本人 2026-09 扣回 -70.00 从11"},
				every("某1947", "11", "本人", "70.00", 12, 12, 12))},
		}}
	},
	"99 turns out to be 100": func() story {
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1927)), month: storetest.At(10), lines: every("某1927", "11", "本人", "70.00", 8, 10, 10)},
			{learn: storetest.NewSheet(storetest.EveryColumn).Person(reborn(1927, storetest.Day(1926, 9, 30)), storetest.IdOf(1927)), month: storetest.At(11),
				lines: append(every("某1927", "12", "本人", "300.00", 9, 11, 11),
					"某1927 11 本人 2026-09 扣回 -70.00 从12", "某1927 11 本人 2026-10 扣回 -70.00 从12")},
		}}
	},
	"changed grade": func() story {
		grade := func(f ...roster.Fact) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1956), "自理能力", f...)
		}
		basic := func(from, to int) []string { return every("某1956", "18-1", "本人", "960.00", from, to, to) }
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1956)).Fact(storetest.IdOf(1956), "特困", storetest.Since("分散", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo)), month: storetest.At(10),
				lines: append(basic(8, 10), every("某1956", "18-3", "本人", "100.00", 8, 10, 10)...)},
			{learn: grade(storetest.Since("全自理", storetest.LongAgo, storetest.Day(2026, 8, 31)), storetest.Since("半自理", storetest.Day(2026, 9, 1))), month: storetest.At(11),
				lines: slices.Concat(basic(11, 11), every("某1956", "18-3", "本人", "100.00", 9, 10, 11), every("某1956", "18-3", "本人", "200.00", 11, 11, 11))},
			{learn: grade(storetest.Since("全自理", storetest.LongAgo)), month: storetest.At(12),
				lines: slices.Concat(basic(12, 12), every("某1956", "18-3", "本人", "100.00", 12, 12, 12), []string{"某1956 18-3 本人 2026-09 扣回 -100.00 从18-3"}),
				debts: []string{"某1956 18-3 本人 2026-10 100.00", "某1956 18-3 本人 2026-11 100.00"}},
		}}
	},
	"institution A instead of B": func() story {
		lives := func(f ...roster.Fact) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1956), "入住机构", f...)
		}
		first := news(storetest.Resident(1956)).Payee(storetest.House("甲院", "2001")).Payee(storetest.House("乙院", "2002")).
			Fact(storetest.IdOf(1956), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全护理", storetest.LongAgo)).Fact(storetest.IdOf(1956), "入住机构", storetest.Since("甲院", storetest.LongAgo))
		return story{storetest.At(8), []chapter{
			{learn: first, month: storetest.At(10), lines: every("某1956", "19", "甲院", "1260.00", 8, 10, 10)},
			{learn: lives(storetest.Since("甲院", storetest.LongAgo, storetest.Day(2026, 8, 31)), storetest.Since("乙院", storetest.Day(2026, 9, 1))), month: storetest.At(11),
				lines: every("某1956", "19", "乙院", "1260.00", 9, 11, 11),
				debts: []string{"某1956 19 甲院 2026-09 1260.00", "某1956 19 甲院 2026-10 1260.00"}},
			{learn: lives(storetest.Since("甲院", storetest.LongAgo, storetest.Day(2026, 8, 31)), storetest.Since("乙院", storetest.Day(2026, 9, 1), storetest.Day(2026, 11, 30)), storetest.Since("甲院", storetest.Day(2026, 12, 1))), month: storetest.At(12),
				lines: append(every("某1956", "19", "甲院", "1260.00", 12, 12, 12), "某1956 19 甲院 2026-09 扣回 -1260.00 从19"),
				debts: []string{"某1956 19 甲院 2026-10 1260.00"}},
		}}
	},
	"a person added late, with 18-2": func() story {
		supported := func(from month.Date) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1956), "特困", storetest.Since("分散", from))
		}
		late := supported(storetest.Day(2025, 11, 10)).People(storetest.Resident(1956)).Payee(storetest.House("区医保局", "2009")).
			Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(1956), "医疗保险", storetest.Since("居民", storetest.LongAgo))
		own := func(from, to int) []string { return every("某1944", "11", "本人", "70.00", from, to, to) }
		both := func(from, to int) []string {
			return append(every("某1956", "18-1", "本人", "960.00", from, to, to), every("某1956", "18-3", "本人", "100.00", from, to, to)...)
		}
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1944)), month: storetest.At(10), lines: own(8, 10)},
			// The coverage year 2025/26 began for the person in December 2025, before the opening
			// month: the old system's. That of 2026/27 begins in October.
			{learn: late, month: storetest.At(11), lines: slices.Concat(own(11, 11), both(8, 11), []string{"某1956 18-2 区医保局 2026-10 补发 400.00"})},
			{learn: supported(storetest.Day(2026, 9, 20)), month: storetest.At(12),
				lines: slices.Concat(own(12, 12), both(12, 12), []string{"某1956 18-1 本人 2026-08 扣回 -960.00 从18-1", "某1956 18-3 本人 2026-08 扣回 -100.00 从18-3"}),
				debts: []string{"某1956 18-1 本人 2026-09 960.00", "某1956 18-3 本人 2026-09 100.00"}},
			// The first month of the coverage year is now December: 18-2 moves there.
			{learn: supported(storetest.Day(2026, 11, 15)), month: storetest.At(13),
				lines: slices.Concat(own(13, 13), both(13, 13), []string{"某1956 18-1 本人 2026-09 扣回 -960.00 从18-1", "某1956 18-3 本人 2026-09 扣回 -100.00 从18-3",
					"某1956 18-2 区医保局 2026-12 补发 400.00", "某1956 18-2 区医保局 2026-10 扣回 -400.00 从18-2"}),
				debts: []string{"某1956 18-1 本人 2026-10 960.00", "某1956 18-1 本人 2026-11 960.00", "某1956 18-3 本人 2026-10 100.00", "某1956 18-3 本人 2026-11 100.00"}},
		}}
	},
	"leaving and coming back": func() story {
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1944)), month: storetest.At(10), lines: every("某1944", "11", "本人", "70.00", 8, 10, 10)},
			// The month of leaving is paid, that of coming back is not.
			{learn: news(storetest.Resident(1944, moved(storetest.Day(2026, 8, 20), storetest.Day(2026, 10, 5)))), month: storetest.At(11),
				lines: append(every("某1944", "11", "本人", "70.00", 11, 11, 11), "某1944 11 本人 2026-09 扣回 -70.00 从11"),
				debts: []string{"某1944 11 本人 2026-10 70.00"}},
			{month: storetest.At(12), lines: append(every("某1944", "11", "本人", "70.00", 12, 12, 12), "某1944 11 本人 2026-10 扣回 -70.00 从11")},
			{learn: news(storetest.Resident(1944, moved(storetest.Day(2026, 8, 20), storetest.Day(2026, 9, 30)))), month: storetest.At(13),
				lines: []string{"某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2027-01 当月 70.00"}},
		}}
	},
	"late death of one in 分散供养": func() story {
		own := func(m int) []string { return every("某1944", "11", "本人", "70.00", m, m, m) }
		first := news(storetest.Resident(1944), storetest.Resident(1956)).Fact(storetest.IdOf(1956), "特困", storetest.Since("分散", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo))
		buried := news(storetest.Resident(1956, storetest.DiedOn(storetest.Day(2026, 9, 25)))).Payee(storetest.House("王某", "3001")).
			Award(storetest.IdOf(1956), "18-4", roster.Award{Amount: 300000, First: storetest.At(10), Last: storetest.At(10), Payee: "王某"})
		return story{storetest.At(10), []chapter{
			{learn: first, month: storetest.At(10), lines: slices.Concat(own(10), every("某1956", "18-1", "本人", "960.00", 10, 10, 10), every("某1956", "18-3", "本人", "100.00", 10, 10, 10))},
			{learn: buried, month: storetest.At(11), lines: append(own(11), "某1956 18-4 王某 2026-10 补发 3000.00"),
				debts: []string{"某1956 18-1 本人 2026-10 960.00", "某1956 18-3 本人 2026-10 100.00"}},
			// Of October after all: nothing is owed, and 18-4 was right in October.
			{learn: news(storetest.Resident(1956, storetest.DiedOn(storetest.Day(2026, 10, 3)))), month: storetest.At(12), lines: own(12)},
		}}
	},
	"a supplementary batch": func() story {
		return story{storetest.At(10), []chapter{
			{learn: news(storetest.Resident(1944)), month: storetest.At(10), lines: every("某1944", "11", "本人", "70.00", 10, 10, 10)},
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保", storetest.Since("是", storetest.Day(2026, 10, 1))), month: storetest.At(10), lines: every("某1944", "13", "本人", "70.00", 10, 10, 10)},
			{learn: storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1944), "低保"), month: storetest.At(11),
				lines: every("某1944", "11", "本人", "70.00", 11, 11, 11), debts: []string{"某1944 13 本人 2026-10 70.00"}},
		}}
	},
	"a payment comes back, then a late death": func() story {
		returned := func(d *storetest.District, b payrun.Batch) { d.BankRefuses(b, "621944") }
		return story{storetest.At(8), []chapter{
			{learn: news(storetest.Resident(1943), storetest.Resident(1944)), month: storetest.At(10), after: returned,
				lines: slices.Concat(every("某1943", "11", "本人", "70.00", 8, 10, 10), every("某1944", "11", "本人", "70.00", 8, 10, 10))},
			// Nothing of what came back was paid: no debt, and August is still theirs.
			{learn: news(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20)))), month: storetest.At(11),
				lines: append(every("某1943", "11", "本人", "70.00", 11, 11, 11), "某1944 11 本人 2026-08 补发 70.00 [账户无效、已故待领]")},
		}}
	},
}
