package policy

import (
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// reading is the way in which an item reads dated facts (docs/rules.md §1.3).
type reading int

const (
	firstDay   reading = iota // in force on the first day of the month
	anyDay                    // in force on some day of it
	dayOfDeath                // in force on the day of death
)

var readings = map[string]reading{"": firstDay, "first_day": firstDay, "any_day": anyDay, "day_of_death": dayOfDeath}

// NoRate is the error of an amount that needs a rate without a value in the month.
type NoRate struct {
	Rate  string
	Month month.Month
}

func (e *NoRate) Error() string {
	return "标准“" + e.Rate + "”在 " + e.Month.String() + " 没有值"
}

// view gives names their values for one person, in one month, read in one way.
// It implements lang.Env.
type view struct {
	pack    *Pack
	dossier *roster.Dossier
	month   month.Month
	reading reading
	granted func(code string) (decimal.Decimal, error)

	values []lang.Value // by slot, where loaded
	loaded []bool
}

// newView takes a view from the pack's pool: most of granting's memory is views.
func newView(p *Pack, d *roster.Dossier, m month.Month, r reading) *view {
	v, ok := p.views.Get().(*view)
	if !ok {
		n := len(p.names.symbols)
		v = &view{pack: p, values: make([]lang.Value, n), loaded: make([]bool, n)}
	}
	v.dossier, v.month, v.reading = d, m, r
	return v
}

// release gives the view back; it must not be used again.
func (v *view) release() {
	clear(v.loaded)
	v.dossier, v.granted = nil, nil
	v.pack.views.Put(v)
}

// Granted implements lang.Env.
func (v *view) Granted(code string) (decimal.Decimal, error) { return v.granted(code) }

// Value implements lang.Env.
func (v *view) Value(slot int) (lang.Value, error) {
	if v.loaded[slot] {
		return v.values[slot], nil
	}
	value, err := v.load(slot)
	if err != nil {
		return value, err
	}
	v.values[slot], v.loaded[slot] = value, true
	return value, nil
}

func (v *view) load(slot int) (lang.Value, error) {
	n := v.pack.names
	switch {
	case slot == 0:
		age := month.Age(v.dossier.Birth, v.month)
		return lang.Value{Known: true, Num: decimal.New(int64(age), 0)}, nil
	case slot < n.firstDerived:
		return v.fact(slot)
	case slot < n.firstRate:
		return v.derived(n.derived[slot-n.firstDerived])
	default:
		rv, err := v.rate(n.rates[slot-n.firstRate])
		if err != nil {
			return lang.Value{}, err
		}
		return lang.Value{Known: true, Num: rv.value}, nil
	}
}

func (v *view) derived(d *derived) (lang.Value, error) {
	for i := range d.clauses {
		if !d.clauses[i].inForce(v.month) {
			continue
		}
		if d.typ == lang.Bool {
			ok, err := d.clauses[i].expr.Holds(v)
			return lang.Value{Known: true, Flag: ok}, err
		}
		num, err := d.clauses[i].expr.Amount(v)
		return lang.Value{Known: true, Num: num}, err
	}
	return lang.Value{}, &NoRate{d.def.Name.Value, v.month}
}

// rate finds the value in force for this person.
func (v *view) rate(r *rate) (*rateValue, error) {
	var key lang.Value
	if r.by >= 0 {
		var err error
		if key, err = v.Value(r.by); err != nil {
			return nil, err
		}
	}
	rv, ok := r.value(v.month, key)
	if !ok {
		return nil, &NoRate{r.def.Name.Value, v.month}
	}
	return rv, nil
}

// fact reads a fact in the view's way. It fails with fault.Invalid on an amount that is
// none: the roster's reader lets none in, but an earlier pack may have had the fact
// under another type.
func (v *view) fact(slot int) (lang.Value, error) {
	decl := &v.pack.File.Facts[slot-v.pack.names.firstFact]
	var value lang.Value
	for _, f := range inForce(v.dossier, decl.Name.Value, v.month, v.reading, decl.Type.Value == "choices") {
		value.Known = true
		switch decl.Type.Value {
		case "flag":
			value.Flag = true
		case "amount":
			if !packfile.IsDecimal(f.Value) {
				return lang.Value{}, fault.New(fault.Invalid, "事实“%s”自 %s 起的值“%s”不是金额，请更正花名册“情况”表", f.Name, f.Since, f.Value)
			}
			value.Num = decimal.RequireFromString(f.Value)
		case "choices":
			value.Texts = append(value.Texts, strings.Split(f.Value, "、")...)
		default:
			value.Text = f.Value
		}
	}
	return value, nil
}

// inForce returns the records of a fact that count: one, or for a fact that takes
// several values all that hold together.
func inForce(d *roster.Dossier, name string, m month.Month, r reading, several bool) []roster.Fact {
	var found []roster.Fact
	if r == dayOfDeath {
		if d.Died == 0 || d.Died > m.Last() {
			return nil
		}
		return holding(d, name, d.Died, d.Died)
	}
	day := m.First()
	if r == anyDay {
		day = latestStart(d, name, m)
	}
	found = holding(d, name, day, day)
	if !several && len(found) > 1 {
		found = found[len(found)-1:] // cannot be: overlaps are refused on import
	}
	return found
}

// latestStart returns the day on which any_day looks: where several records touch
// the month, the start of the one that began last.
func latestStart(d *roster.Dossier, name string, m month.Month) month.Date {
	day := m.First()
	for _, f := range holding(d, name, m.First(), m.Last()) {
		day = max(day, f.Since)
	}
	return day
}

// holding lists the records of a fact that hold on some day from … to.
func holding(d *roster.Dossier, name string, from, to month.Date) []roster.Fact {
	var found []roster.Fact
	for _, f := range d.Facts {
		if f.Name == name && f.Since <= to && (f.Until == 0 || f.Until >= from) {
			found = append(found, f)
		}
	}
	return found
}
