// Package ledger is the arithmetic of what was settled (已结) and what is owed back
// (追缴): the kinds of entries, the open part of an overpayment, how a sum that comes in
// is shared among debts, and agreements to pay by instalments. It knows no database.
package ledger

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
)

// Kind is the kind of a ledger entry. What is settled is the sum of entries of all kinds.
type Kind int16

// The kinds.
const (
	Approved  Kind = 1 // a line of an approved batch; negative for 扣回
	Returned  Kind = 2 // undoes a line whose payment the bank could not make (退回)
	Voided    Kind = 3 // undoes a line of a voided batch (作废)
	Collected Kind = 4 // money that came in from who was overpaid (收回), negative
	Opening   Kind = 5 // 期初: what the old system overpaid (positive) or still owes (negative)
	Merged    Kind = 6 // moved between two records of one person (合并)
)

// Key says what an entry is about, for one person.
type Key struct {
	Item  string // code
	Payee string // 本人, or the institution or bureau paid
	Month month.Month
}

// Position is where one key of a person stands. All amounts are 分.
type Position struct {
	Key
	Entitled  money.Fen // what the rules grant by what is known now, never negative
	Settled   money.Fen // the sum of all entries
	Collected money.Fen // what came in, a part of Settled with the opposite sign
	Waived    money.Fen // 核销, beside the ledger
	Paid      bool      // something was paid for the month, or carried over from the old system
}

// Open is what is to be recovered: what was settled beyond the entitlement and not
// waived (docs/rules.md §5.2). It is never negative.
func (p *Position) Open() money.Fen {
	return max(0, p.Settled.Sub(p.Entitled).Sub(p.Waived))
}

// Due is what is still to be paid. A waiver never makes one: it is not in this sum.
func (p *Position) Due() money.Fen {
	return max(0, p.Entitled.Sub(p.Settled))
}

// Share is a part of a sum that goes to one key.
type Share struct {
	Key
	Amount money.Fen // 分, positive
}

// Debts are the open parts in the order in which money is taken for them: oldest month
// first, items in list order, then payees. order gives an item's place in the list.
func Debts(positions []Position, order func(item string) int) []Share {
	var open []Share
	for i := range positions {
		if amount := positions[i].Open(); amount > 0 {
			open = append(open, Share{positions[i].Key, amount})
		}
	}
	slices.SortFunc(open, func(a, b Share) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(order(a.Item), order(b.Item)), strings.Compare(a.Payee, b.Payee))
	})
	return open
}

// Total adds up shares.
func Total(shares []Share) money.Fen {
	var sum money.Fen
	for _, s := range shares {
		sum = sum.Add(s.Amount)
	}
	return sum
}

// Allocate shares a sum among debts in their order: each gets all it needs before the
// next gets anything. rest is what no debt has room for.
func Allocate(debts []Share, sum money.Fen) (shares []Share, rest money.Fen) {
	for _, d := range debts {
		part := min(d.Amount, sum)
		if part <= 0 {
			continue
		}
		shares = append(shares, Share{d.Key, part})
		sum = sum.Sub(part)
	}
	return shares, sum
}
