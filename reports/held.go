package reports

import (
	"fmt"
	"strings"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
)

// heldSheet is the sheet 暂缓发放: what is due and not paid, why, and what to do.
type heldSheet struct {
	tableOf[heldRow]
	serial int
}

type heldRow struct {
	*explain.DetailedLine
	serial int
}

const heldName = "暂缓发放"

func heldColumns(cat *catalogue) []columnOf[heldRow] {
	return []columnOf[heldRow]{
		col("序号", 7, centered, func(r *heldRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *heldRow) cell { return text(r.Name) }).freeze(),
		col("身份证号", 20, number, func(r *heldRow) cell { return text(r.ID) }),
		col("街道", 10, plainText, func(r *heldRow) cell { return text(streetName(r.Street)) }),
		col("社区", 14, wrapped, func(r *heldRow) cell { return text(r.Community) }),
		col("项目", 24, plainText, func(r *heldRow) cell { return text(cat.title(r.Item)) }),
		col("所属月份", 9, centered, func(r *heldRow) cell { return text(r.Month.String()) }),
		col("类别", 6, centered, func(r *heldRow) cell { return text(r.Kind.String()) }),
		col("金额", 12, amounts, func(r *heldRow) cell { return fen(r.Amount) }).sums(),
		col("收款人", 14, wrapped, func(r *heldRow) cell { return text(r.Payee) }),
		col("暂缓原因", 28, wrapped, func(r *heldRow) cell {
			why := r.Hold.String()
			if r.Kept != "" {
				why += "（" + r.Kept + "）"
			}
			return text(why)
		}),
		col("处理办法", 40, wrapped, func(r *heldRow) cell { return text(cat.remedy(&r.Line)) }),
	}
}

func newHeldSheet(p *paper) *heldSheet {
	return &heldSheet{tableOf: newTableOf(p, tableSpec{
		name: heldName, title: "暂缓发放明细", unit: "金额单位：元", landscape: true, filter: true,
	}, heldColumns(p.cat))}
}

func (h *heldSheet) line(l *explain.DetailedLine) {
	h.serial++
	h.row(&heldRow{l, h.serial})
}

// remedies say what ends a hold; suspensionMark stands for the pack's fact that suspends.
var remedies = []struct {
	hold payrun.Hold
	text string
}{
	{payrun.NoAccount, "补登银行账户"},
	{payrun.AccountRefused, "向本人或银行核实，登记新账户"},
	{payrun.AwaitingHeir, "登记代领人、代领关系和原因"},
	{payrun.Suspended, "核实后结束“" + suspensionMark + "”记录"},
	{payrun.Undecided, "查看核对清单，对疑点作出决定"},
	{payrun.KeptBack, "情况查清以后重新决定"},
}

const suspensionMark = "{停发情况}"

// remedy says what ends the holds of a line.
func (c *catalogue) remedy(l *payrun.Line) string {
	text := ""
	for _, r := range remedies {
		if l.Hold&r.hold == 0 {
			continue
		}
		if text != "" {
			text += "；"
		}
		if r.hold == payrun.NoAccount && l.Payee != roster.Myself {
			text += "在“收款单位”表补登该单位的账户"
			continue
		}
		text += r.text
	}
	if text == "" {
		return ""
	}
	text = strings.ReplaceAll(text, suspensionMark, c.file.Suspension.Value)
	return text + "。原因消除后下批自动补发"
}

func (h *heldSheet) finish(all *sums) {
	h.empty("本批没有暂缓发放")
	h.keep(h.tailHeight(2))
	h.total(fmt.Sprintf("合计　%d 人　明细 %d 条", all.heldHeads, all.heldLines), fen(all.held))
	h.words(all.held)
	h.notes("暂缓的款项不计入本批应发合计，也不在银行文件中。")
	h.signatures()
}
