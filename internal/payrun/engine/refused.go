package engine

import (
	"fmt"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

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

// refusedFinding rests on the account and the payment that failed, so that a decision to
// try again stands until the next payment to it fails. One id for all who are paid there.
func refusedFinding(whose string, a roster.Account, last Refusal) payrun.Finding {
	s := fmt.Sprintf("%s 的账号 %s 被银行退回（%s，%s），请登记新账户；原账户已恢复使用的，可决定再试",
		whose, roster.MaskAccount(a.Number), last.Payment, last.Reason)
	return finding(payrun.RefusedAccount, 0, "", s, a.Number, last.Payment)
}

// RefusedID is the id of the finding about an account whose last payment failed.
func RefusedID(account, payment string) string {
	return refusedFinding("", roster.Account{Number: account}, Refusal{Payment: payment}).ID
}
