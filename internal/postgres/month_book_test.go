package postgres_test

import (
	"fmt"
	"slices"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// book reads what sheets and lists say of the latest batch of 区民政局 in a month,
// measured against the batches before it as the commands do.
func (d *district) book(b payrun.Batch, lists ...string) *postgres.MonthBook {
	d.t.Helper()
	o := postgres.MonthOrder{Region: deskRegion, Batch: b, Pack: d.pack, PackBefore: d.pack, PackPrevious: d.pack, Lists: lists, Money: b.Number != 0}
	var err error
	if o.Before, err = d.db.LastApproved(d.t.Context(), deskRegion, deskBureau, b.Month, b.N, false); err != nil {
		d.t.Fatal(err)
	}
	if o.Before == nil {
		o.PackBefore = nil
	}
	if o.Previous, err = d.db.LastApproved(d.t.Context(), deskRegion, deskBureau, b.Month, b.N, true); err != nil {
		d.t.Fatal(err)
	}
	book, err := d.db.MonthBook(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return book
}

func listText(rows []payrun.ListRow) []string {
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
	d := openDistrict(t)
	in := func(street string) func(*roster.Person) { return func(p *roster.Person) { p.Street = street } }
	alone := func(s *sheet, years ...int) *sheet {
		for _, year := range years {
			s.fact(idOf(year), "居住状况", since("独居", longAgo))
		}
		return s
	}
	d.learn(alone(newSheet(everyColumn).people(resident(1950, in("小南头")), resident(1951), resident(1952, in("某镇")), resident(1953, in("古城"))), 1950, 1951, 1952))

	not := payrun.Batch{Month: at(10), N: 1, Revision: 1}
	d.want("a month that was not run", listText(d.book(not, "20").Lists["20"]),
		"20 某1951 永泰 1 在册", "20 某1950 小南头 1 在册", "20 某1952 某镇 1 在册")

	d.run(at(10))
	d.want("the first batch", listText(d.book(d.batch(at(10)), "20").Lists["20"]),
		"20 某1951 永泰 1 在册", "20 某1950 小南头 1 在册", "20 某1952 某镇 1 在册")
	d.approve(at(10))

	d.learn(alone(newSheet(everyColumn).people(resident(1951, diedOn(day(2026, 10, 9))), resident(1952, in("永泰"))), 1953))
	d.want("an approved batch does not learn", listText(d.book(d.batch(at(10)), "20").Lists["20"]),
		"20 某1951 永泰 1 在册", "20 某1950 小南头 1 在册", "20 某1952 某镇 1 在册")
	d.run(at(11))
	november := []string{"20 某1951 永泰 1 停止", "20 某1952 永泰 1 在册", "20 某1953 古城 1 新增", "20 某1950 小南头 1 在册"}
	d.want("against October", listText(d.book(d.batch(at(11)), "20").Lists["20"]), november...)

	d.run(at(12)) // November was never approved: December is measured against October
	d.want("November was carried over", listText(d.book(d.batch(at(12)), "20").Lists["20"]), november...)
	d.approve(at(12))
	if rows := d.book(payrun.Batch{Month: at(12) + 1, N: 1, Revision: d.number(`SELECT head FROM region`)}, "20").Lists["20"]; slices.ContainsFunc(rows, func(r payrun.ListRow) bool { return r.Change != payrun.Stayed }) {
		t.Errorf("after December nothing changed: %v", listText(rows))
	}
}

// TestMonthBook has lines with their reasons and the bridge of a month, in the order of
// sheets, as the batch knew them.
func TestMonthBook(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945, without), resident(1941)).fact(idOf(1941), "低保", since("是", longAgo)))
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1943, diedOn(day(2026, 9, 20))), resident(1945), resident(1946, func(p *roster.Person) { p.ID = roster.MakeID("140213", day(1946, 11, 15), 3) })).
		fact(idOf(1944), "暂停发放", since("核查", day(2026, 11, 1))))
	d.run(at(11))
	b := d.batch(at(11))
	book := d.book(b)
	var lines []string
	for _, l := range book.Lines["11"] {
		lines = append(lines, fmt.Sprintf("%s %s %s 标准%s 低保%v %s", l.Name, l.Month, l.Amount, l.Standard, l.Cleared, l.Reason))
	}
	d.want("11", lines,
		"某1941 2026-11 70.00 标准70.00 低保true ",
		"某1944 2026-11 70.00 标准70.00 低保false ",
		"某1945 2026-10 70.00 标准70.00 低保false 2026年10月应发 70.00 元，2026年10月第1批暂缓（无账户）",
		"某1945 2026-11 70.00 标准70.00 低保false ",
		"某1946 2026-11 70.00 标准70.00 低保false ")
	var bridge []string
	for _, r := range book.Bridge {
		bridge = append(bridge, fmt.Sprintf("%s %s %s %s %s", r.Item, r.Name, r.Last, r.This, r.Reason))
	}
	d.want("bridge", bridge,
		"11 某1943 70.00 0.00 2026-09-20 去世",
		"11 某1944 70.00 0.00 本月暂缓：暂停发放",
		"11 某1945 0.00 70.00 上月暂缓（无账户），本月恢复",
		"11 某1946 0.00 70.00 本月满 80 周岁")

	d.learn(newSheet(everyColumn).people(resident(1941, func(p *roster.Person) { p.Name = "改名" })).fact(idOf(1941), "低保"))
	later := d.book(b)
	if l := later.Lines["11"][0]; l.Name != "某1941" || !l.Cleared {
		t.Errorf("the batch learnt what it did not know: %+v", l)
	}

	mine, err := d.db.PersonLines(t.Context(), deskRegion, at(11), book.Lines["11"][2].Person)
	if err != nil || len(mine) != 2 || mine[0].Name != "某1945" {
		t.Errorf("one person's lines: %+v, %v", mine, err)
	}
}
