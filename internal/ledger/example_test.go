package ledger_test

import (
	"fmt"

	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
)

// Somebody died in August, and September was still paid: nothing is due for that month any
// more, so all of it is owed back, less what came in.
func ExamplePosition_Open() {
	september := ledger.Position{
		Key:      ledger.Key{Item: "11", Payee: "本人", Month: month.Of(2026, 9)},
		Entitled: 0,
		Settled:  7000 - 2000, // approved, less collected
		Paid:     true,
	}
	fmt.Println(september.Open(), september.Due())
	// Output: 50.00 0.00
}

// A sum that comes in goes to the oldest debt first; what no debt has room for is left.
func ExampleAllocate() {
	at := func(m int, settled money.Fen) ledger.Position {
		return ledger.Position{Key: ledger.Key{Item: "11", Payee: "本人", Month: month.Of(2026, m)}, Settled: settled, Paid: true}
	}
	debts := ledger.Debts([]ledger.Position{at(10, 7000), at(9, 7000)}, func(string) int { return 0 })
	shares, rest := ledger.Allocate(debts, 10000)
	for _, s := range shares {
		fmt.Println(s.Month, s.Amount)
	}
	fmt.Println("left:", rest)
	// Output:
	// 2026-09 70.00
	// 2026-10 30.00
	// left: 0.00
}

// Instalments are equal; the last has what does not divide.
func ExamplePlan() {
	plan := ledger.Plan{Sum: 10000, First: month.Of(2026, 12), Months: 3}
	fmt.Println(plan)
	fmt.Println(plan.Instalment(month.Of(2027, 2)), plan.Instalment(month.Of(2027, 3)))
	fmt.Println("overdue in February with all still open:", plan.Overdue(month.Of(2027, 2), 10000))
	// Output:
	// 2026-12 起 3 期，每期 33.33 元，末期 33.34 元
	// 33.34 0.00
	// overdue in February with all still open: 66.66
}

// Stops finds from when to when was paid without a grant.
func ExampleStops() {
	var positions []ledger.Position
	for m := 8; m <= 11; m++ {
		p := ledger.Position{Key: ledger.Key{Month: month.Of(2026, m)}, Settled: 7000, Paid: true}
		if m == 8 {
			p.Entitled = 7000
		}
		positions = append(positions, p)
	}
	fmt.Println(ledger.Stops(month.Of(2026, 10), positions))
	// Output: 2026-09 2026-11
}
