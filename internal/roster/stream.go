package roster

import (
	"fmt"

	"disburse/internal/fault"
	"disburse/internal/roster/xlsx"
)

// batchRows is how many rows go from unpacking to judging at a time.
const batchRows = 512

// batch is a run of rows with cells of its own.
type batch struct {
	rows  []xlsx.Row
	cells []xlsx.Cell
	err   error // what ended the sheet after these rows
}

func (b *batch) add(row xlsx.Row) {
	from := len(b.cells)
	b.cells = append(b.cells, row.Cells...)
	// Rows that were added before keep the old array where append had to move: their
	// cells are never changed, so both are good.
	b.rows = append(b.rows, xlsx.Row{Number: row.Number, Cells: b.cells[from:len(b.cells):len(b.cells)]})
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
	defer func() {
		if p := recover(); p != nil {
			b = &batch{err: unreadableFault(r.imp.File, p)}
			send(full, b, stop)
		}
	}()
	rows, err := r.book.Rows(sheet)
	if err != nil {
		send(full, &batch{err: err}, stop)
		return
	}
	defer rows.Close()
	for rows.Next() {
		if b.add(rows.Row()); len(b.rows) < batchRows {
			continue
		}
		if r.ctx.Err() != nil || !send(full, b, stop) {
			break
		}
		b = next(free)
	}
	b.err = rows.Err()
	if r.ctx.Err() != nil {
		b.err = fmt.Errorf("read roster: %w", r.ctx.Err())
	}
	send(full, b, stop)
}

func send(full chan<- *batch, b *batch, stop <-chan struct{}) bool {
	select {
	case full <- b:
		return true
	case <-stop:
		return false
	}
}

// next returns an empty batch, one that has been used where there is any.
func next(free <-chan *batch) *batch {
	select {
	case b := <-free:
		b.rows, b.cells, b.err = b.rows[:0], b.cells[:0], nil
		return b
	default:
		return &batch{rows: make([]xlsx.Row, 0, batchRows)}
	}
}

// readSheet reads one sheet: its headings, then its rows. It returns nil headings for a
// sheet without any content.
func (r *reader) readSheet(l *layout, sheet xlsx.Sheet, read rowReader) (*headings, error) {
	var h *headings
	var top []xlsx.Row // rows among which the headings are
	rec := &record{reader: r, sheet: len(r.sheets)}
	r.sheets = append(r.sheets, sheet.Name)
	begin := func() (err error) {
		if h, err = findHeadings(l, sheet.Name, top); err != nil {
			return err
		}
		r.imp.Warnings = append(r.imp.Warnings, h.unknown()...)
		rec.headings = h
		for _, row := range top {
			if row.Number > h.row && rec.take(row) {
				read(rec)
			}
		}
		return nil
	}
	err := r.eachRow(sheet, func(row xlsx.Row) error {
		if h == nil {
			top = append(top, xlsx.Row{Number: row.Number, Cells: append([]xlsx.Cell(nil), row.Cells...)})
			if row.Number <= headingRows {
				return nil
			}
			return begin()
		}
		if rec.take(row) {
			read(rec)
		}
		return nil
	})
	if err == nil && h == nil && len(top) > 0 {
		err = begin()
	}
	if fault.CodeOf(err) == fault.Internal && err != nil && r.ctx.Err() == nil {
		err = fmt.Errorf("read sheet %s: %w", sheet.Name, err)
	}
	return h, err
}
