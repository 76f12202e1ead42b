package packfile

import (
	"fmt"
	"strings"

	"disburse/internal/money"
)

// Approval says what takes more people than the three posts.
type Approval struct {
	At          Pos
	SecondAbove Decimal `yaml:"second_above"`      // 元: a batch that pays more needs a second 审批 (终审); absent: none does
	Raises      Bool    `yaml:"second_for_raises"` // facts and 核定金额 by which more is due wait for a second person
}

// SecondForRaises reports whether facts and 核定金额 by which more is due wait for a second
// person, as changed accounts always do.
func (f *File) SecondForRaises() bool { return f.Approval != nil && f.Approval.Raises.Value }

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
	var all []string
	if a.SecondAbove.Value != "" {
		all = append(all, fmt.Sprintf("一批可发超过 %s 元的，要两位审批（审批、终审）", a.SecondAbove.Value))
	}
	if a.Raises.Value {
		all = append(all, "使发放增加的情况和核定金额，要第二人确认才生效")
	}
	return strings.Join(all, "；")
}

func (c *fileChecker) approvalBand() {
	a := c.file.Approval
	if a == nil {
		return
	}
	c.Here = a.At
	if a.Raises.Value && a.SecondAbove.Value == "" {
		c.Here = c.file.At
		return
	}
	if !c.required(a.SecondAbove.Pos, Text{Value: a.SecondAbove.Value}, " second_above（元，可发超过它要两位审批）") {
		c.Here = c.file.At
		return
	}
	if _, err := money.Parse(a.SecondAbove.Value); err != nil {
		c.Fail(a.SecondAbove.Pos, "second_above “%s”应为元，最多两位小数", a.SecondAbove.Value)
	}
	c.Here = c.file.At
}
