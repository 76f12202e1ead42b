package engine

import (
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// findings adds what docs/rules.md §6 says of a person who has lines, and of one who was paid in
// another region too.
func (c *Computer) findings(cs *Case) error {
	d := cs.Dossier
	for i := range c.results {
		r := &c.results[i]
		c.elsewhereFindings(i)
		if len(r.Lines) == 0 {
			continue
		}
		r.Findings = append(r.Findings, c.doubtsOf(d)...)
		c.proofFindings(i, d)
		if roster.CheckID(d.ID) != nil {
			s := fmt.Sprintf("%s 的身份证号“%s”不正确，请更正花名册", d.Name, d.ID)
			c.note(i, finding(payrun.WrongID, d.Number, "", s, d.ID))
		}
		if people := c.plan.Doubled[d.ID]; len(people) > 1 {
			s := fmt.Sprintf("身份证号 %s 登记在 %d 个人名下：%s，请更正花名册", roster.MaskID(d.ID), len(people), c.everybody(d, people))
			c.note(i, finding(payrun.DuplicateID, d.Number, "", s, d.ID, people))
		}
		c.accountChecks(i, cs)
		c.endingFacts(i, d)
		for _, f := range c.hitsOf(d, payrun.Information) {
			c.note(i, f)
		}
		if d.Phone == "" {
			c.spread.noPhone(i, d.Street)
		}
		if err := c.amountChange(i, cs); err != nil {
			return err
		}
	}
	return nil
}

// accountChecks looks at the account that the person's own money goes to.
func (c *Computer) accountChecks(bureau int, cs *Case) {
	paid := false
	for i := range c.results[bureau].Lines {
		l := &c.results[bureau].Lines[i]
		paid = paid || (l.Payee == roster.Myself && l.Hold == 0)
	}
	if !paid {
		return
	}
	d, now := cs.Dossier, c.account(cs.Dossier, roster.Myself)
	if last := cs.LastPaid; last != nil && c.plan.moved(*last, now) {
		s := fmt.Sprintf("%s 的收款账户与上次发放不同：原 %s，现 %s，请核实变更依据", who(d), describeAccount(*last), describeAccount(now))
		c.note(bureau, finding(payrun.AccountChanged, d.Number, "", s, *last, now))
	}
	if n := len(now.Number); (n == 16 || n == 19) && !luhn(now.Number) {
		s := fmt.Sprintf("%s 的账号 %s 不符合银行卡校验规则，请核对是否抄错（存折账号可忽略）", who(d), roster.MaskAccount(now.Number))
		c.note(bureau, finding(payrun.CardNumber, d.Number, "", s, now.Number))
	}
	if why := c.plan.unwritable(now, d.ID); why != "" {
		s := fmt.Sprintf("%s %s；请在规则包的格式（map）里写明替代字，或更正账户后重新运行", who(d), why)
		c.note(bureau, finding(payrun.Unwritable, d.Number, "", s, why))
	}
	if now.Bank == "" {
		s := fmt.Sprintf("%s 的开户银行未填写，付款文件将单独列出，请补上", who(d))
		c.note(bureau, finding(payrun.NoBank, d.Number, "", s, now.Number))
	}
}

// moved reports whether money goes elsewhere than the last time. Payments have a
// bank's full name where the roster may have an alias.
func (p *Plan) moved(last, now roster.Account) bool {
	last.Bank, now.Bank = p.Pack.File.BankName(last.Bank), p.Pack.File.BankName(now.Bank)
	return last != now
}

func (p *Plan) unwritable(a roster.Account, id string) string {
	if p.Unwritable == nil {
		return ""
	}
	return p.Unwritable(a, id)
}

func describeAccount(a roster.Account) string {
	return a.Bank + " " + roster.MaskAccount(a.Number) + " " + a.Holder
}

// luhn checks the last digit of a bank card number (ISO/IEC 7812).
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if digit < 0 || digit > 9 {
			return false
		}
		if i%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return sum%10 == 0
}

// endingFacts reminds of facts that end soon after the month begins.
func (c *Computer) endingFacts(bureau int, d *roster.Dossier) {
	first := c.plan.Month.First()
	last := first.Add(c.plan.Pack.File.Checks.EndsWithin.Value)
	for i := range d.Facts {
		f := &d.Facts[i]
		if f.Until >= first && f.Until <= last {
			s := fmt.Sprintf("%s 的“%s”（%s）到 %s 截止，请及时复核", who(d), f.Name, f.Value, f.Until)
			c.note(bureau, finding(payrun.FactEnds, d.Number, "", s, f.Name, f.Value, f.Until))
		}
	}
}

// amountChange reports a person whose monthly amount from the bureau changed by more
// than the pack's share of last month's.
func (c *Computer) amountChange(bureau int, cs *Case) error {
	b, share := &c.plan.Bureaus[bureau], c.plan.Pack.File.Checks.PersonPercent.Value
	before := c.plan.Month - 1
	if share == 0 || b.Before == nil || b.Before.Month != before {
		return nil
	}
	now, err := c.monthly(bureau, cs.Dossier, c.plan.Month)
	if err != nil {
		return err
	}
	last, err := c.monthlyBefore(bureau, cs, before)
	if err != nil {
		return err
	}
	change := now.Sub(last)
	if change < 0 {
		change = -change
	}
	if now > 0 && last > 0 && change*100 > last*money.Fen(share) {
		s := fmt.Sprintf("%s 每月金额由 %s 元变为 %s 元，变动超过 %d%%，请核实", who(cs.Dossier), last, now, share)
		c.note(bureau, finding(payrun.AmountChanged, cs.Dossier.Number, "", s, c.plan.Month, last, now))
	}
	return nil
}

// monthlyBefore is what a person had of the bureau for a month: what was settled, and of
// what a bank has refused or the last batch held since, as much as is still due. That
// money did not come is no change of the monthly amount.
func (c *Computer) monthlyBefore(bureau int, cs *Case, m month.Month) (money.Fen, error) {
	if !cs.Touched {
		return c.monthly(bureau, cs.Dossier, m)
	}
	var sum money.Fen
	var granted map[[2]string]money.Fen // by item and payee, once it is asked for
	for i := range cs.Settled {
		s := &cs.Settled[i]
		if s.Month != m || !c.leads(bureau, s.Item) {
			continue
		}
		sum = sum.Add(s.Amount)
		waits := s.Refused.Add(s.Held)
		if waits <= 0 {
			continue
		}
		if granted == nil {
			outcome, err := c.granter.Grant(cs.Dossier, m)
			if err != nil {
				return 0, err
			}
			granted = map[[2]string]money.Fen{}
			for _, g := range outcome.Grants {
				key := [2]string{g.Item, g.Payee}
				granted[key] = granted[key].Add(g.Amount)
			}
		}
		sum = sum.Add(min(waits, max(0, granted[[2]string{s.Item, s.Payee}].Sub(s.Amount))))
	}
	return sum, nil
}

func (c *Computer) monthly(bureau int, d *roster.Dossier, m month.Month) (money.Fen, error) {
	outcome, err := c.granter.Grant(d, m)
	if err != nil {
		return 0, err
	}
	var sum money.Fen
	for i := range outcome.Grants {
		if g := &outcome.Grants[i]; c.leads(bureau, g.Item) {
			sum = sum.Add(g.Amount)
		}
	}
	return sum, nil
}

// leads reports whether the bureau of the plan is the one that pays the item.
func (c *Computer) leads(bureau int, item string) bool {
	b, ok := c.bureaus[item]
	return ok && b == bureau
}
