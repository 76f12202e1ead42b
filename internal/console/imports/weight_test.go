package imports

import (
	"testing"

	"disburse/internal/console/web"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/signing"
	"disburse/reports/worklists"
)

// TestTrialsAreWeighed: what a page remembers weighs what it holds.
func TestTrialsAreWeighed(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	problems, listed := make([]roster.Problem, rows), make([]roster.ListRow, rows)
	list := func(l roster.MatchList, r worklists.Matching, f imports.MatchReport) *matched {
		return &matched{Matched: &rosters.Matched{List: &l, Report: &r, Found: &f}}
	}
	for name, c := range map[string]struct {
		found web.Weigher
		least int64 // bytes
	}{
		"an import":              {&triedRoster{RosterTrial: &signing.RosterTrial{Report: &roster.Report{Problems: problems}}}, web.SizeOf(problems)},
		"rows of a list":         {list(roster.MatchList{Rows: listed}, worklists.Matching{}, imports.MatchReport{}), web.SizeOf(listed)},
		"a list of wrong rows":   {list(roster.MatchList{Problems: problems}, worklists.Matching{}, imports.MatchReport{}), web.SizeOf(problems)},
		"a list and its hits":    {list(roster.MatchList{}, worklists.Matching{Hits: make([]worklists.MatchHit, rows)}, imports.MatchReport{}), web.SizeOf(make([]worklists.MatchHit, rows))},
		"a list and its strays":  {list(roster.MatchList{}, worklists.Matching{Unmatched: listed}, imports.MatchReport{}), web.SizeOf(listed)},
		"a list and its matches": {list(roster.MatchList{}, worklists.Matching{}, imports.MatchReport{Matches: make([]roster.Match, rows)}), web.SizeOf(make([]roster.Match, rows))},
		"a list without a match": {&matched{Matched: &rosters.Matched{List: &roster.MatchList{Rows: listed}}}, web.SizeOf(listed)},
	} {
		if got := c.found.Weight(); got < c.least {
			t.Errorf("%s weighs %d bytes, holds %d", name, got, c.least)
		}
	}
}
