package second

import (
	"fmt"
	"strings"

	"disburse/internal/judge"
	"disburse/internal/payrun"
)

// decideConflicts tells the judge what was decided about conflicts of the person's facts. A decision is about a finding's id, which rests on the conflict's name and on
// every record of the facts behind it: two conflicts whose names are alike never share one.
func (s *session) decideConflicts(c *judge.Case) {
	decided := s.conflicts[c.Person.Number]
	if len(decided) == 0 {
		return
	}
	for _, conflict := range s.pack.Checks.Conflicts {
		name, behind := conflict.Name.Value, s.judge.FactsBehind(conflict.When.Value)
		var records strings.Builder
		for _, f := range c.Facts {
			if behind[f.Name] {
				fmt.Fprintf(&records, "%s|%s|%s|%s;", f.Name, f.Since, f.Until, f.Value)
			}
		}
		if release, known := decided[findingID(payrun.ConflictKind, c.Person.Number, name, records.String())]; known {
			c.Released[judge.ConflictKind+name], c.Kept[judge.ConflictKind+name] = release, !release
		}
	}
}
