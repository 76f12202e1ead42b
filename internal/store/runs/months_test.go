package runs_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/runs"
	"disburse/internal/store/storetest"
)

// TestTwoMonths lets everything become known between two months that docs/rules.md §5 names:
// none of it needs a rule of its own.
func TestTwoMonths(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).
		People(storetest.Resident(1940), storetest.Resident(1941), storetest.Resident(1942, storetest.Without), storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945), storetest.Resident(1946), storetest.Resident(1956), storetest.Resident(1957)).
		Fact(storetest.IdOf(1943), "暂停发放", storetest.Since("核查", storetest.LongAgo)).
		Fact(storetest.IdOf(1956), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(1956), "入住机构", storetest.Since("甲院", storetest.LongAgo)).
		Fact(storetest.IdOf(1957), "残疾等级", storetest.Since("一级", storetest.LongAgo)).Fact(storetest.IdOf(1957), "残疾类别", storetest.Since("肢体", storetest.LongAgo)).
		Payee(storetest.House("甲院", "2001")).Payee(storetest.House("乙院", "2002")))
	order := d.Order(storetest.At(10))
	order.Opening = storetest.At(8)
	d.RunOrder(order)
	d.Approve(storetest.At(10))

	d.Learn(storetest.NewSheet(storetest.EveryColumn).
		People(
			storetest.Resident(1940, storetest.DiedOn(storetest.Day(2026, 8, 31))), // reported late: September and October were paid
			storetest.Resident(1942), // an account came
																								storetest.Resident(1946, func(p *roster.Person) { p.MovedOut = storetest.Day(2026, 9, 30) })). // October was paid
		Fact(storetest.IdOf(1941), "低保", storetest.Since("是", storetest.Day(2026, 9, 1))).                                                                                           // back-dated
		Fact(storetest.IdOf(1943), "暂停发放", storetest.Since("核查", storetest.LongAgo, storetest.Day(2026, 10, 31))).                                                                   // released
		Fact(storetest.IdOf(1944), "暂停发放", storetest.Since("失联", storetest.Day(2026, 11, 1))).                                                                                       // suspended
		Fact(storetest.IdOf(1956), "入住机构", storetest.Since("甲院", storetest.LongAgo, storetest.Day(2026, 9, 30)), storetest.Since("乙院", storetest.Day(2026, 10, 1))).                 // lived elsewhere in October
		Fact(storetest.IdOf(1957), "低保边缘", storetest.Since("是", storetest.Day(2026, 10, 1))).Fact(storetest.IdOf(1957), "生活不能自理", storetest.Since("是", storetest.Day(2026, 10, 1)))) // 16 in place of 23-2
	report := d.Run(storetest.At(11))
	if report.Touched != 8 {
		t.Errorf("%d people touched, want all but 1945", report.Touched)
	}
	d.Want("November", d.Lines(d.Batch(storetest.At(11))),
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
	d.Want("register", d.Register(),
		"某1940 11 本人 2026-09 70.00", "某1940 11 本人 2026-10 70.00", "某1946 11 本人 2026-10 70.00", "某1956 19 甲院 2026-10 1060.00")
	b := d.Approve(storetest.At(11))
	if sum := d.Number(`SELECT sum(amount) FROM ledger WHERE batch = $1`, b.Number); sum != int64(b.Pays) {
		t.Errorf("ledger %d, batch %d", sum, b.Pays)
	}

	// The one who moved came back before October after all, and a debt nets itself.
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(
		storetest.Resident(1946, func(p *roster.Person) {
			p.MovedOut, p.MovedIn = storetest.Day(2026, 9, 30), storetest.Day(2026, 10, 15)
		}),
		storetest.Resident(1940)))
	d.Run(storetest.At(12))
	var mine []string
	for _, line := range d.Lines(d.Batch(storetest.At(12))) {
		if strings.HasPrefix(line, "某1946") || strings.HasPrefix(line, "某1940") {
			mine = append(mine, line)
		}
	}
	d.Want("December", mine,
		"某1940 11 本人 2026-11 补发 70.00", "某1940 11 本人 2026-12 当月 70.00",
		"某1946 11 本人 2026-10 扣回 -70.00 从11", "某1946 11 本人 2026-11 补发 70.00", "某1946 11 本人 2026-12 当月 70.00")
	d.Want("register", d.Register(), "某1956 19 甲院 2026-10 1060.00")
}

