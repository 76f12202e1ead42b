package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// TestTwoMonths lets everything become known between two months that docs/rules.md §5 names:
// none of it needs a rule of its own.
func TestTwoMonths(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).
		people(resident(1940), resident(1941), resident(1942, without), resident(1943), resident(1944), resident(1945), resident(1946), resident(1956), resident(1957)).
		fact(idOf(1943), "暂停发放", since("核查", longAgo)).
		fact(idOf(1956), "特困", since("集中", longAgo)).fact(idOf(1956), "自理能力", since("全自理", longAgo)).fact(idOf(1956), "入住机构", since("甲院", longAgo)).
		fact(idOf(1957), "残疾等级", since("一级", longAgo)).fact(idOf(1957), "残疾类别", since("肢体", longAgo)).
		payee(house("甲院", "2001")).payee(house("乙院", "2002")))
	order := d.order(at(10))
	order.Opening = at(8)
	d.runOrder(order)
	d.approve(at(10))

	d.learn(newSheet(everyColumn).
		people(
			resident(1940, diedOn(day(2026, 8, 31))), // reported late: September and October were paid
			resident(1942),                           // an account came
																	resident(1946, func(p *roster.Person) { p.MovedOut = day(2026, 9, 30) })). // October was paid
		fact(idOf(1941), "低保", since("是", day(2026, 9, 1))).                                                             // back-dated
		fact(idOf(1943), "暂停发放", since("核查", longAgo, day(2026, 10, 31))).                                               // released
		fact(idOf(1944), "暂停发放", since("失联", day(2026, 11, 1))).                                                         // suspended
		fact(idOf(1956), "入住机构", since("甲院", longAgo, day(2026, 9, 30)), since("乙院", day(2026, 10, 1))).                 // lived elsewhere in October
		fact(idOf(1957), "低保边缘", since("是", day(2026, 10, 1))).fact(idOf(1957), "生活不能自理", since("是", day(2026, 10, 1)))) // 16 in place of 23-2
	report := d.run(at(11))
	if report.Touched != 8 {
		t.Errorf("%d people touched, want all but 1945", report.Touched)
	}
	d.want("November", d.lines(d.batch(at(11))),
		"某1941 11 本人 2026-11 当月 70.00",
		"某1942 11 本人 2026-08 补发 70.00", "某1942 11 本人 2026-09 补发 70.00", "某1942 11 本人 2026-10 补发 70.00", "某1942 11 本人 2026-11 当月 70.00",
		"某1943 11 本人 2026-08 补发 70.00", "某1943 11 本人 2026-09 补发 70.00", "某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00 [暂停发放]",
		"某1945 11 本人 2026-11 当月 70.00",
		"某1941 13 本人 2026-09 补发 70.00", "某1941 13 本人 2026-10 补发 70.00", "某1941 13 本人 2026-11 当月 70.00",
		"某1957 16 本人 2026-10 补发 100.00", "某1957 16 本人 2026-11 当月 100.00",
		"某1956 19 乙院 2026-10 补发 1060.00", "某1956 19 乙院 2026-11 当月 1060.00",
		"某1957 23-1 本人 2026-10 补发 100.00", "某1957 23-1 本人 2026-11 当月 100.00",
		"某1957 23-2 本人 2026-10 扣回 -100.00 从16")
	d.want("register", d.register(),
		"某1940 11 本人 2026-09 70.00", "某1940 11 本人 2026-10 70.00", "某1946 11 本人 2026-10 70.00", "某1956 19 甲院 2026-10 1060.00")
	b := d.approve(at(11))
	if sum := d.number(`SELECT sum(amount) FROM ledger WHERE batch = $1`, b.Number); sum != int64(b.Pays) {
		t.Errorf("ledger %d, batch %d", sum, b.Pays)
	}

	// The one who moved came back before October after all, and a debt nets itself.
	d.learn(newSheet(everyColumn).people(
		resident(1946, func(p *roster.Person) { p.MovedOut, p.MovedIn = day(2026, 9, 30), day(2026, 10, 15) }),
		resident(1940)))
	d.run(at(12))
	var mine []string
	for _, line := range d.lines(d.batch(at(12))) {
		if strings.HasPrefix(line, "某1946") || strings.HasPrefix(line, "某1940") {
			mine = append(mine, line)
		}
	}
	d.want("December", mine,
		"某1940 11 本人 2026-11 补发 70.00", "某1940 11 本人 2026-12 当月 70.00",
		"某1946 11 本人 2026-10 扣回 -70.00 从11", "某1946 11 本人 2026-11 补发 70.00", "某1946 11 本人 2026-12 当月 70.00")
	d.want("register", d.register(), "某1956 19 甲院 2026-10 1060.00")
}

