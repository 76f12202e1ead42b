package batch

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// lineIndex is a column store of a batch's lines in memory: 16 bytes a line, 16 bytes and the
// name a person. Any filter with counts and sums is a scan of a few milliseconds with a
// million lines, and the run that writes the lines need not maintain a database index for it.
//
// It is built once for a digest and immutable afterwards.
type lineIndex struct {
	lines                 []lineEntry   // in the order of Line.Compare
	people                []personEntry // ascending by number; a person's lines end where the next one's begin
	names                 []byte        // of all people, concatenated
	items, streets, banks dictionary
	totals                indexTotals
}

type lineEntry struct {
	amount             money.Fen
	item, street, bank uint16 // numbers in the dictionaries
	kind               payrun.Kind
	hold               payrun.Hold
}

type personEntry struct {
	number int64
	line   uint32 // index of the first, in lines
	name   uint32 // offset of the name, in names
}

// dictionary assigns numbers to texts of which there are few, at most 65,536.
type dictionary struct {
	list   []string
	number map[string]uint16
}

func (w *dictionary) of(text []byte) uint16 {
	if n, ok := w.number[string(text)]; ok {
		return n
	}
	if w.number == nil {
		w.number = map[string]uint16{}
	}
	n := uint16(len(w.list))
	w.list = append(w.list, string(text))
	w.number[string(text)] = n
	return n
}

// indexLines builds the index from the batch's stored lines. Errors: as finish.
func indexLines(ctx context.Context, db *postgres.DB, region int32, b payrun.Batch) (*lineIndex, error) {
	x := &lineIndex{lines: make([]lineEntry, 0, b.Lines)}
	err := batches.EachLineSummary(ctx, db, region, b, x.add)
	if err != nil {
		return nil, err
	}
	return x, x.finish(b)
}

// finish checks the lines against the stored totals of the batch. A difference means that the
// database was changed by something else than the program: such a batch must not be shown as
// if it could be signed. Errors: fault.Internal.
func (x *lineIndex) finish(b payrun.Batch) error {
	x.people = slices.Clip(x.people)
	x.names = slices.Clip(x.names)
	if x.totals.Lines != b.Lines || x.totals.Heads != b.Heads || x.totals.Pays != b.Pays || x.totals.Held != b.Held {
		return fault.New(fault.Internal, "%s的明细（%d 条 %d 人，可发 %s 元，暂缓 %s 元）与批次的合计不符，可能被程序以外的途径改动，不要签字，请联系维护人员",
			approval.Title(b), x.totals.Lines, x.totals.Heads, x.totals.Pays, x.totals.Held)
	}
	x.totals.sort()
	return nil
}

// add appends a line; lines come in the order of Line.Compare.
func (x *lineIndex) add(m *batches.LineSummary) {
	if n := len(x.people); n == 0 || x.people[n-1].number != m.Person {
		x.people = append(x.people, personEntry{m.Person, uint32(len(x.lines)), uint32(len(x.names))})
		x.names = append(x.names, m.Name...)
	}
	l := lineEntry{m.Amount, x.items.of(m.Item), x.streets.of(m.Street), x.banks.of(m.Bank), m.Kind, m.Hold}
	x.lines = append(x.lines, l)
	x.totals.add(x, m.Person, &l)
}

// linesOf returns the half-open range of the lines of the person at index i.
func (x *lineIndex) linesOf(i int) (from, to int) {
	if i+1 < len(x.people) {
		return int(x.people[i].line), int(x.people[i+1].line)
	}
	return int(x.people[i].line), len(x.lines)
}

func (x *lineIndex) name(i int) []byte {
	if i+1 < len(x.people) {
		return x.names[x.people[i].name:x.people[i+1].name]
	}
	return x.names[x.people[i].name:]
}

// readIndex returns the cached index of a batch's lines, or builds it.
func readIndex(s *web.Server, b payrun.Batch) (*lineIndex, error) {
	// Not with the context of a request: others wait for the same index.
	return indexCache.Of(s).Get(indexKey(b), func() (*lineIndex, error) {
		return indexLines(s.Context, s.Office.DB, s.Office.Region, b)
	})
}

func indexKey(b payrun.Batch) string { return fmt.Sprintf("%d %s", b.Number, b.Digest) }

// indexCache: the index of a million lines takes about 45 MB.
var indexCache = web.NewCache(320<<20, (*lineIndex).weight)

// weight is the memory of the index in bytes.
func (x *lineIndex) weight() int64 {
	return web.SizeOf(x.lines) + web.SizeOf(x.people) + web.SizeOf(x.names)
}
