package batch

import (
	"context"
	"slices"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/runs"
)

// Indexing builds the indexes of the batches of a run, by batch number, from the lines as the
// run writes them: the first page after the run need not read a million lines again.
type Indexing map[int32]*lineIndex

// Add adds a line. A line that sorts before the last one means that the transaction was
// retried: the index is started anew.
func (x Indexing) Add(batch int32, m *batches.LineSummary) {
	i := x[batch]
	if i == nil || (len(i.people) > 0 && i.people[len(i.people)-1].number > m.Person) {
		i = &lineIndex{}
		x[batch] = i
	}
	i.add(m)
}

// Store puts the indexes into the cache. One that does not match the totals of its batch is
// left out: the page then reads the lines from the database and reports what is wrong.
func (x Indexing) Store(s *web.Server, report *runs.Report) {
	for _, done := range report.Bureaus {
		i := x[done.Batch.Number]
		if i == nil || i.finish(done.Batch) != nil {
			continue
		}
		i.lines = slices.Clip(i.lines)
		indexCache.Of(s).Put(indexKey(done.Batch), i)
	}
}

// The caches are filled in advance for the largest batches of the last two months with runs.
// Small batches are read fast enough on demand.
const (
	warmEvery   = 3 * time.Second
	warmFrom    = 50_000 // lines
	warmBatches = 4      // fewer than indexCache has room for
)

// WarmCaches is the background loop that fills the caches for the latest large batches, whoever
// computed them: a scheduled job, a command, another server, this one before a restart.
func WarmCaches(s *web.Server) {
	tick := time.NewTicker(warmEvery)
	defer tick.Stop()
	var seen int64
	for {
		head, err := warm(s.Context, s, seen)
		switch {
		case err == nil:
			seen = head
		case s.Context.Err() == nil:
			s.Log.Error("caches of the latest batches not filled", "error", err.Error())
		}
		select {
		case <-s.Context.Done():
			return
		case <-tick.C:
		}
	}
}

// warm fills the caches if the region's revision differs from seen, and returns the revision.
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
		// No retry: a batch that was computed again meanwhile comes with the next revision, and
		// one with wrong totals is reported on its pages.
		if err := warmBatch(ctx, s, b, b.Month == months[0]); err != nil && ctx.Err() == nil {
			s.Log.Error("cache of a batch not filled", "batch", b.Number, "error", err.Error())
		}
	}
	return head, nil
}

// warmBatch caches a batch's index and, if compare is set, its comparison with the previous
// month.
func warmBatch(ctx context.Context, s *web.Server, b payrun.Batch, compare bool) error {
	x, err := readIndex(s, b)
	if err != nil || !compare {
		return err
	}
	previous, err := monthly.Previous(ctx, s.Office, b)
	if err != nil {
		return err
	}
	_, err = bridge(s, previous, b, x)
	return err
}