// TestOneOffsAndYearly: 18-2 once a coverage year, 18-4 once, 核定金额 for their months;
// what was granted before the opening month is the old system's (docs/rules.md §4.2).
func TestOneOffsAndYearly(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	apart := func(s *sheet, year int, from ...roster.Fact) *sheet {
		if len(from) == 0 {
			from = []roster.Fact{since("分散", longAgo)}
		}
		return s.fact(idOf(year), "特困", from...).fact(idOf(year), "自理能力", since("全自理", longAgo)).fact(idOf(year), "医疗保险", since("居民", longAgo))
	}
	s := newSheet(everyColumn).people(resident(1950), resident(1951), resident(1952, diedOn(day(2026, 10, 20)))).payee(house("区医保局", "2003"))
	apart(apart(apart(s, 1950), 1951, since("分散", day(2026, 11, 1))), 1952, since("分散", longAgo, day(2026, 10, 20)))
	s.award(idOf(1952), "18-4", roster.Award{Amount: 300000, First: at(11), Last: at(12), Payee: "丙某"}).payee(house("丙某", "2009")).
		award(idOf(1950), "18-5", roster.Award{Amount: 120050, First: at(11), Last: at(11)})
	d.learn(s)
	d.run(at(11)) // the opening month: October's 18-2 was the old system's
	d.want("November", d.lines(d.batch(at(11))),
		"某1950 18-1 本人 2026-11 当月 960.00", "某1951 18-1 本人 2026-11 当月 960.00",
		"某1951 18-2 区医保局 2026-11 当月 400.00",
		"某1950 18-3 本人 2026-11 当月 100.00", "某1951 18-3 本人 2026-11 当月 100.00",
		"某1952 18-4 丙某 2026-11 当月 3000.00",
		"某1950 18-5 本人 2026-11 当月 1200.50")
	d.approve(at(11))
	d.run(at(12))
	d.want("December", d.lines(d.batch(at(12))),
		"某1950 18-1 本人 2026-12 当月 960.00", "某1951 18-1 本人 2026-12 当月 960.00",
		"某1950 18-3 本人 2026-12 当月 100.00", "某1951 18-3 本人 2026-12 当月 100.00")
}

// TestChangedAccountIsShown: money to another account than last time has to be
// acknowledged (docs/rules.md §6.3: the usual way of fraud), whatever was run in between.
func TestChangedAccountIsShown(t *testing.T) {
	t.Parallel()
	changed := func(d *district, b payrun.Batch) []string {
		var people []string
		for _, f := range d.findings(b, payrun.Acknowledge) {
			if f.Kind == "账户变更" {
				people = append(people, f.Sentence)
			}
		}
		slices.Sort(people)
		return people
	}
	t.Run("before the next month", func(t *testing.T) {
		t.Parallel()
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).people(resident(1944), resident(1945)))
		d.run(at(10))
		d.approve(at(10))
		d.learn(newSheet(everyColumn).people(resident(1944, paidTo("6200000009999")), resident(1945, func(p *roster.Person) { p.Phone = "1" })))
		d.run(at(11))
		got := changed(d, d.batch(at(11)))
		if len(got) != 1 || !strings.Contains(got[0], "某1944") || !strings.Contains(got[0], "现 示例银行 6200****9999") {
			t.Errorf("changed accounts: %v", got)
		}
		d.approve(at(11))
		d.run(at(12))
		d.want("acknowledged and paid", changed(d, d.batch(at(12))))
	})
	t.Run("before a supplementary batch for others", func(t *testing.T) {
		t.Parallel()
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).people(resident(1944), resident(1945, without)))
		d.run(at(10))
		d.approve(at(10))
		d.learn(newSheet(everyColumn).people(resident(1944, paidTo("6200000009999")), resident(1945)))
		if b := outcome(t, d.run(at(10)), deskBureau); b.Outcome != postgres.Supplementary {
			t.Fatalf("no supplementary batch: %+v", b)
		}
		d.want("nothing goes to the account yet", changed(d, d.batch(at(10))))
		d.approve(at(10))
		d.run(at(11))
		if got := changed(d, d.batch(at(11))); len(got) != 1 || !strings.Contains(got[0], "某1944") {
			t.Errorf("changed accounts: %v", got)
		}
	})
	t.Run("in a month without a payment", func(t *testing.T) {
		t.Parallel()
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).people(resident(1955)).fact(idOf(1955), "低保", since("是", longAgo)).
			award(idOf(1955), "17", roster.Award{Amount: 5000, First: at(10), Last: at(10)}, roster.Award{Amount: 5000, First: at(12), Last: at(12)}))
		d.run(at(10))
		d.approve(at(10))
		d.learn(newSheet(everyColumn).people(resident(1955, paidTo("6200000009999"))))
		d.run(at(11))
		d.want("November", d.lines(d.batch(at(11))))
		d.approve(at(11))
		d.run(at(12))
		d.want("December", d.lines(d.batch(at(12))), "某1955 17 本人 2026-12 当月 50.00")
		if got := changed(d, d.batch(at(12))); len(got) != 1 {
			t.Errorf("changed accounts: %v", got)
		}
	})
	t.Run("there and back", func(t *testing.T) {
		t.Parallel()
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).people(resident(1944)))
		d.run(at(10))
		d.approve(at(10))
		d.learn(newSheet(everyColumn).people(resident(1944, paidTo("6200000009999"))))
		d.learn(newSheet(everyColumn).people(resident(1944)))
		d.run(at(11))
		d.want("the account is last time's", changed(d, d.batch(at(11))))
	})
	t.Run("an institution's", func(t *testing.T) {
		t.Parallel()
		d := openDistrict(t)
		d.learn(newSheet(everyColumn).people(resident(1956)).fact(idOf(1956), "特困", since("集中", longAgo)).fact(idOf(1956), "自理能力", since("全自理", longAgo)).
			fact(idOf(1956), "入住机构", since("甲院", longAgo)).payee(house("甲院", "2001")))
		d.run(at(10))
		d.approve(at(10))
		d.learn(newSheet(everyColumn).payee(house("甲院", "2000000009999")))
		d.run(at(11))
		if got := changed(d, d.batch(at(11))); len(got) != 1 || !strings.Contains(got[0], "“甲院”") || !strings.Contains(got[0], "2000****9999") {
			t.Errorf("changed accounts: %v", got)
		}
	})
}

