package policy

import (
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Standing is how one person stood with one item in one month, for saying what changed
// between two of them.
type Standing struct {
	ItemExplanation
	Present bool     // alive, registered and of the right kind of number, as the item asks
	InForce bool     // the item exists in the month
	Once    bool     // once a year, and granted in an earlier month
	LosesTo string   // 就高: code of the item that is paid instead
	Beats   []string // 就高: codes of those that are not paid because this one is
	Award   *roster.Award
}

// Standing explains one item for the person and month.
func (p *Pack) Standing(d *roster.Dossier, m month.Month, code string) (*Standing, error) {
	it, ok := p.byCode[code]
	if !ok { // an earlier pack may lack it
		return &Standing{ItemExplanation: ItemExplanation{Code: code, Verdict: NotGranted}}, nil
	}
	e, err := p.evaluate(d, m)
	if err != nil {
		return nil, err
	}
	defer e.release()
	r := &e.results[it.index]
	x, err := e.explain(r)
	if err != nil {
		return nil, err
	}
	s := &Standing{ItemExplanation: *x, Present: r.present, InForce: packfile.InForce(it.def.From, it.def.To, m), Once: r.once}
	if r.losesTo != nil {
		s.LosesTo = r.losesTo.code
	}
	for i := range e.results {
		if o := &e.results[i]; o.losesTo == it {
			s.Beats = append(s.Beats, o.it.code)
		}
	}
	if it.pay != nil && it.pay.def.Determined.Value {
		s.Award = e.award(it)
	}
	return s, nil
}

// Reads says what a name of an input is.
type Reads int

// What names of inputs can be. Derived names rest on other inputs of the same list.
const (
	ReadsDerived Reads = iota
	ReadsAge
	ReadsFact
	ReadsRate
	ReadsItem  // the amount of another item
	ReadsOther // a date of the person, a 核定金额
)

// Reads tells facts, rates, the age and amounts of other items from names that only rest
// on them.
func (p *Pack) Reads(in *Input) Reads {
	slot, ok := p.names.slot[in.Name]
	switch n := p.names; {
	case in.Item != "":
		return ReadsItem
	case !ok:
		return ReadsOther
	case slot < n.firstFact:
		return ReadsAge
	case slot < n.firstDerived:
		return ReadsFact
	case slot < n.firstRate:
		return ReadsDerived
	}
	return ReadsRate
}

// UnitOf returns the unit of a rate, such as 元/月; empty for anything else.
func (p *Pack) UnitOf(name string) string {
	if slot, ok := p.names.slot[name]; ok && slot >= p.names.firstRate {
		return p.names.rates[slot-p.names.firstRate].def.Unit.Value
	}
	return ""
}

// ValueSaid is a fact's value behind its name: in brackets, an amount with its unit, empty
// for a flag, which has none to tell.
func (p *Pack) ValueSaid(fact, value string) string {
	at, known := p.facts[fact]
	if !known {
		return "（" + value + "）"
	}
	return p.File.Facts[at].ValueSaid(value)
}
