package policy

import (
	"github.com/shopspring/decimal"

	"disburse/internal/month"
	"disburse/internal/policy/lang"
	"disburse/internal/policy/packfile"
)

// Slots number everything an expression can name: 0 is the age, then facts,
// derived names, rates.
type names struct {
	slot    map[string]int
	symbols []lang.Symbol
	labels  []string
	derived []*derived // by slot − firstDerived
	rates   []*rate    // by slot − firstRate

	firstFact, firstDerived, firstRate int
}

type derived struct {
	def     *packfile.Derived
	clauses []clause
	typ     lang.Type
}

// rate is a compiled rate. by is the slot of what it depends on, −1 for nothing.
type rate struct {
	def    *packfile.Rate
	by     int
	byType lang.Type
	values []rateValue
}

type rateValue struct {
	def      *packfile.RateValue
	to       packfile.Month // the last month in force; 0: open
	value    decimal.Decimal
	low, top int // age band; top −1: open
}

// value returns the value in force in m for what the rate depends on.
func (r *rate) value(m month.Month, key lang.Value) (*rateValue, bool) {
	for i := range r.values {
		v := &r.values[i]
		if packfile.InForce(v.def.From, v.to, m) && r.matches(v, key) {
			return v, true
		}
	}
	return nil, false
}

func (r *rate) matches(v *rateValue, key lang.Value) bool {
	if r.by < 0 {
		return true
	}
	switch r.byType {
	case lang.Bool:
		return (v.def.When.Value == packfile.Yes) == key.Flag
	case lang.Number:
		age := int(key.Num.IntPart())
		return age >= v.low && (v.top < 0 || age <= v.top)
	default:
		return key.Known && key.Text == v.def.When.Value
	}
}

// scope is names as one kind of place in a pack may use them.
type scope struct {
	*names
	items func(code string) lang.Asking // whether granted() may ask of an item; nil: of none
}

func (s scope) Lookup(name string) (lang.Symbol, bool) {
	slot, ok := s.slot[name]
	if !ok {
		return lang.Symbol{}, false
	}
	return s.symbols[slot], true
}

func (s scope) Asks(code string) lang.Asking {
	if s.items == nil {
		return lang.NeverHere
	}
	return s.items(code)
}
