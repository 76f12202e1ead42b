package reports

import (
	"fmt"

	"disburse/internal/payrun"
)

// adjustments is the sheet 补发扣回: every line of an earlier month, and why.
type adjustments struct {
	*table
	serial            int
	arrears, recovery int // lines
}

func newAdjustments(p *paper) *adjustments {
	return &adjustments{table: p.table(tableSpec{
		name: "补发扣回", title: "补发、扣回明细", unit: "金额单位：元", landscape: true, frozenCol: 2, filter: true,
		columns: []column{
			{"序号", 7, centered}, {"姓名", 11, wrapped}, {"身份证号", 20, number}, {"街道", 10, plainText},
			{"项目", 24, plainText}, {"所属月份", 9, centered}, {"类别", 6, centered}, {"该月应发", 11, amounts},
			{"补发（扣回）金额", 13, amounts}, {"从何项付款中扣回", 24, plainText}, {"收款人", 14, wrapped}, {"原因", 44, wrapped},
		},
	})}
}

func (a *adjustments) line(l *Line) {
	if l.Kind == payrun.Arrears {
		a.arrears++
	} else {
		a.recovery++
	}
	a.serial++
	why := reason(l)
	a.begin(l.Name, l.Payee, why)
	a.int(a.serial)
	a.text(l.Name)
	a.text(l.ID)
	a.text(streetName(l.Street))
	a.text(a.p.cat.title(l.Item))
	a.text(l.Month.String())
	a.text(l.Kind.String())
	a.fen(l.Standard)
	a.fen(l.Amount)
	if l.Kind == payrun.Recovery {
		a.text(a.p.cat.title(l.Against))
	} else {
		a.blank()
	}
	a.text(l.Payee)
	a.text(why)
}

// reason is why a line of an earlier month is due: what the source says, else what
// the figures say.
func reason(l *Line) string {
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
	a.total(fmt.Sprintf("补发合计　明细 %d 条", a.arrears), 8, all.arrears)
	a.total(fmt.Sprintf("扣回合计　明细 %d 条", a.recovery), 8, all.recovery)
	a.total("补发、扣回相抵", 8, all.arrears.Add(all.recovery))
	a.signatures()
}
