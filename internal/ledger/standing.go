package ledger

import (
	"disburse/internal/money"
	"disburse/internal/month"
)

// DebtStatus is what the recovery register (追缴台账) says of one debt beside its open amount.
type DebtStatus struct {
	Stop      month.Month // 应停月: the first month no longer granted; 0: granted, but less
	Last      month.Month // 实停月: the last month paid for; 0 as Stop
	Collected money.Fen   // 分, for the debt's month
	Waived    money.Fen   // 分, for the debt's month
	Plan      Plan        // of the person at the item's bureau
	Overdue   money.Fen   // 分, the part of what is overdue by the plan that falls on this debt
}

// Stops finds, around a month for which something was paid and nothing is granted, the
// unbroken row of such months: its first is when paying should have ended, its last when
// it did end. Both are 0 where the month itself is not one of them.
func Stops(at month.Month, positions []Position) (stop, last month.Month) {
	wrong := map[month.Month]bool{}
	for i := range positions {
		if p := &positions[i]; p.Paid && p.Entitled == 0 {
			wrong[p.Month] = true
		}
	}
	if !wrong[at] {
		return 0, 0
	}
	for stop = at; wrong[stop-1]; stop-- {
	}
	for last = at; wrong[last+1]; last++ {
	}
	return stop, last
}
