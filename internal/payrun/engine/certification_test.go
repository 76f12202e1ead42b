package engine_test

import (
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/policy"
)

// proofPack is the built-in pack with 生存认证: from 80, every 12 months, 3 of grace.
func proofPack(t testing.TB, more string) *policy.Pack {
	return payruntest.Pack(t, "\nsuspension:", "\ncertification: {fact: 生存认证, from: 80, every: 12, grace: 3"+more+"}\nsuspension:",
		"\nfacts:\n", "\nfacts:\n  - {name: 生存认证, type: flag}\n")
}

// lately is a run of a district that opened in January, where October is open as well.
func lately(p *policy.Pack) *engine.Plan {
	plan := payruntest.PlanOf(p, "2026-01")
	plan.Bureaus[0].From = payruntest.Nov - 1
	return plan
}

// untouched is somebody of whom nothing became known since the last batch.
func untouched(c *engine.Case) *engine.Case {
	c.Touched = false
	return c
}

// TestOverdueProof: the lines of somebody who was not seen for too long wait; of items the
// pack does not name they do not.
func TestOverdueProof(t *testing.T) {
	t.Parallel()
	seen := payruntest.Fact("生存认证", payruntest.Day(2025, 7, 20)) // sixteen months before November 2026
	p := lately(proofPack(t, ""))
	r := payruntest.Compute(t, p, untouched(payruntest.Person(payruntest.Eighty, seen, payruntest.Fact("低保"))))
	payruntest.Want(t, "everything waits, of October too", payruntest.Text(r.Lines), []string{"11 本人 2026-10 补发 70.00 [疑点未决]", "11 本人 2026-11 当月 70.00 [疑点未决]",
		"13 本人 2026-10 补发 70.00 [疑点未决]", "13 本人 2026-11 当月 70.00 [疑点未决]"})
	f := payruntest.TheFinding(t, r.Findings, payrun.OverdueProof, payrun.Doubt)
	if f.Person != 1 || !strings.Contains(f.Sentence, "最近一次生存认证是 2025-07-20，自 2026年11月 起逾期") {
		t.Errorf("%+v", f)
	}
	some := lately(proofPack(t, `, items: ["13"]`))
	some.Bureaus[0].From = payruntest.Nov
	payruntest.Want(t, "only 13 waits", payruntest.Text(payruntest.Compute(t, some, untouched(payruntest.Person(payruntest.Eighty, seen, payruntest.Fact("低保")))).Lines),
		[]string{"11 本人 2026-11 当月 70.00", "13 本人 2026-11 当月 70.00 [疑点未决]"})
	none := payruntest.Compute(t, some, untouched(payruntest.Person(payruntest.Eighty, seen)))
	payruntest.Want(t, "nothing of 13", payruntest.Text(none.Lines), []string{"11 本人 2026-11 当月 70.00"})
	if all := payruntest.Findings(none, payrun.OverdueProof); len(all) > 0 {
		t.Errorf("who has no line that waits: %+v", all)
	}
	// What waits nets nothing: a debt stays a debt.
	owing := payruntest.Compute(t, p, untouched(payruntest.Person(payruntest.Eighty, seen, payruntest.Settled("11 2026-10 9000"))))
	payruntest.Want(t, "held", payruntest.Text(owing.Lines), []string{"11 本人 2026-11 当月 70.00 [疑点未决]"})
	payruntest.Want(t, "still owed", payruntest.DebtText(owing.Debts), []string{"11 本人 2026-10 20.00"})
}

