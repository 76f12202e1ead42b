package batch

import (
	"context"
	"slices"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/runs"
)

// Indexing makes the indexes of the batches that a run writes, from the lines as they are
// written: whoever opens such a batch right after the run does not wait until a million
// lines are read again.
type Indexing map[int32]*lineIndex

// Add takes a line in. One that comes before the last says that the run began again.
func (x Indexing) Add(batch int32, m *batches.LineSummary) {
	i := x[batch]
	if i == nil || (len(i.people) > 0 && i.people[len(i.people)-1].number > m.Person) {
		i = &lineIndex{}
		x[batch] = i
	}
	i.add(m)
}

// Keep puts the indexes where pages look for them. One that does not come to what the
// batch says of itself is left out: the page reads the lines and says what is wrong.
func (x Indexing) Keep(s *web.Server, report *runs.Report) {
	for _, done := range report.Bureaus {
		i := x[done.Batch.Number]
		if i == nil || i.finish(done.Batch) != nil {
			continue
		}
		i.lines = slices.Clip(i.lines)
		indexCache.Of(s).Put(indexKey(done.Batch), i)
	}
}

// What the console reads before anybody asks: the largest batches of the last two months
// that were run. Small ones are read at once when they are asked for.
const (
	warmEvery   = 3 * time.Second
	warmFrom    = 50_000 // lines
	warmBatches = 4      // fewer than there is room for
)

// KeepWarm keeps the indexes of the latest large batches, however they came about: by a
// run of the calendar, of a command, of another server, or before this one was started.
func KeepWarm(s *web.Server) {
	tick := time.NewTicker(warmEvery)
	defer tick.Stop()
	var seen int64
	for {
		head, err := warm(s.Life, s, seen)
		switch {
		case err == nil:
			seen = head
		case s.Life.Err() == nil:
			s.Log.Error("latest batches not read beforehand", "error", err.Error())
		}
		select {
		case <-s.Life.Done():
			return
		case <-tick.C:
		}
	}
}

// warm reads the latest batches where the region has moved on from a revision, and returns
// the one it has come to.
func warm(ctx context.Context, s *web.Server, seen int64) (int64, error) {
	db, region := s.Office.DB, s.Office.Region
	months, err := books.RunMonths(ctx, db, region)
	if err != nil || len(months) == 0 {
		return 0, err
	}
	head, _, err := db.Head(ctx, region)
	if err != nil || head == seen {
		return head, err
	}
	var all []payrun.Batch
	for _, m := range months[:min(2, len(months))] {
		found, err := batches.OfMonth(ctx, db, region, m)
		if err != nil {
			return seen, err
		}
		all = append(all, found...)
	}
	all = slices.DeleteFunc(all, func(b payrun.Batch) bool {
		return b.Lines < warmFrom || b.State == payrun.Voided || b.State == payrun.CarriedOver
	})
	slices.SortStableFunc(all, func(x, y payrun.Batch) int { return y.Lines - x.Lines })
	for _, b := range all[:min(warmBatches, len(all))] {
		// One that was computed again meanwhile comes with the next revision, and one that is
		// not in order says so on its pages: neither is tried again and again.
		if err := warmBatch(ctx, s, b, b.Month == months[0]); err != nil && ctx.Err() == nil {
			s.Log.Error("batch not read beforehand", "batch", b.Number, "error", err.Error())
		}
	}
	return head, nil
}

// warmBatch makes a batch's index, and for the newest month its comparison with the month
// before.
func warmBatch(ctx context.Context, s *web.Server, b payrun.Batch, compare bool) error {
	x, err := index(s, b)
	if err != nil || !compare {
		return err
	}
	previous, err := s.Office.Previous(ctx, b)
	if err != nil {
		return err
	}
	_, err = bridge(s, previous, b, x)
	return err
}
