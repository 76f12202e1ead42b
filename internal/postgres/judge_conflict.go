package postgres

import (
	"fmt"
	"strings"

	"disburse/internal/judge"
	"disburse/internal/payrun"
)

// releaseConflicts tells the judge which conflicts of the person's facts were decided with
// release. A decision is about a finding's id, which rests on the conflict's name and on
// every record of the facts behind it: two conflicts whose names are alike never share one.
func (s *session) releaseConflicts(c *judge.Case) {
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
		if decided[findingID(payrun.ConflictKind, c.Person.Number, name, records.String())] {
			c.Released[judge.ConflictKind+name] = true
		}
	}
}
