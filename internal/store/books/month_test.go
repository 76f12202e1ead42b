package books_test

import (
	"fmt"
	"slices"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/storetest"
)

func listText(rows []explain.ListRow) []string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprintf("%s %s %s %s %s", r.Item, r.Name, r.Street, r.Detail, r.Change))
	}
	return all
}

// TestListsAgainstTheLastApprovedBatch: 在册 in the first month; 新增 and 停止 against the
// last approved batch, as it knew people then (docs/interface.md §3.2).
func TestListsAgainstTheLastApprovedBatch(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	in := func(street string) func(*roster.Person) { return func(p *roster.Person) { p.Street = street } }
	alone := func(s *storetest.Sheet, years ...int) *storetest.Sheet {
		for _, year := range years {
			s.Fact(storetest.IdOf(year), "居住状况", storetest.Since("独居", storetest.LongAgo))
		}
		return s
	}
	d.Learn(alone(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1950, in("小南头")), storetest.Resident(1951), storetest.Resident(1952, in("某镇")), storetest.Resident(1953, in("古城"))), 1950, 1951, 1952))

	not := payrun.Batch{Month: storetest.At(10), N: 1, Revision: 1}
	d.Want("a month that was not run", listText(d.Book(not, "20").Lists["20"]),
		"20 某1951 永泰 1 在册", "20 某1950 小南头 1 在册", "20 某1952 某镇 1 在册")

	d.Run(storetest.At(10))
	d.Want("the first batch", listText(d.Book(d.Batch(storetest.At(10)), "20").Lists["20"]),
		"20 某1951 永泰 1 在册", "20 某1950 小南头 1 在册", "20 某1952 某镇 1 在册")
	d.Approve(storetest.At(10))

	d.Learn(alone(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1951, storetest.DiedOn(storetest.Day(2026, 10, 9))), storetest.Resident(1952, in("永泰"))), 1953))
	d.Want("an approved batch does not learn", listText(d.Book(d.Batch(storetest.At(10)), "20").Lists["20"]),
		"20 某1951 永泰 1 在册", "20 某1950 小南头 1 在册", "20 某1952 某镇 1 在册")
	d.Run(storetest.At(11))
	november := []string{"20 某1951 永泰 1 停止", "20 某1952 永泰 1 在册", "20 某1953 古城 1 新增", "20 某1950 小南头 1 在册"}
	d.Want("against October", listText(d.Book(d.Batch(storetest.At(11)), "20").Lists["20"]), november...)

	d.Run(storetest.At(12)) // November was never approved: December is measured against October
	d.Want("November was carried over", listText(d.Book(d.Batch(storetest.At(12)), "20").Lists["20"]), november...)
	d.Approve(storetest.At(12))
	if rows := d.Book(payrun.Batch{Month: storetest.At(12) + 1, N: 1, Revision: d.Number(`SELECT head FROM region`)}, "20").Lists["20"]; slices.ContainsFunc(rows, func(r explain.ListRow) bool { return r.Change != explain.Stayed }) {
		t.Errorf("after December nothing changed: %v", listText(rows))
	}
}

// TestMonthBook has lines with their reasons and the bridge of a month, in the order of
// sheets, as the batch knew them.
func TestMonthBook(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945, storetest.Without), storetest.Resident(1941)).Fact(storetest.IdOf(1941), "低保", storetest.Since("是", storetest.LongAgo)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.DiedOn(storetest.Day(2026, 9, 20))), storetest.Resident(1945), storetest.Resident(1946, func(p *roster.Person) { p.ID = roster.MakeID("140213", storetest.Day(1946, 11, 15), 3) })).
		Fact(storetest.IdOf(1944), "暂停发放", storetest.Since("核查", storetest.Day(2026, 11, 1))))
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	book := d.Book(b)
	var lines []string
	for _, l := range book.Lines["11"] {
		lines = append(lines, fmt.Sprintf("%s %s %s 标准%s 低保%v %s", l.Name, l.Month, l.Amount, l.Standard, l.Cleared, l.Reason))
	}
	d.Want("11", lines,
		"某1941 2026-11 70.00 标准70.00 低保true ",
		"某1944 2026-11 70.00 标准70.00 低保false ",
		"某1945 2026-10 70.00 标准70.00 低保false 2026年10月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1945 2026-11 70.00 标准70.00 低保false ",
		"某1946 2026-11 70.00 标准70.00 低保false ")
	var bridge []string
	for _, r := range book.Bridge {
		bridge = append(bridge, fmt.Sprintf("%s %s %s %s %s", r.Item, r.Name, r.Last, r.This, r.Reason))
	}
	d.Want("bridge", bridge,
		"11 某1943 70.00 0.00 2026-09-20 去世",
		"11 某1944 70.00 0.00 本月暂缓：暂停发放",
		"11 某1945 0.00 70.00 上月暂缓（无账户），本月恢复",
		"11 某1946 0.00 70.00 本月满 80 周岁")

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1941, func(p *roster.Person) { p.Name = "改名" })).Fact(storetest.IdOf(1941), "低保"))
	later := d.Book(b)
	if l := later.Lines["11"][0]; l.Name != "某1941" || !l.Cleared {
		t.Errorf("the batch learnt what it did not know: %+v", l)
	}

	mine, err := batches.PersonLines(t.Context(), d.Db, storetest.DeskRegion, storetest.At(11), book.Lines["11"][2].Person)
	if err != nil || len(mine) != 2 || mine[0].Name != "某1945" {
		t.Errorf("one person's lines: %+v, %v", mine, err)
	}
}
