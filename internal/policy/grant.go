package policy

import (
	"errors"

	"github.com/shopspring/decimal"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
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
// kind of number, life and registration (docs/rules.md §1.2).
func (it *item) admits(d *roster.Dossier, m month.Month) bool {
	if !packfile.InForce(it.def.From, it.def.To, m) {
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
