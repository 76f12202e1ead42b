package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/payrun"
)

// Fate is what became of a line of a failed payment, in the order in which they are shown.
type Fate int

// The fates.
const (
	PaidAgain Fate = iota
	SentAgain      // and the bank has not answered
	FileAgain      // in a bank file that was not handed over
	FailedAgain
	InSigning // in a batch that is not approved
	StillHeld
	SetOff      // against a 扣回
	NotDue      // later batches owe it no more
	NotComputed // since it failed
	RecallAnew  // a 扣回, which each run works out anew
)

var fateNames = []string{"已重发成功", "已重发，等银行答复", "已重发，还没有送银行", "重发又失败", "在待签批的批次里", "仍暂缓", "已与扣回相抵",
	"以后的批次不再应发", "还没有重新计算", "扣回明细，下次计算时重新得出"}

// String returns the fate in words.
func (f Fate) String() string { return fateNames[f] }

// FateOf returns what became of a line of a failed payment.
func FateOf(a *bank.ReconcileAgain) Fate {
	switch {
	case a.Kind == payrun.Recovery:
		return RecallAnew
	case a.Try == 0 && !a.Run:
		return NotComputed
	case a.Try == 0:
		return NotDue
	case a.Hold != 0:
		return StillHeld
	case a.Again.State != payrun.Approved:
		return InSigning
	case a.Number == "":
		return SetOff
	case a.Answer == bank.Paid:
		return PaidAgain
	case a.Answer == bank.Failed:
		return FailedAgain
	case !a.Sent:
		return FileAgain
	}
	return SentAgain
}

// FateWhere says in which batch and file that was, and why: 2026-11第1批：账户无效.
func FateWhere(a *bank.ReconcileAgain) string {
	if a.Try == 0 || a.Kind == payrun.Recovery {
		return ""
	}
	text := fmt.Sprintf("%s第%d批", a.Again.Month, a.Again.N)
	if a.Number != "" {
		text = fmt.Sprintf("%s 第 %d 号", a.Number, a.Row)
	}
	if a.Hold != 0 {
		text += "：" + a.Hold.String()
	}
	if a.Answer != bank.Paid && a.Why != "" {
		text += "：" + a.Why
	}
	return text
}

// ends are the last entries of each failed line: what became of it in the end.
func (r *Report) ends() []*bank.ReconcileAgain {
	var all []*bank.ReconcileAgain
	for i := range r.Trail {
		if a := &r.Trail[i]; a.Try > 1 && len(all) > 0 {
			all[len(all)-1] = a
		} else {
			all = append(all, a)
		}
	}
	return all
}

// fateSum is how many lines of failed payments had one fate.
type fateSum struct {
	fate   Fate
	lines  int
	amount money.Fen
}

func (r *Report) fateSums() []fateSum {
	sums := make([]fateSum, len(fateNames))
	for i := range sums {
		sums[i].fate = Fate(i)
	}
	for _, a := range r.ends() {
		s := &sums[FateOf(a)]
		s.lines, s.amount = s.lines+1, s.amount.Add(a.Amount)
	}
	return slices.DeleteFunc(sums, func(s fateSum) bool { return s.lines == 0 })
}

// outstanding says what of the failed payments still waits; empty for nothing.
func (r *Report) outstanding() string {
	var parts []string
	for _, s := range r.fateSums() {
		parts = append(parts, fmt.Sprintf("%s 明细 %d 条 %s 元", s.fate, s.lines, s.amount.Grouped()))
	}
	return "：" + strings.Join(parts, "、")
}
