package engine_test

import (
	"testing"

	"disburse/internal/money"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
)

// TestDue is due = entitled − settled, month by month (docs/rules.md §5.1).
func TestDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		opening string
		who     *engine.Case
		lines   []string
		debts   []string
	}{
		{"every month from the opening month on", "2026-09", payruntest.Person(payruntest.Eighty),
			[]string{"11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"the difference", "2026-10", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 6000")),
			[]string{"11 本人 2026-10 补发 10.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"settled: nothing", "2026-10", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 7000"), payruntest.Settled("11 2026-11 7000")), nil, nil},
		{"several entries of a month add up", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-11 7000"), payruntest.Settled("11 2026-11 -7000"), payruntest.Settled("11 2026-11 2000")),
			[]string{"11 本人 2026-11 当月 50.00"}, nil},
		{"a death reported late", "2026-08", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 8, 20)), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-10 7000")),
			nil, []string{"11 本人 2026-09 70.00", "11 本人 2026-10 70.00"}},
		{"money collected", "2026-09", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 8, 20)), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-09 -3000")),
			nil, []string{"11 本人 2026-09 40.00"}},
		{"waived in part", "2026-09", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 8, 20)), payruntest.Settled("11 2026-09 7000"), payruntest.Waived("11 2026-09 3000")),
			nil, []string{"11 本人 2026-09 40.00"}},
		{"waived altogether", "2026-09", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 8, 20)), payruntest.Settled("11 2026-09 7000"), payruntest.Waived("11 2026-09 7000")), nil, nil},
		{"paid too much and waived in part", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-11 10000"), payruntest.Waived("11 2026-11 1000")), nil, []string{"11 本人 2026-11 20.00"}},
		{"waived too much never creates a due", "2026-09", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 8, 20)), payruntest.Settled("11 2026-09 7000"), payruntest.Waived("11 2026-09 9000")), nil, nil},
		{"a waiver beside a positive due changes nothing", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-11 3000"), payruntest.Waived("11 2026-11 5000")),
			[]string{"11 本人 2026-11 当月 40.00"}, nil},
		{"with the rates of the month", "2024-12", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散", payruntest.Day(2024, 12, 1), payruntest.Day(2025, 1, 31)), payruntest.Fact("自理能力=全自理")),
			[]string{"18-1 本人 2024-12 补发 910.00", "18-1 本人 2025-01 补发 960.00", "18-3 本人 2024-12 补发 100.00", "18-3 本人 2025-01 补发 100.00"}, nil},
		{"months after the run's are another run's", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-12 7000")), []string{"11 本人 2026-11 当月 70.00"}, nil},
		{"a debt of the old system (期初) is netted", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-03 7000")),
			[]string{"11 本人 2026-03 扣回 -70.00 从11", "11 本人 2026-11 当月 70.00"}, nil},
		{"a credit of the old system (期初) is paid", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-03 -2500")),
			[]string{"11 本人 2026-03 补发 25.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"another bureau's items are not its business", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Fact("养老保险=职工"), payruntest.Award("1", 300000, "2026-01", "", ""), payruntest.Settled("1 2026-11 100")),
			[]string{"11 本人 2026-11 当月 70.00"}, nil},
		{"a change of institution", "2026-10", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=乙院", payruntest.Day(2026, 10, 1)),
			payruntest.Settled("19 2026-10 96000 甲院"), payruntest.Settled("19 2026-11 96000 甲院")),
			[]string{"19 乙院 2026-10 补发 960.00", "19 乙院 2026-11 当月 960.00"},
			[]string{"19 甲院 2026-10 960.00", "19 甲院 2026-11 960.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := payruntest.Compute(t, payruntest.Plan(t, c.opening), c.who)
			payruntest.Want(t, "lines", payruntest.Text(r.Lines), c.lines)
			payruntest.Want(t, "debts", payruntest.DebtText(r.Debts), c.debts)
		})
	}
}

