package ledger

import (
	"fmt"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
)

// MostInstalments is the longest agreement: ten years.
const MostInstalments = 120

// Plan is an agreement to pay debts back by instalments (分期还款). Each instalment is
// the same but for the last, which has what does not divide; it is due at the end of its
// month. The zero Plan is none.
type Plan struct {
	Sum    money.Fen   // 分
	First  month.Month // of the first instalment
	Months int         // number of instalments
}

// Check refuses (fault.Invalid) what cannot be agreed: no sum, no first month, too few or
// too many instalments, instalments of nothing.
func (p Plan) Check() error {
	switch {
	case p.Sum <= 0:
		return fault.New(fault.Invalid, "分期总额应大于 0，不能是 %s 元", p.Sum)
	case p.Months < 1 || p.Months > MostInstalments:
		return fault.New(fault.Invalid, "期数应为 1 到 %d，不能是 %d", MostInstalments, p.Months)
	case p.Sum < money.Fen(p.Months):
		return fault.New(fault.Invalid, "%s 元分不成 %d 期，请减少期数", p.Sum, p.Months)
	case p.First == 0:
		return fault.New(fault.Invalid, "请写明第一期是哪个月（--first）")
	}
	return nil
}

// Instalment is what is due at the end of a month; 0 outside the agreement.
func (p Plan) Instalment(m month.Month) money.Fen {
	n := int(m - p.First)
	if n < 0 || n >= p.Months {
		return 0
	}
	each := p.Sum / money.Fen(p.Months)
	if n == p.Months-1 {
		return p.Sum - each*money.Fen(p.Months-1)
	}
	return each
}

// DueBefore is the sum of the instalments of months before m.
func (p Plan) DueBefore(m month.Month) money.Fen {
	n := int(m - p.First)
	switch {
	case p.Months == 0 || n <= 0:
		return 0
	case n >= p.Months:
		return p.Sum
	}
	return p.Sum / money.Fen(p.Months) * money.Fen(n)
}

// Overdue is what should have come in before month m and has not: left is what is still
// open of the debts that the agreement is about, at most its sum. Whatever made the rest
// disappear, collection, netting, waiver or news, counts as kept.
func (p Plan) Overdue(m month.Month, left money.Fen) money.Fen {
	return max(0, p.DueBefore(m).Sub(p.Sum.Sub(min(left, p.Sum))))
}

// String is the agreement as staff read it; empty for none.
func (p Plan) String() string {
	if p.Months == 0 {
		return ""
	}
	text := fmt.Sprintf("%s 起 %d 期，每期 %s 元", p.First, p.Months, p.Instalment(p.First))
	if last := p.Instalment(p.First + month.Month(p.Months) - 1); last != p.Instalment(p.First) {
		text += fmt.Sprintf("，末期 %s 元", last)
	}
	return text
}
