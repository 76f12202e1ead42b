package reports

import (
	"fmt"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
)

// crossingName is the sheet 跨资金抵扣.
const crossingName = "跨资金抵扣"

// crossingSheet lists each 扣回 of an item of one fund that a payment out of another fund
// carries, with the person: what the funds settle with each other.
type crossingSheet struct {
	tableOf[crossingRow]
	serial int
	heads  int
	seen   people
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

func crossingColumns(cat *catalogue) []columnOf[crossingRow] {
	return []columnOf[crossingRow]{
		col("序号", 7, centered, func(r *crossingRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *crossingRow) cell { return text(r.Name) }).freeze(),
		col("身份证号", 20, number, func(r *crossingRow) cell { return text(r.ID) }),
		col("街道", 10, plainText, func(r *crossingRow) cell { return text(streetName(r.Street)) }),
		col("扣回项目", 24, wrapped, func(r *crossingRow) cell { return text(cat.title(r.Item)) }),
		col("转入资金（多发的）", 22, wrapped, func(r *crossingRow) cell { return text(r.own) }),
		col("所属月份", 9, centered, func(r *crossingRow) cell { return text(r.Month.String()) }),
		col("从何项付款中扣回", 24, wrapped, func(r *crossingRow) cell { return text(cat.title(r.Against)) }),
		col("转出资金（付款的）", 22, wrapped, func(r *crossingRow) cell { return text(r.payer) }),
		col("抵扣金额", 13, amounts, func(r *crossingRow) cell { return fen(-r.Amount) }).sums(),
	}
}

func newCrossingSheet(p *paper) *crossingSheet {
	return &crossingSheet{tableOf: newTableOf(p, tableSpec{
		name: crossingName, title: "跨资金抵扣明细", unit: "金额单位：元", landscape: true, filter: true,
	}, crossingColumns(p.cat))}
}

func (c *crossingSheet) line(l *explain.DetailedLine) {
	own, payer, amount := c.p.cat.funds[l.Item], c.p.cat.funds[l.Against], -l.Amount
	c.serial++
	if c.seen.add(l.Person) {
		c.heads++
	}
	c.sum = c.sum.Add(amount)
	c.funds.Line(own, payer, l.Amount)
	c.pair(payer, own, amount)
	c.row(&crossingRow{l, c.serial, own, payer})
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
	c.keep(c.tailHeight(len(c.pairs)+1, fundNote))
	for _, p := range c.pairs {
		c.subtotal(fmt.Sprintf("%s 转给 %s", p.from, p.to), fen(p.amount))
	}
	c.total(fmt.Sprintf("合计　%d 人　扣回明细 %d 条", c.heads, c.serial), fen(c.sum))
	c.words(c.sum)
	c.notes(fundNote)
	c.signatures()
	for i := range all.Sums {
		want := &all.Sums[i]
		got := c.funds.Sum(want.Fund)
		if got.In != want.In || got.Out != want.Out {
			return disagree(crossingName+" "+want.Fund+"（元）", fmt.Sprintf("转入 %s、转出 %s", got.In, got.Out), fmt.Sprintf("转入 %s、转出 %s", want.In, want.Out))
		}
	}
	return c.Err()
}
