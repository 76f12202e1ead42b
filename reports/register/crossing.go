package register

import (
	"fmt"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// crossingName is the sheet 跨资金抵扣.
const crossingName = "跨资金抵扣"

// crossingSheet lists each 扣回 of an item of one fund that a payment out of another fund
// carries, with the person: what the funds settle with each other.
type crossingSheet struct {
	sheet.TableOf[crossingRow]
	serial int
	heads  int
	seen   control.People
	sum    money.Fen
	funds  payrun.Funds
	pairs  []fundPair
}

// fundPair is what one fund owes another.
type fundPair struct {
	from, to string
	amount   money.Fen
}

type crossingRow struct {
	*explain.DetailedLine
	serial     int
	own, payer string // funds
}

func crossingColumns(cat *source.Catalogue) []sheet.Column[crossingRow] {
	return []sheet.Column[crossingRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *crossingRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *crossingRow) sheet.Cell { return sheet.Text(r.Name) }).Freeze(),
		sheet.Col("身份证号", 20, sheet.Number, func(r *crossingRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *crossingRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("扣回项目", 24, sheet.Wrapped, func(r *crossingRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("转入资金（多发的）", 22, sheet.Wrapped, func(r *crossingRow) sheet.Cell { return sheet.Text(r.own) }),
		sheet.Col("所属月份", 9, sheet.Centered, func(r *crossingRow) sheet.Cell { return sheet.Text(r.Month.String()) }),
		sheet.Col("从何项付款中扣回", 24, sheet.Wrapped, func(r *crossingRow) sheet.Cell { return sheet.Text(cat.Title(r.Against)) }),
		sheet.Col("转出资金（付款的）", 22, sheet.Wrapped, func(r *crossingRow) sheet.Cell { return sheet.Text(r.payer) }),
		sheet.Col("抵扣金额", 13, sheet.Amounts, func(r *crossingRow) sheet.Cell { return sheet.Fen(-r.Amount) }).Sums(),
	}
}

func newCrossingSheet(p *sheet.Paper) *crossingSheet {
	return &crossingSheet{TableOf: sheet.NewTable(p, sheet.Spec{
		Name: crossingName, Title: "跨资金抵扣明细", Unit: "金额单位：元", Landscape: true, Filter: true,
	}, crossingColumns(p.Catalogue))}
}

func (c *crossingSheet) line(l *explain.DetailedLine) {
	own, payer, amount := c.Paper.Catalogue.Funds[l.Item], c.Paper.Catalogue.Funds[l.Against], -l.Amount
	c.serial++
	if c.seen.Add(l.Person) {
		c.heads++
	}
	c.sum = c.sum.Add(amount)
	c.funds.Line(own, payer, l.Amount)
	c.pair(payer, own, amount)
	c.Add(&crossingRow{l, c.serial, own, payer})
}

func (c *crossingSheet) pair(from, to string, a money.Fen) {
	for i := range c.pairs {
		if p := &c.pairs[i]; p.from == from && p.to == to {
			p.amount = p.amount.Add(a)
			return
		}
	}
	c.pairs = append(c.pairs, fundPair{from, to, a})
}

// finish writes what each pair of funds settles, and holds the people to the figures of
// the application.
func (c *crossingSheet) finish(all *payrun.Funds) error {
	c.KeepTogether(c.TailHeight(len(c.pairs)+1, sheet.FundNote))
	for _, p := range c.pairs {
		c.Subtotal(fmt.Sprintf("%s 转给 %s", p.from, p.to), sheet.Fen(p.amount))
	}
	c.Total(fmt.Sprintf("合计　%d 人　扣回明细 %d 条", c.heads, c.serial), sheet.Fen(c.sum))
	c.Words(c.sum)
	c.Notes(sheet.FundNote)
	c.Signatures()
	for i := range all.Sums {
		want := &all.Sums[i]
		got := c.funds.Sum(want.Fund)
		if got.In != want.In || got.Out != want.Out {
			return control.Disagree(crossingName+" "+want.Fund+"（元）", fmt.Sprintf("转入 %s、转出 %s", got.In, got.Out), fmt.Sprintf("转入 %s、转出 %s", want.In, want.Out))
		}
	}
	return c.Err()
}
