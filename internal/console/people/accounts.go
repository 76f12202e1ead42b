package people

import (
	"fmt"
	"strconv"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office/rosters"
	"disburse/internal/store/requests"
)

// openRows is how many pending requests are listed: all of any usual day.
const openRows = 500

// accountsData lists pending account requests, and those that were answered or closed.
type accountsData struct {
	Typed   []requests.Request // by hand on a page: the one who confirms must type the number, too
	Brought []requests.Request // from a workbook or a file: can be answered many at a time
	More    int                // pending ones that are not listed
	Past    []requests.Request
	Next    string
	Answers bool // the user's post may answer
	Shown   int  // number of the request whose account number is shown in full; 0: none
}

func accountsPage(v *web.Visit) error { return showAccounts(v, 0) }

func showAccounts(v *web.Visit, shown int) error {
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	d := accountsData{Shown: shown, Answers: v.User.Post == web.Checkers[0] || v.User.Post == web.Checkers[1]}
	open, err := requests.List(ctx, db, region, true, 0, 0, openRows)
	if err != nil {
		return err
	}
	all, _, err := requests.CountOpen(ctx, db, region, v.User.Name)
	if err != nil {
		return err
	}
	d.More = all - len(open)
	for _, q := range open {
		if typedByHand(&q) {
			d.Typed = append(d.Typed, q)
		} else {
			d.Brought = append(d.Brought, q)
		}
	}
	if d.Past, err = requests.List(ctx, db, region, false, 0, v.CursorBefore(), web.PageRows); err != nil {
		return err
	}
	if n := len(d.Past); n == web.PageRows {
		d.Next = "/accounts?before=" + strconv.Itoa(d.Past[n-1].N)
	}
	return v.Page("accounts", "账户变更", d)
}

// typedByHand reports whether the account number was typed on a page, and may be mistyped.
func typedByHand(q *requests.Request) bool {
	return q.Source == requests.FromPage && q.About.Account()
}

// parseAnswer parses whether the form confirms (true) or refuses.
func parseAnswer(v *web.Visit) (bool, error) {
	switch v.Form("answer") {
	case "grant":
		return true, nil
	case "refuse":
		return false, nil
	}
	return false, fault.New(fault.Invalid, "没有选同意还是不同意，请重新办理")
}

// answerAccount confirms or refuses one request.
func answerAccount(v *web.Visit) error {
	n, err := v.PathNumber("n")
	if err != nil {
		return err
	}
	grant, err := parseAnswer(v)
	if err != nil {
		return err
	}
	if grant {
		if err := checkRetyped(v, n); err != nil {
			return err
		}
	}
	done, err := rosters.AnswerAccounts(v.R.Context(), v.Office, []int{int(n)}, false, grant, v.By(v.Typed("reason")))
	if err != nil {
		return err
	}
	q := done[0]
	sentence := fmt.Sprintf("第 %d 号：%s的账户已变更，从现在起计算的批次付到新账户", q.N, q.Name)
	if !grant {
		sentence = fmt.Sprintf("第 %d 号：不同意变更%s的账户，账户没有变", q.N, q.Name)
	}
	return v.Redirect("/accounts", sentence)
}

// answerAccounts confirms or refuses the selected requests: all, or none on an error. Those
// typed by hand cannot be confirmed here.
func answerAccounts(v *web.Visit) error {
	grant, err := parseAnswer(v)
	if err != nil {
		return err
	}
	var chosen []int
	for _, text := range v.R.Form["n"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fault.New(fault.Invalid, "申请号“%s”不是数字，请从“账户变更”重新选择", text)
		}
		chosen = append(chosen, n)
	}
	if len(chosen) == 0 {
		return fault.New(fault.Invalid, "没有选中任何一件，请先勾选要办理的行")
	}
	for _, n := range chosen {
		q, err := openRequest(v, int64(n))
		if err == nil && grant && typedByHand(q) {
			return fault.New(fault.Invalid, "第 %d 号是在网页上填写的，请单独确认，照材料填写新账号", n)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	done, err := rosters.AnswerAccounts(v.R.Context(), v.Office, chosen, false, grant, v.By(v.Typed("reason")))
	if err != nil {
		return err
	}
	sentence := fmt.Sprintf("已确认 %d 件变更，从现在起计算的批次照新的办", len(done))
	if !grant {
		sentence = fmt.Sprintf("不同意 %d 件变更，仍照原来登记的办", len(done))
	}
	return v.Redirect("/accounts", sentence)
}

// openRequest reads a pending request. Errors: fault.NotFound.
func openRequest(v *web.Visit, n int64) (*requests.Request, error) {
	open, err := requests.List(v.R.Context(), v.Office.DB, v.Office.Region, true, 0, n+1, 1)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 || open[0].N != int(n) {
		return nil, fault.New(fault.NotFound, "第 %d 号账户变更申请已经答复，或没有这个申请", n)
	}
	return &open[0], nil
}

// checkRetyped checks that whoever confirms has typed the account number from the document, too:
// reading over a number that somebody else typed finds few errors. Errors: fault.Invalid.
func checkRetyped(v *web.Visit, n int64) error {
	q, err := openRequest(v, n)
	if fault.Is(err, fault.NotFound) {
		return nil // answering fails with the reason
	}
	if err != nil {
		return err
	}
	switch number := accountDigits(v.Typed("number")); {
	case number == "":
		return fault.New(fault.Invalid, "请照材料填写新账号，再确认")
	case number != q.New.Number:
		return fault.New(fault.Invalid, "填写的账号与申请的不一样，没有变更；请与材料核对，申请有误的按“不同意”")
	}
	return nil
}

// revealAccount shows the new number in full, for comparing it with the document. The access is
// logged.
func revealAccount(v *web.Visit) error {
	n, err := v.PathNumber("n")
	if err != nil {
		return err
	}
	q, err := openRequest(v, n)
	if err != nil {
		return err
	}
	err = v.Office.LogAccess(v.R.Context(), v.By(""), journal.Viewed, "申请变更的账号", q.Person, fmt.Sprintf("第 %d 号", n))
	if err != nil {
		return err
	}
	if v.R.Header.Get("HX-Request") != "" {
		return v.Part("accounts", "number", q)
	}
	return showAccounts(v, int(n))
}
