package reports

import (
	"context"
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
)

// debtsName is 追缴台账.xlsx.
const debtsName = "追缴台账"

// debtSheet writes what could not be netted, person by person.
type debtSheet struct {
	tableOf[debtRow]
	serial, people int
	total, own     money.Fen
	collected      money.Fen
	waived         money.Fen
	open           bool
	now            Debt
}

type debtRow struct {
	*Debt
	serial int
	own    money.Fen // of the person, in the last row of theirs; else 0
}

func debtColumns(cat *catalogue) []columnOf[debtRow] {
	return []columnOf[debtRow]{
		col("序号", 7, centered, func(r *debtRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *debtRow) cell { return text(r.Name) }).freeze(),
		col("身份证号", 20, number, func(r *debtRow) cell { return text(r.ID) }),
		col("街道", 10, plainText, func(r *debtRow) cell { return text(streetName(r.Street)) }),
		col("项目", 24, plainText, func(r *debtRow) cell { return text(cat.title(r.Item)) }),
		col("所属月份", 10, centered, func(r *debtRow) cell { return text(r.Month.String()) }),
		col("收款人", 14, wrapped, func(r *debtRow) cell { return text(r.Payee) }),
		col("应停月", 9, centered, func(r *debtRow) cell { return text(monthOrNone(r.Stop)) }),
		col("实停月", 9, centered, func(r *debtRow) cell { return text(monthOrNone(r.Last)) }),
		col("已收回", 11, amounts, func(r *debtRow) cell { return fen(r.Collected) }).sums(),
		col("已核销", 11, amounts, func(r *debtRow) cell { return fen(r.Waived) }).sums(),
		col("未追回金额", 12, amounts, func(r *debtRow) cell { return fen(r.Amount) }).sums(),
		col("本人合计", 12, amounts, func(r *debtRow) cell { return fenOrBlank(r.own) }),
		col("追缴情况", 24, wrapped, func(r *debtRow) cell { return text(agreement(r.Debt)) }),
		col("经办人、日期", 14, wrapped, byHand[debtRow]),
	}
}

// newDebts makes the recovery register and returns it with its rows and amount.
func newDebts(ctx context.Context, is *Issue, cat *catalogue, src Source, dir string) (p *paper, rows int, total money.Fen, err error) {
	if p, err = newPaper(is, cat, dir, debtsName); err != nil {
		return nil, 0, 0, err
	}
	d := &debtSheet{tableOf: newTableOf(p, tableSpec{
		name: debtsName, title: "多发款项追缴台账", unit: "金额单位：元", landscape: true, filter: true, byHand: true,
	}, debtColumns(cat))}
	if err := d.fill(ctx, src); err != nil {
		_ = p.Close()
		return nil, 0, 0, err
	}
	return p, d.serial, d.total, nil
}

func (d *debtSheet) fill(ctx context.Context, src Source) error {
	err := src.Debts(ctx, func(debt *Debt) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if debt.Amount <= 0 {
			return fmt.Errorf("debt of person %d is %s", debt.Person, debt.Amount)
		}
		d.flush(debt.Person != d.now.Person)
		d.now, d.open = *debt, true
		d.own = d.own.Add(debt.Amount)
		return d.Err()
	})
	if err != nil {
		return err
	}
	d.flush(true)
	d.empty("没有未追回的多发款项")
	d.keep(d.tailHeight(2))
	d.table.total(fmt.Sprintf("合计　%d 人　%d 条", d.people, d.serial), fen(d.collected), fen(d.waived), fen(d.total))
	d.words(d.total)
	d.notes("多发款项在以后月份有应发款时自动抵扣；无款可抵的，由经办人联系本人或家属退回。")
	d.signatures()
	return d.Err()
}

// flush writes the row that waits; the last one of a person carries the sum.
func (d *debtSheet) flush(last bool) {
	if !d.open {
		return
	}
	d.open = false
	d.serial++
	d.collected, d.waived = d.collected.Add(d.now.Collected), d.waived.Add(d.now.Waived)
	r := debtRow{Debt: &d.now, serial: d.serial}
	if last {
		r.own = d.own
		d.total = d.total.Add(d.own)
		d.own = 0
		d.people++
	}
	d.row(&r)
}

// agreement is what is known of paying back; the rest of the cell is filled by hand.
func agreement(debt *Debt) string {
	if debt.Plan.Months == 0 {
		return ""
	}
	text := "分期：" + debt.Plan.String()
	if debt.Overdue > 0 {
		text += "；逾期 " + debt.Overdue.String() + " 元"
	}
	return text
}

func monthOrNone(m month.Month) string {
	if m == 0 {
		return ""
	}
	return m.String()
}