// TestOneOffsAndYearly: 18-2 once a coverage year, 18-4 once, 核定金额 for their months;
// what was granted before the opening month is the old system's (docs/rules.md §4.2).
func TestOneOffsAndYearly(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	apart := func(s *storetest.Sheet, year int, from ...roster.Fact) *storetest.Sheet {
		if len(from) == 0 {
			from = []roster.Fact{storetest.Since("分散", storetest.LongAgo)}
		}
		return s.Fact(storetest.IdOf(year), "特困", from...).Fact(storetest.IdOf(year), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(year), "医疗保险", storetest.Since("居民", storetest.LongAgo))
	}
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1950), storetest.Resident(1951), storetest.Resident(1952, storetest.DiedOn(storetest.Day(2026, 10, 20)))).Payee(storetest.House("区医保局", "2003"))
	apart(apart(apart(s, 1950), 1951, storetest.Since("分散", storetest.Day(2026, 11, 1))), 1952, storetest.Since("分散", storetest.LongAgo, storetest.Day(2026, 10, 20)))
	s.Award(storetest.IdOf(1952), "18-4", roster.Award{Amount: 300000, First: storetest.At(11), Last: storetest.At(12), Payee: "丙某"}).Payee(storetest.House("丙某", "2009")).
		Award(storetest.IdOf(1950), "18-5", roster.Award{Amount: 120050, First: storetest.At(11), Last: storetest.At(11)})
	d.Learn(s)
	d.Run(storetest.At(11)) // the opening month: October's 18-2 was the old system's
	d.Want("November", d.Lines(d.Batch(storetest.At(11))),
		"某1950 18-1 本人 2026-11 当月 960.00", "某1951 18-1 本人 2026-11 当月 960.00",
		"某1951 18-2 区医保局 2026-11 当月 400.00",
		"某1950 18-3 本人 2026-11 当月 100.00", "某1951 18-3 本人 2026-11 当月 100.00",
		"某1952 18-4 丙某 2026-11 当月 3000.00",
		"某1950 18-5 本人 2026-11 当月 1200.50")
	d.Approve(storetest.At(11))
	d.Run(storetest.At(12))
	d.Want("December", d.Lines(d.Batch(storetest.At(12))),
		"某1950 18-1 本人 2026-12 当月 960.00", "某1951 18-1 本人 2026-12 当月 960.00",
		"某1950 18-3 本人 2026-12 当月 100.00", "某1951 18-3 本人 2026-12 当月 100.00")
}

// TestChangedAccountIsShown: money to another account than last time has to be
// acknowledged (docs/rules.md §6.3: the usual way of fraud), whatever was run in between.
func TestChangedAccountIsShown(t *testing.T) {
	t.Parallel()
	changed := func(d *storetest.District, b payrun.Batch) []string {
		var people []string
		for _, f := range d.Findings(b, payrun.Acknowledge) {
			if f.Kind == "账户变更" {
				people = append(people, f.Sentence)
			}
		}
		slices.Sort(people)
		return people
	}
	t.Run("before the next month", func(t *testing.T) {
		t.Parallel()
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945)))
		d.Run(storetest.At(10))
		d.Approve(storetest.At(10))
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200000009999")), storetest.Resident(1945, func(p *roster.Person) { p.Phone = "1" })))
		d.Run(storetest.At(11))
		got := changed(d, d.Batch(storetest.At(11)))
		if len(got) != 1 || !strings.Contains(got[0], "某1944") || !strings.Contains(got[0], "现 示例银行 6200****9999") {
			t.Errorf("changed accounts: %v", got)
		}
		d.Approve(storetest.At(11))
		d.Run(storetest.At(12))
		d.Want("acknowledged and paid", changed(d, d.Batch(storetest.At(12))))
	})
	t.Run("before a supplementary batch for others", func(t *testing.T) {
		t.Parallel()
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945, storetest.Without)))
		d.Run(storetest.At(10))
		d.Approve(storetest.At(10))
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200000009999")), storetest.Resident(1945)))
		if b := storetest.Outcome(t, d.Run(storetest.At(10)), storetest.DeskBureau); b.Outcome != runs.Supplementary {
			t.Fatalf("no supplementary batch: %+v", b)
		}
		d.Want("nothing goes to the account yet", changed(d, d.Batch(storetest.At(10))))
		d.Approve(storetest.At(10))
		d.Run(storetest.At(11))
		if got := changed(d, d.Batch(storetest.At(11))); len(got) != 1 || !strings.Contains(got[0], "某1944") {
			t.Errorf("changed accounts: %v", got)
		}
	})
	t.Run("in a month without a payment", func(t *testing.T) {
		t.Parallel()
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1955)).Fact(storetest.IdOf(1955), "低保", storetest.Since("是", storetest.LongAgo)).
			Award(storetest.IdOf(1955), "17", roster.Award{Amount: 5000, First: storetest.At(10), Last: storetest.At(10)}, roster.Award{Amount: 5000, First: storetest.At(12), Last: storetest.At(12)}))
		d.Run(storetest.At(10))
		d.Approve(storetest.At(10))
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1955, storetest.PaidTo("6200000009999"))))
		d.Run(storetest.At(11))
		d.Want("November", d.Lines(d.Batch(storetest.At(11))))
		d.Approve(storetest.At(11))
		d.Run(storetest.At(12))
		d.Want("December", d.Lines(d.Batch(storetest.At(12))), "某1955 17 本人 2026-12 当月 50.00")
		if got := changed(d, d.Batch(storetest.At(12))); len(got) != 1 {
			t.Errorf("changed accounts: %v", got)
		}
	})
	t.Run("there and back", func(t *testing.T) {
		t.Parallel()
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
		d.Run(storetest.At(10))
		d.Approve(storetest.At(10))
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200000009999"))))
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
		d.Run(storetest.At(11))
		d.Want("the account is last time's", changed(d, d.Batch(storetest.At(11))))
	})
	t.Run("an institution's", func(t *testing.T) {
		t.Parallel()
		d := storetest.OpenDistrict(t)
		d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1956)).Fact(storetest.IdOf(1956), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(1956), "自理能力", storetest.Since("全自理", storetest.LongAgo)).
			Fact(storetest.IdOf(1956), "入住机构", storetest.Since("甲院", storetest.LongAgo)).Payee(storetest.House("甲院", "2001")))
		d.Run(storetest.At(10))
		d.Approve(storetest.At(10))
		d.Learn(storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "2000000009999")))
		d.Run(storetest.At(11))
		if got := changed(d, d.Batch(storetest.At(11))); len(got) != 1 || !strings.Contains(got[0], "“甲院”") || !strings.Contains(got[0], "2000****9999") {
			t.Errorf("changed accounts: %v", got)
		}
	})
}

