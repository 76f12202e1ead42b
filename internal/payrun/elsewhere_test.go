package payrun_test

import (
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// there is what another region paid of an item for a month.
func there(item, of string, amount money.Fen) payrun.Elsewhere {
	return payrun.Elsewhere{Region: 140214, Item: item, Month: ym(of), Amount: amount}
}

// TestPaidInAnotherRegion: what another region paid for the same item and month waits for a
// decision here; other items, other months and what is only taken back do not.
func TestPaidInAnotherRegion(t *testing.T) {
	t.Parallel()
	both := []string{"11 本人 2026-11 当月 70.00", "13 本人 2026-11 当月 70.00"}
	for _, c := range []struct {
		name  string
		paid  []payrun.Elsewhere
		more  []change
		lines []string
		found int
	}{
		{"nothing", nil, nil, both, 0},
		{"the same item and month", []payrun.Elsewhere{there("11", "2026-11", 7000)}, nil, []string{both[0] + " [疑点未决]", both[1]}, 1},
		{"another item of the month", []payrun.Elsewhere{there("12", "2026-11", 7000)}, nil, both, 0},
		{"another month of the item", []payrun.Elsewhere{there("11", "2026-10", 7000)}, nil, both, 0},
		{"a month that is not run yet", []payrun.Elsewhere{there("11", "2026-12", 7000)}, nil, both, 0},
		{"both items", []payrun.Elsewhere{there("11", "2026-11", 7000), there("13", "2026-11", 7000)}, nil, []string{both[0] + " [疑点未决]", both[1] + " [疑点未决]"}, 2},
		{"a month that is taken back here", []payrun.Elsewhere{there("11", "2026-10", 7000)}, []change{settled("11 2026-10 7000")},
			[]string{both[0] + " [疑点未决]", both[1]}, 1}, // paid twice: the item waits, and so does taking it back
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := plan(t, "2026-11")
			p.Elsewhere = map[int64][]payrun.Elsewhere{1: c.paid, 2: {there("11", "2026-11", 7000)}}
			r := compute(t, p, person(eighty, append(c.more, fact("低保"))...))
			want(t, "lines", text(r.Lines), c.lines)
			got := findings(r, payrun.ElsewhereKind)
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
	look := func(released string, paid ...payrun.Elsewhere) (payrun.Finding, payrun.Hold) {
		t.Helper()
		p := plan(t, "2026-11")
		p.Elsewhere = map[int64][]payrun.Elsewhere{1: paid}
		p.Released = func(id string) bool { return id == released }
		r := compute(t, p, person(eighty))
		return theFinding(t, r.Findings, payrun.ElsewhereKind, payrun.Doubt), r.Lines[0].Hold
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
	all := []payrun.Elsewhere{there("11", "2026-08", 100), there("11", "2026-09", 200), there("11", "2026-10", 300), there("11", "2026-11", 400)}
	for name, c := range map[string]struct {
		paid []payrun.Elsewhere
		says string
	}{
		"three": {all[1:], "也发过：140214 发了 2026-09 至 2026-11（共 9.00 元），"},
		"four":  {all, "也发过：140214 发了 2026-08 至 2026-11（共 10.00 元），"},
	} {
		p := plan(t, "2026-11")
		p.Elsewhere = map[int64][]payrun.Elsewhere{1: c.paid}
		f := theFinding(t, compute(t, p, person(eighty)).Findings, payrun.ElsewhereKind, payrun.Doubt)
		if !strings.Contains(f.Sentence, c.says) {
			t.Errorf("%s: %s", name, f.Sentence)
		}
	}
}
