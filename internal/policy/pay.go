package policy

import (
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

func (e *evaluation) pay(r *result) error {
	p := r.it.pay
	v := e.view(r.it.reading())
	if p.def.Determined.Value {
		return e.payAward(r, v)
	}
	if missing, err := lacking(v, p); err != nil {
		return err
	} else if len(missing) > 0 {
		r.gap = &Gap{Item: r.it.code, Facts: missing, Sentence: strings.Join(missing, "、") + "未登记，无法计算金额"}
		return nil
	}
	if n := p.def.OnceYear.Value; n > 0 {
		earlier, err := e.earlierThisYear(r.it, n)
		if err != nil {
			return e.noteGap(r, err)
		}
		if r.once = earlier; earlier {
			return nil
		}
	}
	yuan, err := e.amount(r, v)
	if err != nil {
		return e.noteGap(r, err)
	}
	if yuan.IsNegative() {
		return fault.New(fault.Invalid, "项目 %s 算出负数 %s 元（%s），规则包的公式有误，请改用 max(0, …)", r.it.code, yuan, e.month)
	}
	if r.amount, err = money.Round(yuan); err != nil {
		return err
	}
	r.zero = r.amount == 0
	r.payee, err = e.payee(p, v)
	return err
}

// lacking lists the facts of needs that are not recorded.
func lacking(v *view, p *pay) ([]string, error) {
	var missing []string
	for _, slot := range p.needs {
		value, err := v.Value(slot)
		if err != nil {
			return nil, err
		}
		if !value.Known {
			missing = append(missing, v.pack.names.labels[slot])
		}
	}
	return missing, nil
}

// amount computes the first case that holds, in 元.
func (e *evaluation) amount(r *result, v *view) (decimal.Decimal, error) {
	for i := range r.it.pay.amount {
		a := &r.it.pay.amount[i]
		if !packfile.InForce(a.def.From, a.def.To, e.month) {
			continue
		}
		if a.cond != nil {
			if ok, err := a.cond.Holds(v); err != nil {
				return decimal.Zero, err
			} else if !ok {
				continue
			}
		}
		if a.def.Check.Value != "" {
			r.notes = append(r.notes, a.def.Check.Value)
		}
		return a.is.Amount(v)
	}
	return decimal.Zero, &NoRate{"项目 " + r.it.code + " 的金额", e.month}
}

func (e *evaluation) payee(p *pay, v *view) (string, error) {
	if p.payee >= 0 {
		value, err := v.Value(p.payee)
		if value.Text != "" {
			return value.Text, err
		}
	}
	if p.def.Payee.Name.Value != "" {
		return p.def.Payee.Name.Value, nil
	}
	return roster.Myself, nil
}

// award returns the 核定金额 of the item that is in force in the month.
func (e *evaluation) award(it *item) *roster.Award {
	for i := range e.dossier.Awards {
		a := &e.dossier.Awards[i]
		if a.Item == it.code && a.First <= e.month && (a.Last == 0 || a.Last >= e.month) &&
			(!it.pay.def.FirstOnly.Value || a.First == e.month) {
			return a
		}
	}
	return nil
}

func (e *evaluation) payAward(r *result, v *view) error {
	a := e.award(r.it)
	if a == nil {
		return nil
	}
	payee, err := e.payee(r.it.pay, v)
	to := r.it.pay.def.Payee
	if to.Determined.Value && a.Payee != "" {
		payee = a.Payee
	}
	r.amount, r.payee = a.Amount, payee
	r.unnamed = to.Required.Value && payee == roster.Myself
	return err
}

// earlierThisYear reports whether the person already had the item in an earlier
// month of the coverage year that begins in the given month (18-2).
func (e *evaluation) earlierThisYear(it *item, begins int) (bool, error) {
	start := month.Of(e.month.Year(), begins)
	if start > e.month {
		start = start.Add(-12)
	}
	var views [3]*view
	for m := start; m < e.month; m++ {
		releaseAll(&views)
		ok, err := it.qualifies(func(r reading) *view {
			if views[r] == nil {
				views[r] = newView(e.pack, e.dossier, m, r)
				views[r].granted = func(string) (decimal.Decimal, error) { return decimal.Zero, errGap }
			}
			return views[r]
		}, e.dossier, m)
		if ok && err == nil && len(it.pay.when) > 0 {
			ok, err = all(it.pay.when, views[it.reading()], m)
		}
		if ok || err != nil {
			releaseAll(&views)
			return ok, err
		}
	}
	releaseAll(&views)
	return false, nil
}

// higherOf settles a 就高 group: the highest is paid, of equal ones the first in the
// list; the others grant nothing but stay in the explanation.
func (e *evaluation) higherOf(g *group) {
	if !packfile.InForce(g.def.From, g.def.To, e.month) {
		return
	}
	var best *result
	for _, it := range g.items {
		if r := &e.results[it.index]; r.amount > 0 && (best == nil || r.amount > best.amount) {
			best = r
		}
	}
	for _, it := range g.items {
		if r := &e.results[it.index]; best != nil && r != best && r.amount > 0 {
			r.losesTo, r.lost, r.amount = best.it, r.amount, 0
		}
	}
}
