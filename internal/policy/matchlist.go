package policy

import (
	"strings"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// MatchList returns the list of a name. Errors: fault.Invalid, with the names there are.
func (p *Pack) MatchList(name string) (*packfile.MatchList, error) {
	var names []string
	for i := range p.File.MatchLists {
		l := &p.File.MatchLists[i]
		if l.Name.Value == name {
			return l, nil
		}
		names = append(names, l.Name.Value)
	}
	if len(names) == 0 {
		return nil, fault.New(fault.Invalid, "规则包没有比对名单（match_lists），请先在规则包里写明名单“%s”", name)
	}
	return nil, fault.New(fault.Invalid, "规则包里没有名为“%s”的比对名单，可用的有 %s", name, strings.Join(names, "、"))
}

// Unregistered returns what the pack would grant for m to somebody of whom only the
// birth date is known, living in the district: what people who are not on the roster
// miss (应享未享).
func (p *Pack) Unregistered(id string, birth month.Date, m month.Month) ([]Grant, error) {
	o, err := p.Grant(&roster.Dossier{Person: roster.Person{ID: id, Birth: birth}}, m)
	if err != nil {
		return nil, err
	}
	return o.Grants, nil
}
