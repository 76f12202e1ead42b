package reports

import (
	"fmt"
	"time"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
)

// Reconciliation (对账) is a bureau's month by several ways that must agree: 名单 (lines),
// 拨付 (bank files), 回单 (answers), 台账 (ledger). All of it is of one moment.
type Reconciliation struct {
	Pack    *policy.File            // of the latest approved batch
	Packs   map[string]*policy.File // by hash, of every approved batch
	Month   month.Month
	Bureau  string
	Rev     int64 // revision it was read at
	Batches []ReconcileBatch
	Files   []ReconcileFile
	Cells   []ReconcileCell
	Wrong   []ReconcileWrong
	Open    []ReconcilePayment
	Trail   []ReconcileAgain
}

// ReconcileBatch is an approved or voided batch with its sums, in 分.
type ReconcileBatch struct {
	N       int
	State   payrun.State
	Pack    string    // hash
	SentAt  time.Time // zero: not handed to the banks
	Pays    money.Fen // as signed
	Items   money.Fen // as kept by item
	Settled money.Fen // entered in the ledger
	Undone  money.Fen // taken out of it for failed payments: 0 or negative
	Voided  money.Fen // taken out of it by voiding: 0 or negative
	Reason  string    // why it was voided
}

// ReconcileFile is a bank file by its own record.
type ReconcileFile struct {
	N      int // batch of the month
	File   int
	Number string
	Bank   string
	Rows   int
	Amount money.Fen
}

// ReconcileCell sums one item in one bank file; File 0: lines netted to nothing.
type ReconcileCell struct {
	N        int
	File     int
	Item     string
	Lines    int
	Listed   money.Fen // 名单, 扣回 netted
	Payments int
	Paid     money.Fen    // 拨付
	Answers  [4]int       // payments by bank.Outcome; 0: no answer
	Amounts  [4]money.Fen // the same
}

// ReconcileWrong is something that does not agree within the house.
type ReconcileWrong struct {
	N      int
	Number string // of the bank file; may be empty
	Seq    int
	Item   string
	Listed money.Fen
	Paid   money.Fen
	What   string
}

// ReconcilePayment is a payment of a sent batch that the bank has not said was paid.
type ReconcilePayment struct {
	N       int
	File    int
	Seq     int
	Holder  string
	ID      string // empty for an institution
	Bank    string
	Account string
	Item    string
	Amount  money.Fen
	Answer  bank.Outcome // 0: none
	Code    string
	Reason  string
}

// ReconcileAgain is a line of a failed payment and one thing that happened to it since.
type ReconcileAgain struct {
	N      int // the failed payment
	File   int
	Seq    int
	Name   string // of the person the line is about
	Item   string
	Payee  string
	Month  month.Month
	Kind   payrun.Kind
	Amount money.Fen // of the line
	Code   string    // why it failed
	Reason string

	Try    int  // 1, 2 …; 0: nothing has happened since
	Run    bool // the bureau has a batch that knew of the failure
	Again  payrun.Batch
	Number string // of the bank file; empty: not paid by the batch
	Row    int    // 序号 in that file
	Due    money.Fen
	Hold   payrun.Hold
	Sent   bool
	Answer bank.Outcome // 0: none
	Why    string       // the bank's words for it
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

func (f *flow) add(c *ReconcileCell, sent bool) {
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

func (r *Reconciliation) batch(n int) *ReconcileBatch {
	for i := range r.Batches {
		if r.Batches[i].N == n {
			return &r.Batches[i]
		}
	}
	return &ReconcileBatch{N: n}
}

func (b *ReconcileBatch) sent() bool { return !b.SentAt.IsZero() }

// sum adds up the cells that keep wants.
func (r *Reconciliation) sum(keep func(*ReconcileCell) bool) flow {
	var f flow
	for i := range r.Cells {
		if c := &r.Cells[i]; keep(c) {
			f.add(c, r.batch(c.N).sent())
		}
	}
	return f
}

func (r *Reconciliation) total() flow {
	f := r.sum(func(*ReconcileCell) bool { return true })
	f.files = len(r.Files)
	return f
}

// ReconcileSums are the amounts of a month by where they stand, in 分.
type ReconcileSums struct {
	Listed  money.Fen    // 名单
	Files   money.Fen    // 拨付
	Answers [4]money.Fen // of payments that were sent, by bank.Outcome; 0: no answer
	Unsent  money.Fen    // 未送
}

// Sums returns the amounts of the whole month.
func (r *Reconciliation) Sums() ReconcileSums {
	f := r.total()
	return ReconcileSums{Listed: f.listed, Files: f.paid, Unsent: f.amount[notSent],
		Answers: [4]money.Fen{f.amount[answerNone], f.amount[answerPaid], f.amount[answerFailed], f.amount[answerUnknown]}}
}

// fileOf finds a file's record; nil: there is none.
func (r *Reconciliation) fileOf(n, file int) *ReconcileFile {
	for i := range r.Files {
		if f := &r.Files[i]; f.N == n && f.File == file {
			return f
		}
	}
	return nil
}

// number names a payment's file in sentences.
func (r *Reconciliation) number(n, file int) string {
	if f := r.fileOf(n, file); f != nil {
		return f.Number
	}
	return fmt.Sprintf("第%d批文件%d（没有登记）", n, file)
}
