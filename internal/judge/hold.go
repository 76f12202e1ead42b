package judge

import (
	"slices"

	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// personHolds are the reasons that hold every line of a person.
func (j *Judge) personHolds(c *Case, p *subject) (payrun.Hold, error) {
	var hold payrun.Hold
	v := (&view{j: j, person: p, reads: firstDay}).on(monthOf(j.Month))
	if name := j.File.Suspension.Value; name != "" {
		suspended, err := v.known(name)
		if err != nil {
			return 0, err
		}
		if suspended.flag {
			hold |= payrun.Suspended
		}
	}
	doubts, err := j.doubts(c, v)
	return hold | doubts, err
}

// doubts is for what 疑点 on the person all their lines wait (docs/rules.md §6.2).
func (j *Judge) doubts(c *Case, v *view) (payrun.Hold, error) {
	var hold payrun.Hold
	for _, conflict := range j.File.Checks.Conflicts {
		hit, err := v.condition(conflict.When.Value)
		if err != nil {
			return 0, err
		}
		if hit {
			hold |= j.decided(c, ConflictKind+conflict.Name.Value)
		}
	}
	for _, list := range j.File.MatchLists {
		if list.Effect.Value == "doubt" && onList(c, &list) {
			hold |= j.decided(c, ListKind+list.Name.Value)
		}
	}
	account := c.Person.Account
	otherHolder := account.Number != "" && account.Holder != "" && account.Holder != c.Person.Name
	limit := j.File.Checks.AgeOver.Value
	for kind, doubtful := range map[string]bool{
		SharedKind: account.Number != "" && c.AccountShared,
		TwiceKind:  c.NameShared,
		HolderKind: otherHolder && c.Person.Deputy.Reason == "",
		AgeKind:    limit > 0 && age(v.person.born, v.month) > limit,
	} {
		if doubtful {
			hold |= j.decided(c, kind)
		}
	}
	return hold, nil
}

// decided is what a 疑点 of a kind does to lines: nothing once it is released; 决定暂缓
// where somebody decided to hold; 疑点未决 where nobody has decided.
func (j *Judge) decided(c *Case, kind string) payrun.Hold {
	switch {
	case c.Released[kind]:
		return 0
	case c.Kept[kind] && !j.OneReason:
		return payrun.KeptBack
	}
	return payrun.Undecided
}

// onList reports whether a match list (比对名单) names the person. A death that the roster
// has already, on the day that the list gives or where it gives none, is no doubt.
func onList(c *Case, list *packfile.MatchList) bool {
	died := dayOf(c.Person.Died)
	for _, row := range c.Listed {
		if row.List != list.Name.Value {
			continue
		}
		given := dayOf(row.Date)
		known := list.Deaths.Value && !died.none() && (given.none() || given == died)
		if !known {
			return true
		}
	}
	return false
}

// accountOf is where a payee's money goes; an institution or bureau that is not
// among the 收款单位 has no account.
func (j *Judge) accountOf(c *Case, payee string) roster.Account {
	if payee == roster.Myself {
		return c.Person.Account
	}
	return j.Payees[payee]
}

// bankRefused is why nothing is paid to this very account: a payment to the same number
// at the same bank under the same 户名 failed, and nobody decided to try it again. Without a
// 户名 the account is in the payee's name.
func (j *Judge) bankRefused(a roster.Account, person, payee string) payrun.Hold {
	holder := a.Holder
	if holder == "" && payee == roster.Myself {
		holder = person
	}
	if holder == "" {
		holder = payee
	}
	this := func(r roster.Account) bool {
		return r.Holder == holder && j.File.BankName(r.Bank) == j.File.BankName(a.Bank)
	}
	switch {
	case !slices.ContainsFunc(j.Refused[a.Number], this) || slices.ContainsFunc(j.Retried[a.Number], this):
		return 0
	case slices.ContainsFunc(j.World.Kept[a.Number], this) && !j.OneReason:
		return payrun.AccountRefused | payrun.KeptBack
	}
	return payrun.AccountRefused
}

// payeeHolds are the reasons that hold the lines of one item and payee.
func (j *Judge) payeeHolds(c *Case, p *subject, code, payee string) payrun.Hold {
	var hold payrun.Hold
	account := j.accountOf(c, payee)
	if account.Number == "" {
		hold |= payrun.NoAccount
	}
	if account.Number != "" {
		hold |= j.bankRefused(account, c.Person.Name, payee)
	}
	if j.proofMissing(p, code) {
		hold |= j.decided(c, CertificationKind)
	}
	if payee != roster.Myself || c.Person.Deputy.Name != "" {
		return hold
	}
	dead := !p.died.none() && p.died.before(monthOf(j.Month).firstDay())
	mustBeNamed := j.items[code].Pay != nil && j.items[code].Pay.Payee.Required.Value
	if dead || mustBeNamed {
		hold |= payrun.AwaitingHeir
	}
	return hold
}
