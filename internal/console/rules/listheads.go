package rules

import (
	"context"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/store/people"
)

// countAtOnce is how many people are counted while a page waits; more are counted as work.
const countAtOnce = 5000

// listHeads are how many people are on each list of a month.
type listHeads struct {
	Heads map[string]int // by item
	Month month.Month
	Rev   int64
	At    time.Time
}

func (l *listHeads) of(item string) (int, bool) {
	if l == nil {
		return 0, false
	}
	n, ok := l.Heads[item]
	return n, ok
}

// listMonth is the month that the lists stand at: the latest that was run, or the present one.
func listMonth(v *web.Visit, latest month.Month) month.Month {
	if latest == 0 {
		return v.ThisMonth()
	}
	return latest
}

// readListHeads are the heads of the lists as they were counted last, nil: not yet. fresh:
// nothing became known since.
func readListHeads(v *web.Visit, m month.Month) (l *listHeads, fresh bool, err error) {
	mark, err := people.ReadIndexStatus(v.R.Context(), v.Office.DB, v.Office.Region)
	if err != nil {
		return nil, false, err
	}
	last, ok := listCache.Of(v.Server).Look(m.String())
	switch {
	case ok && last.Rev == mark.Head:
		return last, true, nil
	case mark.End > countAtOnce:
		return last, false, nil
	}
	last, err = countLists(v.R.Context(), v.Server, m)
	return last, true, err
}

func countLists(ctx context.Context, s *web.Server, m month.Month) (*listHeads, error) {
	l := &listHeads{Month: m, At: s.Clock()}
	var err error
	if l.Rev, _, err = s.Office.DB.Head(ctx, s.Office.Region); err != nil {
		return nil, err
	}
	if l.Heads, err = s.Office.ListHeads(ctx, m); err != nil {
		return nil, err
	}
	listCache.Of(s).Put(m.String(), l)
	return l, nil
}

// countListsNow counts as work: with a large roster it takes a while.
func countListsNow(v *web.Visit) error {
	m, err := v.MonthOf("month")
	if err != nil {
		return err
	}
	if m > v.ThisMonth()+1 {
		return fault.New(fault.Refused, "%s还没有到，不能统计", m.Chinese())
	}
	s := v.Server
	return v.Start(web.Job{Kind: "lists", Title: "统计" + m.Chinese() + "各名册人数", Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
		p.Step("逐人核对")
		_, err := countLists(ctx, s, m)
		return "已统计" + m.Chinese() + "各名册人数", "/policy", err
	}})
}

var listCache = web.NewKind(web.SmallRoom, web.Nothing[*listHeads])
