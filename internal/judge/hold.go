package judge

import (
	"slices"

	"disburse/internal/payrun"
	"disburse/internal/policy"
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
	undecided, err := j.undecided(c, v)
	if err != nil {
		return 0, err
	}
	if undecided {
		hold |= payrun.Undecided
	}
	return hold, nil
}

// undecided reports whether a 疑点 on the person has not been released (policy §6).
func (j *Judge) undecided(c *Case, v *view) (bool, error) {
	for _, conflict := range j.File.Checks.Conflicts {
		hit, err := v.condition(conflict.When.Value)
		if err != nil {
			return false, err
		}
		if hit && !c.Released[ConflictKind+conflict.Name.Value] {
			return true, nil
		}
	}
	for _, list := range j.File.MatchLists {
		if list.Effect.Value == "doubt" && !c.Released[ListKind+list.Name.Value] && onList(c, &list) {
			return true, nil
		}
	}
	account := c.Person.Account
	shared := account.Number != "" && c.AccountShared
	otherHolder := account.Number != "" && account.Holder != "" && account.Holder != c.Person.Name
	noReason := c.Person.Deputy.Reason == ""
	limit := j.File.Checks.AgeOver.Value
	tooOld := limit > 0 && age(v.person.born, v.month) > limit
	switch {
	case shared && !c.Released[SharedKind]:
		return true, nil
	case c.NameShared && !c.Released[TwiceKind]:
		return true, nil
	case otherHolder && noReason && !c.Released[HolderKind]:
		return true, nil
	case tooOld && !c.Released[AgeKind]:
		return true, nil
	}
	return false, nil
}

// onList reports whether a match list (比对名单) names the person. A death that the roster
// has already, on the day that the list gives or where it gives none, is no doubt.
func onList(c *Case, list *policy.MatchList) bool {
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

// bankRefused reports whether a payment to this very account failed: the same number at
// the same bank under the same 户名, and nobody decided to try it again. Without a 户名
// the account is in the payee's name.
func (j *Judge) bankRefused(a roster.Account, person, payee string) bool {
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
	return slices.ContainsFunc(j.Refused[a.Number], this) && !slices.ContainsFunc(j.Retried[a.Number], this)
}

// payeeHolds are the reasons that hold the lines of one item and payee.
func (j *Judge) payeeHolds(c *Case, p *subject, code, payee string) payrun.Hold {
	var hold payrun.Hold
	account := j.accountOf(c, payee)
	if account.Number == "" {
		hold |= payrun.NoAccount
	}
	if account.Number != "" && j.bankRefused(account, c.Person.Name, payee) {
		hold |= payrun.AccountRefused
	}
	if j.proofMissing(c, p, code) {
		hold |= payrun.Undecided
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
