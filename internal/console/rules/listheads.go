package rules

import (
	"context"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/store/people"
)

// foregroundPeople is how many people are counted within a request; more are counted as a task.
const foregroundPeople = 5000

// listHeads is how many people are on each list of a month, as of a revision.
type listHeads struct {
	Heads map[string]int // by item
	Month month.Month
	Rev   int64
	At    time.Time
}

// of is the count of an item; ok is false where it is not counted.
func (l *listHeads) of(item string) (int, bool) {
	if l == nil {
		return 0, false
	}
	n, ok := l.Heads[item]
	return n, ok
}

// listMonth is the month of the lists: the latest with a run, else the calendar's.
func listMonth(v *web.Visit, latest month.Month) month.Month {
	if latest == 0 {
		return v.ThisMonth()
	}
	return latest
}

// readListHeads reads the latest count of a month; nil: none yet. fresh: it is of the present
// revision.
func readListHeads(v *web.Visit, m month.Month) (l *listHeads, fresh bool, err error) {
	mark, err := people.ReadIndexStatus(v.R.Context(), v.Office.DB, v.Office.Region)
	if err != nil {
		return nil, false, err
	}
	last, ok := listCache.Of(v.Server).Lookup(m.String())
	switch {
	case ok && last.Rev == mark.Head:
		return last, true, nil
	case mark.End > foregroundPeople:
		return last, false, nil
	}
	last, err = countLists(v.R.Context(), v.Server, m)
	return last, true, err
}

// countLists counts and caches the heads of a month.
func countLists(ctx context.Context, s *web.Server, m month.Month) (*listHeads, error) {
	l := &listHeads{Month: m, At: s.Clock()}
	var err error
	if l.Rev, _, err = s.Office.DB.Head(ctx, s.Office.Region); err != nil {
		return nil, err
	}
	if l.Heads, err = monthly.ListHeads(ctx, s.Office, m); err != nil {
		return nil, err
	}
	listCache.Of(s).Put(m.String(), l)
	return l, nil
}

// countListsNow counts as a task: it computes every person, which takes long with a large
// roster.
func countListsNow(v *web.Visit) error {
	m, err := v.PathMonth("month")
	if err != nil {
		return err
	}
	if m > v.ThisMonth()+1 {
		return fault.New(fault.Refused, "%s还没有到，不能统计", m.Chinese())
	}
	s := v.Server
	return v.Start(web.Task{Kind: "lists", Title: "统计" + m.Chinese() + "各名册人数", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("逐人核对")
		_, err := countLists(ctx, s, m)
		return "已统计" + m.Chinese() + "各名册人数", "/policy", err
	}})
}

var listCache = web.NewCache(web.SmallCache, web.Weightless[*listHeads])
