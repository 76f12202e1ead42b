package people

import (
	"fmt"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/requests"
)

// accountOf is the pending request about the person's own account; nil: none.
func accountOf(waiting []requests.Request) *requests.Request {
	for i := range waiting {
		if waiting[i].About == requests.PersonAccount {
			return &waiting[i]
		}
	}
	return nil
}

// accountData is the form of an account request.
type accountData struct {
	Who     *roster.Person
	Request *requests.Request // the pending one, which a new one replaces; nil: none
	New     roster.Account    // as typed
	Reason  string
}

func accountForm(v *web.Visit) error {
	f, err := personFile(v)
	if err != nil {
		return err
	}
	d := accountData{Who: &f.Now.Person, New: roster.Account{Bank: f.Now.Account.Bank}}
	waiting, err := requests.List(v.R.Context(), v.Office.DB, v.Office.Region, true, f.Now.Number, 0, web.PageRows)
	if err != nil {
		return err
	}
	d.Request = accountOf(waiting)
	return v.Page("account", "申请变更账户", d)
}

// askAccount registers an account request. The number is typed twice, as a mistyped one would
// send money to a stranger.
func askAccount(v *web.Visit) error {
	f, err := personFile(v)
	if err != nil {
		return err
	}
	number := accountDigits(v.Form("number"))
	d := accountData{Who: &f.Now.Person, Reason: v.Typed("reason"), New: roster.Account{Bank: v.Typed("bank"), Number: number, Holder: v.Typed("holder")}}
	if d.New.Holder == f.Now.Name {
		d.New.Holder = ""
	}
	var asked requests.Request
	if err = checkAccount(&d.New, accountDigits(v.Form("again"))); err == nil {
		asked, err = rosters.AskAccount(v.R.Context(), v.Office, f.Now.Number, d.New, v.By(d.Reason))
	}
	if err != nil {
		return v.Refuse(err, "account", "account", "申请变更账户", d)
	}
	sentence := "已申请变更账户，要另一位复核或审批岗位的人确认后才生效"
	if asked.State == requests.Granted {
		sentence = "账户已登记；此人还没有发放过，不必第二人确认"
	}
	return v.Redirect(fmt.Sprintf("/people/%d", f.Now.Number), sentence)
}

// accountDigits removes spaces and hyphens between groups of digits.
func accountDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '　' {
			return -1
		}
		return r
	}, s)
}

// checkAccount checks the form. Errors: fault.Invalid.
func checkAccount(a *roster.Account, again string) error {
	switch {
	case a.Number == "" && a.Bank == "" && a.Holder == "":
		return fault.New(fault.Invalid, "请填写新账户的开户银行和账号")
	case a.Number == "" || a.Bank == "":
		return fault.New(fault.Invalid, "开户银行和账号都要填写，请补上")
	case strings.Trim(a.Number, "0123456789") != "":
		return web.BadInput("number", "新的账号", "账号只能是数字，请核对")
	case len(a.Number) > 40:
		return web.BadInput("number", "新的账号", "账号太长，请核对")
	case a.Number != again:
		return web.BadInput("again", "再填一次账号", "两次填写的账号不一样，请照存折或银行卡核对")
	case len([]rune(a.Bank)) > 200 || len([]rune(a.Holder)) > 60:
		return fault.New(fault.Invalid, "开户银行或户名太长，请核对")
	}
	return nil
}
