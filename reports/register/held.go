package register

import (
	"fmt"

	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// heldSheet is the sheet 暂缓发放: what is due and not paid, why, and what to do.
type heldSheet struct {
	sheet.TableOf[heldRow]
	serial int
}

type heldRow struct {
	*explain.DetailedLine
	serial int
}

const heldName = "暂缓发放"

func heldColumns(cat *source.Catalogue) []sheet.Column[heldRow] {
	return []sheet.Column[heldRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *heldRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *heldRow) sheet.Cell { return sheet.Text(r.Name) }).Freeze(),
		sheet.Col("身份证号", 20, sheet.Number, func(r *heldRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *heldRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("社区", 14, sheet.Wrapped, func(r *heldRow) sheet.Cell { return sheet.Text(r.Community) }),
		sheet.Col("项目", 24, sheet.PlainText, func(r *heldRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("所属月份", 9, sheet.Centered, func(r *heldRow) sheet.Cell { return sheet.Text(r.Month.String()) }),
		sheet.Col("类别", 6, sheet.Centered, func(r *heldRow) sheet.Cell { return sheet.Text(r.Kind.String()) }),
		sheet.Col("金额", 12, sheet.Amounts, func(r *heldRow) sheet.Cell { return sheet.Fen(r.Amount) }).Sums(),
		sheet.Col("收款人", 14, sheet.Wrapped, func(r *heldRow) sheet.Cell { return sheet.Text(r.Payee) }),
		sheet.Col("暂缓原因", 28, sheet.Wrapped, func(r *heldRow) sheet.Cell {
			why := r.Hold.String()
			if r.Kept != "" {
				why += "（" + r.Kept + "）"
			}
			return sheet.Text(why)
		}),
		sheet.Col("处理办法", 40, sheet.Wrapped, func(r *heldRow) sheet.Cell { return sheet.Text(cat.Remedy(&r.Line)) }),
	}
}

func newHeldSheet(p *sheet.Paper) *heldSheet {
	return &heldSheet{TableOf: sheet.NewTable(p, sheet.Spec{
		Name: heldName, Title: "暂缓发放明细", Unit: "金额单位：元", Landscape: true, Filter: true,
	}, heldColumns(p.Catalogue))}
}

func (h *heldSheet) line(l *explain.DetailedLine) {
	h.serial++
	h.Add(&heldRow{l, h.serial})
}

func (h *heldSheet) finish(all *control.Sums) {
	h.Empty("本批没有暂缓发放")
	h.KeepTogether(h.TailHeight(2))
	h.Total(fmt.Sprintf("合计　%d 人　明细 %d 条", all.HeldHeads, all.HeldLines), sheet.Fen(all.Held))
	h.Words(all.Held)
	h.Notes("暂缓的款项不计入本批应发合计，也不在银行文件中。")
	h.Signatures()
}
