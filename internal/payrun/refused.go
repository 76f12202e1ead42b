package payrun

import (
	"fmt"

	"disburse/internal/roster"
)

// RefusedAccount is the kind of the finding about an account that a bank refused. It is
// for information: the hold is the rule's. But an account can come back to life (挂失 or
// 冻结 has ended), so somebody may decide to try it again.
const RefusedAccount = "账户无效"

// Refusal is the last payment to an account that failed.
type Refusal struct {
	Payment string // file number and 序号: 140213-202611-MZ-1-003/17
	Reason  string // the bank's code and words
}

// refusal reports whether a bank refused the account, which has not changed since, and how.
func (p *Plan) refusal(a roster.Account) (Refusal, bool) {
	if len(p.Refused) == 0 {
		return Refusal{}, false
	}
	a.Bank = p.Pack.File.BankName(a.Bank)
	last, refused := p.Refused[a]
	return last, refused
}

// refused says why an account may not be paid to, and leaves a finding where a bank
// refused it, tried again or not. The rule holds it, and somebody may decide so too.
func (c *Computer) refused(bureau int, d *roster.Dossier, payee string, a roster.Account) Hold {
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
		return AccountRefused | h&KeptBack
	}
	return 0
}

// refusedFinding rests on the account and the payment that failed, so that a decision to
// try again stands until the next payment to it fails. One id for all who are paid there.
func refusedFinding(whose string, a roster.Account, last Refusal) Finding {
	s := fmt.Sprintf("%s 的账号 %s 被银行退回（%s，%s），请登记新账户；原账户已恢复使用的，可决定再试",
		whose, roster.MaskAccount(a.Number), last.Payment, last.Reason)
	return finding(Information, RefusedAccount, 0, "", s, a.Number, last.Payment)
}

// RefusedID is the id of the finding about an account whose last payment failed.
func RefusedID(account, payment string) string {
	return refusedFinding("", roster.Account{Number: account}, Refusal{Payment: payment}).ID
}

// Decidable reports whether somebody may decide about the finding: release or hold.
func (f *Finding) Decidable() bool { return f.Level == Doubt || f.Kind == RefusedAccount }
