package payrun

import (
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
)

// TestFunds: whatever crosses between funds, each fund's 实拨 is the sum of the payments out
// of it, its 应发 the sum of its own items' lines, and what funds owe each other comes to
// nothing; adding 扣回 up with the payments first and moving it then says the same.
func TestFunds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"甲", "乙", "丙"})
		var lines, moved Funds
		due, paid := map[string]money.Fen{}, map[string]money.Fen{}
		for range rapid.IntRange(0, 40).Draw(t, "lines") {
			own, payer := name.Draw(t, "own"), name.Draw(t, "payer")
			amount := money.Fen(rapid.Int64Range(1, 1e9).Draw(t, "amount"))
			if rapid.Bool().Draw(t, "pays") {
				payer = own
			} else {
				amount = -amount
			}
			lines.Line(own, payer, amount)
			moved.Line(payer, payer, amount)
			if own != payer {
				moved.Moved(own, payer, amount)
			}
			due[own] += amount
			paid[payer] += amount
		}
		for _, fund := range []string{"甲", "乙", "丙"} {
			s := lines.Sum(fund)
			if s.Due != due[fund] || s.Paid() != paid[fund] || s.In < 0 || s.Out < 0 {
				t.Fatalf("%s: %+v, due %s, paid %s", fund, s, due[fund], paid[fund])
			}
			if o := moved.Sum(fund); o != s {
				t.Fatalf("%s: %+v by lines, %+v by payments", fund, s, o)
			}
		}
		if all := lines.Total(); all.In != all.Out || all.Due != all.Paid() {
			t.Fatalf("all: %+v", all)
		}
	})
}
