package console

import (
	"fmt"
	"strconv"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

func accountRoutes() []route {
	return []route{
		{pattern: "GET /accounts", posts: readers, do: (*visit).accountsPage},
		{pattern: "POST /accounts/{n}", posts: checkers, do: (*visit).answerAccount},
		{pattern: "POST /accounts/{n}/reveal", posts: checkers, do: (*visit).revealAccount},
		{pattern: "GET /people/{person}/change/account", posts: clerk, do: (*visit).accountForm},
		{pattern: "POST /people/{person}/change/account", posts: clerk, do: (*visit).askAccount},
	}
}

const accountRows = 50

// accountsData lists account changes that wait, and those that were answered.
type accountsData struct {
	Open    []postgres.AccountRequest
	Past    []postgres.AccountRequest
	Next    string
	Answers bool // the user's post may answer
	Shown   int  // the request whose new number is shown in full; 0: none
}

func (v *visit) accountsPage() error { return v.showAccounts(0) }

func (v *visit) showAccounts(shown int) error {
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	d := accountsData{Shown: shown, Answers: v.user.Post == checkers[0] || v.user.Post == checkers[1]}
	var err error
	if d.Open, err = db.AccountRequests(ctx, region, true, 0, 0, 500); err != nil {
		return err
	}
	if d.Past, err = db.AccountRequests(ctx, region, false, 0, v.before(), accountRows); err != nil {
		return err
	}
	if n := len(d.Past); n == accountRows {
		d.Next = "/accounts?before=" + strconv.Itoa(d.Past[n-1].N)
	}
	return v.page("accounts", "账户变更", d)
}

// answerAccount confirms a change that somebody else asked for, or refuses it.
func (v *visit) answerAccount() error {
	n, err := v.number("n")
	if err != nil {
		return err
	}
	grant := v.form("answer") == "grant"
	if !grant && v.form("answer") != "refuse" {
		return fault.New(fault.Invalid, "没有选同意还是不同意，请重新办理")
	}
	if grant {
		if err := v.typedAgain(n); err != nil {
			return err
		}
	}
	q, err := v.office.DB.AnswerAccount(v.r.Context(), v.office.Region, int(n), grant, v.by(v.typed("reason")))
	if err != nil {
		return err
	}
	sentence := fmt.Sprintf("第 %d 号：%s的账户已变更，从现在起计算的批次付到新账户", q.N, q.Name)
	if !grant {
		sentence = fmt.Sprintf("第 %d 号：不同意变更%s的账户，账户没有变", q.N, q.Name)
	}
	return v.goTo("/accounts", sentence)
}

// openAccount is a request that waits for an answer.
func (v *visit) openAccount(n int64) (*postgres.AccountRequest, error) {
	open, err := v.office.DB.AccountRequests(v.r.Context(), v.office.Region, true, 0, n+1, 1)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 || open[0].N != int(n) {
		return nil, fault.New(fault.NotFound, "第 %d 号账户变更申请已经答复，或没有这个申请", n)
	}
	return &open[0], nil
}

// typedAgain sees that who confirms has typed the new number from the document, too: a
// glance at what somebody else typed proves nothing.
func (v *visit) typedAgain(n int64) error {
	q, err := v.openAccount(n)
	if fault.Is(err, fault.NotFound) {
		return nil // the answer will say why there is none to give
	}
	if err != nil {
		return err
	}
	switch number := accountDigits(v.typed("number")); {
	case number == "":
		return fault.New(fault.Invalid, "请照材料填写新账号，再确认")
	case number != q.New.Number:
		return fault.New(fault.Invalid, "填写的账号与申请的不一样，没有变更；请与材料核对，申请有误的按“不同意”")
	}
	return nil
}

// revealAccount shows the new number in full, to be compared with the document; it is recorded.
func (v *visit) revealAccount() error {
	n, err := v.number("n")
	if err != nil {
		return err
	}
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	q, err := v.openAccount(n)
	if err != nil {
		return err
	}
	err = db.LogAccess(ctx, region, v.by(""), journal.Access{Action: journal.Viewed, Subject: "申请变更的账号", Person: q.Person, Scope: fmt.Sprintf("第 %d 号", n)})
	if err != nil {
		return err
	}
	if v.r.Header.Get("HX-Request") != "" {
		return v.part("accounts", "number", q.New.Number)
	}
	return v.showAccounts(int(n))
}

// accountData is the form in which an account change is asked for.
type accountData struct {
	Who     *roster.Person
	Request *postgres.AccountRequest // that waits already
	New     roster.Account           // as typed
	Reason  string
}

func (v *visit) accountForm() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	d := accountData{Who: &f.Now.Person, New: roster.Account{Bank: f.Now.Account.Bank}}
	waiting, err := v.office.DB.AccountRequests(v.r.Context(), v.office.Region, true, f.Now.Number, 0, 1)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		d.Request = &waiting[0]
	}
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
	if err = checkAccount(&d.New, accountDigits(v.form("again"))); err == nil {
		_, err = v.office.DB.AskAccount(v.r.Context(), v.office.Region, f.Now.Number, d.New, v.by(d.Reason))
	}
	if err != nil {
		return v.refuse(err, "account", "account", "申请变更账户", d)
	}
	return v.goTo(fmt.Sprintf("/people/%d", f.Now.Number), "已申请变更账户，要另一位复核或审批岗位的人确认后才生效")
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
