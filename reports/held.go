package reports

import (
	"fmt"
	"strings"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// heldSheet is the sheet 暂缓发放: what is due and not paid, why, and what to do.
type heldSheet struct {
	*table
	serial int
}

const heldName = "暂缓发放"

func newHeldSheet(p *paper) *heldSheet {
	return &heldSheet{table: p.table(tableSpec{
		name: heldName, title: "暂缓发放明细", unit: "金额单位：元", landscape: true, frozenCol: 2, filter: true,
		columns: []column{
			{"序号", 7, centered}, {"姓名", 11, wrapped}, {"身份证号", 20, number}, {"街道", 10, plainText},
			{"社区", 14, wrapped}, {"项目", 24, plainText}, {"所属月份", 9, centered}, {"类别", 6, centered},
			{"金额", 12, amounts}, {"收款人", 14, wrapped}, {"暂缓原因", 28, wrapped}, {"处理办法", 40, wrapped},
		},
	})}
}

func (h *heldSheet) line(l *Line) {
	h.serial++
	why, what := l.Hold.String(), h.p.cat.remedy(&l.Line)
	if l.Kept != "" {
		why += "（" + l.Kept + "）"
	}
	h.begin(l.Name, l.Community, l.Payee, why, what)
	h.int(h.serial)
	h.text(l.Name)
	h.text(l.ID)
	h.text(streetName(l.Street))
	h.text(l.Community)
	h.text(h.p.cat.title(l.Item))
	h.text(l.Month.String())
	h.text(l.Kind.String())
	h.fen(l.Amount)
	h.text(l.Payee)
	h.text(why)
	h.text(what)
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
	h.total(fmt.Sprintf("合计　%d 人　明细 %d 条", all.heldHeads, all.heldLines), 8, all.held)
	h.words(all.held)
	h.notes("暂缓的款项不计入本批应发合计，也不在银行文件中。")
	h.signatures()
}
