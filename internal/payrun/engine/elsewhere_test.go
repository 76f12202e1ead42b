package engine_test

import (
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
)

// there is what another region paid of an item for a month.
func there(item, of string, amount money.Fen) engine.Elsewhere {
	return engine.Elsewhere{Region: 140214, Item: item, Month: payruntest.Month(of), Amount: amount}
}

// TestPaidInAnotherRegion: what another region paid for the same item and month waits for a
// decision here; other items, other months and what is only taken back do not.
func TestPaidInAnotherRegion(t *testing.T) {
	t.Parallel()
	both := []string{"11 本人 2026-11 当月 70.00", "13 本人 2026-11 当月 70.00"}
	for _, c := range []struct {
		name  string
		paid  []engine.Elsewhere
		more  []payruntest.Change
		lines []string
		found int
	}{
		{"nothing", nil, nil, both, 0},
		{"the same item and month", []engine.Elsewhere{there("11", "2026-11", 7000)}, nil, []string{both[0] + " [疑点未决]", both[1]}, 1},
		{"another item of the month", []engine.Elsewhere{there("12", "2026-11", 7000)}, nil, both, 0},
		{"another month of the item", []engine.Elsewhere{there("11", "2026-10", 7000)}, nil, both, 0},
		{"a month that is not run yet", []engine.Elsewhere{there("11", "2026-12", 7000)}, nil, both, 0},
		{"both items", []engine.Elsewhere{there("11", "2026-11", 7000), there("13", "2026-11", 7000)}, nil, []string{both[0] + " [疑点未决]", both[1] + " [疑点未决]"}, 2},
		{"a month that is taken back here", []engine.Elsewhere{there("11", "2026-10", 7000)}, []payruntest.Change{payruntest.Settled("11 2026-10 7000")},
			[]string{both[0] + " [疑点未决]", both[1]}, 1}, // paid twice: the item waits, and so does taking it back
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := payruntest.Plan(t, "2026-11")
			p.Elsewhere = map[int64][]engine.Elsewhere{1: c.paid, 2: {there("11", "2026-11", 7000)}}
			r := payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty, append(c.more, payruntest.Fact("低保"))...))
			payruntest.Want(t, "lines", payruntest.Text(r.Lines), c.lines)
			got := payruntest.Findings(r, payrun.PaidElsewhere)
			for _, f := range got {
				if f.Level != payrun.Doubt || f.Person != 1 {
					t.Errorf("%+v", f)
				}
			}
			if len(got) != c.found {
				t.Errorf("%d findings, want %d", len(got), c.found)
			}
		})
	}
}

// TestPaidElsewhereDecision: a decision to pay all the same stands until the other region
// pays another month; what it pays later than the month run is no evidence yet.
func TestPaidElsewhereDecision(t *testing.T) {
	t.Parallel()
	now := there("11", "2026-11", 7000)
	look := func(released string, paid ...engine.Elsewhere) (payrun.Finding, payrun.Hold) {
		t.Helper()
		p := payruntest.Plan(t, "2026-11")
		p.Elsewhere = map[int64][]engine.Elsewhere{1: paid}
		p.Released = func(id string) bool { return id == released }
		r := payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty))
		return payruntest.TheFinding(t, r.Findings, payrun.PaidElsewhere, payrun.Doubt), r.Lines[0].Hold
	}
	first, _ := look("", now)
	if !strings.Contains(first.Sentence, "项目 11 在别的区划也发过：140214 发了 2026-11（共 70.00 元），") {
		t.Error(first.Sentence)
	}
	if f, hold := look(first.ID, now); hold != 0 || f.ID != first.ID {
		t.Errorf("decided, and held for %q", hold)
	}
	if f, hold := look(first.ID, now, there("11", "2026-12", 7000), there("13", "2026-11", 7000)); hold != 0 || f.ID != first.ID {
		t.Errorf("news that is no evidence: held for %q, id %s", hold, f.ID)
	}
	if f, hold := look(first.ID, there("11", "2026-10", 7000), now); hold != payrun.Undecided || f.ID == first.ID {
		t.Errorf("another month was paid there, and the decision stands: %q", hold)
	}
}

// TestPaidElsewhereNamesAllMonths: a sentence names every month, as ranges, with the sum.
func TestPaidElsewhereNamesAllMonths(t *testing.T) {
	t.Parallel()
	all := []engine.Elsewhere{there("11", "2026-08", 100), there("11", "2026-09", 200), there("11", "2026-10", 300), there("11", "2026-11", 400)}
	for name, c := range map[string]struct {
		paid []engine.Elsewhere
		says string
	}{
		"three": {all[1:], "也发过：140214 发了 2026-09 至 2026-11（共 9.00 元），"},
		"four":  {all, "也发过：140214 发了 2026-08 至 2026-11（共 10.00 元），"},
	} {
		p := payruntest.Plan(t, "2026-11")
		p.Elsewhere = map[int64][]engine.Elsewhere{1: c.paid}
		f := payruntest.TheFinding(t, payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty)).Findings, payrun.PaidElsewhere, payrun.Doubt)
		if !strings.Contains(f.Sentence, c.says) {
			t.Errorf("%s: %s", name, f.Sentence)
		}
	}
}
