package source

import (
	"context"

	"disburse/internal/approval"
	"disburse/internal/ledger"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
)

// Issue is a bureau's batch, ready to be written. Everything in it is fixed once the
// batch is approved, so that writing it again gives the same bytes.
type Issue struct {
	Pack     *packfile.File // the batch's pack
	PackHash string         // SHA-256 of the pack, hex

	// Batch has at least Month and Bureau. A bureau that only keeps lists has no
	// batch: N is 0, State empty, and its lists are not drafts, for nobody signs them.
	Batch      payrun.Batch
	Signatures []Signed // of the present round, in order; empty in a draft

	// ChainRev and ChainHead (hex) are the audit chain's head as of the last signature,
	// or of the batch's revision when nobody has signed: not the head of the day.
	ChainRev  int64
	ChainHead string

	Totals []payrun.ItemTotal     // of the batch; what is written must equal them
	Files  []approval.PaymentFile // of an approved batch

	// Previous is the bureau's last approved regular batch of an earlier month, which
	// the bridge (变动) starts from; nil when there is none. PreviousTotals are its own.
	Previous       *payrun.Batch
	PreviousTotals []payrun.ItemTotal
}

// Signed is one signature on the batch, of approval's posts without the return.
type Signed struct {
	approval.Signature
	// Unconfirmed is what others had done to the signer's account by then, and no second
	// person had confirmed.
	Unconfirmed []approval.UserEvent
}

// OpenDebt is a row of 追缴台账: what is open, and what is known of it.
type OpenDebt struct {
	payrun.Debt
	ledger.DebtStatus
}

// Rows gives the rows that are written. Every method calls fn once a row and
// returns fn's error as it is; what fn is handed is used again for the next row.
// Rows come by street, in the pack's order, streets that the pack does not name
// after them by their bytes; then by ID number; then by benefit month. Several
// methods run at the same time, each in its own goroutine, and all must see the
// same state of the batch.
type Rows interface {
	// Lines gives all lines of one paying item, held ones too.
	Lines(ctx context.Context, item string, fn func(*explain.DetailedLine) error) error
	// Bridge gives, in the order of the pack's items, everybody whose 当月 amount is
	// not the one of Issue.Previous. It is called only when there is a previous batch
	// and this one is the month's regular batch (N = 1).
	Bridge(ctx context.Context, fn func(*explain.BridgeRow) error) error
	// Payments gives one file's rows by 序号.
	Payments(ctx context.Context, file string, fn func(*approval.Payment) error) error
	// Debts gives what the batch could not net; the items of one person follow each other.
	Debts(ctx context.Context, fn func(*OpenDebt) error) error
	// Letters gives the 告知书 that are to be written, by street and ID number.
	Letters(ctx context.Context, fn func(*explain.Letter) error) error
	// Recalls gives the 追缴通知书 of all Debts, by street and ID number.
	Recalls(ctx context.Context, fn func(*explain.Recall) error) error
	// Listing gives everybody on a list item, and those who are no longer on it (停止).
	Listing(ctx context.Context, item string, fn func(*explain.ListRow) error) error
}

// The marks on sheets that are not to be paid from.
const (
	Draft  = "草稿"
	Voided = "作废"
)

// Mark is what every sheet of the issue says in its title and at the top of every
// page; empty for an approved batch, and where there is nothing to approve.
func (is *Issue) Mark() string {
	switch {
	case is.Batch.N == 0 || is.Batch.State == payrun.Approved:
		return ""
	case is.Batch.State == payrun.Voided:
		return Voided
	}
	return Draft
}

// Date is the day printed on sheets: that of the last signature, none in a draft.
func (is *Issue) Date() month.Date {
	if len(is.Signatures) == 0 {
		return 0
	}
	return month.FromTime(is.Signatures[len(is.Signatures)-1].At.In(month.Shanghai))
}

// Signed returns who signed at a post and when, empty when nobody has. Where a batch
// takes two 审批, both are named, with the time of the second (终审).
func (is *Issue) Signed(post approval.Post) (name, at string) {
	for _, s := range is.Signatures {
		switch {
		case s.Post == post:
			name = s.Actor
		case s.Post == approval.Final && post == approval.Approver:
			name += "、" + s.Actor
		default:
			continue
		}
		at = s.At.In(month.Shanghai).Format("2006-01-02 15:04")
	}
	return name, at
}
