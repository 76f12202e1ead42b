package source

import (
	"strings"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

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

// Remedy says what ends the holds of a line.
func (c *Catalogue) Remedy(l *payrun.Line) string {
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
	text = strings.ReplaceAll(text, suspensionMark, c.File.Suspension.Value)
	return text + "。原因消除后下批自动补发"
}
