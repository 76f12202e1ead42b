package xlsx

import "bytes"

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
	case head.col >= r.columns:
		r.row.Beyond = r.row.Beyond || len(text) > 0
		r.arena = r.arena[:from]
		return head.col, nil
	case body.formula && (!body.value || len(text) == 0 && head.kind != 'S'):
		// Only text may be empty. Programs that write formulas but cannot compute them
		// leave an empty value, which says nothing about the result.
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
