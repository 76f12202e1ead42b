package xlsx

import (
	"bytes"
	"errors"
	"fmt"

	"disburse/internal/fault"
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

// Rows reads a sheet from its first row to its last. Rows without cells are passed over.
type Rows struct {
	book    *Book
	part    *part
	scan    *scanner
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

// Rows opens a sheet.
func (b *Book) Rows(sheet Sheet) (*Rows, error) {
	p, err := b.open(sheet.part, b.limits.Part)
	if err != nil {
		return nil, err
	}
	return &Rows{book: b, part: p, scan: newScanner(p)}, nil
}

// Next goes to the next row that has a cell. It returns false at the end and at an
// error, which Err then gives.
func (r *Rows) Next() bool {
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
		if len(r.row.Cells) > 0 {
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
	r.row.Number, r.row.Cells = r.number, r.row.Cells[:0]
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

// settle gives the cells their texts, with one allocation a row.
func (r *Rows) settle() {
	if len(r.spans) == 0 {
		return
	}
	text := string(r.arena)
	for _, s := range r.spans {
		r.row.Cells[s.cell].Text = text[s.from:s.to]
	}
}

// cellHead is what the attributes of a cell say.
type cellHead struct {
	col   int
	style int
	kind  byte // first letters of t: n, s, S (str), i, b, e, d
}

func readCellHead(attrs []byte, before int) (cellHead, error) {
	h := cellHead{col: before + 1, kind: 'n'}
	for {
		name, value, rest, ok := nextAttr(attrs)
		if !ok {
			break
		}
		attrs = rest
		if len(name) != 1 {
			continue
		}
		switch name[0] {
		case 'r':
			if h.col, ok = column(value); !ok {
				return h, errCell
			}
		case 's':
			if h.style, ok = wholeNumber(value); !ok {
				return h, errCell
			}
		case 't':
			if h.kind = cellKind(string(value)); h.kind == 0 {
				return h, errCell
			}
		}
	}
	if h.col <= before || h.col >= MaxColumns {
		return h, errOrder
	}
	return h, nil
}

func cellKind(t string) byte {
	switch t {
	case "n", "s", "b", "e", "d":
		return t[0]
	case "inlineStr":
		return 'i'
	case "str":
		return 'S'
	}
	return 0
}

// column returns the column of a reference such as AB12, counted from 0.
func column(ref []byte) (int, bool) {
	n := 0
	for i, c := range ref {
		switch {
		case 'A' <= c && c <= 'Z' && i < 3:
			n = n*26 + int(c-'A') + 1
		case 'a' <= c && c <= 'z' && i < 3:
			n = n*26 + int(c-'a') + 1
		default:
			return n - 1, n > 0
		}
	}
	return n - 1, n > 0
}

// cellBody is what stands inside a cell's tag: in the arena, from where it was opened.
type cellBody struct {
	formula bool
	value   bool // there is a v or an is, perhaps empty
}

// readCell reads a cell and returns its column. Empty cells are left out.
func (r *Rows) readCell(before int) (int, error) {
	head, err := readCellHead(r.scan.attrs, before)
	if err != nil {
		return 0, err
	}
	from := len(r.arena)
	body, err := r.readBody()
	if err != nil {
		return 0, err
	}
	if len(r.arena) > maxRowText {
		return 0, errTooLong
	}
	cell := Cell{Col: head.col, Formula: body.formula}
	text := r.arena[from:]
	switch {
	case body.formula && !body.value:
		cell.Kind = Broken
	case len(text) == 0:
		return head.col, nil
	case head.kind == 's':
		return head.col, r.addShared(cell, from)
	default:
		r.finish(&cell, head, from)
	}
	r.row.Cells = append(r.row.Cells, cell)
	r.spans = append(r.spans, span{len(r.row.Cells) - 1, from, len(r.arena)})
	return head.col, nil
}

// finish sets the kind, and the text where it is not simply what the file has.
func (r *Rows) finish(cell *Cell, head cellHead, from int) {
	switch head.kind {
	case 'S':
		r.arena = unescapeControls(r.arena, from)
	case 'n':
		cell.Kind = Number
		cell.Date = head.style < len(r.book.dates) && r.book.dates[head.style]
	case 'b':
		cell.Kind = Bool
		word := "FALSE"
		if isTrue(r.arena[from:]) {
			word = "TRUE"
		}
		r.arena = append(r.arena[:from], word...)
	case 'e':
		cell.Kind = Error
	case 'd':
		text, _, _ := bytes.Cut(r.arena[from:], []byte("T00:00:00"))
		r.arena = r.arena[:from+len(text)]
	}
}

func (r *Rows) addShared(cell Cell, from int) error {
	i, ok := wholeNumber(r.arena[from:])
	r.arena = r.arena[:from]
	if !ok {
		return errCell
	}
	if cell.Text, ok = r.book.strings.get(i); !ok {
		return errCell
	}
	if cell.Text != "" {
		r.row.Cells = append(r.row.Cells, cell)
	}
	return nil
}

// readBody reads the children of a cell.
func (r *Rows) readBody() (cellBody, error) {
	var body cellBody
	for {
		tok, err := r.scan.next()
		if err != nil {
			return body, err
		}
		switch tok {
		case tokenEnd:
			return body, nil
		case tokenEOF:
			return body, errTruncated
		case tokenText:
			continue
		}
		switch string(r.scan.name) {
		case "v":
			body.value = true
			err = r.readValue()
		case "is":
			body.value = true
			r.arena, err = r.scan.appendRich(r.arena)
		case "f":
			body.formula = true
			err = r.scan.skip()
		default:
			err = r.scan.skip()
		}
		if err != nil {
			return body, err
		}
	}
}

// readValue appends the text of a v.
func (r *Rows) readValue() error {
	from := len(r.arena)
	for {
		tok, err := r.scan.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokenEnd:
			return nil
		case tokenText:
			if r.arena, err = r.scan.appendText(r.arena); err != nil {
				return err
			}
			if len(r.arena)-from > maxToken {
				return errTooLong
			}
		default:
			return errCell
		}
	}
}

// tooMuchText is the fault for shared strings beyond the limit.
func (b *Book) tooMuchText() error {
	return fault.New(fault.Invalid, "工作簿“%s”里的文字太多，已停止读取，请分成几个工作簿导入", b.name)
}
