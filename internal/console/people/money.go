package people

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"disburse/internal/console/web"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/store/books"
)

// personMonth is one item and payee of a benefit month. Amounts are 分.
type personMonth struct {
	Month month.Month
	First bool // first row of its month
	Code  string
	Item  string
	Payee string
	books.PersonSettled
	Entitled money.Fen // by the present revision
	Other    money.Fen // collected (收回) and opening entries (期初)
	Due      money.Fen // not paid yet
	Open     money.Fen // overpaid and not recovered
	Held     string    // reasons why it is held; empty: it is not
}

// showMoney adds the months of the chosen year, only items that the user's bureau pays.
func showMoney(v *web.Visit, d *personData) error {
	f := d.File
	if f.Opening == 0 {
		return nil
	}
	d.Year = f.Last.Year()
	for y := f.Last.Year(); y >= f.Opening.Year(); y-- {
		d.Years = append(d.Years, y)
	}
	if y, err := strconv.Atoi(v.Form("year")); err == nil && slices.Contains(d.Years, y) {
		d.Year = y
	}
	first, last := max(f.Opening, month.Of(d.Year, 1)), min(f.Last, month.Of(d.Year, 12))
	if err := settledMonths(v, d, first, last); err != nil {
		return err
	}
	year, err := books.ReadPersonYear(v.R.Context(), v.Office.DB, v.Office.Region, f.Now.ID, d.Year)
	if err != nil {
		return err
	}
	for _, p := range year.Payments {
		if v.Sees(p.Bureau) {
			d.Pays = append(d.Pays, p)
		}
	}
	for _, h := range year.Held {
		for i := range d.Months {
			if m := &d.Months[i]; m.Month == h.Month && m.Code == h.Item && m.Payee == h.Payee {
				m.Held = h.Hold.String()
			}
		}
	}
	d.finish()
	return nil
}

// settledMonths adds what the rules grant next to what the ledger has settled.
func settledMonths(v *web.Visit, d *personData, first, last month.Month) error {
	settled, err := books.ReadPersonSettled(v.R.Context(), v.Office.DB, v.Office.Region, d.File, first, last)
	if err != nil {
		return err
	}
	at := map[string]int{}
	row := func(m month.Month, item, payee string) *personMonth {
		key := fmt.Sprint(int(m), "|", item, "|", payee)
		i, ok := at[key]
		if !ok {
			i = len(d.Months)
			at[key] = i
			d.Months = append(d.Months, personMonth{Month: m, Code: item, Item: itemName(v, item), Payee: payee})
		}
		return &d.Months[i]
	}
	for m := first; m <= last; m++ {
		outcome, err := v.Office.Pack.Grant(d.File.Now, m)
		if err != nil {
			return err
		}
		for _, g := range outcome.Grants {
			if v.Sees(v.Office.Pack.Payer(g.Item)) {
				row(m, g.Item, g.Payee).Entitled = g.Amount
			}
		}
	}
	for _, s := range settled {
		if v.Sees(v.Office.Pack.Payer(s.Item)) {
			row(s.Month, s.Item, s.Payee).PersonSettled = s
		}
	}
	return nil
}

// finish computes positions and sums and sorts the months, newest first.
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

// Sent is the sum of payments, less returned ones.
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
