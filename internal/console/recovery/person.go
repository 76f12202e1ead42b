package recovery

import (
	"net/http"
	"strconv"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/finance"
	"disburse/internal/store/recovery"
)

// debtorData is the data of the page of a person's debts.
type debtorData struct {
	recovery.Debtor
	Debts   []debtRow
	All     debtSums
	Plans   []planRow
	Events  []eventRow
	Waivers []recovery.WaiverRequest
	Path    string // the person's page; empty: the user may not open it
	Acts    bool   // the user is the 经办 of a bureau that a debt is owed to
	Planned bool   // there is an instalment plan with the user's bureau
	Today   string
	Form    debtForm
}

// debtForm is a form as typed.
type debtForm struct {
	Act                                          string // collect, plan, endplan, waive; the form's id
	Debt, Amount, Day, Basis, First, Months, Why string
}

func debtorPage(v *web.Visit) error { return showDebtor(v, http.StatusOK, debtForm{}) }

// showDebtor shows the page. Errors: fault.NotFound for somebody without debts or past ones.
func showDebtor(v *web.Visit, status int, form debtForm) error {
	who, debts, err := debtor(v)
	if err != nil {
		return err
	}
	d := debtorData{Debtor: who, Debts: debts, Path: v.PersonPath(who.Person), Form: form, Today: month.FromTime(v.Now().In(month.Shanghai)).String()}
	waiting, err := pendingWaivers(v)
	if err != nil {
		return err
	}
	for i := range d.Debts {
		o := &d.Debts[i]
		o.PendingWaiver = waiting[pendingKey{o.Person, ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}}]
		d.All.add(&o.RegisterRow, i == 0)
		d.Acts = d.Acts || v.IsClerkOf(v.Office.Pack.Payer(o.Item))
		addPlan(v, &d, o)
	}
	if err := addPast(v, &d); err != nil {
		return err
	}
	if len(d.Debts)+len(d.Events)+len(d.Waivers) == 0 {
		return noDebtor()
	}
	return v.PageWith(status, "debtor", "追缴 "+who.Name, d)
}

// debtOrder makes the order of a form: person, debts, amount, reason.
func debtOrder(v *web.Visit, form *debtForm, reason string) (*finance.RecoveryOrder, error) {
	who, _, err := debtor(v)
	if err != nil {
		return nil, err
	}
	x := &finance.RecoveryOrder{ID: who.ID, By: v.By(reason)}
	if form.Debt != "" {
		parts := strings.SplitN(form.Debt, "|", 3)
		if len(parts) != 3 {
			return nil, web.BadInput("debt", "哪一笔", "请从列表里选一笔款项")
		}
		if x.Month, err = month.Parse(parts[1]); err != nil {
			return nil, err
		}
		x.Item, x.Payee = parts[0], parts[2]
	}
	if form.Act != "endplan" {
		if form.Amount == "" {
			return nil, web.BadInput("amount", "金额", "请写明金额（元）")
		}
		x.Amount, err = money.Parse(form.Amount)
	}
	return x, web.OnInput("amount", "金额", err)
}

// parseDebtForm reads one of the forms.
func parseDebtForm(v *web.Visit, act string) debtForm {
	return debtForm{Act: act, Debt: v.Form("debt"), Amount: v.Form("amount"), Day: v.Form("day"), Basis: v.Form("basis"),
		First: v.Form("first"), Months: v.Form("months"), Why: v.Form("why")}
}

// showFormAgain shows the page with an error at one of its forms.
func showFormAgain(v *web.Visit, form debtForm, err error) error {
	if !web.OfForm(err) {
		return err
	}
	v.SetFormError(form.Act, err)
	return showDebtor(v, web.Statuses[fault.CodeOf(err)], form)
}

