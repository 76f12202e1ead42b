package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
)

func at(m int) month.Month { return month.Of(2026, m) }

func key(item string, m int) ledger.Key { return ledger.Key{Item: item, Payee: "本人", Month: at(m)} }

// order is the list of the tests: 11 before 16 before 23-2.
func order(item string) int { return slices.Index([]string{"11", "16", "23-2"}, item) }

func TestOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p         ledger.Position
		open, due money.Fen
	}{
		"as it should be":              {ledger.Position{Entitled: 7000, Settled: 7000}, 0, 0},
		"overpaid":                     {ledger.Position{Settled: 7000}, 7000, 0},
		"paid too much":                {ledger.Position{Entitled: 5000, Settled: 7000}, 2000, 0},
		"partly waived":                {ledger.Position{Settled: 7000, Waived: 3000}, 4000, 0},
		"waived":                       {ledger.Position{Settled: 7000, Waived: 7000}, 0, 0},
		"waived, then entitled":        {ledger.Position{Entitled: 7000, Settled: 7000, Waived: 7000}, 0, 0},
		"waived, then entitled again":  {ledger.Position{Entitled: 9000, Settled: 7000, Waived: 7000}, 0, 2000},
		"collected":                    {ledger.Position{Settled: 0, Collected: 7000}, 0, 0},
		"collected, then entitled":     {ledger.Position{Entitled: 7000, Settled: 0, Collected: 7000}, 0, 7000},
		"old system owes":              {ledger.Position{Settled: -7000}, 0, 7000},
		"waived beyond what came back": {ledger.Position{Settled: 0, Waived: 7000}, 0, 0},
	} {
		if open, due := c.p.Open(), c.p.Due(); open != c.open || due != c.due {
			t.Errorf("%s: open %s, due %s, want %s and %s", name, open, due, c.open, c.due)
		}
	}
}

func TestDebtsInOrder(t *testing.T) {
	t.Parallel()
	house := ledger.Key{Item: "16", Payee: "甲院", Month: at(3)}
	got := ledger.Debts([]ledger.Position{
		{Key: key("23-2", 3), Settled: 300}, {Key: house, Settled: 400}, {Key: key("16", 3), Settled: 200}, {Key: key("11", 3), Settled: 100},
		{Key: key("23-2", 2), Settled: 50}, {Key: key("11", 1), Settled: 70, Entitled: 70},
	}, order)
	want := []ledger.Share{{Key: key("23-2", 2), Amount: 50}, {Key: key("11", 3), Amount: 100}, {Key: key("16", 3), Amount: 200},
		{Key: house, Amount: 400}, {Key: key("23-2", 3), Amount: 300}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func drawPositions(t *rapid.T) []ledger.Position {
	amount := func(label string, low int) money.Fen { return money.Fen(rapid.IntRange(low, 20000).Draw(t, label)) }
	var all []ledger.Position
	for _, item := range []string{"11", "16", "23-2"} {
		for m := 1; m <= 3; m++ {
			all = append(all, ledger.Position{Key: key(item, m), Entitled: amount("entitled", 0), Settled: amount("settled", -20000), Waived: amount("waived", 0)})
		}
	}
	return all
}

// What is due and what is open never both stand, a waiver makes nothing due, and without
// waivers they are the difference of entitlement and settlement.
func TestOpenAndDueExclude(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range drawPositions(t) {
			if p.Open() > 0 && p.Due() > 0 {
				t.Fatalf("%+v is open and due", p)
			}
			bare := p
			bare.Waived = 0
			if bare.Due()-bare.Open() != p.Entitled-p.Settled || bare.Due() != p.Due() {
				t.Fatalf("%+v: due %s, open %s", p, bare.Due(), bare.Open())
			}
		}
	})
}

// Collecting a sum closes debts in their order and by the sum exactly; what is due stays.
func TestCollectingCloses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := drawPositions(t)
		debts := ledger.Debts(all, order)
		total := ledger.Total(debts)
		sum := money.Fen(rapid.IntRange(0, int(total)+100).Draw(t, "sum"))
		shares, rest := ledger.Allocate(debts, sum)
		if ledger.Total(shares)+rest != sum || (rest > 0 && ledger.Total(shares) != total) {
			t.Fatalf("%s shared as %s with %s left, of %s", sum, ledger.Total(shares), rest, total)
		}
		for i, s := range shares {
			if s.Amount <= 0 || s.Key != debts[i].Key || (i < len(shares)-1 && s.Amount != debts[i].Amount) {
				t.Fatalf("share %d is %+v of %+v", i, s, debts[i])
			}
		}
		for i := range all {
			p, due := &all[i], all[i].Due()
			for _, s := range shares {
				if s.Key == p.Key {
					p.Settled, p.Collected = p.Settled.Sub(s.Amount), s.Amount
				}
			}
			if p.Due() != due {
				t.Fatalf("collecting made %s due of %+v", p.Due()-due, p)
			}
		}
		if left := ledger.Total(ledger.Debts(all, order)); left != total-(sum-rest) {
			t.Fatalf("%s open of %s after %s", left, total, sum-rest)
		}
	})
}

