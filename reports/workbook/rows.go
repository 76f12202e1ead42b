package workbook

import (
	"fmt"
	"math"
	"strconv"
	"sync"

	"disburse/internal/money"
)

// blockSize is how many bytes of XML are compressed at a time: enough that the
// compressor loses nothing by beginning afresh, little enough that all processors
// have work on one sheet.
const blockSize = 256 << 10

// exact is the largest amount in 分 that a cell shows as it was written: programs
// keep 15 significant digits of a number.
const exact money.Fen = 1e15 - 1

// Rows writes rows of a sheet, cell by cell. The first error stays and stops
// everything after it; Err returns it.
type Rows struct {
	sheet   *Sheet
	next    int // number of the next row
	last    int // number of the last row there is room for
	col     int // of the next cell, from 1
	open    bool
	written bool
	number  []byte // of the row being written
	buf     []byte
	blocks  []*block
	err     error
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, blockSize+(16<<10)); return &b }}

// Err returns the first error.
func (r *Rows) Err() error { return r.err }

// Next returns the number of the row that Row would begin.
func (r *Rows) Next() int { return r.next }

// Row begins the next row. Height is in points; 0 leaves it to the program that
// opens the file.
func (r *Rows) Row(height float64) {
	r.endRow()
	if r.err != nil {
		return
	}
	if r.next > r.last {
		r.err = fmt.Errorf("row %d is beyond the last row %d", r.next, r.last)
		return
	}
	if len(r.buf) >= blockSize {
		r.cut()
	}
	if r.buf == nil {
		r.buf = *buffers.Get().(*[]byte)
	}
	r.number = strconv.AppendInt(r.number[:0], int64(r.next), 10)
	r.buf = append(append(r.buf, `<row r="`...), r.number...)
	if height > 0 {
		r.buf = append(r.buf, `" ht="`...)
		r.buf = strconv.AppendFloat(r.buf, height, 'f', -1, 64)
		r.buf = append(r.buf, `" customHeight="1`...)
	}
	r.buf = append(r.buf, `">`...)
	r.open, r.written, r.col = true, true, 1
	r.next++
}

func (r *Rows) endRow() {
	if !r.open {
		return
	}
	r.buf = append(r.buf, `</row>`...)
	r.open = false
	r.sheet.columns = max(r.sheet.columns, r.col-1)
}

// cell begins a cell: <c r="B5" s="3" , and moves on.
func (r *Rows) cell(st Style) {
	r.buf = append(r.buf, `<c r="`...)
	r.buf = appendColumn(r.buf, r.col)
	r.buf = append(r.buf, r.number...)
	r.buf = append(r.buf, `" s="`...)
	r.buf = strconv.AppendInt(r.buf, int64(st), 10)
	r.col++
}

// Text writes a text cell. Text that a program could take for a formula, now or
// when the sheet is saved as text, is neutralised by a leading apostrophe.
func (r *Rows) Text(st Style, s string) {
	if s == "" || r.err != nil {
		r.Blank(st, 1)
		return
	}
	r.cell(st)
	r.buf = append(r.buf, `" t="inlineStr"><is><t`...)
	var err error
	if r.buf, err = appendText(r.buf, s); err != nil {
		r.err = fmt.Errorf("row %d, column %d: %w", r.next-1, r.col-1, err)
		return
	}
	r.buf = append(r.buf, `</t></is></c>`...)
}

// Amount writes an amount as a number cell in 元. The cell holds the exact decimal.
// An amount with more digits than a cell keeps is an error.
func (r *Rows) Amount(st Style, a money.Fen) {
	if a > exact || a < -exact {
		r.err = fmt.Errorf("row %d, column %d: amount %s has more digits than a cell keeps", r.next-1, r.col, a)
	}
	if r.err != nil {
		return
	}
	r.cell(st)
	r.buf = append(r.buf, `"><v>`...)
	r.buf = appendAmount(r.buf, a)
	r.buf = append(r.buf, `</v></c>`...)
}

// Int writes a whole number.
func (r *Rows) Int(st Style, n int) {
	if r.err != nil {
		return
	}
	if n > math.MaxInt32 || n < math.MinInt32 {
		r.err = fmt.Errorf("row %d, column %d: count %d is out of range", r.next-1, r.col, n)
		return
	}
	r.cell(st)
	r.buf = append(r.buf, `"><v>`...)
	r.buf = strconv.AppendInt(r.buf, int64(n), 10)
	r.buf = append(r.buf, `</v></c>`...)
}

// Blank writes n cells that have a style and nothing in them.
func (r *Rows) Blank(st Style, n int) {
	if r.err != nil {
		return
	}
	for range n {
		r.cell(st)
		r.buf = append(r.buf, `"/>`...)
	}
}

// cut hands what has been written to the compressor.
func (r *Rows) cut() {
	if len(r.buf) == 0 {
		return
	}
	r.blocks = append(r.blocks, r.sheet.book.spool.compress(r.buf))
	r.buf = nil
}

// wait waits for the compressor and takes over its first error.
func (r *Rows) wait() {
	for _, b := range r.blocks {
		<-b.done
		if b.err != nil && r.err == nil {
			r.err = b.err
		}
	}
}
