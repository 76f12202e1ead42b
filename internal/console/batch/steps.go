package batch

import (
	"fmt"

	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/books"
)

// Step is one station of a batch's way; Tone: past, now, stop (now, and something is
// wrong) or empty.
type Step struct {
	Name string
	Tone string
}

var stations = []string{"计算", "检查", "提交", "复核", "审批", "送银行", "回盘"}

// The stations by number.
const (
	atRun = iota
	atChecks
	atSubmit
	atReview
	atApproval
	atBank
	atResults
	atEnd
)

// Steps draws a batch's way, and says what it waits for. No batch: it waits to be computed.
func Steps(b *payrun.Batch, s books.Stand) ([]Step, string) {
	at, stop, doing := station(b, s)
	all := make([]Step, len(stations))
	for i, name := range stations {
		all[i].Name = name
		switch {
		case i < at:
			all[i].Tone = "past"
		case i == at && stop:
			all[i].Tone = "stop"
		case i == at:
			all[i].Tone = "now"
		}
	}
	return all, doing
}

// station is where a batch is, whether something is wrong there, and what it waits for.
func station(b *payrun.Batch, s books.Stand) (at int, stop bool, doing string) {
	if b == nil {
		return atRun, false, "还没有计算"
	}
	switch b.State {
	case payrun.Open:
		return openStation(s)
	case payrun.Returned:
		return atSubmit, true, "已退回，等经办改正、重新计算后再提交"
	case payrun.Submitted:
		return atReview, false, "等复核"
	case payrun.Reviewed:
		return atApproval, false, "等审批"
	case payrun.Endorsed:
		return atApproval, false, "等另一位审批终审"
	case payrun.CarriedOver:
		if b.Lines == 0 { // its run was taken back
			return atRun, false, "计算已撤销，到时再计算"
		}
		return atSubmit, true, "没有提交，应发已转入以后月份补发"
	case payrun.Voided:
		return atBank, true, "已作废，重新计算后另成一批"
	}
	return paidStation(s)
}

func openStation(s books.Stand) (int, bool, string) {
	switch {
	case s.Blocking > 0:
		return atChecks, true, fmt.Sprintf("有 %d 项问题必须先改正", s.Blocking)
	case s.Undecided > 0:
		return atChecks, false, fmt.Sprintf("有 %d 个疑点等决定（不决定的先暂缓）", s.Undecided)
	}
	return atSubmit, false, "等经办提交"
}

func paidStation(s books.Stand) (int, bool, string) {
	a := s.Payments
	switch {
	case a.All.Payments == 0:
		return atEnd, false, "没有要付的款"
	case s.SentAt.IsZero() && s.Voiding != "":
		return atBank, true, s.Voiding + "申请作废，等另一个人确认"
	case s.SentAt.IsZero():
		return atBank, false, "等送银行"
	case a.Open() > 0:
		text := fmt.Sprintf("等银行答复付款 %s 笔", web.Grouped(a.Open()))
		if a.Unknown.Payments > 0 {
			text += fmt.Sprintf("（其中银行答复“未知”的付款 %s 笔）", web.Grouped(a.Unknown.Payments))
		}
		return atResults, false, text
	case a.Failed.Payments > 0:
		return atEnd, false, "已回盘，" + failedStand(a.Failed.Payments, s.Unmade)
	}
	return atEnd, false, "全部付到"
}

// failedStand says how many payments failed and whether they were made good; unmade nil:
// that is not counted yet.
func failedStand(failed int, unmade *books.Unmade) string {
	text := fmt.Sprintf("失败付款 %s 笔，", web.Grouped(failed))
	switch {
	case unmade == nil:
		return text + "见失败的付款"
	case unmade.Payments == 0:
		return text + "已更正发放或不再应发"
	case unmade.Payments < failed:
		text += fmt.Sprintf("其中 %s 笔还没有更正发放，", web.Grouped(unmade.Payments))
	}
	return text + "查清账户后随下次计算重发"
}
