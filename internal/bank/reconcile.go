package bank

import (
	"time"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// Reconciliation (对账) is what a bureau's month says of itself in several places that must
// agree: the lines (名单), the bank files (拨付), what banks answered (回单), the ledger.
// All of it is of one moment. Of voided batches there is nothing but Batches.
type Reconciliation struct {
	Bureau  string
	Rev     int64 // the region's last revision at that moment
	Batches []ReconcileBatch
	Files   []ReconcileFile
	Cells   []ReconcileCell
	Carried []ReconcileCarried
	Wrong   []ReconcileWrong
	Open    []ReconcilePayment
	Trail   []ReconcileAgain
}

// ReconcileBatch is an approved or voided batch of the month with its sums by four ways.
type ReconcileBatch struct {
	N       int
	State   payrun.State
	Pack    string    // hash
	SentAt  time.Time // zero: not handed to the banks
	Pays    money.Fen // as signed
	Items   money.Fen // as kept by item beside it: 当月, 补发 and 扣回
	Settled money.Fen // what approval entered in the ledger
	Undone  money.Fen // what failed payments took out of it: 0 or negative
	Voided  money.Fen // what voiding took out of it: 0 or negative
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

// ReconcileCell sums one item in one bank file. A 扣回 belongs to the item whose payment
// carries it. File 0: lines that 扣回 has brought to nothing, so that nothing is paid.
type ReconcileCell struct {
	N        int
	File     int
	Item     string
	Lines    int
	Listed   money.Fen // lines that are not held, 扣回 netted
	Payments int
	Paid     money.Fen    // in the bank file
	Answers  [4]int       // payments by Outcome; 0: no answer
	Amounts  [4]money.Fen // the same
}

// ReconcileCarried sums 扣回 of one item that payments of another item carry; they are in
// the cell of the item that carries them.
type ReconcileCarried struct {
	N       int
	File    int    // 0: they have brought the payment to nothing
	Item    string // whose overpayment is taken back
	Against string // whose payment carries it
	Answer  Outcome
	Amount  money.Fen // negative
}

// Settled says whether nothing can undo it any more but a later run: the bank has paid what
// is left of the payment, or nothing was.
func (c *ReconcileCarried) Settled() bool { return c.Answer == Paid || c.File == 0 }

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

// ReconcilePayment is a payment of a batch that was sent and of which the bank has not
// said that it was paid.
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
	Answer  Outcome // 0: none
	Code    string
	Reason  string
}

// ReconcileAgain is a line of a failed payment and one thing that happened to it since:
// it was paid again (更正发放), is in a batch that nobody has approved yet, or is held.
// A line that failed again has several, by Try.
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
	Answer Outcome // 0: none
	Why    string  // the bank's words for it
}

// Sent says whether the batch was handed to the banks.
func (b *ReconcileBatch) Sent() bool { return !b.SentAt.IsZero() }
