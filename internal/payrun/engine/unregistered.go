package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// Missing is a row of the newest list of a kind that looks for people who are not on
// the roster (应享未享).
type Missing struct {
	List   string // the pack's name of it: 公安
	ID     string // empty: none
	Name   string
	Birth  month.Date
	Street string // as the list has it
}

// namedMissing is how many people of a street a finding names; the match report has all.
const namedMissing = 10

// Unregistered reminds of people who would get something from a bureau of the plan in
// its month by their age alone, and whom the roster does not have (docs/rules.md §6.4): a finding a
// list and street, in their order.
func (s *Spread) Unregistered(bureau int) ([]payrun.Finding, error) {
	type place struct{ list, street string }
	said, evidence := map[place][]string{}, map[place][]string{}
	for i := range s.plan.Missing {
		m := &s.plan.Missing[i]
		items, err := s.wouldGet(bureau, m)
		if err != nil {
			return nil, err
		}
		if items == "" {
			continue
		}
		at := place{m.List, m.Street}
		id := "没有证号"
		if m.ID != "" {
			id = roster.MaskID(m.ID)
		}
		said[at] = append(said[at], fmt.Sprintf("%s（%s，%d 周岁，%s）", m.Name, id, month.Age(m.Birth, s.plan.Month), items))
		evidence[at] = append(evidence[at], m.ID+"|"+m.Name+"|"+m.Birth.String()+"|"+items)
	}
	var found []payrun.Finding
	for _, at := range slices.SortedFunc(maps.Keys(said), func(a, b place) int {
		return cmp.Or(strings.Compare(a.list, b.list), strings.Compare(a.street, b.street))
	}) {
		people := said[at]
		text := strings.Join(people[:min(len(people), namedMissing)], "、")
		if len(people) > namedMissing {
			text += "等"
		}
		slices.Sort(evidence[at])
		sentence := fmt.Sprintf("“%s”名单上%s有 %d 人按年龄应享受而不在花名册：%s；请核实，属实的登记进花名册（全部名单见比对报告）",
			at.list, cmp.Or(at.street, "（未写街道）"), len(people), text)
		found = append(found, finding(payrun.Unregistered, 0, "", sentence, s.plan.Bureaus[bureau].Bureau, at.list, at.street, evidence[at]))
	}
	return found, nil
}

// wouldGet names the bureau's items that the pack would grant, with the amounts.
func (s *Spread) wouldGet(bureau int, m *Missing) (string, error) {
	grants, err := s.plan.Pack.Unregistered(m.ID, m.Birth, s.plan.Month)
	if err != nil {
		return "", fmt.Errorf("grant to somebody who is not on the roster: %w", err)
	}
	var items []string
	for i := range grants {
		it, err := s.plan.Pack.Item(grants[i].Item)
		if err != nil {
			return "", err
		}
		if it.Bureaus[0].Value == s.plan.Bureaus[bureau].Bureau {
			items = append(items, it.Name.Value+" "+grants[i].Amount.String()+" 元")
		}
	}
	return strings.Join(items, "、"), nil
}
