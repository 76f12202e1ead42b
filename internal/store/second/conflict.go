package second

import (
	"fmt"
	"strings"

	"disburse/internal/judge"
	"disburse/internal/payrun"
)

// decideConflicts sets the decisions on conflicts of the person's facts. A decision refers to a
// finding's id, a hash of the conflict's name and of every record of the facts that its condition
// mentions; so the id is recomputed here, and a changed fact makes the decision void.
func (s *session) decideConflicts(c *judge.Case) {
	decided := s.conflicts[c.Person.Number]
	if len(decided) == 0 {
		return
	}
	for _, conflict := range s.pack.Checks.Conflicts {
		name, mentioned := conflict.Name.Value, s.judge.FactsBehind(conflict.When.Value)
		var records strings.Builder
		for _, f := range c.Facts {
			if mentioned[f.Name] {
				fmt.Fprintf(&records, "%s|%s|%s|%s;", f.Name, f.Since, f.Until, f.Value)
			}
		}
		if release, known := decided[findingID(payrun.Conflict, c.Person.Number, name, records.String())]; known {
			c.Released[judge.ConflictKind+name], c.Kept[judge.ConflictKind+name] = release, !release
		}
	}
}
