package console

import (
	"fmt"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// accountOf is the request about the person's own account among those that wait; nil: none.
func accountOf(waiting []postgres.AccountRequest) *postgres.AccountRequest {
	for i := range waiting {
		if waiting[i].About == postgres.PersonAccount {
			return &waiting[i]
		}
	}
	return nil
}

// accountData is the form in which an account change is asked for.
type accountData struct {
	Who     *roster.Person
	Request *postgres.AccountRequest // that waits already, and would be replaced
	New     roster.Account           // as typed
	Reason  string
}

func (v *visit) accountForm() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	d := accountData{Who: &f.Now.Person, New: roster.Account{Bank: f.Now.Account.Bank}}
	waiting, err := v.office.DB.AccountRequests(v.r.Context(), v.office.Region, true, f.Now.Number, 0, accountRows)
	if err != nil {
		return err
	}
	d.Request = accountOf(waiting)
	return v.page("account", "申请变更账户", d)
}

// askAccount asks for a change. The number is typed twice: nobody can see it once more
// before the money goes there.
func (v *visit) askAccount() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	number := accountDigits(v.form("number"))
	d := accountData{Who: &f.Now.Person, Reason: v.typed("reason"), New: roster.Account{Bank: v.typed("bank"), Number: number, Holder: v.typed("holder")}}
	if d.New.Holder == f.Now.Name {
		d.New.Holder = ""
	}
	var asked postgres.AccountRequest
	if err = checkAccount(&d.New, accountDigits(v.form("again"))); err == nil {
		asked, err = v.office.DB.AskAccount(v.r.Context(), v.office.Region, f.Now.Number, d.New, v.by(d.Reason))
	}
	if err != nil {
		return v.refuse(err, "account", "account", "申请变更账户", d)
	}
	sentence := "已申请变更账户，要另一位复核或审批岗位的人确认后才生效"
	if asked.State == postgres.RequestGranted {
		sentence = "账户已登记；此人还没有发放过，不必第二人确认"
	}
	return v.goTo(fmt.Sprintf("/people/%d", f.Now.Number), sentence)
}

// accountDigits takes out the spaces that people put between groups of digits.
func accountDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '　' {
			return -1
		}
		return r
	}, s)
}

func checkAccount(a *roster.Account, again string) error {
	switch {
	case a.Number == "" && a.Bank == "" && a.Holder == "":
		return fault.New(fault.Invalid, "请填写新账户的开户银行和账号")
	case a.Number == "" || a.Bank == "":
		return fault.New(fault.Invalid, "开户银行和账号都要填写，请补上")
	case strings.Trim(a.Number, "0123456789") != "":
		return badInput("number", "新的账号", "账号只能是数字，请核对")
	case len(a.Number) > 40:
		return badInput("number", "新的账号", "账号太长，请核对")
	case a.Number != again:
		return badInput("again", "再填一次账号", "两次填写的账号不一样，请照存折或银行卡核对")
	case len([]rune(a.Bank)) > 200 || len([]rune(a.Holder)) > 60:
		return fault.New(fault.Invalid, "开户银行或户名太长，请核对")
	}
	return nil
}
