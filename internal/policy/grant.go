package policy

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// evaluation computes all items for one person and month.
type evaluation struct {
	pack    *Pack
	dossier *roster.Dossier
	month   month.Month
	views   [3]*view
	results []result
}

// evaluate is granting itself: a pure function of pack, person and month. An error
// is a defect of the pack that no check could foresee (a negative amount).
func (p *Pack) evaluate(d *roster.Dossier, m month.Month) (*evaluation, error) {
	e := &evaluation{pack: p, dossier: d, month: m, results: make([]result, len(p.items))}
	for i, it := range p.items {
		e.results[i].it = it
	}
	for _, s := range p.plan {
		if s.group != nil {
			e.higherOf(s.group)
			continue
		}
		if err := e.item(s.item); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// conflicts finds facts that exclude each other on the first day of the month.
func (e *evaluation) conflicts() ([]Conflicting, error) {
	var found []Conflicting
	for i := range e.pack.conflicts {
		c := &e.pack.conflicts[i]
		holds, err := c.cond.Holds(e.view(firstDay))
		if err != nil {
			return nil, err
		}
		if holds {
			found = append(found, Conflicting{c.name, e.pack.factsOf(c.cond)})
		}
	}
	return found, nil
}

// release gives the views back once everything has been read from the evaluation.
func (e *evaluation) release() { releaseAll(&e.views) }

func releaseAll(views *[3]*view) {
	for i, v := range views {
		if v != nil {
			v.release()
			views[i] = nil
		}
	}
}

func (e *evaluation) view(r reading) *view {
	if e.views[r] == nil {
		e.views[r] = newView(e.pack, e.dossier, e.month, r)
		e.views[r].granted = e.granted
	}
	return e.views[r]
}

// errGap is why something that asks granted() of an item with a gap has one too.
var errGap = errors.New("the item asked for has a gap")

func (e *evaluation) granted(code string) (decimal.Decimal, error) {
	r := &e.results[e.pack.byCode[code].index]
	if r.gap != nil {
		if r.gap.Rate != "" {
			return decimal.Zero, &NoRate{r.gap.Rate, e.month}
		}
		return decimal.Zero, errGap
	}
	return r.amount.Decimal(), nil
}

func (e *evaluation) item(it *item) error {
	r := &e.results[it.index]
	var err error
	r.present = it.admits(e.dossier, e.month)
	r.holds, err = it.qualifies(e.view, e.dossier, e.month)
	if err != nil {
		return e.noteGap(r, err)
	}
	if it.pay != nil && it.pay.def.Determined.Value {
		r.unmet = !r.holds && e.award(it) != nil
	}
	if !r.holds {
		return nil
	}
	if err := e.describe(r); err != nil {
		return e.noteGap(r, err)
	}
	if it.pay == nil {
		return nil
	}
	r.paid, err = all(it.pay.when, e.view(it.reading()), e.month)
	if err != nil {
		return e.noteGap(r, err)
	}
	if !r.paid {
		r.unmet = it.pay.def.Determined.Value && e.award(it) != nil
		return nil
	}
	return e.pay(r)
}

// noteGap keeps a missing rate as a gap of the item; any other error goes on.
func (e *evaluation) noteGap(r *result, err error) error {
	var none *NoRate
	switch {
	case errors.As(err, &none):
		r.gap = &Gap{Item: r.it.code, Rate: none.Rate, Sentence: none.Error() + "，无法计算"}
	case errors.Is(err, errGap):
		r.gap = &Gap{Item: r.it.code, Sentence: "所扣减的项目缺少资料，无法计算"}
	default:
		return err
	}
	return nil
}

func (it *item) reading() reading { return readings[it.def.Reads.Value] }

// admits is the test that comes before all conditions: the item's own months, the
// kind of number, life and registration (policy §1).
func (it *item) admits(d *roster.Dossier, m month.Month) bool {
	if !InForce(it.def.From, it.def.To, m) {
		return false
	}
	if roster.Temporary(d.ID) && !it.def.Temporary.Value {
		return false
	}
	switch it.def.Presence.Value {
	case "any":
		return true
	case "alive":
		return d.Alive(m)
	}
	return d.InDistrict(m)
}

// qualifies reports whether the person has the item in m, money aside.
func (it *item) qualifies(views func(reading) *view, d *roster.Dossier, m month.Month) (bool, error) {
	if !it.admits(d, m) {
		return false, nil
	}
	if ok, err := all(it.when, views(it.reading()), m); !ok || err != nil {
		return false, err
	}
	for i := range it.unless {
		if !it.unless[i].inForce(m) {
			continue
		}
		if ok, err := it.unless[i].expr.Holds(views(firstDay)); ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// all reports whether every clause in force holds.
func all(clauses []clause, v *view, m month.Month) (bool, error) {
	for i := range clauses {
		if !clauses[i].inForce(m) {
			continue
		}
		if ok, err := clauses[i].expr.Holds(v); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// describe finds the list's detail: the first case that holds.
func (e *evaluation) describe(r *result) error {
	v := e.view(r.it.reading())
	for i := range r.it.detail {
		dc := &r.it.detail[i]
		if dc.cond != nil {
			if ok, err := dc.cond.Holds(v); err != nil {
				return err
			} else if !ok {
				continue
			}
		}
		return e.detail(r, dc, v)
	}
	return nil
}

func (e *evaluation) detail(r *result, dc *detailCase, v *view) error {
	switch {
	case dc.value != nil:
		num, err := dc.value.Amount(v)
		if err != nil {
			return err
		}
		r.detail = num.String()
	case dc.slot >= 0:
		text, err := v.Value(dc.slot)
		if err != nil {
			return err
		}
		r.detail = text.Text
	default:
		r.detail = dc.def.Text.Value
	}
	if dc.def.Check.Value != "" {
		r.notes = append(r.notes, dc.def.Check.Value)
	}
	return nil
}

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
		if !InForce(a.def.From, a.def.To, e.month) {
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
	if !InForce(g.def.From, g.def.To, e.month) {
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
