package engine

import (
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// LaterCase is somebody in a batch of whom something became known after it was computed.
type LaterCase struct {
	Case                  // as a run would look at them now; no dossier: merged into another record
	Then  *roster.Dossier // as the batch knew them
	Lines []payrun.Line   // of the batch
	Debts []payrun.Debt   // of the batch
	// Paid says that the batch was approved: its lines are in Settled, and what is due now
	// comes on top of them.
	Paid bool
	News []string // what became known besides the person's own record, in words
}

// LaterChange is what has become of somebody in a batch since it was computed.
type LaterChange struct {
	Person int64
	ID     string
	Name   string
	Street string
	News   []string // what became known, in words
	// Grave are those of the news for which the batch must not be signed: a death by which
	// something of it is not due, 暂停发放, an account that a bank refused, a hit on a match
	// list, the same paid in another region, where the batch would pay. The month of death
	// is paid (docs/rules.md §1.2): a death in the batch's month is news, and not grave.
	Grave []string
	Pays  money.Fen // 分, what the batch pays, 扣回 taken off
	// What a run would say otherwise now, in 分: more paid, held, or to be got back; less
	// where it is negative.
	PaysMore, HeldMore, OwedMore money.Fen
}

// Matters reports whether anything is to be said of the person.
func (l *LaterChange) Matters() bool {
	return len(l.News)+len(l.Grave) > 0 || l.PaysMore != 0 || l.HeldMore != 0 || l.OwedMore != 0
}

// Later says what a run of the batch's bureau would say otherwise now. The plan has that
// bureau alone.
func (c *Computer) Later(lc *LaterCase) (LaterChange, error) {
	l := LaterChange{Person: lc.Then.Number, ID: lc.Then.ID, Name: lc.Then.Name, Street: lc.Then.Street, News: lc.News}
	pays, held, owed := sums(lc.Lines, lc.Debts)
	l.Pays = pays
	if lc.Paid {
		pays = 0
	}
	var now Result
	if lc.Dossier == nil {
		l.News = append(l.News, "已并入另一条记录")
	} else {
		results, err := c.Person(&lc.Case)
		if err != nil {
			return l, err
		}
		now = results[0]
		l.News = append(learned(lc.Then, lc.Dossier), l.News...)
		l.Grave = c.grave(lc)
		l.News = append(l.News, c.payableDeaths(lc)...)
	}
	paysNow, heldNow, owedNow := sums(now.Lines, now.Debts)
	l.PaysMore, l.HeldMore, l.OwedMore = paysNow.Sub(pays), heldNow.Sub(held), owedNow.Sub(owed)
	return l, nil
}

func sums(lines []payrun.Line, debts []payrun.Debt) (pays, held, owed money.Fen) {
	for i := range lines {
		if lines[i].Hold == 0 {
			pays = pays.Add(lines[i].Amount)
		} else {
			held = held.Add(lines[i].Amount)
		}
	}
	for i := range debts {
		owed = owed.Add(debts[i].Amount)
	}
	return pays, held, owed
}

// grave lists why nothing may be signed that pays this person.
func (c *Computer) grave(lc *LaterCase) []string {
	var paid []payrun.Line
	for i := range lc.Lines {
		if lc.Lines[i].Hold == 0 {
			paid = append(paid, lc.Lines[i])
		}
	}
	if len(paid) == 0 {
		return nil
	}
	var all []string
	now, then := lc.Dossier, lc.Then
	if c.deathStops(now, then, paid) {
		all = append(all, now.Died.String()+" 死亡")
	}
	if c.suspended(now) && !c.suspended(then) {
		all = append(all, c.plan.Pack.File.Suspension.Value)
	}
	for i := range paid {
		l := &paid[i]
		last, refused := c.plan.refusal(l.Account)
		if !refused || c.plan.Released(refusedFinding("", l.Account, last).ID) {
			continue
		}
		if s := fmt.Sprintf("账号 %s 被银行退回", roster.MaskAccount(l.Account.Number)); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	all = append(all, c.paidMeanwhile(paid)...)
	for _, f := range c.hitsOf(now, payrun.Doubt) {
		if !c.plan.Released(f.ID) && !c.payableHit(now, f.Kind) {
			all = append(all, f.Kind)
		}
	}
	return all
}

// deathStops reports whether a death that became known keeps back a line that is paid, or
// takes its month: one that the batch did not know as such.
func (c *Computer) deathStops(now, then *roster.Dossier, paid []payrun.Line) bool {
	return slices.ContainsFunc(paid, func(l payrun.Line) bool { return c.stoppedByDeath(now, &l) && !c.stoppedByDeath(then, &l) })
}

// stoppedByDeath says of a line what the rules say: nothing is due for months after that
// of death, unless the item asks for no presence, and the person's own money waits for
// a 代领人 from the next run's month on.
func (c *Computer) stoppedByDeath(d *roster.Dossier, l *payrun.Line) bool {
	if d.Died == 0 {
		return false
	}
	it, err := c.plan.Pack.Item(l.Item)
	outlives := err == nil && it.Presence.Value == "any"
	heir := l.Payee == roster.Myself && d.Deputy.Name == "" && d.Died < c.plan.Month.First()
	return heir || (!outlives && d.Died < l.Month.First())
}

// payableDeaths says of deaths in the batch's month, or after it, that the money is due.
func (c *Computer) payableDeaths(lc *LaterCase) []string {
	now, first := lc.Dossier, c.plan.Month.First()
	var all []string
	if now.Died != lc.Then.Died && now.Died >= first {
		all = append(all, DeathRule(now.Died))
	}
	for _, f := range c.hitsOf(now, payrun.Doubt) {
		if c.payableHit(now, f.Kind) {
			all = append(all, f.Sentence)
		}
	}
	return all
}

// DeathRule says what is paid to somebody who died on a day (docs/rules.md §1.2).
func DeathRule(died month.Date) string {
	return "死亡当月照发，" + (died.Month() + 1).Chinese() + "起停发"
}

// learned says in words how a person's record differs from what the batch knew. What
// looks the same once it is masked is still said to be another.
func learned(then, now *roster.Dossier) []string {
	all := roster.Texts(roster.Changes(then, now))
	if then.Account != now.Account && roster.AccountText(then.Account) == roster.AccountText(now.Account) {
		all = append(all, "账户已更正（现为 "+roster.AccountText(now.Account)+"）")
	}
	if len(all) == 0 && (then.Deputy != now.Deputy || !slices.Equal(then.Awards, now.Awards)) {
		all = append(all, "登记资料有更正")
	}
	return all
}
