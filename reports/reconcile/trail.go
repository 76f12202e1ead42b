package reconcile

import (
	"cmp"
	"fmt"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// trailRow is one entry of the trail.
type trailRow struct {
	*bank.ReconcileAgain
	number string
}

// again is a cell about the payment that pays the line again; blank where there is none.
func (r *trailRow) again(c sheet.Cell) sheet.Cell {
	if r.Number == "" {
		return sheet.Blank()
	}
	return c
}

func trailColumns(cat *source.Catalogue) []sheet.Column[trailRow] {
	return []sheet.Column[trailRow]{
		sheet.Col("原文件编号", 24, sheet.Number, func(r *trailRow) sheet.Cell { return sheet.Text(r.number) }),
		sheet.Col("原序号", 6, sheet.Centered, func(r *trailRow) sheet.Cell { return sheet.Whole(r.Seq) }),
		sheet.Col("姓名", 10, sheet.PlainText, func(r *trailRow) sheet.Cell { return sheet.Text(r.Name) }),
		sheet.Col("项目", 19, sheet.PlainText, func(r *trailRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("收款人", 12, sheet.PlainText, func(r *trailRow) sheet.Cell { return sheet.Text(r.Payee) }),
		sheet.Col("所属月份", 9, sheet.Centered, func(r *trailRow) sheet.Cell { return sheet.Text(r.Month.String()) }),
		sheet.Col("类别", 6, sheet.Centered, func(r *trailRow) sheet.Cell { return sheet.Text(r.Kind.String()) }),
		sheet.Col("退回金额", 12, sheet.Amounts, func(r *trailRow) sheet.Cell {
			if r.Try > 1 {
				return sheet.Blank()
			}
			return sheet.Fen(r.Amount)
		}).Sums(),
		sheet.Col("失败原因", 18, sheet.Wrapped, func(r *trailRow) sheet.Cell { return sheet.Text(cmp.Or(r.Reason, r.Code)) }),
		sheet.Col("第几次", 7, sheet.Centered, func(r *trailRow) sheet.Cell { return r.again(sheet.Whole(r.Try)) }),
		sheet.Col("去向", 20, sheet.Wrapped, func(r *trailRow) sheet.Cell { return sheet.Text(FateOf(r.ReconcileAgain).String()) }),
		sheet.Col("在哪里", 34, sheet.Wrapped, func(r *trailRow) sheet.Cell { return sheet.Text(FateWhere(r.ReconcileAgain)) }),
		sheet.Col("重发金额", 12, sheet.Amounts, func(r *trailRow) sheet.Cell { return r.again(sheet.Fen(r.Due)) }),
	}
}

// trail is the sheet 更正发放: every line of the failed payments and what came of it.
func (b *book) trail() error {
	t := sheet.NewTable(b.Paper, sheet.Spec{
		Name: "更正发放", Title: "失败退回与更正发放", Unit: "金额单位：元", Origin: b.origin(), Landscape: true, Filter: true,
	}, trailColumns(b.Catalogue))
	byPayment, sum := map[paymentKey]money.Fen{}, money.Fen(0)
	for i := range b.r.Trail {
		a := &b.r.Trail[i]
		if a.Try <= 1 {
			k := paymentKey{a.N, a.File, a.Seq}
			byPayment[k] = byPayment[k].Add(a.Amount)
			sum = sum.Add(a.Amount)
		}
		t.Add(&trailRow{a, b.r.number(a.N, a.File)})
	}
	t.Empty("没有失败退回的付款")
	t.KeepTogether(sheet.SumHeight + 2*sheet.WordsHeight)
	t.Total(fmt.Sprintf("合计　付款 %d 笔", len(byPayment)), sheet.Fen(sum))
	t.Notes("一笔失败的付款所含的明细（包括随它抵扣的扣回）全部退回待发，逐条列出；银行登记新账户后，下次运行时重发。再次失败的逐次列出，退回金额只计一次。")
	if err := t.Err(); err != nil {
		return err
	}
	return b.tieTrail(byPayment, sum)
}

// tieTrail insists that the lines of each failed payment come to the payment, and all of
// them to what failed.
func (b *book) tieTrail(byPayment map[paymentKey]money.Fen, sum money.Fen) error {
	for i := range b.r.Open {
		x := &b.r.Open[i]
		if got := byPayment[paymentKey{x.N, x.File, x.Seq}]; x.Answer == bank.Failed && got != x.Amount {
			return control.Disagree(fmt.Sprintf("更正发放 %s 第 %d 号（元）", b.r.number(x.N, x.File), x.Seq), got, x.Amount)
		}
	}
	if sum != b.all.amount[answerFailed] || len(byPayment) != b.all.count[answerFailed] {
		return control.Disagree("更正发放 退回合计（元）", sum, b.all.amount[answerFailed])
	}
	return nil
}
