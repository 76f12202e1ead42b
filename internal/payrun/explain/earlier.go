package explain

import (
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// Missed says why a due of an earlier month was not paid in its time.
type Missed int8

// The reasons. What a bank could not pay is told by its own words (Reissue).
const (
	MissedUnknown Missed = iota // nothing but that it was not paid
	MissedHeld                  // 暂缓 in an earlier batch
	MissedCarried               // 结转: nobody submitted the batch that had it
	MissedVoided                // 作废: the batch that paid it
	MissedSkipped               // no batch of the month was ever approved
)

// Earlier is what had become of a line's due before its batch.
type Earlier struct {
	Missed Missed
	Month  month.Month // of the batch that held, voided or carried it, with its number N
	N      int
	Hold   payrun.Hold // with MissedHeld
	// Moved is what others than the line's payee have of the item and month, and have no
	// right to any more: 更换机构. Amount is 分, 0 for nobody.
	Moved  string
	Amount money.Fen
}

// text says it after the amount that was due: to staff, or to the person whose money it is.
func (e *Earlier) text(citizen bool) string {
	batch := fmt.Sprintf("%s第%d批", e.Month.Chinese(), e.N)
	switch e.Missed {
	case MissedHeld:
		return batch + "暂缓（" + e.Hold.String() + "）"
	case MissedVoided:
		return batch + "已作废，重新发放"
	case MissedCarried:
		if !citizen {
			return batch + "没有提交，已结转"
		}
		return "当时没有发放"
	case MissedSkipped:
		if !citizen {
			return "该月没有审批过的批次"
		}
		return "当时没有发放"
	}
	return "此前未发放"
}

// moved says whose the money was, and that it is got back from them.
func (e *Earlier) moved(payee string, citizen bool) string {
	if e.Amount == 0 {
		return ""
	}
	s := fmt.Sprintf("原付%s %s 元，改付%s", e.Moved, e.Amount, payee)
	if !citizen {
		s += "，原付的扣回或列入追缴"
	}
	return s
}

// why says of 补发 what was due for the month and what became of it.
func (e *Earlier) why(l *DetailedLine, citizen bool) string {
	due := fmt.Sprintf("%s应发 %s 元，", l.Month.Chinese(), l.Standard)
	paid := l.Standard.Sub(l.Amount)
	moved := e.moved(l.Payee, citizen)
	switch {
	case paid == 0 && moved != "" && e.Missed == MissedUnknown:
		return due + moved
	case paid == 0 && moved != "":
		return due + e.text(citizen) + "；" + moved
	case paid == 0:
		return due + e.text(citizen)
	case e.Missed != MissedUnknown:
		return due + fmt.Sprintf("此前已发 %s 元，其余%s", paid, e.text(citizen))
	}
	return due + fmt.Sprintf("此前已发 %s 元", paid)
}
