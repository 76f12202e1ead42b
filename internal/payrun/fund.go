package payrun

import (
	"disburse/internal/money"
	"disburse/internal/month"
)

// ItemFlow sums lines of one item, or payments of it, of the batches of a pack in a pay month.
type ItemFlow struct {
	Pack    string      // hash, whose fund sources count
	Month   month.Month // of the batches
	Item    string
	Against string    // the item whose payments carry the lines
	Amount  money.Fen // 分
}

// FundSum is what one fund source (资金来源) has to do with lines that are not held, in 分.
// It is the one definition of figures by fund: application, bank files, reconciliation and
// year take theirs from here.
//
// A 扣回 belongs to the fund of its own item, also where a payment out of another fund
// carries it (against). Then the other fund keeps what it did not pay to the person, and
// owes it to the item's own fund: 跨资金抵扣.
type FundSum struct {
	Fund string
	Due  money.Fen // 应发: 当月, 补发 and 扣回 of the fund's own items; what the fund bears in the end
	In   money.Fen // 跨资金转入: 扣回 of its own items that payments of other funds carry; 0 or more
	Out  money.Fen // 跨资金转出: 扣回 of other funds' items that its own payments carry; 0 or more
}

// Paid is 实拨: what banks are given out of the fund, the sum of its payments.
func (s FundSum) Paid() money.Fen { return s.Due.Add(s.In).Sub(s.Out) }

// Funds adds lines up by fund source, in the order in which funds first occur.
type Funds struct{ Sums []FundSum }

// Line takes a line, or a sum of such lines, of an item of fund own that a payment of fund
// payer carries. The amount is that of the lines: negative for 扣回.
func (f *Funds) Line(own, payer string, a money.Fen) {
	f.of(own, func(s *FundSum) {
		s.Due = s.Due.Add(a)
		if own != payer {
			s.In = s.In.Sub(a)
		}
	})
	if own != payer {
		f.of(payer, func(s *FundSum) { s.Out = s.Out.Sub(a) })
	}
}

// Moved takes 扣回 of an item of fund own that is in the payments of fund payer, where it was
// added up as payer's own. The amount is negative.
func (f *Funds) Moved(own, payer string, a money.Fen) {
	f.Line(payer, payer, -a)
	f.Line(own, payer, a)
}

// Add takes the figures of a fund in.
func (f *Funds) Add(o *FundSum) {
	f.of(o.Fund, func(s *FundSum) { s.Due, s.In, s.Out = s.Due.Add(o.Due), s.In.Add(o.In), s.Out.Add(o.Out) })
}

// Sum returns the figures of a fund.
func (f *Funds) Sum(name string) FundSum {
	for i := range f.Sums {
		if f.Sums[i].Fund == name {
			return f.Sums[i]
		}
	}
	return FundSum{Fund: name}
}

func (f *Funds) of(name string, fn func(*FundSum)) {
	for i := range f.Sums {
		if f.Sums[i].Fund == name {
			fn(&f.Sums[i])
			return
		}
	}
	f.Sums = append(f.Sums, FundSum{Fund: name})
	fn(&f.Sums[len(f.Sums)-1])
}

// Total adds all funds up. What funds owe each other comes to nothing: Due is Paid.
func (f *Funds) Total() FundSum {
	var t FundSum
	for _, s := range f.Sums {
		t.Due, t.In, t.Out = t.Due.Add(s.Due), t.In.Add(s.In), t.Out.Add(s.Out)
	}
	return t
}
