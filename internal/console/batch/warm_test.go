package batch

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
)

// marks are the lines as a run tells them.
func marks(lines []drawnLine) []*batches.LineSummary {
	var all []*batches.LineSummary
	for _, l := range lines {
		all = append(all, &batches.LineSummary{Person: l.person, Item: []byte(l.item), Street: []byte(l.street), Bank: []byte(l.bank),
			Name: []byte(l.name), Kind: l.kind, Hold: l.hold, Amount: l.amount})
	}
	return all
}

// batchOf is what a batch of the lines says of itself.
func batchOf(number int32, x *lineIndex) payrun.Batch {
	return payrun.Batch{Number: number, Digest: "d", Lines: x.totals.Lines, Heads: x.totals.Heads, Pays: x.totals.Pays, Held: x.totals.Held}
}

// TestIndexingWhileWritten: two batches whose lines come mixed, and a run that begins
// again, give the indexes that reading the batches would. Pages find them without a
// database.
func TestIndexingWhileWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first, x := drawLines(t, "first")
		second, y := drawLines(t, "second")
		if len(first) == 0 || len(second) == 0 {
			return
		}
		written := Indexing{}
		feed := func(a, b []*batches.LineSummary) {
			for len(a)+len(b) > 0 {
				if len(b) == 0 || (len(a) > 0 && a[0].Person <= b[0].Person) {
					written.Add(7, a[0])
					a = a[1:]
				} else {
					written.Add(8, b[0])
					b = b[1:]
				}
			}
		}
		// As far as two people, so that the beginning again is a person before the last.
		if until := cut(first); until > 0 && rapid.Bool().Draw(t, "again") {
			feed(marks(first[:until]), nil)
		}
		feed(marks(first), marks(second))
		s := &web.Server{}
		a, b := batchOf(7, x), batchOf(8, y)
		written.Store(s, &runs.Report{Bureaus: []runs.BureauRun{{Batch: a}, {Batch: b}}})
		for _, want := range []struct {
			batch payrun.Batch
			x     *lineIndex
		}{{a, x}, {b, y}} {
			if err := want.x.finish(want.batch); err != nil {
				t.Fatal(err)
			}
			got, err := readIndex(s, want.batch)
			if err != nil || !reflect.DeepEqual(got, want.x) {
				t.Fatalf("got %+v, %v, want %+v", got, err, want.x)
			}
		}
	})
}

// cut is where the third person's lines begin; 0: there is none.
func cut(lines []drawnLine) int {
	people := 0
	for i := range lines {
		if i == 0 || lines[i].person != lines[i-1].person {
			if people++; people == 3 {
				return i
			}
		}
	}
	return 0
}

// TestIndexThatIsNotTheBatch: lines that do not come to the batch's sums are not kept.
func TestIndexThatIsNotTheBatch(t *testing.T) {
	t.Parallel()
	written := Indexing{}
	written.Add(7, &batches.LineSummary{Person: 1, Item: []byte("11"), Kind: payrun.Current, Amount: 7000})
	b := batchOf(7, written[7])
	b.Pays++
	s := &web.Server{}
	written.Store(s, &runs.Report{Bureaus: []runs.BureauRun{{Batch: b}}})
	_, err := indexCache.Of(s).Get(indexKey(b), func() (*lineIndex, error) { return nil, fault.New(fault.Internal, "读") })
	if err == nil {
		t.Error("it was kept")
	}
}
