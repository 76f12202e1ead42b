package engine

import (
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// Plan is what a run knows before it looks at the first person: all of it holds at
// one revision.
type Plan struct {
	Region  int32 // the district's division code
	Pack    *policy.Pack
	Month   month.Month // M, the month that is run
	Opening month.Month // 期初月: no earlier month is ever computed
	Bureaus []BureauPlan
	Payees  map[string]roster.Account // 收款单位
	// Refused are the accounts that a bank refused, with the bank's full name, and how it
	// did so last. It is the account that is refused, not its number: a mended 户名 makes
	// another one.
	Refused map[roster.Account]Refusal
	// Waiting are the account changes that wait for a second person, by whose they are: the
	// number of the request, for sentences. The accounts are those known before.
	Waiting map[AccountOwner]int
	Shared  map[string][]int64 // account numbers that several people use: their numbers
	Doubled map[string][]int64 // ID numbers that several people have: their numbers
	Alike   map[int64][]int64  // by person: who else may be the same person (see Alike)
	// Names are those of the people in Shared, Doubled and Alike, for sentences about them.
	Names map[int64]Named
	// Elsewhere is by person what other regions of the database have paid, by region,
	// item and month.
	Elsewhere map[int64][]Elsewhere
	LastPaid  map[string]roster.Account // 收款单位: the account of their last payment
	Hits      map[int64][]Hit           // by person: rows of the newest match lists (比对名单)
	Missing   []Missing                 // rows of the newest lists of whom the roster has nobody
	// Unwritable says why the file of an account's bank cannot hold the account's names
	// and numbers or the payment's 证件号码 (empty for an institution); empty: it can.
	// nil: every file holds everything.
	Unwritable func(a roster.Account, id string) string
	// NotAdopted says, for staff, what the pack says otherwise than the region's adopted
	// one (采用); empty: it is that one, or none is adopted yet.
	NotAdopted string
	// Released says of a finding whether somebody decided to pay all the same.
	Released func(id string) bool
	// Kept says of a finding whether somebody decided to hold. nil: of none.
	Kept func(id string) bool
}

// Named is what sentences call a person.
type Named struct{ Name, ID string }

// BureauPlan is one bureau's part of a run.
type BureauPlan struct {
	Bureau string
	Batch  int32 // the batch that the run makes or makes again
	N      int
	Extra  bool // supplementary: the month has an approved batch already
	// Everybody is looked at from this month on: the month after the last approved
	// batch. Earlier months are settled, but for people who are touched.
	From month.Month
	// Before is the last approved batch, nil for none.
	Before *payrun.Batch
	// LastMonth is the first approved batch of Before's month, the regular one: what
	// totals are compared with. LastTotals are its totals by item; nil without it.
	LastMonth  *payrun.Batch
	LastTotals map[string]payrun.ItemTotal
	// Approvals are all that the bureau ever approved, for the limits on 补发.
	Approvals []Approval
}

// AccountOwner is whose an account is.
type AccountOwner struct {
	Person int64  // 0: an institution's or bureau's
	Payee  string // its name; of a person empty
}

// Settled is what the ledger says of one person, item, payee and month.
type Settled struct {
	Item   string
	Payee  string
	Month  month.Month
	Amount money.Fen // 分, the sum of its entries
	Waived money.Fen // 分, 核销
	Held   money.Fen // 分, of a held line of the last approved batch; 0: none
	// Refused is what failed payments carried, 分: a part of Amount with the opposite sign,
	// also where it was paid again since.
	Refused money.Fen
}

// Case is one person as a run looks at them.
type Case struct {
	Dossier *roster.Dossier
	// Touched people are looked at from the opening month on, with Settled complete;
	// of the others only months that nobody has settled.
	Touched bool
	Settled []Settled
	// Stages is what was known of touched people at each revision that said something of
	// them, oldest first. It may be empty for somebody of whom nothing became known after
	// the first approval, and where no item limits its 补发.
	Stages []Stage
	// LastPaid is the account of the person's last payment; nil for none, or where
	// the account has not changed since.
	LastPaid *roster.Account
}

// Result is what a run finds for one person and bureau. Its slices are used again
// for the next person.
type Result struct {
	Lines    []payrun.Line // in the order of Line.Compare
	Debts    []payrun.Debt
	Findings []payrun.Finding
	// News: a line is more than one that the last approved batch already held. Without
	// any, a supplementary batch would have nothing to say.
	News bool
}