func TestPlan(t *testing.T) {
	t.Parallel()
	p := ledger.Plan{Sum: 10000, First: at(10), Months: 3}
	var got []money.Fen
	for m := at(9); m <= at(12)+1; m++ {
		got = append(got, p.Instalment(m), p.DueBefore(m))
	}
	want := []money.Fen{0, 0, 3333, 0, 3333, 3333, 3334, 6666, 0, 10000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		now           int
		left, overdue money.Fen
	}{
		{10, 10000, 0}, {11, 10000, 3333}, {11, 6667, 0}, {11, 8000, 1333}, {12, 5000, 1666}, {13, 5000, 5000}, {13, 0, 0}, {13, 99999, 10000},
	} {
		if got := p.Overdue(at(c.now), c.left); got != c.overdue {
			t.Errorf("month %d, %s left: %s overdue, want %s", c.now, c.left, got, c.overdue)
		}
	}
	if s := p.String(); s != "2026-10 起 3 期，每期 33.33 元，末期 33.34 元" {
		t.Error(s)
	}
	if s := (ledger.Plan{Sum: 300, First: at(1), Months: 3}).String() + (ledger.Plan{}).String(); s != "2026-01 起 3 期，每期 1.00 元" {
		t.Error(s)
	}
}

// TestPlanChecks: an agreement that cannot be is refused for its own reason, which tells
// the clerk what to change; the shortest and the longest one can be agreed.
func TestPlanChecks(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]ledger.Plan{
		"the longest": {Sum: 120, First: at(1), Months: 120}, "all at once": {Sum: 1, First: at(1), Months: 1}, "a 分 a month": {Sum: 6, First: at(1), Months: 6},
	} {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		p   ledger.Plan
		why string
	}{
		"no sum":         {ledger.Plan{First: at(1), Months: 1}, "分期总额应大于 0"},
		"below zero":     {ledger.Plan{Sum: -5, First: at(1), Months: 1}, "分期总额应大于 0"},
		"no instalments": {ledger.Plan{Sum: 5, First: at(1)}, "期数应为 1 到 120"},
		"too many":       {ledger.Plan{Sum: 500, First: at(1), Months: 121}, "期数应为 1 到 120"},
		"of nothing":     {ledger.Plan{Sum: 5, First: at(1), Months: 6}, "0.05 元分不成 6 期"},
		"no month":       {ledger.Plan{Sum: 5, Months: 1}, "第一期是哪个月"},
	} {
		if err := c.p.Check(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %s", name, err, c.why)
		}
	}
}

// The instalments add up to the sum, and what is due before a month to those before it.
func TestPlanAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, ledger.MostInstalments).Draw(t, "months")
		p := ledger.Plan{Sum: money.Fen(rapid.IntRange(n, 5000000).Draw(t, "sum")), First: at(rapid.IntRange(-20, 20).Draw(t, "first")), Months: n}
		var sum money.Fen
		for m := p.First - 2; m < p.First+month.Month(n)+2; m++ {
			if due := p.DueBefore(m); due != sum {
				t.Fatalf("before %s: %s, instalments %s", m, due, sum)
			}
			if left := money.Fen(rapid.IntRange(0, int(p.Sum)).Draw(t, "left")); p.Overdue(m, left) > left {
				t.Fatalf("%s overdue of %s left", p.Overdue(m, left), left)
			}
			sum += p.Instalment(m)
		}
		if sum != p.Sum {
			t.Fatalf("instalments of %s add up to %s", p.Sum, sum)
		}
	})
}

func TestStops(t *testing.T) {
	t.Parallel()
	var all []ledger.Position
	for m, p := range map[int]ledger.Position{
		3: {Paid: true, Entitled: 7000}, 4: {Paid: true}, 5: {Paid: true}, 6: {Paid: true}, // died in March
		7: {Entitled: 7000}, 8: {Paid: true}, 9: {Settled: -100}, 10: {Paid: true, Entitled: 100},
	} {
		p.Key = key("11", m)
		all = append(all, p)
	}
	for m, want := range map[int][2]month.Month{3: {}, 4: {at(4), at(6)}, 5: {at(4), at(6)}, 6: {at(4), at(6)}, 7: {}, 8: {at(8), at(8)}, 9: {}, 10: {}, 11: {}} {
		if stop, last := ledger.Stops(at(m), all); stop != want[0] || last != want[1] {
			t.Errorf("month %d: %v to %v, want %v", m, stop, last, want)
		}
	}
}
