package imports

import (
	"disburse/internal/roster"
)

// AccountChange is a bank account that an import replaces, or enters where none was known.
type AccountChange struct {
	Person        int64  // 0: an institution (收款单位)
	Name          string // of the person or institution
	Before, After roster.Account
	Waits         bool // pending until a second person confirms it, as the old account was paid to
}

// Alike reports whether the numbers differ but look the same when masked: pages must then
// show more digits.
func (c AccountChange) Alike() bool {
	return c.Before.Number != c.After.Number && roster.MaskAccount(c.Before.Number) == roster.MaskAccount(c.After.Number)
}

// maxShownAccounts limits the account changes of an import that are listed; all are counted.
const maxShownAccounts = 50

// accountChanges counts account changes and lists the first of them.
type accountChanges struct {
	Count int
	First []AccountChange
}

func (a *accountChanges) add(c AccountChange) {
	if c.Before == c.After {
		return
	}
	a.Count++
	if len(a.First) < maxShownAccounts {
		a.First = append(a.First, c)
	}
}
