package judge

import (
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// What Case.Released calls a name and birth date that several people have, and an item
// that another region paid, which is followed by the item's code.
const (
	TwiceKind     = "疑似重复"
	ElsewhereKind = "跨区重复:"
)

// weights of the first seventeen digits of an ID number, and the check characters by the
// remainder (GB 11643).
const checkCharacters = "10X98765432"

var weights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// Present reports whether a person counts when people of one name and birth date are
// looked for: with a right ID number, not dead before the month, not gone from the
// district before it.
func Present(p *roster.Person, in month.Month) bool {
	m := monthOf(in)
	died, left, came := dayOf(p.Died), dayOf(p.MovedOut), dayOf(p.MovedIn)
	if !rightNumber(p.ID) || (!died.none() && died.before(m.firstDay())) {
		return false
	}
	if left.none() || !left.before(m.firstDay()) {
		return true
	}
	returned := !came.none() && !came.before(left) && came.before(m.firstDay())
	return returned
}

func rightNumber(id string) bool {
	if len(id) != 18 {
		return false
	}
	sum := 0
	for i, weight := range weights {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
		sum += weight * int(id[i]-'0')
	}
	return id[17] == checkCharacters[sum%11]
}

// elsewhere reports whether another region paid the item for the month, or for a month up
// to M that is settled here as well.
func (c *Case) elsewhere(key Key, until month.Month) bool {
	for _, paid := range c.Elsewhere {
		if paid.Item != key.Item || paid.Month > until {
			continue
		}
		if paid.Month == key.Month || c.settledHere(paid.Item, paid.Month) {
			return true
		}
	}
	return false
}

// settledHere reports whether the ledger has paid the item for the month, to anybody.
func (c *Case) settledHere(item string, of month.Month) bool {
	sum := money.Fen(0)
	for _, e := range c.Settled {
		if e.Item == item && e.Month == of {
			sum += e.Amount
		}
	}
	return sum > 0
}