// TestComparedWithTheRegularBatch: a month's totals are measured against last month's
// regular batch, not against a supplementary one of few people.
func TestComparedWithTheRegularBatch(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	s := newSheet(everyColumn).people(resident(1945, without))
	for year := 1930; year < 1942; year++ {
		s.people(resident(year))
	}
	d.learn(s)
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1945)))
	d.run(at(10))
	d.approve(at(10))
	compared := func() (n int) {
		for _, f := range d.findings(d.batch(at(11)), payrun.Acknowledge) {
			if f.Kind == "总额变动" {
				n++
			}
		}
		return n
	}
	d.run(at(11))
	if n := compared(); n > 0 {
		t.Errorf("13 people after 12 and 1: %d comparisons reported", n)
	}
	s = newSheet(everyColumn)
	for year := 1930; year < 1934; year++ {
		s.people(resident(year, diedOn(day(2026, 10, 5))))
	}
	d.learn(s)
	d.run(at(11))
	if n := compared(); n != 2 {
		t.Errorf("9 people after 12: %d comparisons reported, want the item's and the bureau's", n)
	}
}

// TestLimitedArrears: a limit on 补发 counts from what was approved when a due became known.
// Months that were run and never submitted drop nothing (docs/rules.md §5.9).
func TestLimitedArrears(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.pack = d.load("      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 2\n")
	d.learn(newSheet(everyColumn).people(resident(1944)))
	for m := 6; m <= 9; m++ {
		d.run(at(m)) // nobody submits any
	}
	d.learn(newSheet(everyColumn).people(resident(1945)))
	d.run(at(10))
	want := []string{
		"某1944 11 本人 2026-06 补发 70.00", "某1944 11 本人 2026-07 补发 70.00", "某1944 11 本人 2026-08 补发 70.00", "某1944 11 本人 2026-09 补发 70.00", "某1944 11 本人 2026-10 当月 70.00",
		"某1945 11 本人 2026-06 补发 70.00", "某1945 11 本人 2026-07 补发 70.00", "某1945 11 本人 2026-08 补发 70.00", "某1945 11 本人 2026-09 补发 70.00", "某1945 11 本人 2026-10 当月 70.00"}
	d.want("October", d.lines(d.batch(at(10))), want...)
	d.run(at(10))
	d.want("October again", d.lines(d.batch(at(10))), want...)
	d.approve(at(10))
	if b := outcome(t, d.run(at(10)), deskBureau); b.Outcome != postgres.NothingDue {
		t.Errorf("after the approval: %+v", b)
	}
	order := d.order(at(11))
	order.Full = true
	d.runOrder(order)
	d.want("November", d.lines(d.batch(at(11))), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
}
