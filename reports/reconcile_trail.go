package reports

import (
	"cmp"
	"fmt"

	"disburse/internal/bank"
	"disburse/internal/money"
)

// trailRow is one entry of the trail.
type trailRow struct {
	*bank.ReconcileAgain
	number string
}

// again is a cell about the payment that pays the line again; blank where there is none.
func (r *trailRow) again(c cell) cell {
	if r.Number == "" {
		return blank()
	}
	return c
}

func trailColumns(cat *catalogue) []columnOf[trailRow] {
	return []columnOf[trailRow]{
		col("原文件编号", 24, number, func(r *trailRow) cell { return text(r.number) }),
		col("原序号", 6, centered, func(r *trailRow) cell { return whole(r.Seq) }),
		col("姓名", 10, plainText, func(r *trailRow) cell { return text(r.Name) }),
		col("项目", 19, plainText, func(r *trailRow) cell { return text(cat.title(r.Item)) }),
		col("收款人", 12, plainText, func(r *trailRow) cell { return text(r.Payee) }),
		col("所属月份", 9, centered, func(r *trailRow) cell { return text(r.Month.String()) }),
		col("类别", 6, centered, func(r *trailRow) cell { return text(r.Kind.String()) }),
		col("退回金额", 12, amounts, func(r *trailRow) cell {
			if r.Try > 1 {
				return blank()
			}
			return fen(r.Amount)
		}).sums(),
		col("失败原因", 18, wrapped, func(r *trailRow) cell { return text(cmp.Or(r.Reason, r.Code)) }),
		col("第几次", 7, centered, func(r *trailRow) cell { return r.again(whole(r.Try)) }),
		col("去向", 20, wrapped, func(r *trailRow) cell { return text(FateOf(r.ReconcileAgain).String()) }),
		col("在哪里", 34, wrapped, func(r *trailRow) cell { return text(FateWhere(r.ReconcileAgain)) }),
		col("重发金额", 12, amounts, func(r *trailRow) cell { return r.again(fen(r.Due)) }),
	}
}

// trail is the sheet 更正发放: every line of the failed payments and what came of it.
func (b *reconcileBook) trail() error {
	t := newTableOf(b.paper, tableSpec{
		name: "更正发放", title: "失败退回与更正发放", unit: "金额单位：元", origin: b.origin(), landscape: true, filter: true,
	}, trailColumns(b.cat))
	byPayment, sum := map[paymentKey]money.Fen{}, money.Fen(0)
	for i := range b.r.Trail {
		a := &b.r.Trail[i]
		if a.Try <= 1 {
			k := paymentKey{a.N, a.File, a.Seq}
			byPayment[k] = byPayment[k].Add(a.Amount)
			sum = sum.Add(a.Amount)
		}
		t.row(&trailRow{a, b.r.number(a.N, a.File)})
	}
	t.empty("没有失败退回的付款")
	t.keep(sumHeight + 2*wordsHeight)
	t.total(fmt.Sprintf("合计　付款 %d 笔", len(byPayment)), fen(sum))
	t.notes("一笔失败的付款所含的明细（包括随它抵扣的扣回）全部退回待发，逐条列出；银行登记新账户后，下次运行时重发。再次失败的逐次列出，退回金额只计一次。")
	if err := t.Err(); err != nil {
		return err
	}
	return b.tieTrail(byPayment, sum)
}

// tieTrail insists that the lines of each failed payment come to the payment, and all of
// them to what failed.
func (b *reconcileBook) tieTrail(byPayment map[paymentKey]money.Fen, sum money.Fen) error {
	for i := range b.r.Open {
		x := &b.r.Open[i]
		if got := byPayment[paymentKey{x.N, x.File, x.Seq}]; x.Answer == bank.Failed && got != x.Amount {
			return disagree(fmt.Sprintf("更正发放 %s 第 %d 号（元）", b.r.number(x.N, x.File), x.Seq), got, x.Amount)
		}
	}
	if sum != b.all.amount[answerFailed] || len(byPayment) != b.all.count[answerFailed] {
		return disagree("更正发放 退回合计（元）", sum, b.all.amount[answerFailed])
	}
	return nil
}
