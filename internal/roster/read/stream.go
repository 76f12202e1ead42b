package read

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// What goes from unpacking to judging at a time: rows of a roster, or fewer where they are
// larger than any of these.
const (
	batchRows  = 512
	batchCells = batchRows * 2 * layout.PersonColumns
	batchText  = 1 << 20 // bytes
)

// sheetColumns is how far to the right headings are looked for. What stands beyond is
// reported and not kept.
const sheetColumns = 256

// batch is a run of rows with cells of its own.
type batch struct {
	rows  []xlsx.Row
	cells []xlsx.Cell
	text  int   // bytes
	err   error // what ended the sheet after these rows
}

func (b *batch) full() bool {
	return len(b.rows) >= batchRows || len(b.cells) >= batchCells || b.text >= batchText
}

func (b *batch) add(row xlsx.Row) {
	from := len(b.cells)
	b.cells = append(b.cells, row.Cells...)
	for i := range row.Cells {
		b.text += len(row.Cells[i].Text)
	}
	// Rows that were added before keep the old array where append had to move: their
	// cells are never changed, so both are good.
	b.rows = append(b.rows, xlsx.Row{Number: row.Number, Beyond: row.Beyond, Cells: b.cells[from:len(b.cells):len(b.cells)]})
}

// eachRow hands the rows of a sheet to handle. Unpacking and judging each have a
// goroutine, so two processors read a roster in the time that unpacking takes.
func (r *reader) eachRow(sheet xlsx.Sheet, handle func(xlsx.Row) error) error {
	full, free, stop := make(chan *batch, 2), make(chan *batch, 4), make(chan struct{})
	go r.unpack(sheet, full, free, stop)
	defer func() { // unpacking must be over before the workbook is closed
		close(stop)
		for range full {
		}
	}()
	for b := range full {
		for _, row := range b.rows {
			if err := handle(row); err != nil {
				return err
			}
		}
		if b.err != nil {
			return b.err
		}
		if err := r.bounded(); err != nil {
			return err
		}
		r.rows += len(b.rows)
		r.progress(r.rows)
		select {
		case free <- b:
		default:
		}
	}
	return nil
}

// unpack reads a sheet into batches until its end or stop, and closes full.
func (r *reader) unpack(sheet xlsx.Sheet, full chan<- *batch, free <-chan *batch, stop <-chan struct{}) {
	b := &batch{}
	defer close(full)
	rows, err := r.book.Rows(sheet, sheetColumns)
	if err != nil {
		sendBatch(full, &batch{err: err}, stop)
		return
	}
	defer rows.Close()
	for rows.Next() {
		if b.add(rows.Row()); !b.full() {
			continue
		}
		if r.ctx.Err() != nil || !sendBatch(full, b, stop) {
			break
		}
		b = nextBatch(free)
	}
	b.err = rows.Err()
	if r.ctx.Err() != nil {
		b.err = fmt.Errorf("read roster: %w", r.ctx.Err())
	}
	sendBatch(full, b, stop)
}

func sendBatch(full chan<- *batch, b *batch, stop <-chan struct{}) bool {
	select {
	case full <- b:
		return true
	case <-stop:
		return false
	}
}

// nextBatch returns an empty batch, one that has been used where there is any.
func nextBatch(free <-chan *batch) *batch {
	select {
	case b := <-free:
		b.rows, b.cells, b.text, b.err = b.rows[:0], b.cells[:0], 0, nil
		return b
	default:
		return &batch{rows: make([]xlsx.Row, 0, batchRows)}
	}
}

// Rows hands the headings of a sheet to found, and every row below them to handle,
// as they stand.
func Rows(book *xlsx.Book, l *layout.Sheet, sheet xlsx.Sheet, found func(*Headings) error, handle func(xlsx.Row) error) error {
	_, err := newReader(context.Background(), book, &roster.Vocabulary{}, nil).scanSheet(l, sheet, found, handle)
	return err
}

// scanSheet finds the headings of a sheet and then hands on every row below them. It
// returns nil headings for a sheet without any content.
func (r *reader) scanSheet(l *layout.Sheet, sheet xlsx.Sheet, found func(*Headings) error, handle func(xlsx.Row) error) (*Headings, error) {
	t := newTable(l, sheet.Name, found, handle)
	if err := r.eachRow(sheet, t.row); err != nil {
		return t.headings, err
	}
	return t.end()
}

// table is a sheet, or a text, of which the rows come one by one.
type table struct {
	layout   *layout.Sheet
	name     string
	found    func(*Headings) error
	handle   func(xlsx.Row) error
	top      []xlsx.Row // rows among which the headings are
	headings *Headings  // nil before they are found
}

func newTable(l *layout.Sheet, name string, found func(*Headings) error, handle func(xlsx.Row) error) *table {
	return &table{layout: l, name: name, found: found, handle: handle}
}

func (t *table) row(row xlsx.Row) error {
	if t.headings != nil {
		return t.handle(row)
	}
	t.top = append(t.top, xlsx.Row{Number: row.Number, Beyond: row.Beyond, Cells: slices.Clone(row.Cells)})
	if row.Number <= headingRows {
		return nil
	}
	return t.begin()
}

// begin finds the headings, and hands on the rows that were read beyond them.
func (t *table) begin() error {
	h, err := findHeadings(t.layout, t.name, t.top)
	if err != nil {
		return err
	}
	t.headings = h
	if err := t.found(h); err != nil {
		return err
	}
	for _, row := range t.top {
		if row.Number <= h.row {
			continue
		}
		if err := t.handle(row); err != nil {
			return err
		}
	}
	t.top = nil
	return nil
}

// end closes the sheet.
func (t *table) end() (*Headings, error) {
	if t.headings != nil || len(t.top) == 0 {
		return t.headings, nil
	}
	err := t.begin()
	return t.headings, err
}
