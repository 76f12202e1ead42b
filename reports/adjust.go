package reports

import (
	"fmt"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
)

// adjustments is the sheet 补发扣回: every line of an earlier month, and why.
type adjustments struct {
	tableOf[adjustRow]
	serial            int
	arrears, recovery int // lines
}

type adjustRow struct {
	*explain.DetailedLine
	serial int
}

func adjustColumns(cat *catalogue) []columnOf[adjustRow] {
	return []columnOf[adjustRow]{
		col("序号", 7, centered, func(r *adjustRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *adjustRow) cell { return text(r.Name) }).freeze(),
		col("身份证号", 20, number, func(r *adjustRow) cell { return text(r.ID) }),
		col("街道", 10, plainText, func(r *adjustRow) cell { return text(streetName(r.Street)) }),
		col("项目", 24, plainText, func(r *adjustRow) cell { return text(cat.title(r.Item)) }),
		col("所属月份", 9, centered, func(r *adjustRow) cell { return text(r.Month.String()) }),
		col("类别", 6, centered, func(r *adjustRow) cell { return text(r.Kind.String()) }),
		col("该月应发", 11, amounts, func(r *adjustRow) cell { return fen(r.Standard) }),
		col("补发（扣回）金额", 13, amounts, func(r *adjustRow) cell { return fen(r.Amount) }).sums(),
		col("从何项付款中扣回", 24, plainText, func(r *adjustRow) cell {
			if r.Kind != payrun.Recovery {
				return blank()
			}
			return text(cat.title(r.Against))
		}),
		col("收款人", 14, wrapped, func(r *adjustRow) cell { return text(r.Payee) }),
		col("原因", 44, wrapped, func(r *adjustRow) cell { return text(reason(r.DetailedLine)) }),
	}
}

func newAdjustments(p *paper) *adjustments {
	return &adjustments{tableOf: newTableOf(p, tableSpec{
		name: "补发扣回", title: "补发、扣回明细", unit: "金额单位：元", landscape: true, filter: true,
	}, adjustColumns(p.cat))}
}

func (a *adjustments) line(l *explain.DetailedLine) {
	if l.Kind == payrun.Arrears {
		a.arrears++
	} else {
		a.recovery++
	}
	a.serial++
	a.row(&adjustRow{l, a.serial})
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

func (a *adjustments) finish(all *sums) {
	a.empty("本批没有补发和扣回")
	a.keep(a.tailHeight(3))
	a.total(fmt.Sprintf("补发合计　明细 %d 条", a.arrears), fen(all.arrears))
	a.total(fmt.Sprintf("扣回合计　明细 %d 条", a.recovery), fen(all.recovery))
	a.total("补发、扣回相抵", fen(all.arrears.Add(all.recovery)))
	a.signatures()
}
