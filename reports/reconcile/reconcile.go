package reconcile

import (
	"fmt"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// Report (对账) is a bureau's month by several ways that must agree: 名单 (lines),
// 拨付 (bank files), 回单 (answers), 台账 (ledger). All of it is of one moment.
type Report struct {
	bank.Reconciliation
	Pack  *packfile.File            // of the latest approved batch
	Packs map[string]*packfile.File // by hash, of every approved batch
	Month month.Month
}

// The ways of a payment after it is in a bank file.
const (
	answerPaid = iota
	answerFailed
	answerUnknown
	answerNone // sent, no answer
	notSent
	answerKinds
)

var answerHeads = [answerKinds]string{"成功", "失败退回", "未知", "未回", "未送"}

// flow are the sums that a row of the reconciliation shows.
type flow struct {
	files    int
	lines    int
	listed   money.Fen // 名单
	payments int
	paid     money.Fen // 拨付
	count    [answerKinds]int
	amount   [answerKinds]money.Fen
}

func (f *flow) add(c *bank.ReconcileCell, sent bool) {
	f.lines, f.listed = f.lines+c.Lines, f.listed.Add(c.Listed)
	f.payments, f.paid = f.payments+c.Payments, f.paid.Add(c.Paid)
	for outcome, kind := range [4]int{answerNone, answerPaid, answerFailed, answerUnknown} {
		if outcome == 0 && !sent {
			kind = notSent
		}
		f.count[kind] += c.Answers[outcome]
		f.amount[kind] = f.amount[kind].Add(c.Amounts[outcome])
	}
}

func (f *flow) join(o *flow) {
	f.files, f.lines, f.listed = f.files+o.files, f.lines+o.lines, f.listed.Add(o.listed)
	f.payments, f.paid = f.payments+o.payments, f.paid.Add(o.paid)
	for i := range f.count {
		f.count[i] += o.count[i]
		f.amount[i] = f.amount[i].Add(o.amount[i])
	}
}

// unpaid is 名单 − 拨付: anything but 0 is an error of the house.
func (f *flow) unpaid() money.Fen { return f.listed.Sub(f.paid) }

// unsettled is 拨付 − 成功 − 失败退回: what no bank has answered for good.
func (f *flow) unsettled() money.Fen {
	return f.paid.Sub(f.amount[answerPaid]).Sub(f.amount[answerFailed])
}

// tied reports whether the ways of the payments add up to what is in the bank files.
func (f *flow) tied() bool {
	n, sum := 0, money.Fen(0)
	for i := range f.count {
		n, sum = n+f.count[i], sum.Add(f.amount[i])
	}
	return n == f.payments && sum == f.paid
}

func (r *Report) batch(n int) *bank.ReconcileBatch {
	for i := range r.Batches {
		if r.Batches[i].N == n {
			return &r.Batches[i]
		}
	}
	return &bank.ReconcileBatch{N: n}
}

// sum adds up the cells that keep wants.
func (r *Report) sum(keep func(*bank.ReconcileCell) bool) flow {
	var f flow
	for i := range r.Cells {
		if c := &r.Cells[i]; keep(c) {
			f.add(c, r.batch(c.N).Sent())
		}
	}
	return f
}

func (r *Report) total() flow {
	f := r.sum(func(*bank.ReconcileCell) bool { return true })
	f.files = len(r.Files)
	return f
}

// Sums are the amounts of a month by where they stand, in 分.
type Sums struct {
	Listed  money.Fen    // 名单
	Files   money.Fen    // 拨付
	Answers [4]money.Fen // of payments that were sent, by bank.Outcome; 0: no answer
	Unsent  money.Fen    // 未送
}

// Sums returns the amounts of the whole month.
func (r *Report) Sums() Sums {
	f := r.total()
	return Sums{Listed: f.listed, Files: f.paid, Unsent: f.amount[notSent],
		Answers: [4]money.Fen{f.amount[answerNone], f.amount[answerPaid], f.amount[answerFailed], f.amount[answerUnknown]}}
}

// fileOf finds a file's record; nil: there is none.
func (r *Report) fileOf(n, file int) *bank.ReconcileFile {
	for i := range r.Files {
		if f := &r.Files[i]; f.N == n && f.File == file {
			return f
		}
	}
	return nil
}

// number names a payment's file in sentences.
func (r *Report) number(n, file int) string {
	if f := r.fileOf(n, file); f != nil {
		return f.Number
	}
	return fmt.Sprintf("第%d批文件%d（没有登记）", n, file)
}
