package judge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/policy/packfile"
)

// ageName is the one name that no pack declares.
const ageName = "年龄"

// named is the value of a name: 年龄, a fact, a rate or something derived.
func (v *view) named(name string) (value, error) {
	if name == ageName {
		return numberValue(decimal.NewFromInt(int64(age(v.person.born, v.month)))), nil
	}
	if fact, ok := v.j.facts[name]; ok {
		return v.fact(fact)
	}
	if rate, ok := v.j.rates[name]; ok {
		d, err := v.rate(rate)
		return numberValue(d), err
	}
	if derived, ok := v.j.derived[name]; ok {
		return v.derivedValue(derived)
	}
	return value{}, fmt.Errorf("judge: the pack does not know the name %q", name)
}

func (v *view) fact(fact *packfile.Fact) (value, error) {
	name := fact.Name.Value
	values := v.person.read(fact, v.reads, v.month)
	if fact.Type.Value == "flag" {
		return flagValue(len(values) > 0), nil
	}
	if len(values) == 0 {
		return value{kind: absent, text: name}, nil
	}
	switch fact.Type.Value {
	case "choice", "text":
		return value{kind: text, text: values[0]}, nil
	case "choices":
		return value{kind: texts, texts: values}, nil
	case "amount":
		d, err := decimal.NewFromString(values[0])
		if err != nil {
			return value{}, fmt.Errorf("judge: read amount %s: %w", name, err)
		}
		return numberValue(d), nil
	}
	return value{}, fmt.Errorf("judge: fact %s has unknown type %q", name, fact.Type.Value)
}

// derivedValue evaluates the version that is in force in the month.
func (v *view) derivedValue(d *packfile.Derived) (value, error) {
	for _, version := range d.Is {
		if inForce(version.From, version.To, v.month) {
			return v.value(version.Is.Value)
		}
	}
	return value{}, &lack{d.Name.Value}
}

// known is true of what is recorded or has a value, and of a flag that holds.
func (v *view) known(name string) (value, error) {
	got, err := v.named(name)
	var lacking *lack
	if errors.As(err, &lacking) {
		return flagValue(false), nil
	}
	if got.kind == flag {
		return got, err
	}
	return flagValue(got.kind != absent), err
}

// rate is the value in force in the month. Of the values for this person the one
// that began last counts, until its own end if it has one. There may be none.
func (v *view) rate(r *packfile.Rate) (decimal.Decimal, error) {
	var by value
	if r.By.Value != "" {
		got, err := v.named(r.By.Value)
		if err != nil {
			return decimal.Decimal{}, err
		}
		by = got
	}
	var last *packfile.RateValue
	for i := range r.Values {
		candidate := &r.Values[i]
		fits, err := rateFits(candidate.When.Value, by)
		if err != nil {
			return decimal.Decimal{}, fmt.Errorf("judge: rate %s: %w", r.Name.Value, err)
		}
		begun := candidate.From.Value == 0 || !v.month.before(monthOf(candidate.From.Value))
		if fits && begun && (last == nil || last.From.Value < candidate.From.Value) {
			last = candidate
		}
	}
	if last == nil || !inForce(last.From, last.To, v.month) {
		return decimal.Decimal{}, &lack{r.Name.Value}
	}
	return decimal.NewFromString(last.Value.Value)
}

// rateFits reports whether a rate's `when` (80-, 60-79, 半自理, 是) is this person's.
func rateFits(when string, by value) (bool, error) {
	switch by.kind {
	case flag:
		return when == map[bool]string{true: "是", false: "否"}[by.flag], nil
	case text:
		return when == by.text, nil
	case number:
		return inBand(when, by.number.IntPart())
	}
	return when == "", nil
}

// inBand reports whether an age lies in a band, both ends inclusive: 60-79, 80-.
func inBand(band string, years int64) (bool, error) {
	low, high, dash := strings.Cut(band, "-")
	from, err := strconv.ParseInt(low, 10, 64)
	if err != nil || !dash {
		return false, fmt.Errorf("%q is not an age band", band)
	}
	if high == "" {
		return years >= from, nil
	}
	to, err := strconv.ParseInt(high, 10, 64)
	if err != nil {
		return false, fmt.Errorf("%q is not an age band", band)
	}
	return from <= years && years <= to, nil
}

// inForce reports whether something dated from … to, both optional, holds in m.
func inForce(from, to packfile.Month, m calendarMonth) bool {
	if from.Value != 0 && m.before(monthOf(from.Value)) {
		return false
	}
	return to.Value == 0 || !monthOf(to.Value).before(m)
}
