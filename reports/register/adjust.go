package register

import (
	"fmt"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// adjustments is the sheet 补发扣回: every line of an earlier month, and why.
type adjustments struct {
	sheet.TableOf[adjustRow]
	serial            int
	arrears, recovery int // lines
}

type adjustRow struct {
	*explain.DetailedLine
	serial int
}

func adjustColumns(cat *source.Catalogue) []sheet.Column[adjustRow] {
	return []sheet.Column[adjustRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *adjustRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *adjustRow) sheet.Cell { return sheet.Text(r.Name) }).Freeze(),
		sheet.Col("身份证号", 20, sheet.Number, func(r *adjustRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *adjustRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("项目", 24, sheet.PlainText, func(r *adjustRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("所属月份", 9, sheet.Centered, func(r *adjustRow) sheet.Cell { return sheet.Text(r.Month.String()) }),
		sheet.Col("类别", 6, sheet.Centered, func(r *adjustRow) sheet.Cell { return sheet.Text(r.Kind.String()) }),
		sheet.Col("该月应发", 11, sheet.Amounts, func(r *adjustRow) sheet.Cell { return sheet.Fen(r.Standard) }),
		sheet.Col("补发（扣回）金额", 13, sheet.Amounts, func(r *adjustRow) sheet.Cell { return sheet.Fen(r.Amount) }).Sums(),
		sheet.Col("从何项付款中扣回", 24, sheet.PlainText, func(r *adjustRow) sheet.Cell {
			if r.Kind != payrun.Recovery {
				return sheet.Blank()
			}
			return sheet.Text(cat.Title(r.Against))
		}),
		sheet.Col("收款人", 14, sheet.Wrapped, func(r *adjustRow) sheet.Cell { return sheet.Text(r.Payee) }),
		sheet.Col("原因", 44, sheet.Wrapped, func(r *adjustRow) sheet.Cell { return sheet.Text(reason(r.DetailedLine)) }),
	}
}

func newAdjustments(p *sheet.Paper) *adjustments {
	return &adjustments{TableOf: sheet.NewTable(p, sheet.Spec{
		Name: "补发扣回", Title: "补发、扣回明细", Unit: "金额单位：元", Landscape: true, Filter: true,
	}, adjustColumns(p.Catalogue))}
}

func (a *adjustments) line(l *explain.DetailedLine) {
	if l.Kind == payrun.Arrears {
		a.arrears++
	} else {
		a.recovery++
	}
	a.serial++
	a.Add(&adjustRow{l, a.serial})
}

// reason is why a line of an earlier month is due: what the source says, else what
// the figures say.
func reason(l *explain.DetailedLine) string {
	if l.Reason != "" {
		return l.Reason
	}
	if l.Kind == payrun.Recovery {
		if l.Standard == 0 {
			return "该月已不应发放，多发部分扣回"
		}
		return fmt.Sprintf("该月应发 %s 元，多发部分扣回", l.Standard)
	}
	if settled := l.Standard.Sub(l.Amount); settled > 0 {
		return fmt.Sprintf("该月应发 %s 元，已发 %s 元，补足差额", l.Standard, settled)
	}
	return "该月应发未发，补发"
}

func (a *adjustments) finish(all *control.Sums) {
	a.Empty("本批没有补发和扣回")
	a.KeepTogether(a.TailHeight(3))
	a.Total(fmt.Sprintf("补发合计　明细 %d 条", a.arrears), sheet.Fen(all.Arrears))
	a.Total(fmt.Sprintf("扣回合计　明细 %d 条", a.recovery), sheet.Fen(all.Recovery))
	a.Total("补发、扣回相抵", sheet.Fen(all.Arrears.Add(all.Recovery)))
	a.Signatures()
}
