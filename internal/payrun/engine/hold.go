package engine

import (
	"fmt"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// unproven is for what a line of the item waits whose person has not proven to be alive:
// a proof is overdue, and nobody has decided to pay without it.
func (c *Computer) unproven(d *roster.Dossier, item string) payrun.Hold {
	if !c.plan.Pack.File.Certification.Asks(item) {
		return 0
	}
	p := c.plan.Pack.Proof(d, c.plan.Month, c.plan.Opening)
	if !p.Overdue() {
		return 0
	}
	return c.plan.waits(overdueProof(d, p).ID)
}

// doubted is for what 疑点 on the person their lines wait: undecided ones, and those that
// were decided against paying.
func (c *Computer) doubted(cs *Case) payrun.Hold {
	var h payrun.Hold
	for _, f := range c.doubtsOf(cs.Dossier) {
		h |= c.plan.waits(f.ID)
	}
	return h
}

// paidTwice is for what a line waits where another region paid the same, or has paid the
// item for a month that was paid here too, and nobody has decided to pay all the same.
func (c *Computer) paidTwice(item string, m month.Month) payrun.Hold {
	for i := range c.abroad {
		if a := &c.abroad[i]; a.item == item && (a.paidFor(m) || len(a.twice) > 0) {
			return c.plan.waits(a.doubt.ID)
		}
	}
	return 0
}

// hold finds the reasons to hold a line (docs/rules.md §5.7).
func (c *Computer) hold(cs *Case, d *due) payrun.Hold {
	var h payrun.Hold
	p := cs.Dossier
	if account := c.account(p, d.payee); account.Number == "" {
		h |= payrun.NoAccount
	} else {
		h |= c.refused(d.bureau, p, d.payee, account)
	}
	first := c.plan.Month.First()
	died := p.Died != 0 && p.Died < first
	if d.payee == roster.Myself && (died || d.unnamed) && p.Deputy.Name == "" {
		h |= payrun.AwaitingHeir
	}
	if c.suspended(p) {
		h |= payrun.Suspended
	}
	return h | c.doubted(cs) | c.unproven(p, d.item) | c.paidTwice(d.item, d.month)
}

// suspended reports whether 暂停发放 is in force on the first day of the run's month.
func (c *Computer) suspended(p *roster.Dossier) bool {
	name, first := c.plan.Pack.File.Suspension.Value, c.plan.Month.First()
	for i := range p.Facts {
		f := &p.Facts[i]
		if f.Name == name && name != "" && f.Since <= first && (f.Until == 0 || f.Until >= first) {
			return true
		}
	}
	return false
}

// waits is the reason for which a finding that asks for a decision holds: none where it
// was released.
func (p *Plan) waits(id string) payrun.Hold {
	switch {
	case p.Released(id):
		return 0
	case p.Kept != nil && p.Kept(id):
		return payrun.KeptBack
	}
	return payrun.Undecided
}

// refused says why an account may not be paid to, and leaves a finding where a bank
// refused it, tried again or not. The rule holds it, and somebody may decide so too.
func (c *Computer) refused(bureau int, d *roster.Dossier, payee string, a roster.Account) payrun.Hold {
	last, refused := c.plan.refusal(a)
	if !refused {
		return 0
	}
	whose := payee
	if payee == roster.Myself {
		whose = who(d)
	}
	f := refusedFinding(whose, a, last)
	f.Person = d.Number
	owner := AccountOwner{Payee: payee}
	if payee == roster.Myself {
		owner = AccountOwner{Person: d.Number}
	}
	if n := c.plan.Waiting[owner]; n > 0 {
		f.Sentence += fmt.Sprintf("；新账户的变更（第 %d 号）正在等待第二人确认，确认以后才付到新账户", n)
	}
	c.note(bureau, f)
	if h := c.plan.waits(f.ID); h != 0 {
		return payrun.AccountRefused | h&payrun.KeptBack
	}
	return 0
}