// TestNetting has both steps of docs/rules.md §5.3 and the order of those who take their turn.
func TestNetting(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		opening string
		who     *engine.Case
		lines   []string
		debts   []string
	}{
		{"(2) the same item, oldest first, as far as it goes", "2026-08",
			payruntest.Person(payruntest.Day(1946, 9, 1), payruntest.Settled("11 2026-08 7000")), // 80 from September on
			[]string{"11 本人 2026-08 扣回 -70.00 从11", "11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"(2) one 扣回 line a key, whatever it took to net it", "2026-08",
			payruntest.Person(payruntest.Day(1946, 9, 1), payruntest.Settled("11 2026-08 20000")),
			[]string{"11 本人 2026-08 扣回 -200.00 从11", "11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"what is left is a debt", "2026-08", payruntest.Person(payruntest.Day(1946, 11, 1), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-10 1000")),
			[]string{"11 本人 2026-08 扣回 -70.00 从11", "11 本人 2026-11 当月 70.00"},
			[]string{"11 本人 2026-09 70.00", "11 本人 2026-10 10.00"}},
		{"only the open recovery is netted, not what was waived", "2026-08",
			payruntest.Person(payruntest.Day(1946, 11, 1), payruntest.Settled("11 2026-08 7000"), payruntest.Waived("11 2026-08 5000")),
			[]string{"11 本人 2026-08 扣回 -20.00 从11", "11 本人 2026-11 当月 70.00"}, nil},
		{"never against a held line", "2026-08", payruntest.Person(payruntest.Day(1946, 11, 1), payruntest.Account(""), payruntest.Settled("11 2026-08 7000")),
			[]string{"11 本人 2026-11 当月 70.00 [无账户]"}, []string{"11 本人 2026-08 70.00"}},
		{"never against another payee's line", "2026-10", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=乙院"), payruntest.Settled("19 2026-10 10000 甲院")),
			[]string{"19 乙院 2026-10 补发 960.00", "19 乙院 2026-11 当月 960.00"}, []string{"19 甲院 2026-10 100.00"}},
		{"never against another item outside a 替代组", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("23-1 2026-11 10000"), payruntest.Settled("13 2026-11 7000")),
			[]string{"11 本人 2026-11 当月 70.00"}, []string{"23-1 本人 2026-11 100.00"}},
		{"(1) 12 takes over from 11", "2026-11", payruntest.Person(payruntest.Hundred, payruntest.Settled("11 2026-11 7000")),
			[]string{"11 本人 2026-11 扣回 -70.00 从12", "12 本人 2026-11 当月 300.00"}, nil},
		{"(1) 11 from 12, and the rest is a debt", "2026-11", payruntest.Person(payruntest.Eighty, payruntest.Settled("12 2026-11 30000")),
			[]string{"11 本人 2026-11 当月 70.00", "12 本人 2026-11 扣回 -70.00 从11"}, []string{"12 本人 2026-11 230.00"}},
		{"(1) is for the same month only", "2026-10", payruntest.Person(payruntest.Hundred, payruntest.Settled("12 2026-10 30000"), payruntest.Settled("11 2026-10 7000")),
			[]string{"12 本人 2026-11 当月 300.00"}, []string{"11 本人 2026-10 70.00"}},
		{"(1) groups in their order: {16, 23-2} before {13, …}", "2026-11",
			payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Fact("残疾等级=一级"), payruntest.Fact("残疾类别=肢体"), payruntest.Settled("16 2026-11 15000"), payruntest.Settled("11 2026-11 7000")),
			[]string{"13 本人 2026-11 当月 70.00", "16 本人 2026-11 扣回 -50.00 从13", "16 本人 2026-11 扣回 -100.00 从23-2",
				"23-1 本人 2026-11 当月 100.00", "23-2 本人 2026-11 当月 100.00"}, nil},
		{"(1) then items in list order: 18-1 before 18-3", "2026-11",
			payruntest.Person(payruntest.Eighty, payruntest.Fact("特困=分散"), payruntest.Fact("自理能力=全自理"), payruntest.Settled("13 2026-11 100000"), payruntest.Settled("11 2026-11 7000")),
			[]string{"13 本人 2026-11 扣回 -960.00 从18-1", "13 本人 2026-11 扣回 -40.00 从18-3", "18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00"}, nil},
		{"(1) for all before (2) for any", "2026-09",
			// 16 was paid wrongly in September; in November 16 takes over from 23-2. The room
			// under November's 16 is the reclassification's, though September is older.
			payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理", payruntest.Day(2026, 11, 1)), payruntest.Fact("残疾等级=一级"), payruntest.Fact("残疾类别=肢体"), payruntest.Fact("工伤护理费", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 10, 31)),
				payruntest.Settled("16 2026-09 10000"), payruntest.Settled("23-2 2026-11 10000"), payruntest.Settled("23-1 2026-11 10000")),
			[]string{"16 本人 2026-11 当月 100.00", "23-2 本人 2026-11 扣回 -100.00 从16"}, []string{"16 本人 2026-09 100.00"}},
		{"(1) oldest month first, then (2) with what room is left", "2026-10",
			payruntest.Person(payruntest.Hundred, payruntest.Settled("11 2026-10 7000"), payruntest.Settled("11 2026-11 7000")),
			[]string{"11 本人 2026-10 扣回 -70.00 从12", "11 本人 2026-11 扣回 -70.00 从12", "12 本人 2026-10 补发 300.00", "12 本人 2026-11 当月 300.00"}, nil},
		{"of one month, items take their turn in list order", "2026-11",
			// 13 and 23-1 were paid; 16 has room for 100 only: 13 comes first.
			payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理"), payruntest.Settled("13 2026-11 7000"), payruntest.Settled("23-1 2026-11 10000")),
			[]string{"13 本人 2026-11 扣回 -70.00 从16", "16 本人 2026-11 当月 100.00", "23-1 本人 2026-11 扣回 -30.00 从16"},
			[]string{"23-1 本人 2026-11 70.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := payruntest.Compute(t, payruntest.Plan(t, c.opening), c.who)
			payruntest.Want(t, "lines", payruntest.Text(r.Lines), c.lines)
			payruntest.Want(t, "debts", payruntest.DebtText(r.Debts), c.debts)
		})
	}
}

