package runs_test

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/storetest"
)

// limits is the built-in pack with limits on 补发: 高龄津贴 three months, 护理补贴 one, 最低生活保障 two.
var limits = []string{
	storetest.Pays11, storetest.Pays11 + "      arrears_months: 3\n",
	"      amount: 护理补贴标准\n", "      amount: 护理补贴标准\n      arrears_months: 1\n",
	"    pay: {name: 临时救助, determined: true, payee: {determined: true}, fund: 困难群众救助补助资金}\n",
	"    pay: {determined: true, payee: {determined: true}, fund: 困难群众救助补助资金, arrears_months: 2}\n",
}

// aged70 is 高龄津贴 from 70 years of age on.
var aged70 = []string{"      - 年龄 >= 80\n      - 年龄 <= 99\n", "      - 年龄 >= 70\n      - 年龄 <= 99\n"}

// ofLimits are stories of limits on 补发, worked out by hand from docs/rules.md §5.6: a due of month
// m lapses when m < K − n, K being the month the bureau was to pay next when it came to
// know what grants the due.
var ofLimits = map[string]func() story{
	"months nobody ran": func() story {
		// Five people in time, one of them 80 only in March: 4 × 6 × 70 + 4 × 70 = 1,960.
		turning := reborn(1946, storetest.Day(2026-80, 3, 9))
		five := append(every("某1946", "11", "本人", "70.00", 3, 6, 6), slices.Concat(
			every("某1941", "11", "本人", "70.00", 1, 6, 6), every("某1942", "11", "本人", "70.00", 1, 6, 6),
			every("某1943", "11", "本人", "70.00", 1, 6, 6), every("某1944", "11", "本人", "70.00", 1, 6, 6))...)
		return story{storetest.At(1), []chapter{
			{learn: news(storetest.Resident(1941), storetest.Resident(1942), storetest.Resident(1943), storetest.Resident(1944), turning), pack: limits, month: storetest.At(6), lines: five},
			// June is approved, so K is July: April and later of somebody new.
			{learn: news(storetest.Resident(1945, moved(0, storetest.Day(2025, 12, 5)))), month: storetest.At(9), lines: slices.Concat(every("某1945", "11", "本人", "70.00", 4, 9, 9),
				every("某1941", "11", "本人", "70.00", 7, 9, 9), every("某1942", "11", "本人", "70.00", 7, 9, 9), every("某1943", "11", "本人", "70.00", 7, 9, 9),
				every("某1944", "11", "本人", "70.00", 7, 9, 9), every("某1946", "11", "本人", "70.00", 7, 9, 9))},
		}}
	},
	"a fact back-dated, and one in place of another": func() story {
		helpless := func(s *storetest.Sheet) *storetest.Sheet {
			return s.Fact(storetest.IdOf(1957), "生活不能自理", storetest.Since("是", storetest.LongAgo))
		}
		poor := func(what string, from month.Date, until ...month.Date) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1957), what, storetest.Since("是", from, until...))
		}
		return story{storetest.At(1), []chapter{
			{learn: helpless(news(storetest.Resident(1957))), pack: limits, month: storetest.At(3)},
			// K is April and 护理补贴 goes back one month; 养老服务补贴 grants people of 60–79 nothing.
			{learn: poor("经济困难认定", storetest.Day(2026, 1, 1)), month: storetest.At(5), leaves: true, lines: every("某1957", "16", "本人", "100.00", 3, 5, 5)},
			// The other fact takes its place for all of that time, and earlier: what was known in
			// time stays so, February is as much too late as it was.
			{learn: poor("低保边缘", storetest.LongAgo).Fact(storetest.IdOf(1957), "经济困难认定"), month: storetest.At(8), lines: every("某1957", "16", "本人", "100.00", 3, 8, 8)},
			// Ended, and after two more months begun again as of September: K is November.
			{learn: poor("低保边缘", storetest.LongAgo, storetest.Day(2026, 8, 31)), month: storetest.At(10)},
			{learn: poor("低保边缘", storetest.LongAgo), month: storetest.At(11), lines: every("某1957", "16", "本人", "100.00", 10, 11, 11)},
		}}
	},
	"核定金额 added later": func() story {
		granted := func(a ...roster.Award) *storetest.Sheet {
			return storetest.NewSheet(storetest.EveryColumn).Award(storetest.IdOf(1957), "17", a...)
		}
		first := news(storetest.Resident(1957)).Fact(storetest.IdOf(1957), "低保", storetest.Since("是", storetest.LongAgo))
		return story{storetest.At(1), []chapter{
			{learn: first, pack: limits, month: storetest.At(6)},
			// K is July: May and June at most.
			{learn: granted(roster.Award{Amount: 30000, First: storetest.At(2)}), month: storetest.At(8), lines: every("某1957", "17", "本人", "300.00", 5, 8, 8)},
			// More for settled months: never too late. April was not granted in time.
			{learn: granted(roster.Award{Amount: 40000, First: storetest.At(2)}), month: storetest.At(9),
				lines: slices.Concat(every("某1957", "17", "本人", "100.00", 5, 8, 9), every("某1957", "17", "本人", "400.00", 9, 9, 9))},
		}}
	},
	"carried over, and a date corrected": func() story {
		late := storetest.Resident(1944, moved(0, storetest.Day(2026, 7, 10)))
		return story{storetest.At(1), []chapter{
			{learn: news(storetest.Resident(1943), late), pack: limits, month: storetest.At(5), leaves: true, lines: every("某1943", "11", "本人", "70.00", 1, 5, 5)},
			// Nothing was approved: K is January still.
			{learn: news(storetest.Resident(1945)), month: storetest.At(8), leaves: true, lines: slices.Concat(every("某1943", "11", "本人", "70.00", 1, 8, 8),
				every("某1944", "11", "本人", "70.00", 8, 8, 8), every("某1945", "11", "本人", "70.00", 1, 8, 8))},
			{month: storetest.At(9), lines: slices.Concat(every("某1943", "11", "本人", "70.00", 1, 9, 9),
				every("某1944", "11", "本人", "70.00", 8, 9, 9), every("某1945", "11", "本人", "70.00", 1, 9, 9))},
			// 1944 moved in earlier than was thought. K is October.
			{learn: news(storetest.Resident(1944, moved(0, storetest.Day(2026, 2, 10)))), month: storetest.At(11), lines: slices.Concat(every("某1943", "11", "本人", "70.00", 10, 11, 11),
				every("某1944", "11", "本人", "70.00", 7, 7, 11), every("某1944", "11", "本人", "70.00", 10, 11, 11), every("某1945", "11", "本人", "70.00", 10, 11, 11))},
		}}
	},
	"two records of one person": func() story {
		return story{storetest.At(1), []chapter{
			// 1942 is held, so nothing of it is settled; 1944 is the same person with an account.
			{learn: news(storetest.Resident(1942, storetest.Without)), pack: limits, month: storetest.At(5),
				lines: []string{"某1942 11 本人 2026-01 补发 70.00 [无账户]", "某1942 11 本人 2026-02 补发 70.00 [无账户]", "某1942 11 本人 2026-03 补发 70.00 [无账户]",
					"某1942 11 本人 2026-04 补发 70.00 [无账户]", "某1942 11 本人 2026-05 当月 70.00 [无账户]"},
				after: func(d *storetest.District, _ payrun.Batch) {
					d.Learn(news(storetest.Resident(1944)))
					d.Merge(1944, 1942)
				}},
			{month: storetest.At(6), lines: every("某1944", "11", "本人", "70.00", 1, 6, 6)},
		}}
	},
	"a late record merged into one known in time": func() story {
		return story{storetest.At(1), []chapter{
			{learn: news(storetest.Resident(1943), storetest.Resident(1952)), pack: limits, month: storetest.At(6), lines: every("某1943", "11", "本人", "70.00", 1, 6, 6),
				after: func(d *storetest.District, _ payrun.Batch) {
					d.Learn(news(storetest.Resident(1953)))
					d.Merge(1952, 1953)
				}},
			// The age falls to 70, back-dated: 1952's own record, which grants it, was known in time. 7 × 70 = 490.
			{pack: append(slices.Clone(aged70), limits...), month: storetest.At(7), lines: append(every("某1943", "11", "本人", "70.00", 7, 7, 7), every("某1952", "11", "本人", "70.00", 1, 7, 7)...)},
		}}
	},
	"a death recorded by mistake": func() story {
		dead := storetest.DiedOn(storetest.Day(2025, 12, 3))
		return story{storetest.At(1), []chapter{
			{learn: news(storetest.Resident(1943)), pack: limits, month: storetest.At(1), lines: every("某1943", "11", "本人", "70.00", 1, 1, 1), after: func(d *storetest.District, _ payrun.Batch) {
				d.Learn(news(storetest.Resident(1944), storetest.Resident(1945)))
				d.Learn(news(storetest.Resident(1944, dead), storetest.Resident(1945, dead)))
				d.Learn(news(storetest.Resident(1945))) // K is February, as when 1945 became known first
			}},
			{month: storetest.At(6), lines: append(every("某1943", "11", "本人", "70.00", 2, 6, 6), every("某1945", "11", "本人", "70.00", 1, 6, 6)...),
				after: func(d *storetest.District, _ payrun.Batch) { d.Learn(news(storetest.Resident(1944))) }},
			// K is July: from December on nothing was granted 1944 by what was known.
			{month: storetest.At(7), lines: slices.Concat(every("某1943", "11", "本人", "70.00", 7, 7, 7), every("某1944", "11", "本人", "70.00", 4, 7, 7),
				every("某1945", "11", "本人", "70.00", 7, 7, 7))},
		}}
	},
	"an approval that was voided": func() story {
		return story{storetest.At(1), []chapter{
			{learn: news(storetest.Resident(1943)), pack: limits, month: storetest.At(2), lines: every("某1943", "11", "本人", "70.00", 1, 2, 2)},
			{month: storetest.At(8), lines: every("某1943", "11", "本人", "70.00", 3, 8, 8), after: func(d *storetest.District, _ payrun.Batch) {
				d.Learn(news(storetest.Resident(1944))) // K is September by what is approved now
				void(d, storetest.At(8))
				d.Learn(news(storetest.Resident(1945))) // and March by now
			}},
			{month: storetest.At(9), lines: slices.Concat(every("某1943", "11", "本人", "70.00", 3, 9, 9),
				every("某1944", "11", "本人", "70.00", 6, 9, 9), every("某1945", "11", "本人", "70.00", 1, 9, 9))},
		}}
	},
}
