package packfile

import (
	"fmt"
	"time"

	"disburse/internal/month"
)

// Freeze is a stretch of days in which nothing is signed and no money moves, such as the
// closing of the year's accounts (年终关账). Both ends inclusive.
type Freeze struct {
	At   Pos
	From Day  `yaml:"from"`
	To   Day  `yaml:"to"`
	Why  Text `yaml:"why"`
}

// Sentence says when and why.
func (z *Freeze) Sentence() string {
	return fmt.Sprintf("%s 至 %s 冻结：%s", z.From.Value, z.To.Value, z.Why.Value)
}

// Frozen reports whether nothing may be signed or moved on a day (of Today), and why:
// the reason with the last such day. The pack is the one the district has adopted, not
// that of the batch at hand.
func (f *File) Frozen(day month.Date) (why string, frozen bool) {
	for i := range f.Freezes {
		if z := &f.Freezes[i]; z.From.Value <= day && day <= z.To.Value {
			return fmt.Sprintf("%s，%s 至 %s（含）冻结", z.Why.Value, z.From.Value, z.To.Value), true
		}
	}
	return "", false
}

// Today is the day on which something is done at a moment.
func Today(at time.Time) month.Date { return month.FromTime(at.In(month.Shanghai)) }

func (c *fileChecker) freezes() {
	for i := range c.file.Freezes {
		z := &c.file.Freezes[i]
		c.Here = z.At
		c.required(z.Why.Pos, z.Why, "冻结期的 why（原因）")
		switch {
		case z.From.Value == 0 || z.To.Value == 0:
			c.Fail(z.At, "冻结期要写 from（第一天）和 to（最后一天）")
		case z.From.Value > z.To.Value:
			c.Fail(z.From.Pos, "冻结期的第一天 %s 晚于最后一天 %s", z.From.Value, z.To.Value)
		default:
			c.freezeOverlaps(i)
		}
	}
	c.Here = c.file.At
}

// freezeOverlaps refuses days that two stretches have: which reason counts would be a guess.
func (c *fileChecker) freezeOverlaps(at int) {
	z := &c.file.Freezes[at]
	for _, o := range c.file.Freezes[:at] {
		if o.From.Value <= z.To.Value && z.From.Value <= o.To.Value {
			c.Fail(z.From.Pos, "冻结期与第%d行的重叠，请合并或改日期", o.At.Line)
			return
		}
	}
}
