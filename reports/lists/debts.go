package lists

import (
	"context"
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// DebtsName is 追缴台账.xlsx.
const DebtsName = "追缴台账"

// debtSheet writes what could not be netted, person by person.
type debtSheet struct {
	sheet.TableOf[debtRow]
	serial, people int
	total, own     money.Fen
	collected      money.Fen
	waived         money.Fen
	open           bool
	now            source.OpenDebt
}

type debtRow struct {
	*source.OpenDebt
	serial int
	own    money.Fen // of the person, in the last row of theirs; else 0
}

func debtColumns(cat *source.Catalogue) []sheet.Column[debtRow] {
	return []sheet.Column[debtRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *debtRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *debtRow) sheet.Cell { return sheet.Text(r.Name) }).Freeze(),
		sheet.Col("身份证号", 20, sheet.Number, func(r *debtRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *debtRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("项目", 24, sheet.PlainText, func(r *debtRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("所属月份", 10, sheet.Centered, func(r *debtRow) sheet.Cell { return sheet.Text(r.Month.String()) }),
		sheet.Col("收款人", 14, sheet.Wrapped, func(r *debtRow) sheet.Cell { return sheet.Text(r.Payee) }),
		sheet.Col("应停月", 9, sheet.Centered, func(r *debtRow) sheet.Cell { return sheet.Text(monthOrNone(r.Stop)) }),
		sheet.Col("实停月", 9, sheet.Centered, func(r *debtRow) sheet.Cell { return sheet.Text(monthOrNone(r.Last)) }),
		sheet.Col("已收回", 11, sheet.Amounts, func(r *debtRow) sheet.Cell { return sheet.Fen(r.Collected) }).Sums(),
		sheet.Col("已核销", 11, sheet.Amounts, func(r *debtRow) sheet.Cell { return sheet.Fen(r.Waived) }).Sums(),
		sheet.Col("未追回金额", 12, sheet.Amounts, func(r *debtRow) sheet.Cell { return sheet.Fen(r.Amount) }).Sums(),
		sheet.Col("本人合计", 12, sheet.Amounts, func(r *debtRow) sheet.Cell { return sheet.FenOrBlank(r.own) }),
		sheet.Col("追缴情况", 24, sheet.Wrapped, func(r *debtRow) sheet.Cell { return sheet.Text(agreement(r.OpenDebt)) }),
		sheet.Col("经办人、日期", 14, sheet.Wrapped, sheet.ByHand[debtRow]),
	}
}

// NewDebts makes the recovery register and returns it with its rows and amount.
func NewDebts(ctx context.Context, is *source.Issue, cat *source.Catalogue, src source.Rows, dir string) (p *sheet.Paper, rows int, total money.Fen, err error) {
	if p, err = sheet.NewPaper(is, cat, dir, DebtsName); err != nil {
		return nil, 0, 0, err
	}
	d := &debtSheet{TableOf: sheet.NewTable(p, sheet.Spec{
		Name: DebtsName, Title: "多发款项追缴台账", Unit: "金额单位：元", Landscape: true, Filter: true, ByHand: true,
	}, debtColumns(cat))}
	if err := d.fill(ctx, src); err != nil {
		_ = p.Close()
		return nil, 0, 0, err
	}
	return p, d.serial, d.total, nil
}

func (d *debtSheet) fill(ctx context.Context, src source.Rows) error {
	err := src.Debts(ctx, func(debt *source.OpenDebt) error {
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
	d.Empty("没有未追回的多发款项")
	d.KeepTogether(d.TailHeight(2))
	d.Table.Total(fmt.Sprintf("合计　%d 人　%d 条", d.people, d.serial), sheet.Fen(d.collected), sheet.Fen(d.waived), sheet.Fen(d.total))
	d.Words(d.total)
	d.Notes("多发款项在以后月份有应发款时自动抵扣；无款可抵的，由经办人联系本人或家属退回。")
	d.Signatures()
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
	r := debtRow{OpenDebt: &d.now, serial: d.serial}
	if last {
		r.own = d.own
		d.total = d.total.Add(d.own)
		d.own = 0
		d.people++
	}
	d.Add(&r)
}

// agreement is what is known of paying back; the rest of the cell is filled by hand.
func agreement(debt *source.OpenDebt) string {
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
