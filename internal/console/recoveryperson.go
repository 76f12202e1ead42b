package console

import (
	"net/http"
	"strconv"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// debtorData is the page of one person's debts.
type debtorData struct {
	postgres.Debtor
	Debts   []debtRow
	All     debtSums
	Plans   []planRow
	Events  []eventRow
	Waivers []postgres.WaiverRequest
	Path    string // the person's own page; empty: none
	Acts    bool   // the user collects, agrees and asks
	Planned bool   // there is an agreement with the user's bureau
	Today   string
	Form    debtForm
}

// debtForm is what was typed.
type debtForm struct {
	Act                                          string // collect, plan, endplan, waive; the form's id
	Debt, Amount, Day, Basis, First, Months, Why string
}

func (v *visit) debtorPage() error { return v.showDebtor(http.StatusOK, debtForm{}) }

func (v *visit) showDebtor(status int, form debtForm) error {
	who, debts, err := v.debtor()
	if err != nil {
		return err
	}
	d := debtorData{Debtor: who, Debts: debts, Path: v.personPath(who.Person), Form: form, Today: month.FromTime(v.Clock().In(month.Shanghai)).String()}
	waiting, err := v.waitingWaivers()
	if err != nil {
		return err
	}
	for i := range d.Debts {
		o := &d.Debts[i]
		o.Waits = waiting[waitingKey{o.Person, ledger.Key{Item: o.Item, Payee: o.Payee, Month: o.Month}}]
		d.All.add(&o.Owed, i == 0)
		d.Acts = d.Acts || v.clerkOf(v.office.Pack.Payer(o.Item))
		v.addPlan(&d, o)
	}
	if err := v.addPast(&d); err != nil {
		return err
	}
	if len(d.Debts)+len(d.Events)+len(d.Waivers) == 0 {
		return noDebtor()
	}
	return v.pageWith(status, "debtor", "追缴 "+who.Name, d)
}

// debtOrder reads who it is about, which debts, how much and why.
func (v *visit) debtOrder(form *debtForm, reason string) (*office.RecoveryOrder, error) {
	who, _, err := v.debtor()
	if err != nil {
		return nil, err
	}
	x := &office.RecoveryOrder{ID: who.ID, By: v.by(reason)}
	if form.Debt != "" {
		parts := strings.SplitN(form.Debt, "|", 3)
		if len(parts) != 3 {
			return nil, badInput("debt", "哪一笔", "请从列表里选一笔款项")
		}
		if x.Month, err = month.Parse(parts[1]); err != nil {
			return nil, err
		}
		x.Item, x.Payee = parts[0], parts[2]
	}
	if form.Act != "endplan" {
		if form.Amount == "" {
			return nil, badInput("amount", "金额", "请写明金额（元）")
		}
		x.Amount, err = money.Parse(form.Amount)
	}
	return x, onInput("amount", "金额", err)
}

// typedDebt reads what was typed into one of the forms.
func (v *visit) typedDebt(act string) debtForm {
	return debtForm{Act: act, Debt: v.form("debt"), Amount: v.form("amount"), Day: v.form("day"), Basis: v.form("basis"),
		First: v.form("first"), Months: v.form("months"), Why: v.form("why")}
}

// again shows the form once more with what is wrong with it.
func (v *visit) again(form debtForm, err error) error {
	if !ofForm(err) {
		return err
	}
	v.wrongWith(form.Act, err)
	return v.showDebtor(statuses[fault.CodeOf(err)], form)
}

// debtorCollect notes money that came back.
func (v *visit) debtorCollect() error {
	form := v.typedDebt("collect")
	reason, err := v.receipt(&form)
	if err != nil {
		return v.again(form, err)
	}
	x, err := v.debtOrder(&form, reason)
	if err != nil {
		return v.again(form, err)
	}
	x.Once = true
	done, err := v.office.Collect(v.r.Context(), x)
	if err != nil {
		return v.again(form, err)
	}
	return v.goTo(v.backToDebtor(), "已登记收回 "+yuan(x.Amount)+" 元（"+x.Amount.Chinese()+"），还没有收回 "+yuan(done.Left)+" 元。"+staleWord(done))
}

func staleWord(done *postgres.Recovered) string {
	if !done.Stale {
		return ""
	}
	return "有还没有提交的批次，请重新计算后再提交。"
}

// receipt makes the reason that is kept of the day and the basis.
func (v *visit) receipt(form *debtForm) (string, error) {
	day, err := month.ParseDate(form.Day)
	switch {
	case err != nil:
		return "", onInput("day", "收款日期", err)
	case day > month.FromTime(v.Clock().In(month.Shanghai)):
		return "", badInput("day", "收款日期", "收款日期 %s 还没有到，请核对", day)
	case form.Basis == "":
		return "", badInput("basis", "依据", "请写明依据，如收据号、银行回单号")
	}
	return day.String() + " 收到，" + form.Basis, nil
}

func (v *visit) backToDebtor() string { return "/recovery/person/" + v.r.PathValue("person") }

// debtorPlan agrees on instalments.
func (v *visit) debtorPlan() error {
	form := v.typedDebt("plan")
	x, err := v.debtOrder(&form, form.Why)
	if err != nil {
		return v.again(form, err)
	}
	first, err := month.Parse(form.First)
	if err != nil {
		return v.again(form, onInput("first", "第一期", err))
	}
	months, err := strconv.Atoi(form.Months)
	if err != nil {
		return v.again(form, badInput("months", "期数", "期数“%s”不是数字，请写成 12 的样子", form.Months))
	}
	if form.Why == "" {
		return v.again(form, badInput("why", "依据", "请写明依据，如分期还款协议书的日期和编号"))
	}
	plan, _, err := v.office.AgreePlan(v.r.Context(), x, first, months)
	if err != nil {
		return v.again(form, err)
	}
	return v.goTo(v.backToDebtor(), "已登记分期还款 "+yuan(plan.Sum)+" 元："+plan.String()+"。自动抵扣照常进行。")
}

// debtorEndPlan ends the agreement.
func (v *visit) debtorEndPlan() error {
	form := v.typedDebt("endplan")
	x, err := v.debtOrder(&form, form.Why)
	if err == nil && form.Why == "" {
		err = badInput("why", "理由", "终止分期必须写明理由")
	}
	if err == nil {
		_, err = v.office.EndPlan(v.r.Context(), x)
	}
	if err != nil {
		return v.again(form, err)
	}
	return v.goTo(v.backToDebtor(), "已终止分期还款的约定。")
}

// debtorWaive asks for a debt to be given up.
func (v *visit) debtorWaive() error {
	form := v.typedDebt("waive")
	x, err := v.debtOrder(&form, form.Why)
	switch {
	case err != nil:
	case form.Debt == "":
		err = badInput("debt", "哪一笔", "请选明核销哪一笔款项")
	case form.Why == "":
		err = badInput("why", "理由", "申请核销必须写明理由")
	}
	if err != nil {
		return v.again(form, err)
	}
	w, err := v.office.AskWaiver(v.r.Context(), x)
	if err != nil {
		return v.again(form, err)
	}
	return v.goTo(v.backToDebtor(), "已申请核销（第 "+strconv.Itoa(w.N)+" 号），等另一位审批岗位的人确认。")
}
