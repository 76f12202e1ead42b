package engine_test

import (
	"slices"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// knownAs is what was known of a person from a revision on: the person changed by with.
func knownAs(rev int64, birth month.Date, with ...payruntest.Change) engine.Stage {
	return engine.Stage{Rev: rev, Records: []*roster.Dossier{payruntest.Person(birth, with...).Dossier}}
}

// stages gives a person a past; the last stage is the person as known now.
func stages(all ...engine.Stage) payruntest.Change {
	return func(c *engine.Case) {
		c.Stages = append(all, engine.Stage{Rev: 900, Records: []*roster.Dossier{c.Dossier}})
	}
}

// TestNextMonth: where a bureau stood at a revision.
func TestNextMonth(t *testing.T) {
	t.Parallel()
	all := []engine.Approval{{Month: payruntest.Month("2026-05"), Rev: 50}, {Month: payruntest.Month("2026-06"), Rev: 60, Voided: 65}, {Month: payruntest.Month("2026-08"), Rev: 80}}
	for rev, want := range map[int64]string{1: "2026-01", 49: "2026-01", 51: "2026-06", 61: "2026-07", 66: "2026-06", 81: "2026-09", 900: "2026-09"} {
		if got := engine.NextMonth(all, payruntest.Month("2026-01"), rev); got.String() != want {
			t.Errorf("at revision %d: %s, want %s", rev, got, want)
		}
	}
}

// TestArrearsLimit gives 高龄津贴 a limit of two months and 护理补贴 one of one month; the
// bureau has approved 2026-09 at revision 90 and 2026-10 at revision 100, and runs
// 2026-11 with 2026-06 as the opening month. What became known between the two must be of
// 2026-08 or later for 高龄津贴, what became known after both of 2026-09 or later.
func TestArrearsLimit(t *testing.T) {
	t.Parallel()
	limited := payruntest.Pack(t, "      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 2\n",
		"      amount: 护理补贴标准\n", "      amount: 护理补贴标准\n      arrears_months: 1\n")
	poor := []payruntest.Change{payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理")}
	gone := func(s engine.Stage, until int64) []engine.Stage { // a second record, merged at until
		return []engine.Stage{s, {Rev: until}}
	}
	for _, c := range []struct {
		name   string
		who    *engine.Case
		from   string // of the first line; all months up to 2026-11 follow
		item   string
		amount string
		lapsed int
	}{
		{"known before anything was approved: nothing lapses", payruntest.Person(payruntest.Eighty, stages(knownAs(1, payruntest.Eighty))), "2026-06", "11", "70.00", 0},
		{"known after one approval", payruntest.Person(payruntest.Eighty, stages(knownAs(95, payruntest.Eighty))), "2026-08", "11", "70.00", 2},
		{"known after both", payruntest.Person(payruntest.Eighty, stages()), "2026-09", "11", "70.00", 3},
		{"a birth date corrected after both", payruntest.Person(payruntest.Eighty, stages(knownAs(1, payruntest.Seventy))), "2026-09", "11", "70.00", 3},
		{"another change after both is no news of the grant", payruntest.Person(payruntest.Eighty, stages(knownAs(1, payruntest.Eighty, payruntest.Account("")), knownAs(99, payruntest.Eighty, payruntest.Fact("医疗保险=居民")))), "2026-06", "11", "70.00", 0},
		{"known, taken for dead, and corrected after both", payruntest.Person(payruntest.Eighty, stages(knownAs(1, payruntest.Eighty), knownAs(95, payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 5, 31))))), "2026-09", "11", "70.00", 3},
		{"the death was wrong for later months only", payruntest.Person(payruntest.Eighty, stages(knownAs(1, payruntest.Eighty), knownAs(95, payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 31))))), "2026-06", "11", "70.00", 0},
		{"by another record before, merged since", payruntest.Person(payruntest.Eighty, stages(gone(knownAs(1, payruntest.Eighty), 120)...)), "2026-09", "11", "70.00", 3},
		{"by another record until the present one was there", payruntest.Person(payruntest.Eighty, stages(knownAs(1, payruntest.Eighty), engine.Stage{Rev: 120, Records: append(knownAs(1, payruntest.Eighty).Records, payruntest.Person(payruntest.Eighty).Dossier)})), "2026-06", "11", "70.00", 0},

		{"a fact recorded after both", payruntest.Person(payruntest.Seventy, append(slices.Clone(poor), stages(knownAs(1, payruntest.Seventy, payruntest.Fact("经济困难认定"))))...), "2026-10", "16", "100.00", 4},
		{"another fact in its place grants the same", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保边缘"), payruntest.Fact("生活不能自理"),
			stages(knownAs(1, payruntest.Seventy, poor...))), "2026-06", "16", "100.00", 0},
		{"a fact back-dated after one approval", payruntest.Person(payruntest.Seventy, append(slices.Clone(poor), stages(
			knownAs(1, payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理", payruntest.Day(2026, 10, 1))),
			knownAs(95, payruntest.Seventy, poor...)))...), "2026-09", "16", "100.00", 3},
		{"withdrawn and recorded anew", payruntest.Person(payruntest.Seventy, append(slices.Clone(poor), stages(
			knownAs(1, payruntest.Seventy, poor...), knownAs(91, payruntest.Seventy), knownAs(95, payruntest.Seventy, poor...)))...), "2026-09", "16", "100.00", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := payruntest.PlanOf(limited, "2026-06")
			p.Bureaus[0].Approvals = []engine.Approval{{Month: payruntest.Month("2026-09"), Rev: 90}, {Month: payruntest.Month("2026-10"), Rev: 100}}
			r := payruntest.Compute(t, p, c.who)
			var lines []string
			for _, l := range payruntest.Text(r.Lines) {
				if l[:2] == c.item {
					lines = append(lines, l)
				}
			}
			var want []string
			for m := payruntest.Month(c.from); m < payruntest.Nov; m++ {
				want = append(want, c.item+" 本人 "+m.String()+" 补发 "+c.amount)
			}
			if !slices.Equal(lines, append(want, c.item+" 本人 2026-11 当月 "+c.amount)) {
				t.Errorf("lines %q, want from %s on", lines, c.from)
			}
			if n := len(payruntest.Findings(r, "超限补发")); n != c.lapsed {
				t.Errorf("%d findings of what lapsed, want %d", n, c.lapsed)
			}
		})
	}
}

