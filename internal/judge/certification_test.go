package judge

import (
	"math/rand/v2"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// The pack with 生存认证: everything, or some items from a month on.
var proofRules = map[string]string{
	"everything": "certification: {fact: 生存认证, from: 80, every: 12, grace: 3}\n",
	"some items": "certification: {fact: 生存认证, from: 62, every: 6, grace: 1, since: 2026-03, items: [\"11\", \"16\", \"19\"]}\n",
	"no grace":   "certification: {fact: 生存认证, from: 70, every: 1, grace: 0}\n",
}

func proofPack(rule string) []string {
	return []string{"\nsuspension:", "\n" + rule + "suspension:", "\nfacts:\n", "\nfacts:\n  - {name: 生存认证, type: flag}\n"}
}

// TestEngineAgreesOnProofs takes random lives through packs with 生存认证, in every month
// of a year and more, with decisions on two in three 疑点.
func TestEngineAgreesOnProofs(t *testing.T) {
	t.Parallel()
	for name, rule := range proofRules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pack, err := policy.Load([]byte(packText(t, proofPack(rule)...)))
			if err != nil {
				t.Fatal(err)
			}
			random, seen := crowd{rand.New(rand.NewPCG(9, uint64(len(name))))}, map[string]int{}
			for m := month.Of(2025, 12); m <= month.Of(2027, 2); m++ {
				w := world(pack.File, "2025-12")
				w.Month = m
				proofMonth(t, random, newEngine(pack, w), newJudge(t, w), seen)
			}
			for _, what := range []string{"held", "released", "grace", "proven", "never"} {
				if (seen[what] == 0) != (what == "grace" && name == "no grace") {
					t.Errorf("%d were %s", seen[what], what)
				}
			}
		})
	}
}

func proofMonth(t *testing.T, random crowd, e *engineSide, j *Judge, seen map[string]int) {
	t.Helper()
	for n := range 120 {
		c := random.person(int64(n + 1))
		c.Facts = append(c.Facts, random.proofs()...)
		lines, debts := e.person(t, c)
		mine, owed, err := j.Lines(c)
		if err != nil {
			t.Fatal(err)
		}
		found := append(Compare(lines, mine), CompareDebts(debts, owed)...)
		for i := range found {
			t.Error(found[i].Sentence())
		}
		if len(found) > 0 {
			t.Fatalf("%s: person %+v\nfacts %+v", e.plan.Month, c.Person, c.Facts)
		}
		e.noteProof(c, seen)
	}
}

// proofs are none to three days on which somebody was seen alive; a later one restates
// the one before, so that 止 says nothing.
func (r crowd) proofs() []roster.Fact {
	var facts []roster.Fact
	for range r.IntN(4) {
		day := month.DateOf(2024, 1, 1).Add(r.IntN(3 * 366))
		f := roster.Fact{Name: "生存认证", Value: "是", Since: day}
		if r.one(2) {
			f.Until = day
		}
		facts = append(facts, f)
	}
	return facts
}

// noteProof counts what a case was, by what the engine said of it.
func (e *engineSide) noteProof(c *Case, seen map[string]int) {
	d := &roster.Dossier{Person: c.Person, Facts: c.Facts, Awards: c.Awards}
	p := e.plan.Pack.Proof(d, e.plan.Month, e.plan.Opening)
	switch {
	case p.Overdue() && c.Released[CertificationKind]:
		seen["released"]++
	case p.Overdue():
		seen["held"]++
	case p.InGrace():
		seen["grace"]++
	case p.Asked:
		seen["proven"]++
	}
	if p.Overdue() && p.Last == 0 {
		seen["never"]++
	}
}

// TestProofMissing follows one person by hand: born June 1946, 80 in June 2026.
func TestProofMissing(t *testing.T) {
	t.Parallel()
	body := packText(t, proofPack("certification: {fact: 生存认证, from: 80, every: 12, grace: 3, items: [\"11\"]}\n")...)
	pack, err := policy.Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	seen := func(days ...month.Date) []roster.Fact {
		facts := []roster.Fact{{Name: "低保", Value: "是", Since: month.DateOf(2020, 1, 1)}}
		for _, d := range days {
			facts = append(facts, roster.Fact{Name: "生存认证", Value: "是", Since: d})
		}
		return facts
	}
	for _, c := range []struct {
		name  string
		m     month.Month
		facts []roster.Fact
		died  month.Date
		waits bool
	}{
		{"80 in this month", month.Of(2026, 6), seen(), 0, false},
		{"third month of grace", month.Of(2026, 8), seen(), 0, false},
		{"grace is over", month.Of(2026, 9), seen(), 0, true},
		{"seen in that very month", month.Of(2026, 9), seen(month.DateOf(2026, 9, 30)), 0, false},
		{"seen after it", month.Of(2026, 9), seen(month.DateOf(2026, 10, 1)), 0, true},
		{"an old proof is as good as any", month.Of(2026, 9), seen(month.DateOf(2025, 6, 1)), 0, false},
		{"fifteen months ago", month.Of(2027, 12), seen(month.DateOf(2026, 9, 30)), 0, false},
		{"sixteen months ago", month.Of(2028, 1), seen(month.DateOf(2026, 9, 30)), 0, true},
		{"the newest counts", month.Of(2028, 1), seen(month.DateOf(2026, 10, 1), month.DateOf(2024, 1, 1)), 0, false},
		{"known to be dead", month.Of(2026, 9), seen(), month.DateOf(2026, 9, 2), false},
	} {
		w := world(pack.File, "2026-01")
		w.Month = c.m
		birth := month.DateOf(1946, 6, 15)
		k := &Case{Released: map[string]bool{}, Facts: c.facts, Person: roster.Person{Number: 1, Name: "某人", Street: "古城", Birth: birth, Died: c.died,
			ID: roster.MakeID("140202", birth, 3), Account: roster.Account{Bank: "示例银行", Number: "6222000000000001"}}}
		lines, _, err := newJudge(t, w).Lines(k)
		if err != nil {
			t.Fatal(err)
		}
		held := map[string]bool{}
		for _, l := range lines {
			held[l.Item] = held[l.Item] || l.Hold == payrun.Undecided
		}
		if _, has := held["13"]; !has {
			t.Errorf("%s: no line of item 13", c.name)
		}
		if held["11"] != c.waits || held["13"] {
			t.Errorf("%s: held %v, want 11 %v and never 13", c.name, held, c.waits)
		}
	}
}
