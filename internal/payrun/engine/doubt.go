package engine

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// doubtsOf lists the 疑点 on a person. They are looked for only when somebody has a line.
func (c *Computer) doubtsOf(d *roster.Dossier) []payrun.Finding {
	if c.asked {
		return c.doubts
	}
	c.asked = true
	for i := range c.current.Conflicts {
		c.doubts = append(c.doubts, conflictDoubt(d, &c.current.Conflicts[i]))
	}
	number := d.Account.Number
	if users := c.plan.Shared[number]; number != "" && len(users) > 1 {
		s := fmt.Sprintf("账号 %s 有 %d 人共用：%s，请核实是否本人账户", roster.MaskAccount(number), len(users), c.everybody(d, users))
		f := finding(payrun.SharedAccount, 0, "", s, number, users) // one id for all who share it: decided once
		f.Person = d.Number
		c.doubts = append(c.doubts, f)
	}
	if h := d.Account.Holder; number != "" && h != "" && h != d.Name && d.Deputy.Reason == "" {
		s := fmt.Sprintf("%s 的账户户名是“%s”，与本人姓名不同，又没有代领原因，请核实", who(d), h)
		c.doubts = append(c.doubts, finding(payrun.OtherHolder, d.Number, "", s, number, h, d.Name))
	}
	if most := c.plan.Pack.File.Checks.AgeOver.Value; most > 0 && month.Age(d.Birth, c.plan.Month) > most {
		s := fmt.Sprintf("%s 年龄 %d 岁，超过 %d 岁，请核实是否健在、出生日期是否有误", who(d), month.Age(d.Birth, c.plan.Month), most)
		c.doubts = append(c.doubts, finding(payrun.GreatAge, d.Number, "", s, d.Birth))
	}
	if f, ok := c.alikeDoubt(d); ok {
		c.doubts = append(c.doubts, f)
	}
	c.doubts = append(c.doubts, c.hitsOf(d, payrun.Doubt)...)
	return c.doubts
}

// conflictDoubt rests on the records of the facts in conflict, so that other
// changes to the person leave a decision standing.
func conflictDoubt(d *roster.Dossier, x *policy.Conflicting) payrun.Finding {
	var records strings.Builder
	for i := range d.Facts {
		if f := &d.Facts[i]; slices.Contains(x.Facts, f.Name) {
			fmt.Fprintf(&records, "%s|%s|%s|%s;", f.Name, f.Since, f.Until, f.Value)
		}
	}
	s := fmt.Sprintf("%s %s，两者不能并存，请核实后更正花名册", who(d), x.Name)
	return finding(payrun.Conflict, d.Number, "", s, x.Name, records.String())
}

// remarks keeps what an outcome says besides money: gaps of any month that is
// looked at, the rest for the run's own month.
func (c *Computer) remarks(cs *Case, o *policy.Outcome, m month.Month) {
	if len(o.Gaps)+len(o.Notes)+len(o.Zero)+len(o.Unmet) == 0 {
		return
	}
	d := cs.Dossier
	for i := range o.Gaps {
		g := &o.Gaps[i]
		b, ok := c.looksAt(cs, g.Item, m)
		switch {
		case !ok || (m != c.plan.Month && !c.pays(g.Item)): // lists are of the run's month only
		case g.Rate != "":
			again := slices.ContainsFunc(o.Gaps[:i], func(e policy.Gap) bool {
				bureau, ok := c.looksAt(cs, e.Item, m)
				return ok && bureau == b && e.Rate == g.Rate
			})
			c.spread.noRate(b, g.Rate, m, g.Item, again)
		default:
			s := fmt.Sprintf("%s 符合项目 %s，但%s（%s）", who(d), g.Item, g.Sentence, m.Chinese())
			c.note(b, finding(payrun.Incomplete, d.Number, g.Item, s, g.Facts))
		}
	}
	if m != c.plan.Month {
		return
	}
	for i := range o.Notes {
		n := &o.Notes[i]
		if b, ok := c.looksAt(cs, n.Item, m); ok {
			c.note(b, finding(payrun.Incomplete, d.Number, n.Item, fmt.Sprintf("%s 项目 %s：%s", who(d), n.Item, n.Sentence), n.Sentence))
		}
	}
	for _, item := range o.Zero {
		if b, ok := c.looksAt(cs, item, m); ok {
			c.spread.zero(b, item)
		}
	}
	for _, item := range o.Unmet {
		if b, ok := c.looksAt(cs, item, m); ok {
			s := fmt.Sprintf("%s 有项目 %s 的核定金额，但 %s 不符合条件，未发放", who(d), item, m.Chinese())
			c.note(b, finding(payrun.AwardUnpaid, d.Number, item, s, m))
		}
	}
}

// pays reports whether an item pays money, besides perhaps listing people.
func (c *Computer) pays(item string) bool {
	it, err := c.plan.Pack.Item(item)
	return err == nil && it.Pay != nil
}
