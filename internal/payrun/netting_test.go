package payrun_test

import (
	"testing"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// TestDue is due = entitled − settled, month by month (docs/rules.md §5.1).
func TestDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		opening string
		who     *payrun.Case
		lines   []string
		debts   []string
	}{
		{"every month from the opening month on", "2026-09", person(eighty),
			[]string{"11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"the difference", "2026-10", person(eighty, settled("11 2026-10 6000")),
			[]string{"11 本人 2026-10 补发 10.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"settled: nothing", "2026-10", person(eighty, settled("11 2026-10 7000"), settled("11 2026-11 7000")), nil, nil},
		{"several entries of a month add up", "2026-11", person(eighty, settled("11 2026-11 7000"), settled("11 2026-11 -7000"), settled("11 2026-11 2000")),
			[]string{"11 本人 2026-11 当月 50.00"}, nil},
		{"a death reported late", "2026-08", person(eighty, died(day(2026, 8, 20)), settled("11 2026-08 7000"), settled("11 2026-09 7000"), settled("11 2026-10 7000")),
			nil, []string{"11 本人 2026-09 70.00", "11 本人 2026-10 70.00"}},
		{"money collected", "2026-09", person(eighty, died(day(2026, 8, 20)), settled("11 2026-09 7000"), settled("11 2026-09 -3000")),
			nil, []string{"11 本人 2026-09 40.00"}},
		{"waived in part", "2026-09", person(eighty, died(day(2026, 8, 20)), settled("11 2026-09 7000"), waived("11 2026-09 3000")),
			nil, []string{"11 本人 2026-09 40.00"}},
		{"waived altogether", "2026-09", person(eighty, died(day(2026, 8, 20)), settled("11 2026-09 7000"), waived("11 2026-09 7000")), nil, nil},
		{"paid too much and waived in part", "2026-11", person(eighty, settled("11 2026-11 10000"), waived("11 2026-11 1000")), nil, []string{"11 本人 2026-11 20.00"}},
		{"waived too much never creates a due", "2026-09", person(eighty, died(day(2026, 8, 20)), settled("11 2026-09 7000"), waived("11 2026-09 9000")), nil, nil},
		{"a waiver beside a positive due changes nothing", "2026-11", person(eighty, settled("11 2026-11 3000"), waived("11 2026-11 5000")),
			[]string{"11 本人 2026-11 当月 40.00"}, nil},
		{"with the rates of the month", "2024-12", person(seventy, fact("特困=分散", day(2024, 12, 1), day(2025, 1, 31)), fact("自理能力=全自理")),
			[]string{"18-1 本人 2024-12 补发 910.00", "18-1 本人 2025-01 补发 960.00", "18-3 本人 2024-12 补发 100.00", "18-3 本人 2025-01 补发 100.00"}, nil},
		{"months after the run's are another run's", "2026-11", person(eighty, settled("11 2026-12 7000")), []string{"11 本人 2026-11 当月 70.00"}, nil},
		{"a debt of the old system (期初) is netted", "2026-11", person(eighty, settled("11 2026-03 7000")),
			[]string{"11 本人 2026-03 扣回 -70.00 从11", "11 本人 2026-11 当月 70.00"}, nil},
		{"a credit of the old system (期初) is paid", "2026-11", person(eighty, settled("11 2026-03 -2500")),
			[]string{"11 本人 2026-03 补发 25.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"another bureau's items are not its business", "2026-11", person(eighty, fact("养老保险=职工"), award("1", 300000, "2026-01", "", ""), settled("1 2026-11 100")),
			[]string{"11 本人 2026-11 当月 70.00"}, nil},
		{"a change of institution", "2026-10", person(seventy, fact("特困=集中"), fact("入住机构=乙院", day(2026, 10, 1)),
			settled("19 2026-10 96000 甲院"), settled("19 2026-11 96000 甲院")),
			[]string{"19 乙院 2026-10 补发 960.00", "19 乙院 2026-11 当月 960.00"},
			[]string{"19 甲院 2026-10 960.00", "19 甲院 2026-11 960.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := compute(t, plan(t, c.opening), c.who)
			want(t, "lines", text(r.Lines), c.lines)
			want(t, "debts", debtText(r.Debts), c.debts)
		})
	}
}

// TestNetting has both steps of docs/rules.md §5.3 and the order of those who take their turn.
func TestNetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		opening string
		who     *payrun.Case
		lines   []string
		debts   []string
	}{
		{"(2) the same item, oldest first, as far as it goes", "2026-08",
			person(day(1946, 9, 1), settled("11 2026-08 7000")), // 80 from September on
			[]string{"11 本人 2026-08 扣回 -70.00 从11", "11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"(2) one 扣回 line a key, whatever it took to net it", "2026-08",
			person(day(1946, 9, 1), settled("11 2026-08 20000")),
			[]string{"11 本人 2026-08 扣回 -200.00 从11", "11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"what is left is a debt", "2026-08", person(day(1946, 11, 1), settled("11 2026-08 7000"), settled("11 2026-09 7000"), settled("11 2026-10 1000")),
			[]string{"11 本人 2026-08 扣回 -70.00 从11", "11 本人 2026-11 当月 70.00"},
			[]string{"11 本人 2026-09 70.00", "11 本人 2026-10 10.00"}},
		{"only the open recovery is netted, not what was waived", "2026-08",
			person(day(1946, 11, 1), settled("11 2026-08 7000"), waived("11 2026-08 5000")),
			[]string{"11 本人 2026-08 扣回 -20.00 从11", "11 本人 2026-11 当月 70.00"}, nil},
		{"never against a held line", "2026-08", person(day(1946, 11, 1), account(""), settled("11 2026-08 7000")),
			[]string{"11 本人 2026-11 当月 70.00 [无账户]"}, []string{"11 本人 2026-08 70.00"}},
		{"never against another payee's line", "2026-10", person(seventy, fact("特困=集中"), fact("入住机构=乙院"), settled("19 2026-10 10000 甲院")),
			[]string{"19 乙院 2026-10 补发 960.00", "19 乙院 2026-11 当月 960.00"}, []string{"19 甲院 2026-10 100.00"}},
		{"never against another item outside a 替代组", "2026-11", person(eighty, fact("低保"), settled("23-1 2026-11 10000"), settled("13 2026-11 7000")),
			[]string{"11 本人 2026-11 当月 70.00"}, []string{"23-1 本人 2026-11 100.00"}},
		{"(1) 12 takes over from 11", "2026-11", person(hundred, settled("11 2026-11 7000")),
			[]string{"11 本人 2026-11 扣回 -70.00 从12", "12 本人 2026-11 当月 300.00"}, nil},
		{"(1) 11 from 12, and the rest is a debt", "2026-11", person(eighty, settled("12 2026-11 30000")),
			[]string{"11 本人 2026-11 当月 70.00", "12 本人 2026-11 扣回 -70.00 从11"}, []string{"12 本人 2026-11 230.00"}},
		{"(1) is for the same month only", "2026-10", person(hundred, settled("12 2026-10 30000"), settled("11 2026-10 7000")),
			[]string{"12 本人 2026-11 当月 300.00"}, []string{"11 本人 2026-10 70.00"}},
		{"(1) groups in their order: {16, 23-2} before {13, …}", "2026-11",
			person(eighty, fact("低保"), fact("残疾等级=一级"), fact("残疾类别=肢体"), settled("16 2026-11 15000"), settled("11 2026-11 7000")),
			[]string{"13 本人 2026-11 当月 70.00", "16 本人 2026-11 扣回 -50.00 从13", "16 本人 2026-11 扣回 -100.00 从23-2",
				"23-1 本人 2026-11 当月 100.00", "23-2 本人 2026-11 当月 100.00"}, nil},
		{"(1) then items in list order: 18-1 before 18-3", "2026-11",
			person(eighty, fact("特困=分散"), fact("自理能力=全自理"), settled("13 2026-11 100000"), settled("11 2026-11 7000")),
			[]string{"13 本人 2026-11 扣回 -960.00 从18-1", "13 本人 2026-11 扣回 -40.00 从18-3", "18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00"}, nil},
		{"(1) for all before (2) for any", "2026-09",
			// 16 was paid wrongly in September; in November 16 takes over from 23-2. The room
			// under November's 16 is the reclassification's, though September is older.
			person(seventy, fact("低保"), fact("生活不能自理", day(2026, 11, 1)), fact("残疾等级=一级"), fact("残疾类别=肢体"), fact("工伤护理费", day(2020, 1, 1), day(2026, 10, 31)),
				settled("16 2026-09 10000"), settled("23-2 2026-11 10000"), settled("23-1 2026-11 10000")),
			[]string{"16 本人 2026-11 当月 100.00", "23-2 本人 2026-11 扣回 -100.00 从16"}, []string{"16 本人 2026-09 100.00"}},
		{"(1) oldest month first, then (2) with what room is left", "2026-10",
			person(hundred, settled("11 2026-10 7000"), settled("11 2026-11 7000")),
			[]string{"11 本人 2026-10 扣回 -70.00 从12", "11 本人 2026-11 扣回 -70.00 从12", "12 本人 2026-10 补发 300.00", "12 本人 2026-11 当月 300.00"}, nil},
		{"of one month, items take their turn in list order", "2026-11",
			// 13 and 23-1 were paid; 16 has room for 100 only: 13 comes first.
			person(seventy, fact("经济困难认定"), fact("生活不能自理"), settled("13 2026-11 7000"), settled("23-1 2026-11 10000")),
			[]string{"13 本人 2026-11 扣回 -70.00 从16", "16 本人 2026-11 当月 100.00", "23-1 本人 2026-11 扣回 -30.00 从16"},
			[]string{"23-1 本人 2026-11 70.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := compute(t, plan(t, c.opening), c.who)
			want(t, "lines", text(r.Lines), c.lines)
			want(t, "debts", debtText(r.Debts), c.debts)
		})
	}
}

// TestDatedReplacements: a 替代组 holds for its benefit months, whichever month is run.
func TestDatedReplacements(t *testing.T) {
	t.Parallel()
	p := planOf(pack(t, `  - {items: ["11", "12"]}`, `  - {items: ["11", "12"], to: 2026-10}`), "2026-10")
	r := compute(t, p, person(hundred, settled("11 2026-10 7000"), settled("11 2026-11 6000")))
	want(t, "lines", text(r.Lines), []string{"11 本人 2026-10 扣回 -70.00 从12", "12 本人 2026-10 补发 300.00", "12 本人 2026-11 当月 300.00"})
	want(t, "debts", debtText(r.Debts), []string{"11 本人 2026-11 60.00"})
}

// TestNews is what decides whether an approved month gets a supplementary batch:
// something due since, not what its last batch already held.
func TestNews(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		who  *payrun.Case
		news bool
	}{
		{"nothing due", person(eighty, settled("11 2026-11 7000")), false},
		{"due", person(eighty), true},
		{"held, and held before", person(eighty, account(""), found("11 2026-11 7000")), false},
		{"held before, payable now", person(eighty, found("11 2026-11 7000")), true},
		{"held for more than before", person(eighty, account(""), found("11 2026-11 6000")), true},
		{"held for the first time", person(eighty, account("")), true},
		{"only a debt", person(eighty, died(day(2026, 10, 1)), settled("11 2026-11 7000")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, spread := computeAll(t, plan(t, "2026-11"), c.who)
			if r.News != c.news || spread.Totals(0).News != c.news {
				t.Errorf("news %v and %v, want %v", r.News, spread.Totals(0).News, c.news)
			}
		})
	}
}

// TestUntouched leaves settled months of people alone of whom nothing new is known:
// they are looked at from the bureau's next month on.
func TestUntouched(t *testing.T) {
	t.Parallel()
	p := plan(t, "2026-08")
	p.Bureaus[0].From = nov
	who := person(eighty)
	who.Touched = false
	want(t, "from the next month on", text(compute(t, p, who).Lines), []string{"11 本人 2026-11 当月 70.00"})
	p.Bureaus[0].From = nov + 1
	r := compute(t, p, who)
	if len(r.Lines)+len(r.Debts)+len(r.Findings) > 0 {
		t.Errorf("a month that is settled: %+v", r)
	}
	p.Bureaus[0].From = ym("2026-10") // carried over: October was never approved
	want(t, "carried over", text(compute(t, p, who).Lines), []string{"11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"})
}

// TestTwoBureaus computes one person for two bureaus at once, each from its own month on.
func TestTwoBureaus(t *testing.T) {
	t.Parallel()
	p := plan(t, "2026-09")
	p.Bureaus = append(p.Bureaus, payrun.BureauPlan{Bureau: "区人社局", Batch: 2, N: 1, From: nov})
	who := person(eighty, fact("养老保险=职工"), award("1", 234567, "2026-01", "", ""))
	who.Touched = false
	computer := payrun.NewComputer(p)
	results, err := computer.Person(who)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "区民政局", text(results[0].Lines), []string{"11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"})
	want(t, "区人社局", text(results[1].Lines), []string{"1 本人 2026-11 当月 2345.67"})
	spread := computer.TakeSpread()
	if a, b := spread.Totals(0).Pays, spread.Totals(1).Pays; a != 21000 || b != money.Fen(234567) {
		t.Errorf("totals %s and %s", a, b)
	}
}
