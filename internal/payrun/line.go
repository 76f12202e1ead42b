package payrun

import (
	"cmp"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// Kind is the kind of a line.
type Kind int8

// The kinds.
const (
	Current  Kind = 1 // 当月: the run's own month
	Arrears  Kind = 2 // 补发: an earlier month, positive
	Recovery Kind = 3 // 扣回: what is netted of an overpayment, negative
)

// String returns the kind as docs/interface.md §3.1 names it.
func (k Kind) String() string { return [...]string{"", "当月", "补发", "扣回"}[k] }

// Hold is a set of reasons for which a line is held (暂缓) instead of paid.
type Hold uint8

// The reasons, in the order in which they are written.
const (
	NoAccount      Hold = 1 << iota // 无账户: the payee has no account
	AccountRefused                  // 账户无效: the bank refused it and no other is known
	AwaitingHeir                    // 已故待领: the person died and no 代领人 is named
	Suspended                       // 暂停发放
	Undecided                       // 疑点未决: nobody has decided about a 疑点
	KeptBack                        // 决定暂缓: somebody decided to hold
)

var holdNames = []string{"无账户", "账户无效", "已故待领", "暂停发放", "疑点未决", "决定暂缓"}

// String joins the reasons by 、; empty when the line is not held.
func (h Hold) String() string {
	var names []string
	for i, name := range holdNames {
		if h&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "、")
}

// Line is one line of a batch: one person, item, payee, benefit month, kind and Against.
type Line struct {
	Person  int64
	Item    string // code
	Payee   string // roster.Myself, or the institution or bureau paid
	Month   month.Month
	Kind    Kind
	Amount  money.Fen // 分; negative for Recovery, never zero
	Hold    Hold
	Against string // the item whose payment carries a Recovery; else Item

	// As known at the batch's revision, and as signed. Account is the payee's.
	Name      string
	ID        string
	Street    string
	Community string
	Account   roster.Account
}

// Status returns 可发 or 暂缓.
func (l *Line) Status() string {
	if l.Hold != 0 {
		return "暂缓"
	}
	return "可发"
}

// Debt is an overpayment that a run could not net: the recovery register
// (追缴台账) is nothing but these. Amount is what is open, in 分, above 0.
type Debt struct {
	Person int64
	Item   string
	Payee  string
	Month  month.Month
	Amount money.Fen
	ID     string
	Name   string
	Street string
}

// Compare orders lines as batches are kept: by person, item, payee, month, against.
func (l *Line) Compare(o *Line) int {
	return cmp.Or(
		cmp.Compare(l.Person, o.Person),
		strings.Compare(l.Item, o.Item),
		strings.Compare(l.Payee, o.Payee),
		cmp.Compare(l.Month, o.Month),
		strings.Compare(l.Against, o.Against),
	)
}
