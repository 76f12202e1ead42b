package yearly

import (
	"cmp"
	"slices"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/reports/sheet"
)

// yearFund are the figures of a fund source by pay month.
type yearFund struct {
	name               string
	due, in, out, paid [12]money.Fen
}

// byFund adds the year up by fund source, each batch by its own pack, in the order in
// which funds first occur. It holds what the payments say to the batches' own sums, from
// which the 资金拨付申请 is made.
func (c *Control) byFund(year int) ([]yearFund, error) {
	var months, signed [12]payrun.Funds
	var names []string
	named := func(name string) string {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		return name
	}
	at := func(all *[12]payrun.Funds, f *payrun.ItemFlow) *payrun.Funds { return &all[f.Month.InYear()-1] }
	for i := range c.Dues {
		f := &c.Dues[i]
		fund := named(c.Packs[f.Pack].FundOf(f.Item))
		at(&signed, f).Line(fund, fund, f.Amount)
	}
	for i := range c.Payments {
		f := &c.Payments[i]
		fund := named(c.Packs[f.Pack].FundOf(f.Item))
		at(&months, f).Line(fund, fund, f.Amount)
	}
	for i := range c.Carried {
		f := &c.Carried[i]
		at(&months, f).Moved(named(c.Packs[f.Pack].FundOf(f.Item)), named(c.Packs[f.Pack].FundOf(f.Against)), f.Amount)
	}
	var all []yearFund
	for _, name := range names {
		y := yearFund{name: name}
		for m := range months {
			s := months[m].Sum(name)
			if want := signed[m].Sum(name); s.Due != want.Due {
				return nil, disagree(month.Of(year, m+1).Chinese()+" "+name+"的应发", s.Due, want.Due)
			}
			y.due[m], y.in[m], y.out[m], y.paid[m] = s.Due, s.In, s.Out, s.Paid()
		}
		all = append(all, y)
	}
	return all, nil
}

// funds writes what each fund bears and what banks were given out of it, month by month.
func (y *yearSummary) funds(c *Control, all *yearCells) error {
	rows, err := c.byFund(y.year)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b yearFund) int {
		return cmp.Compare(y.Paper.Catalogue.FundPlace(a.name), y.Paper.Catalogue.FundPlace(b.name))
	})
	y.Section("各资金来源")
	var paid [12]money.Fen
	for i := range rows {
		f := &rows[i]
		for _, line := range []struct {
			what   string
			months [12]money.Fen
			always bool
		}{{"应发", f.due, true}, {"跨资金转入", f.in, false}, {"跨资金转出", f.out, false}, {"实拨", f.paid, true}} {
			if line.always || sumOf(line.months) != 0 {
				y.amountRow(f.name, line.what, line.months, sumOf(line.months))
			}
		}
		for m, a := range f.paid {
			paid[m] = paid[m].Add(a)
		}
	}
	y.Notes(sheet.FundNote)
	for m := range paid {
		if paid[m] != all.paid[m] {
			return disagree(month.Of(y.year, m+1).Chinese()+"各资金来源的实拨", paid[m], all.paid[m])
		}
	}
	return nil
}
