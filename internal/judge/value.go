package judge

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// kind is what sort of value an expression has.
type kind int

const (
	absent kind = iota // a fact that is not recorded
	flag
	number
	text
	texts
)

// value is the value of an expression.
type value struct {
	kind   kind
	flag   bool
	number decimal.Decimal
	texts  []string
	text   string // of an absent value: its name, to say what is lacking
}

func flagValue(b bool) value              { return value{kind: flag, flag: b} }
func numberValue(d decimal.Decimal) value { return value{kind: number, number: d} }

// lack is the error of an expression that needs something which has no value: a
// rate in this month, a fact that is not recorded, a grant that could not be made.
// It makes a gap, never a zero.
type lack struct{ what string }

func (l *lack) Error() string { return "lacks " + l.what }

// truth is the value as a condition; an absent flag is false.
func (v value) truth() (bool, error) {
	switch v.kind {
	case flag:
		return v.flag, nil
	case absent:
		return false, nil
	}
	return false, fmt.Errorf("judge: %+v is not a condition", v)
}

// amount is the value as a number; one that is absent is lacking.
func (v value) amount() (decimal.Decimal, error) {
	switch v.kind {
	case number:
		return v.number, nil
	case absent:
		return decimal.Decimal{}, &lack{v.text}
	}
	return decimal.Decimal{}, fmt.Errorf("judge: %+v is not a number", v)
}

// equal is two-valued: what is absent equals nothing.
func equal(a, b value) (bool, error) {
	switch {
	case a.kind == absent || b.kind == absent:
		return false, nil
	case a.kind == number && b.kind == number:
		return a.number.Equal(b.number), nil
	case a.kind == text && b.kind == text:
		return a.text == b.text, nil
	}
	return false, fmt.Errorf("judge: cannot compare %+v with %+v", a, b)
}

// less is two-valued: what is absent is not less than anything, nor more.
func less(a, b value, orEqual bool) (bool, error) {
	switch {
	case a.kind == absent || b.kind == absent:
		return false, nil
	case a.kind == number && b.kind == number && orEqual:
		return a.number.LessThanOrEqual(b.number), nil
	case a.kind == number && b.kind == number:
		return a.number.LessThan(b.number), nil
	}
	return false, fmt.Errorf("judge: cannot order %+v and %+v", a, b)
}

// contains is `a in b`: a text among several.
func contains(a, b value) (bool, error) {
	switch {
	case a.kind == absent || b.kind == absent:
		return false, nil
	case a.kind == text && b.kind == texts:
		for _, t := range b.texts {
			if t == a.text {
				return true, nil
			}
		}
		return false, nil
	}
	return false, fmt.Errorf("judge: %+v cannot be looked for in %+v", a, b)
}
