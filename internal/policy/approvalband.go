package policy

import (
	"fmt"

	"disburse/internal/money"
)

// Approval says what approving takes besides the three posts.
type Approval struct {
	At          Pos
	SecondAbove Decimal `yaml:"second_above"` // 元: a batch that pays more needs a second 审批 (终审)
}

// SecondAbove returns the sum, in 分, above which a batch needs a second 审批 (终审), by
// somebody else than the first; false where the pack asks for none.
func (f *File) SecondAbove() (money.Fen, bool) {
	if f.Approval == nil {
		return 0, false
	}
	limit, err := money.Parse(f.Approval.SecondAbove.Value)
	return limit, err == nil
}

// Sentence says the whole rule.
func (a *Approval) Sentence() string {
	return fmt.Sprintf("一批可发超过 %s 元的，要两位审批（审批、终审）", a.SecondAbove.Value)
}

func (c *checker) approvalBand() {
	a := c.file.Approval
	if a == nil {
		return
	}
	c.here = a.At
	if !c.required(a.SecondAbove.Pos, Text{Value: a.SecondAbove.Value}, " second_above（元，可发超过它要两位审批）") {
		c.here = c.file.At
		return
	}
	if _, err := money.Parse(a.SecondAbove.Value); err != nil {
		c.fail(a.SecondAbove.Pos, "second_above “%s”应为元，最多两位小数", a.SecondAbove.Value)
	}
	c.here = c.file.At
}
