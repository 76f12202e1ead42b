package console

import (
	"cmp"
	"slices"

	"disburse/internal/ledger"
	"disburse/internal/money"
)

// finish adds up the months and puts the latest first.
func (d *personData) finish() {
	for i := range d.Months {
		m := &d.Months[i]
		position := ledger.Position{Entitled: m.Entitled, Settled: m.Settled(), Waived: m.Waived}
		m.Due, m.Open = position.Due(), position.Open()
		m.Other = m.Collected.Add(m.PersonSettled.Opening)
		d.Sums.add(m)
	}
	slices.SortStableFunc(d.Months, func(a, b personMonth) int {
		return cmp.Or(cmp.Compare(b.Month, a.Month), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Payee, b.Payee))
	})
	for i := range d.Months {
		d.Months[i].First = i == 0 || d.Months[i-1].Month != d.Months[i].Month
	}
}

// Sent is what payments brought.
func (m *personMonth) Sent() money.Fen {
	return m.Current.Add(m.Arrears).Add(m.Recovery).Add(m.Returned)
}

func (m *personMonth) add(x *personMonth) {
	m.Entitled = m.Entitled.Add(x.Entitled)
	m.Current = m.Current.Add(x.Current)
	m.Arrears = m.Arrears.Add(x.Arrears)
	m.Recovery = m.Recovery.Add(x.Recovery)
	m.Returned = m.Returned.Add(x.Returned)
	m.Other = m.Other.Add(x.Other)
	m.Due = m.Due.Add(x.Due)
	m.Open = m.Open.Add(x.Open)
}
