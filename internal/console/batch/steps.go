package batch

import (
	"fmt"

	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/books"
)

// Step is one stage in the progress of a batch. Tone, a style class: past, now, stop (now, and
// blocked) or empty for what is to come.
type Step struct {
	Name string
	Tone string
}

var stages = []string{"计算", "检查", "提交", "复核", "审批", "送银行", "回盘"}

// Indexes into stages.
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

// Steps are the stages of a batch with their tones, and what is to be done next. nil: the batch
// of a month that is not computed yet.
func Steps(b *payrun.Batch, s books.BatchStatus) ([]Step, string) {
	at, stop, doing := stageOf(b, s)
	all := make([]Step, len(stages))
	for i, name := range stages {
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

// stageOf is the stage that a batch is at, whether it is blocked there, and what is to be done
// next.
func stageOf(b *payrun.Batch, s books.BatchStatus) (at int, stop bool, doing string) {
	if b == nil {
		return atRun, false, "还没有计算"
	}
	switch b.State {
	case payrun.Open:
		return openStage(s)
	case payrun.Returned:
		return atSubmit, true, "已退回，等经办改正、重新计算后再提交"
	case payrun.Submitted:
		return atReview, false, "等复核"
	case payrun.Reviewed:
		return atApproval, false, "等审批"
	case payrun.Endorsed:
		return atApproval, false, "等另一位审批终审"
	case payrun.CarriedOver:
		if b.Lines == 0 { // its run was discarded
			return atRun, false, "计算已撤销，到时再计算"
		}
		return atSubmit, true, "没有提交，应发已转入以后月份补发"
	case payrun.Voided:
		return atBank, true, "已作废，重新计算后另成一批"
	}
	return paidStage(s)
}

// openStage is stageOf for a batch that is not submitted.
func openStage(s books.BatchStatus) (int, bool, string) {
	switch {
	case s.Blocking > 0:
		return atChecks, true, fmt.Sprintf("有 %d 项问题必须先改正", s.Blocking)
	case s.Undecided > 0:
		return atChecks, false, fmt.Sprintf("有 %d 个疑点等决定（不决定的先暂缓）", s.Undecided)
	}
	return atSubmit, false, "等经办提交"
}

// paidStage is stageOf for an approved batch: sending, and waiting for the banks.
func paidStage(s books.BatchStatus) (int, bool, string) {
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
		return atEnd, false, "已回盘，" + failedText(a.Failed.Payments, s.Unmade)
	}
	return atEnd, false, "全部付到"
}

// failedText says how many payments failed and how many of them are unresolved: not reissued
// and still due. unresolved nil: not counted yet.
func failedText(failed int, unresolved *books.OpenFailures) string {
	text := fmt.Sprintf("失败付款 %s 笔，", web.Grouped(failed))
	switch {
	case unresolved == nil:
		return text + "见失败的付款"
	case unresolved.Payments == 0:
		return text + "已更正发放或不再应发"
	case unresolved.Payments < failed:
		text += fmt.Sprintf("其中 %s 笔还没有更正发放，", web.Grouped(unresolved.Payments))
	}
	return text + "查清账户后随下次计算重发"
}