// TestProofInTime: nothing waits in the grace, for the young, or once the death is known.
func TestProofInTime(t *testing.T) {
	t.Parallel()
	p := payruntest.PlanOf(proofPack(t, ""), "2026-10")
	for name, c := range map[string]struct {
		who  *engine.Case
		kind string // of the reminder; empty: none
	}{
		"seen a year ago":          {payruntest.Person(payruntest.Eighty, payruntest.Fact("生存认证", payruntest.Day(2025, 11, 1))), ""},
		"in the first of grace":    {payruntest.Person(payruntest.Eighty, payruntest.Fact("生存认证", payruntest.Day(2025, 10, 31))), "认证到期"},
		"in the last of grace":     {payruntest.Person(payruntest.Eighty, payruntest.Fact("生存认证", payruntest.Day(2025, 8, 1))), "认证到期"},
		"never, opened last month": {payruntest.Person(payruntest.Eighty), "认证到期"},
		"79":                       {payruntest.Person(payruntest.Day(1946, 12, 1), payruntest.Fact("低保"), payruntest.Fact("生活不能自理")), ""},
		"known to be dead":         {payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 2)), payruntest.Fact("生存认证", payruntest.Day(2020, 1, 1))), ""},
	} {
		r := payruntest.Compute(t, p, c.who)
		if len(r.Lines) == 0 {
			t.Errorf("%s: no line", name)
		}
		for _, l := range r.Lines {
			if l.Hold != 0 {
				t.Errorf("%s: %s", name, payruntest.Text(r.Lines))
			}
		}
		if n := len(payruntest.Findings(r, payrun.OverdueProof)); n != 0 {
			t.Errorf("%s: %d are overdue", name, n)
		}
		if reminded := len(payruntest.Findings(r, "认证到期")); (reminded == 1) != (c.kind != "") {
			t.Errorf("%s: %d reminders", name, reminded)
		}
	}
}

// TestProofReminderNamesTheLastMonth in which a proof is in time, and the one after it.
func TestProofReminderNamesTheLastMonth(t *testing.T) {
	t.Parallel()
	r := payruntest.Compute(t, payruntest.PlanOf(proofPack(t, ""), "2026-01"), payruntest.Person(payruntest.Eighty, payruntest.Fact("生存认证", payruntest.Day(2025, 8, 1))))
	f := payruntest.TheFinding(t, r.Findings, "认证到期", payrun.Information)
	if !strings.Contains(f.Sentence, "最近一次生存认证是 2025-08-01，请在 2026年11月底前认证，逾期自 2026年12月 起暂缓发放") {
		t.Error(f.Sentence)
	}
}

// TestProofDecision: a decision to pay stands while nothing changes, for as long as a
// proof would have been good; a new proof or another turn makes another 疑点.
func TestProofDecision(t *testing.T) {
	t.Parallel()
	packed := proofPack(t, "")
	id := func(m month.Month, seen month.Date, with ...payruntest.Change) string {
		t.Helper()
		p := payruntest.PlanOf(packed, "2026-01")
		p.Month, p.Bureaus[0].From = m, m
		r := payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty, append(with, payruntest.Fact("生存认证", seen))...))
		return payruntest.TheFinding(t, r.Findings, payrun.OverdueProof, payrun.Doubt).ID
	}
	first := id(payruntest.Nov, payruntest.Day(2025, 7, 20))
	for name, other := range map[string]string{
		"a month later":       id(payruntest.Nov+1, payruntest.Day(2025, 7, 20)),
		"eleven months later": id(payruntest.Nov+11, payruntest.Day(2025, 7, 20)),
		"with another fact":   id(payruntest.Nov, payruntest.Day(2025, 7, 20), payruntest.Fact("低保")),
	} {
		if other != first {
			t.Errorf("%s: %s, was %s", name, other, first)
		}
	}
	for name, other := range map[string]string{"a year later": id(payruntest.Nov+12, payruntest.Day(2025, 7, 20)), "another proof": id(payruntest.Nov, payruntest.Day(2025, 7, 19)), "an old one": id(payruntest.Nov, payruntest.Day(2024, 7, 20))} {
		if other == first {
			t.Errorf("%s: the same id", name)
		}
	}
	p := lately(packed)
	p.Bureaus[0].From = payruntest.Nov
	p.Released = func(decided string) bool { return decided == first }
	who := untouched(payruntest.Person(payruntest.Eighty, payruntest.Fact("生存认证", payruntest.Day(2025, 7, 20))))
	r := payruntest.Compute(t, p, who)
	payruntest.Want(t, "released", payruntest.Text(r.Lines), []string{"11 本人 2026-11 当月 70.00"})
	payruntest.TheFinding(t, r.Findings, payrun.OverdueProof, payrun.Doubt) // shown all the same
}
