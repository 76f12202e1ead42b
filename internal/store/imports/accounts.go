package imports

import (
	"disburse/internal/roster"
)

// AccountChange is a bank account that an import replaces, or enters where none was known.
type AccountChange struct {
	Person        int64  // 0: an institution (收款单位)
	Name          string // of the person or institution
	Before, After roster.Account
	Waits         bool // for a second person, as somebody was paid there before
}

// Alike reports whether the numbers look the same once their middle is hidden, although
// they are not.
func (c AccountChange) Alike() bool {
	return c.Before.Number != c.After.Number && roster.MaskAccount(c.Before.Number) == roster.MaskAccount(c.After.Number)
}

// keptAccounts is how many account changes of an import are kept to be shown; all are
// counted.
const keptAccounts = 50

// accountChanges counts account changes and keeps the first of them.
type accountChanges struct {
	Count int
	First []AccountChange
}

func (a *accountChanges) add(c AccountChange) {
	if c.Before == c.After {
		return
	}
	a.Count++
	if len(a.First) < keptAccounts {
		a.First = append(a.First, c)
	}
}
