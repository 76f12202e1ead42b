package xlsx

import (
	"errors"
	"fmt"
)

// Kind is what a cell holds.
type Kind uint8

// The kinds.
const (
	Text   Kind = iota // a string, also the result of a formula
	Number             // Text is as the file has it: up to 17 digits, perhaps an exponent
	Bool               // Text is TRUE or FALSE
	Error              // Text is #N/A and the like
	Broken             // a formula whose result is not in the file
)

// Cell is a cell that is not empty.
type Cell struct {
	Col     int // 0 is A
	Kind    Kind
	Date    bool // a number that is shown as a date
	Formula bool // Text is the result that the file keeps
	Text    string
}

// Row is a row with at least one cell that is not empty.
type Row struct {
	Number int // as Excel counts it, from 1
	Cells  []Cell
	Beyond bool // a cell that is not empty stands further to the right than was asked for
}

// The size of a sheet.
const (
	MaxRows    = 1 << 20
	MaxColumns = 1 << 14
)

var (
	errOrder = errors.New("xlsx: rows or cells out of order")
	errCell  = errors.New("xlsx: cell not understood")
)

// maxRowText bounds the texts of one row that stand in the sheet itself.
const maxRowText = 4 << 20

// sharedText is how long the texts of a row may be together to be kept in one piece.
// Whoever keeps one of them keeps all.
const sharedText = 4 << 10

// Rows reads a sheet from its first row to its last. Rows without cells are passed over.
type Rows struct {
	book    *Book
	part    *part
	scan    *scanner
	columns int
	row     Row
	number  int // of the last row tag
	err     error
	done    bool
	started bool
	arena   []byte // the texts of the row's cells
	spans   []span
}

// span says where in the arena a cell's text is; shared strings have none.
type span struct{ cell, from, to int }

// Rows opens a sheet, of which the first columns are wanted: cells further to the right
// are read over, so that what a row takes is bounded by what its reader knows.
func (b *Book) Rows(sheet Sheet, columns int) (*Rows, error) {
	p, err := b.open(sheet.part, b.limits.Part)
	if err != nil {
		return nil, err
	}
	return &Rows{book: b, part: p, scan: newScanner(p), columns: columns}, nil
}

// Next goes to the next row that has a cell. It returns false at the end and at an
// error, which Err then gives.
func (r *Rows) Next() bool {
	defer r.book.recovered(&r.err)
	for !r.done && r.err == nil {
		more, err := r.nextRow()
		if err != nil {
			r.err = r.part.fault(err)
			return false
		}
		if !more {
			r.done = true
			r.err = r.part.drain()
			return false
		}
		if len(r.row.Cells) > 0 || r.row.Beyond {
			return true
		}
	}
	return false
}

// Row returns the present row. Its Cells are overwritten by Next, their texts are not.
func (r *Rows) Row() Row { return r.row }

// Err returns what ended the reading early, a fault.
func (r *Rows) Err() error { return r.err }

// Close closes the sheet.
func (r *Rows) Close() error { return r.part.Close() }

// nextRow reads one row tag; false after the last.
func (r *Rows) nextRow() (bool, error) {
	for {
		tok, err := r.scan.next()
		if err != nil {
			return false, err
		}
		switch {
		case tok == tokenEOF:
			if !r.started {
				return false, fmt.Errorf("sheet without sheetData: %w", errSyntax)
			}
			return false, nil
		case tok == tokenStart && string(r.scan.name) == "sheetData":
			if r.started {
				return false, errSyntax
			}
			r.started = true
		case tok == tokenStart && r.started && string(r.scan.name) == "row":
			return true, r.readRow()
		}
	}
}

func (r *Rows) readRow() error {
	r.number++
	if value, ok := attribute(r.scan.attrs, "r"); ok {
		n, ok := wholeNumber(value)
		if !ok || n < r.number {
			return errOrder
		}
		r.number = n
	}
	if r.number > MaxRows {
		return errOrder
	}
	r.row = Row{Number: r.number, Cells: r.row.Cells[:0]}
	r.arena, r.spans = r.arena[:0], r.spans[:0]
	col := -1
	for {
		tok, err := r.scan.next()
		if err != nil {
			return err
		}
		switch {
		case tok == tokenEnd:
			r.settle()
			return nil
		case tok == tokenStart && string(r.scan.name) == "c":
			if col, err = r.readCell(col); err != nil {
				return err
			}
		case tok == tokenStart:
			if err := r.scan.skip(); err != nil {
				return err
			}
		}
	}
}

// settle gives the cells their texts, with one allocation a row unless that is long.
func (r *Rows) settle() {
	if len(r.spans) == 0 {
		return
	}
	if len(r.arena) > sharedText {
		for _, s := range r.spans {
			r.row.Cells[s.cell].Text = string(r.arena[s.from:s.to])
		}
		return
	}
	text := string(r.arena)
	for _, s := range r.spans {
		r.row.Cells[s.cell].Text = text[s.from:s.to]
	}
}
