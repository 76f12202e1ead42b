package console

import (
	"context"
	"time"

	"disburse/internal/fault"
	"disburse/internal/month"
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
func (v *visit) listMonth(latest month.Month) month.Month {
	if latest == 0 {
		return v.thisMonth()
	}
	return latest
}

// listHeads are the heads of the lists as they were counted last, nil: not yet. fresh:
// nothing became known since.
func (v *visit) listHeads(m month.Month) (l *listHeads, fresh bool, err error) {
	mark, err := v.office.DB.PeopleMark(v.r.Context(), v.office.Region)
	if err != nil {
		return nil, false, err
	}
	last, ok := listCache.of(v.Server).look(m.String())
	switch {
	case ok && last.Rev == mark.Head:
		return last, true, nil
	case mark.End > countAtOnce:
		return last, false, nil
	}
	last, err = v.countLists(v.r.Context(), m)
	return last, true, err
}

func (s *Server) countLists(ctx context.Context, m month.Month) (*listHeads, error) {
	l := &listHeads{Month: m, At: s.Clock()}
	var err error
	if l.Rev, _, err = s.Office.DB.Head(ctx, s.Office.Region); err != nil {
		return nil, err
	}
	if l.Heads, err = s.Office.ListHeads(ctx, m); err != nil {
		return nil, err
	}
	listCache.of(s).put(m.String(), l)
	return l, nil
}

// countListsNow counts as work: with a large roster it takes a while.
func (v *visit) countListsNow() error {
	m, err := v.monthOf("month")
	if err != nil {
		return err
	}
	if m > v.thisMonth()+1 {
		return fault.New(fault.Refused, "%s还没有到，不能统计", m.Chinese())
	}
	s := v.Server
	return v.start(job{kind: "lists", title: "统计" + m.Chinese() + "各名册人数", do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("逐人核对")
		_, err := s.countLists(ctx, m)
		return "已统计" + m.Chinese() + "各名册人数", "/policy", err
	}})
}

var listCache = newKind(smallRoom, nothing[*listHeads])
