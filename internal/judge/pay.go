package judge

import (
	"fmt"

	"github.com/shopspring/decimal"

	"disburse/internal/money"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// nothing is the amount of those who are listed but not paid.
var nothing = decimal.Decimal{}

// pay is what an item pays somebody who qualifies, in 元 and not yet rounded, and
// to whom. Zero means no grant.
func (j *Judge) pay(v *view, item *packfile.Item) (decimal.Decimal, string, error) {
	paid, err := v.all(item.Pay.When)
	if err != nil || !paid {
		return nothing, "", err
	}
	turn, err := j.itsTurn(v, item)
	if err != nil || !turn {
		return nothing, "", err
	}
	award := v.person.awardOf(item.Code.Value, v.month)
	if item.Pay.Determined.Value {
		if award == nil || (item.Pay.FirstOnly.Value && monthOf(award.First) != v.month) {
			return nothing, "", nil
		}
	}
	for _, need := range item.Pay.Needs {
		recorded, err := v.known(need.Value)
		if err != nil {
			return nothing, "", err
		}
		if !recorded.flag {
			return nothing, "", &lack{need.Value}
		}
	}
	amount, err := v.amountOf(item.Pay, award)
	if err != nil {
		return nothing, "", err
	}
	payee, err := v.payeeOf(&item.Pay.Payee, award)
	return amount, payee, err
}

// itsTurn is the rule of items that are granted once a year: in the first month,
// counted from the latest beginning of the year up to M, in which the person
// qualifies. Months before the opening month count for this question.
func (j *Judge) itsTurn(v *view, item *packfile.Item) (bool, error) {
	begin := item.Pay.OnceYear.Value
	if begin == 0 {
		return true, nil
	}
	m := calendarMonth{v.month.year, begin}
	if v.month.before(m) {
		m.year--
	}
	for ; m.before(v.month); m = m.next() {
		then := v.on(m)
		qualified, err := j.qualifies(then, item)
		if err != nil {
			return false, err
		}
		paid, err := then.all(item.Pay.When)
		if err != nil {
			return false, err
		}
		if qualified && paid {
			return false, nil
		}
	}
	return true, nil
}

// amountOf is the 核定金额, or the first case that holds.
func (v *view) amountOf(pay *packfile.Pay, award *roster.Award) (decimal.Decimal, error) {
	if pay.Determined.Value {
		return decimal.New(int64(award.Amount), -2), nil
	}
	for _, a := range pay.Amount {
		if !inForce(a.From, a.To, v.month) {
			continue
		}
		if a.If.Value != "" {
			holds, err := v.condition(a.If.Value)
			if err != nil {
				return nothing, err
			}
			if !holds {
				continue
			}
		}
		return v.number(a.Is.Value)
	}
	return nothing, &lack{"金额"}
}

// payeeOf is who is paid: a fixed bureau, the institution that a fact names on the
// first day of the month, whom the 核定金额 names, or the person.
func (v *view) payeeOf(rule *packfile.PayeeOf, award *roster.Award) (string, error) {
	switch {
	case rule.Name.Value != "":
		return rule.Name.Value, nil
	case rule.Fact.Value != "":
		return v.reading(firstDay).textOf(rule.Fact.Value)
	case rule.Determined.Value && award != nil && award.Payee != "":
		return award.Payee, nil
	}
	return roster.Myself, nil
}

// toFen rounds half up to 分, once. Nothing granted is negative.
func toFen(yuan decimal.Decimal) (money.Fen, error) {
	if yuan.IsNegative() {
		return 0, fmt.Errorf("judge: amount %s is negative", yuan)
	}
	fen := yuan.Mul(decimal.NewFromInt(100)).Add(decimal.New(5, -1)).Floor()
	if fen.GreaterThan(decimal.NewFromInt(int64(money.Limit))) {
		return 0, fmt.Errorf("judge: amount %s is beyond the limit", yuan)
	}
	return money.Fen(fen.IntPart()), nil
}

// awardOf is the 核定金额 of an item for month m, nil if there is none.
func (p *subject) awardOf(item string, m calendarMonth) *roster.Award {
	for i := range p.awards {
		a := &p.awards[i]
		begun := !m.before(monthOf(a.First))
		ended := a.Last != 0 && monthOf(a.Last).before(m)
		if a.Item == item && begun && !ended {
			return a
		}
	}
	return nil
}
