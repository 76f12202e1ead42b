package engine

import (
	"fmt"
	"slices"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// Alike finds people who may be one and the same: equal in name and birth date, alive on
// the first day of month m and not moved out by then, with different ID numbers that are
// right. Temporary numbers are not: their birth dates and names are often guesses. It
// returns for each of them the numbers of all who are equal, in order.
func Alike(people []roster.Person, m month.Month) map[int64][]int64 {
	type key struct {
		name  string
		birth month.Date
	}
	groups := map[key][]int64{}
	for i := range people {
		if p := &people[i]; mayBeTwice(p, m) {
			k := key{p.Name, p.Birth}
			groups[k] = append(groups[k], p.Number)
		}
	}
	alike := map[int64][]int64{}
	for _, group := range groups {
		if len(group) < 2 {
			continue
		}
		slices.Sort(group)
		for _, person := range group {
			alike[person] = group
		}
	}
	return alike
}

func mayBeTwice(p *roster.Person, m month.Month) bool {
	first := m.First()
	switch {
	case roster.Temporary(p.ID) || !roster.ValidID(p.ID):
		return false
	case p.Died != 0 && p.Died < first:
		return false
	case p.MovedOut == 0 || p.MovedOut >= first:
		return true
	}
	return p.MovedIn >= p.MovedOut && p.MovedIn < first // left and came back
}

// alikeDoubt rests on name, birth date and who they are: one id for all of them, so that
// they are decided once, until another one joins them.
func (c *Computer) alikeDoubt(d *roster.Dossier) (payrun.Finding, bool) {
	people := c.plan.Alike[d.Number]
	if len(people) < 2 {
		return payrun.Finding{}, false
	}
	s := fmt.Sprintf("花名册里 %d 人姓名、出生日期相同：%s，请核实是否同一个人；是的合并两条记录，不是的决定发放",
		len(people), c.everybody(d, people))
	f := finding(payrun.Namesakes, 0, "", s, d.Name, d.Birth, people)
	f.Person = d.Number
	return f, true
}