// TestComparedWithTheRegularBatch: a month's totals are measured against last month's
// regular batch, not against a supplementary one of few people.
func TestComparedWithTheRegularBatch(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945, storetest.Without))
	for year := 1930; year < 1942; year++ {
		s.People(storetest.Resident(year))
	}
	d.Learn(s)
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	compared := func() (n int) {
		for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Acknowledge) {
			if f.Kind == "总额变动" {
				n++
			}
		}
		return n
	}
	d.Run(storetest.At(11))
	if n := compared(); n > 0 {
		t.Errorf("13 people after 12 and 1: %d comparisons reported", n)
	}
	s = storetest.NewSheet(storetest.EveryColumn)
	for year := 1930; year < 1934; year++ {
		s.People(storetest.Resident(year, storetest.DiedOn(storetest.Day(2026, 10, 5))))
	}
	d.Learn(s)
	d.Run(storetest.At(11))
	if n := compared(); n != 2 {
		t.Errorf("9 people after 12: %d comparisons reported, want the item's and the bureau's", n)
	}
}

// TestLimitedArrears: a limit on 补发 counts from what was approved when a due became known.
// Months that were run and never submitted drop nothing (docs/rules.md §5.9).
func TestLimitedArrears(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Pack = d.Load("      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 2\n")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	for m := 6; m <= 9; m++ {
		d.Run(storetest.At(m)) // nobody submits any
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1945)))
	d.Run(storetest.At(10))
	want := []string{
		"某1944 11 本人 2026-06 补发 70.00", "某1944 11 本人 2026-07 补发 70.00", "某1944 11 本人 2026-08 补发 70.00", "某1944 11 本人 2026-09 补发 70.00", "某1944 11 本人 2026-10 当月 70.00",
		"某1945 11 本人 2026-06 补发 70.00", "某1945 11 本人 2026-07 补发 70.00", "某1945 11 本人 2026-08 补发 70.00", "某1945 11 本人 2026-09 补发 70.00", "某1945 11 本人 2026-10 当月 70.00"}
	d.Want("October", d.Lines(d.Batch(storetest.At(10))), want...)
	d.Run(storetest.At(10))
	d.Want("October again", d.Lines(d.Batch(storetest.At(10))), want...)
	d.Approve(storetest.At(10))
	if b := storetest.Outcome(t, d.Run(storetest.At(10)), storetest.DeskBureau); b.Outcome != runs.NothingDue {
		t.Errorf("after the approval: %+v", b)
	}
	order := d.Order(storetest.At(11))
	order.Full = true
	d.RunOrder(order)
	d.Want("November", d.Lines(d.Batch(storetest.At(11))), "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
}
