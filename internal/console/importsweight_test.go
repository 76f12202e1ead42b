package console

import (
	"testing"

	"disburse/internal/office"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/reports"
)

// TestTrialsAreWeighed: what a page remembers weighs what it holds.
func TestTrialsAreWeighed(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	problems, listed := make([]roster.Problem, rows), make([]roster.ListRow, rows)
	list := func(l roster.MatchList, r reports.Matching, f postgres.MatchReport) *matched {
		return &matched{Match: &office.Match{List: &l, Report: &r, Found: &f}}
	}
	for name, c := range map[string]struct {
		found weigher
		least int64 // bytes
	}{
		"an import":              {&triedRoster{RosterTrial: &postgres.RosterTrial{Report: &roster.Report{Problems: problems}}}, sizeOf(problems)},
		"rows of a list":         {list(roster.MatchList{Rows: listed}, reports.Matching{}, postgres.MatchReport{}), sizeOf(listed)},
		"a list of wrong rows":   {list(roster.MatchList{Problems: problems}, reports.Matching{}, postgres.MatchReport{}), sizeOf(problems)},
		"a list and its hits":    {list(roster.MatchList{}, reports.Matching{Hits: make([]reports.MatchHit, rows)}, postgres.MatchReport{}), sizeOf(make([]reports.MatchHit, rows))},
		"a list and its strays":  {list(roster.MatchList{}, reports.Matching{Unmatched: listed}, postgres.MatchReport{}), sizeOf(listed)},
		"a list and its matches": {list(roster.MatchList{}, reports.Matching{}, postgres.MatchReport{Matches: make([]roster.Match, rows)}), sizeOf(make([]roster.Match, rows))},
		"a list without a match": {&matched{Match: &office.Match{List: &roster.MatchList{Rows: listed}}}, sizeOf(listed)},
	} {
		if got := c.found.Weight(); got < c.least {
			t.Errorf("%s weighs %d bytes, holds %d", name, got, c.least)
		}
	}
}