// TestNeverLapses: what was found, settled, held or returned stays due however late it
// became known, whoever its payee was, and an overpayment has no limit.
func TestNeverLapses(t *testing.T) {
	t.Parallel()
	limited := payruntest.Pack(t, "      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 2\n")
	all := []string{"11 本人 2026-08 补发 70.00", "11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}
	for _, c := range []struct {
		name  string
		who   *engine.Case
		lines []string
		debts []string
	}{
		{"found and held before", payruntest.Person(payruntest.Eighty, stages(), payruntest.Found("11 2026-08 7000")), all, nil},
		{"found in a batch that was carried over", payruntest.Person(payruntest.Eighty, stages(), payruntest.Found("11 2026-08 0")), all, nil},
		{"paid and returned", payruntest.Person(payruntest.Eighty, stages(), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-08 -7000")), all, nil},
		{"a raise of a settled month", payruntest.Person(payruntest.Eighty, stages(), payruntest.Settled("11 2026-08 6000")),
			append([]string{"11 本人 2026-08 补发 10.00"}, all[1:]...), nil},
		{"settled for another payee", payruntest.Person(payruntest.Eighty, stages(), payruntest.Settled("11 2026-08 7000 甲院")),
			all, []string{"11 甲院 2026-08 70.00"}},
		{"a 扣回 has no limit", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 7, 1)), stages(), payruntest.Settled("11 2026-08 7000")), nil, []string{"11 本人 2026-08 70.00"}},
		{"other items have none", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理"), stages()),
			[]string{"16 本人 2026-08 补发 100.00", "16 本人 2026-09 补发 100.00", "16 本人 2026-10 补发 100.00", "16 本人 2026-11 当月 100.00"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := payruntest.PlanOf(limited, "2026-08")
			p.Bureaus[0].Approvals = []engine.Approval{{Month: payruntest.Month("2026-10"), Rev: 100}}
			r := payruntest.Compute(t, p, c.who)
			payruntest.Want(t, "lines", payruntest.Text(r.Lines), c.lines)
			payruntest.Want(t, "debts", payruntest.DebtText(r.Debts), c.debts)
		})
	}
}
