package roster

import (
	"fmt"
	"slices"

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
			sendBatch(full, b, stop)
		}
	}()
	rows, err := r.book.Rows(sheet)
	if err != nil {
		sendBatch(full, &batch{err: err}, stop)
		return
	}
	defer rows.Close()
	for rows.Next() {
		if b.add(rows.Row()); len(b.rows) < batchRows {
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
		b.rows, b.cells, b.err = b.rows[:0], b.cells[:0], nil
		return b
	default:
		return &batch{rows: make([]xlsx.Row, 0, batchRows)}
	}
}

// scanSheet finds the headings of a sheet and then hands on every row below them. It
// returns nil headings for a sheet without any content.
func (r *reader) scanSheet(l *layout, sheet xlsx.Sheet, found func(*headings) error, handle func(xlsx.Row) error) (*headings, error) {
	var h *headings
	var top []xlsx.Row // rows among which the headings are
	begin := func() (err error) {
		if h, err = findHeadings(l, sheet.Name, top); err != nil {
			return err
		}
		if err := found(h); err != nil {
			return err
		}
		for _, row := range top {
			if row.Number <= h.row {
				continue
			}
			if err := handle(row); err != nil {
				return err
			}
		}
		return nil
	}
	err := r.eachRow(sheet, func(row xlsx.Row) error {
		if h != nil {
			return handle(row)
		}
		top = append(top, xlsx.Row{Number: row.Number, Cells: slices.Clone(row.Cells)})
		if row.Number <= headingRows {
			return nil
		}
		return begin()
	})
	if err == nil && h == nil && len(top) > 0 {
		err = begin()
	}
	return h, err
}
