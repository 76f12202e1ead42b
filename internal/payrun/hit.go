package payrun

import (
	"fmt"
	"strings"

	"disburse/internal/policy"
	"disburse/internal/roster"
)

// Hit is a row of the newest list of a kind (比对名单) that matches a person.
type Hit struct {
	List string // the pack's name of it: 死亡
	How  roster.MatchedBy
	roster.Listed
}

// HitKind is the kind of the findings that a list of the name gives: 死亡名单命中.
func HitKind(list string) string { return list + "名单命中" }

// hitsOf lists what the pack's lists say of a person: one finding a list, resting on
// everything that the list says of them, so that a decision stands until it says
// something else. level is Doubt or Information.
func (c *Computer) hitsOf(d *roster.Dossier, level Level) []Finding {
	hits := c.plan.Hits[d.Number]
	if len(hits) == 0 {
		return nil
	}
	var all []Finding
	for i := range c.plan.Pack.File.MatchLists {
		l := &c.plan.Pack.File.MatchLists[i]
		if l.Doubt() != (level == Doubt) {
			continue
		}
		if f, ok := hitFinding(d, l, hits, level); ok {
			all = append(all, f)
		}
	}
	return all
}

func hitFinding(d *roster.Dossier, l *policy.MatchList, hits []Hit, level Level) (Finding, bool) {
	var evidence, said []string
	for i := range hits {
		h := &hits[i]
		if h.List != l.Name.Value || settledDeath(d, l, h) {
			continue
		}
		evidence = append(evidence, fmt.Sprintf("%d|%s|%s|%s|%s|%s|%s", h.How, h.ID, h.Name, h.Birth, h.Date, h.Street, h.Note))
		said = append(said, h.describe())
	}
	if len(evidence) == 0 {
		return Finding{}, false
	}
	s := fmt.Sprintf("%s 在“%s”名单上：%s，请核实", who(d), l.Name.Value, strings.Join(said, "；"))
	if l.Deaths.Value {
		died := "没有死亡日期"
		if d.Died != 0 {
			died = "死亡日期是 " + d.Died.String()
		}
		s = fmt.Sprintf("%s 在“%s”名单上：%s；花名册%s，请核实，属实的登记死亡日期", who(d), l.Name.Value, strings.Join(said, "；"), died)
	}
	return finding(level, HitKind(l.Name.Value), d.Number, "", s, strings.Join(evidence, "\n")), true
}

// settledDeath reports a death that the roster has as the list says: the rules already
// stop the money, and nothing is in doubt.
func settledDeath(d *roster.Dossier, l *policy.MatchList, h *Hit) bool {
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