// debtorCollect registers collected money (收回).
func debtorCollect(v *web.Visit) error {
	form := parseDebtForm(v, "collect")
	reason, err := receipt(v, &form)
	if err != nil {
		return showFormAgain(v, form, err)
	}
	x, err := debtOrder(v, &form, reason)
	if err != nil {
		return showFormAgain(v, form, err)
	}
	x.Once = true
	done, err := finance.Collect(v.R.Context(), v.Office, x)
	if err != nil {
		return showFormAgain(v, form, err)
	}
	return v.Redirect(backToDebtor(v), "已登记收回 "+web.Yuan(x.Amount)+" 元（"+x.Amount.Chinese()+"），还没有收回 "+web.Yuan(done.Left)+" 元。"+staleText(done))
}

// staleText warns that a batch not yet submitted does not have the change.
func staleText(done *recovery.Recovered) string {
	if !done.Stale {
		return ""
	}
	return "有还没有提交的批次，请重新计算后再提交。"
}

// receipt makes the reason that is recorded: day and basis of the collection.
func receipt(v *web.Visit, form *debtForm) (string, error) {
	day, err := month.ParseDate(form.Day)
	switch {
	case err != nil:
		return "", web.OnInput("day", "收款日期", err)
	case day > month.FromTime(v.Now().In(month.Shanghai)):
		return "", web.BadInput("day", "收款日期", "收款日期 %s 还没有到，请核对", day)
	case form.Basis == "":
		return "", web.BadInput("basis", "依据", "请写明依据，如收据号、银行回单号")
	}
	return day.String() + " 收到，" + form.Basis, nil
}

func backToDebtor(v *web.Visit) string { return "/recovery/person/" + v.R.PathValue("person") }

// debtorPlan registers an instalment plan (分期还款).
func debtorPlan(v *web.Visit) error {
	form := parseDebtForm(v, "plan")
	x, err := debtOrder(v, &form, form.Why)
	if err != nil {
		return showFormAgain(v, form, err)
	}
	first, err := month.Parse(form.First)
	if err != nil {
		return showFormAgain(v, form, web.OnInput("first", "第一期", err))
	}
	months, err := strconv.Atoi(form.Months)
	if err != nil {
		return showFormAgain(v, form, web.BadInput("months", "期数", "期数“%s”不是数字，请写成 12 的样子", form.Months))
	}
	if form.Why == "" {
		return showFormAgain(v, form, web.BadInput("why", "依据", "请写明依据，如分期还款协议书的日期和编号"))
	}
	plan, _, err := finance.AgreePlan(v.R.Context(), v.Office, x, first, months)
	if err != nil {
		return showFormAgain(v, form, err)
	}
	return v.Redirect(backToDebtor(v), "已登记分期还款 "+web.Yuan(plan.Sum)+" 元："+plan.String()+"。自动抵扣照常进行。")
}

// debtorEndPlan ends an instalment plan.
func debtorEndPlan(v *web.Visit) error {
	form := parseDebtForm(v, "endplan")
	x, err := debtOrder(v, &form, form.Why)
	if err == nil && form.Why == "" {
		err = web.BadInput("why", "理由", "终止分期必须写明理由")
	}
	if err == nil {
		_, err = finance.EndPlan(v.R.Context(), v.Office, x)
	}
	if err != nil {
		return showFormAgain(v, form, err)
	}
	return v.Redirect(backToDebtor(v), "已终止分期还款的约定。")
}

// debtorWaive requests a write-off (核销) of one debt.
func debtorWaive(v *web.Visit) error {
	form := parseDebtForm(v, "waive")
	x, err := debtOrder(v, &form, form.Why)
	switch {
	case err != nil:
	case form.Debt == "":
		err = web.BadInput("debt", "哪一笔", "请选明核销哪一笔款项")
	case form.Why == "":
		err = web.BadInput("why", "理由", "申请核销必须写明理由")
	}
	if err != nil {
		return showFormAgain(v, form, err)
	}
	w, err := finance.AskWaiver(v.R.Context(), v.Office, x)
	if err != nil {
		return showFormAgain(v, form, err)
	}
	return v.Redirect(backToDebtor(v), "已申请核销（第 "+strconv.Itoa(w.N)+" 号），等另一位审批岗位的人确认。")
}
