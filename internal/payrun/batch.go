package payrun

import (
	"disburse/internal/money"
	"disburse/internal/month"
)

// State is where a batch stands.
type State string

// The states. Open → Submitted → Reviewed → Approved, by way of Endorsed where the sum
// asks for a second 审批; Returned goes back to the 经办 and may be recomputed;
// CarriedOver and Voided are ends.
const (
	Open        State = "open"      // 待提交
	Submitted   State = "submitted" // 待复核
	Reviewed    State = "reviewed"  // 待审批
	Endorsed    State = "endorsed"  // 待终审: the first of two 审批 has signed
	Approved    State = "approved"  // 已审批
	Returned    State = "returned"  // 已退回
	CarriedOver State = "carried"   // 已结转
	Voided      State = "voided"    // 已作废
)

var stateNames = map[State]string{Open: "待提交", Submitted: "待复核", Reviewed: "待审批", Endorsed: "待终审", Approved: "已审批", Returned: "已退回", CarriedOver: "已结转", Voided: "已作废"}

// Chinese returns the state as staff read it.
func (s State) Chinese() string { return stateNames[s] }

// Unsigned reports whether a run may recompute the batch.
func (s State) Unsigned() bool { return s == Open || s == Returned }

// InSigning reports whether the batch is with those who sign.
func (s State) InSigning() bool { return s == Submitted || s == Reviewed || s == Endorsed }

// Withdrawn reports whether only the batch's number is left: its month was run by mistake
// and the run was discarded. Nothing is known of such a month.
func (b *Batch) Withdrawn() bool { return b.State == CarriedOver && b.Lines == 0 }

// Batch is what people sign: one bureau, one month, number N.
type Batch struct {
	Number   int32 // surrogate within the region
	Month    month.Month
	Bureau   string
	N        int  // of the month, from 1
	Extra    bool // supplementary (补充): an approved batch of the month came before it; else the regular one
	State    State
	Round    int    // signing round, from 1; a return begins the next
	Revision int64  // what was known when it was computed
	Pack     string // hash of the policy pack
	Opening  month.Month
	Digest   string // SHA-256 over everything that is signed
	Lines    int
	Heads    int       // people with a line that is not held
	Pays     money.Fen // 分, lines that are not held, 扣回 netted
	Held     money.Fen // 分, held lines
}
