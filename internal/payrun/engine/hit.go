package engine

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Hit is a row of the newest list of a kind (比对名单) that matches a person.
type Hit struct {
	List string // the pack's name of it: 死亡
	How  roster.MatchedBy
	roster.Listed
}

// hitsOf lists what the pack's lists say of a person: one finding a list, resting on
// everything that the list says of them, so that a decision stands until it says
// something else. level is Doubt or Information.
func (c *Computer) hitsOf(d *roster.Dossier, level payrun.Level) []payrun.Finding {
	hits := c.plan.Hits[d.Number]
	if len(hits) == 0 {
		return nil
	}
	var all []payrun.Finding
	for i := range c.plan.Pack.File.MatchLists {
		l := &c.plan.Pack.File.MatchLists[i]
		if l.Doubt() != (level == payrun.Doubt) {
			continue
		}
		if f, ok := c.hitFinding(d, l, level); ok {
			all = append(all, f)
		}
	}
	return all
}

// openHits are what a list says of a person that the roster does not have already.
func (c *Computer) openHits(d *roster.Dossier, l *packfile.MatchList) []*Hit {
	var open []*Hit
	hits := c.plan.Hits[d.Number]
	for i := range hits {
		if h := &hits[i]; h.List == l.Name.Value && !settledDeath(d, l, h) {
			open = append(open, h)
		}
	}
	return open
}

// payable reports whether the list says nothing but a death in the run's month or later:
// the month of death is paid, so that nothing of this run hangs on it.
func (c *Computer) payable(l *packfile.MatchList, open []*Hit) bool {
	first := c.plan.Month.First()
	return l.Deaths.Value && len(open) > 0 && !slices.ContainsFunc(open, func(h *Hit) bool { return h.Date < first })
}

// payableHit is payable of the list that a finding of the kind is about.
func (c *Computer) payableHit(d *roster.Dossier, kind string) bool {
	for i := range c.plan.Pack.File.MatchLists {
		if l := &c.plan.Pack.File.MatchLists[i]; payrun.HitKind(l.Name.Value) == kind {
			return c.payable(l, c.openHits(d, l))
		}
	}
	return false
}

func (c *Computer) hitFinding(d *roster.Dossier, l *packfile.MatchList, level payrun.Level) (payrun.Finding, bool) {
	var evidence, said []string
	open := c.openHits(d, l)
	for _, h := range open {
		evidence = append(evidence, fmt.Sprintf("%d|%s|%s|%s|%s|%s|%s", h.How, h.ID, h.Name, h.Birth, h.Date, h.Street, h.Note))
		said = append(said, h.describe())
	}
	if len(open) == 0 {
		return payrun.Finding{}, false
	}
	s := fmt.Sprintf("%s 在“%s”名单上：%s，请核实", who(d), l.Name.Value, strings.Join(said, "；"))
	if l.Deaths.Value {
		died := "没有死亡日期"
		if d.Died != 0 {
			died = "死亡日期是 " + d.Died.String()
		}
		s = fmt.Sprintf("%s 在“%s”名单上：%s；花名册%s，请核实，属实的登记死亡日期", who(d), l.Name.Value, strings.Join(said, "；"), died)
		if c.payable(l, open) {
			s += "；" + DeathRule(latest(open)) + "，可以决定发放"
		}
	}
	return findingAt(level, payrun.HitKind(l.Name.Value), d.Number, "", s, strings.Join(evidence, "\n")), true
}

func latest(hits []*Hit) month.Date {
	var last month.Date
	for _, h := range hits {
		last = max(last, h.Date)
	}
	return last
}

// settledDeath reports a death that the roster has as the list says: the rules already
// stop the money, and nothing is in doubt.
func settledDeath(d *roster.Dossier, l *packfile.MatchList, h *Hit) bool {
	return l.Deaths.Value && d.Died != 0 && (h.Date == 0 || h.Date == d.Died)
}

// describe says what the list has, and how it was matched.
func (h *Hit) describe() string {
	parts := []string{h.How.Chinese(), "名单记载 " + h.Name}
	if h.ID != "" {
		parts = append(parts, roster.MaskID(h.ID))
	}
	if h.Birth != 0 {
		parts = append(parts, h.Birth.String()+" 出生")
	}
	if h.Date != 0 {
		parts = append(parts, "日期 "+h.Date.String())
	}
	if h.Note != "" {
		parts = append(parts, h.Note)
	}
	return strings.Join(parts, "，")
}