// TestDatedReplacements: a 替代组 holds for its benefit months, whichever month is run.
func TestDatedReplacements(t *testing.T) {
	t.Parallel()
	p := payruntest.PlanOf(payruntest.Pack(t, `  - {items: ["11", "12"]}`, `  - {items: ["11", "12"], to: 2026-10}`), "2026-10")
	r := payruntest.Compute(t, p, payruntest.Person(payruntest.Hundred, payruntest.Settled("11 2026-10 7000"), payruntest.Settled("11 2026-11 6000")))
	payruntest.Want(t, "lines", payruntest.Text(r.Lines), []string{"11 本人 2026-10 扣回 -70.00 从12", "12 本人 2026-10 补发 300.00", "12 本人 2026-11 当月 300.00"})
	payruntest.Want(t, "debts", payruntest.DebtText(r.Debts), []string{"11 本人 2026-11 60.00"})
}

// TestNews is what decides whether an approved month gets a supplementary batch:
// something due since, not what its last batch already held.
func TestNews(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		who  *engine.Case
		news bool
	}{
		{"nothing due", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-11 7000")), false},
		{"due", payruntest.Person(payruntest.Eighty), true},
		{"held, and held before", payruntest.Person(payruntest.Eighty, payruntest.Account(""), payruntest.Found("11 2026-11 7000")), false},
		{"held before, payable now", payruntest.Person(payruntest.Eighty, payruntest.Found("11 2026-11 7000")), true},
		{"held for more than before", payruntest.Person(payruntest.Eighty, payruntest.Account(""), payruntest.Found("11 2026-11 6000")), true},
		{"held for the first time", payruntest.Person(payruntest.Eighty, payruntest.Account("")), true},
		{"only a debt", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 1)), payruntest.Settled("11 2026-11 7000")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, spread := payruntest.ComputeAll(t, payruntest.Plan(t, "2026-11"), c.who)
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
	p := payruntest.Plan(t, "2026-08")
	p.Bureaus[0].From = payruntest.Nov
	who := payruntest.Person(payruntest.Eighty)
	who.Touched = false
	payruntest.Want(t, "from the next month on", payruntest.Text(payruntest.Compute(t, p, who).Lines), []string{"11 本人 2026-11 当月 70.00"})
	p.Bureaus[0].From = payruntest.Nov + 1
	r := payruntest.Compute(t, p, who)
	if len(r.Lines)+len(r.Debts)+len(r.Findings) > 0 {
		t.Errorf("a month that is settled: %+v", r)
	}
	p.Bureaus[0].From = payruntest.Month("2026-10") // carried over: October was never approved
	payruntest.Want(t, "carried over", payruntest.Text(payruntest.Compute(t, p, who).Lines), []string{"11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"})
}

// TestTwoBureaus computes one person for two bureaus at once, each from its own month on.
func TestTwoBureaus(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2026-09")
	p.Bureaus = append(p.Bureaus, engine.BureauPlan{Bureau: "区人社局", Batch: 2, N: 1, From: payruntest.Nov})
	who := payruntest.Person(payruntest.Eighty, payruntest.Fact("养老保险=职工"), payruntest.Award("1", 234567, "2026-01", "", ""))
	who.Touched = false
	computer := engine.New(p)
	results, err := computer.Person(who)
	if err != nil {
		t.Fatal(err)
	}
	payruntest.Want(t, "区民政局", payruntest.Text(results[0].Lines), []string{"11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"})
	payruntest.Want(t, "区人社局", payruntest.Text(results[1].Lines), []string{"1 本人 2026-11 当月 2345.67"})
	spread := computer.TakeSpread()
	if a, b := spread.Totals(0).Pays, spread.Totals(1).Pays; a != 21000 || b != money.Fen(234567) {
		t.Errorf("totals %s and %s", a, b)
	}
}
