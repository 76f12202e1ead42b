package read

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// example reports whether the row is an example of the template.
func (rec *record) example() bool {
	key := rec.headings.Layout.Needed[0]
	c := &rec.cells[key]
	return rec.filled[key] && c.Kind == xlsx.Text && clean.Squeeze(c.Text) == clean.Squeeze(layout.ExampleMark)
}

// record is one row under its headings, while it is judged. Its readers note what they
// refuse and return nothing then; bad says that there was something.
type record struct {
	reader   *reader
	headings *Headings
	sheet    int // number of the sheet in reader.sheets
	row      int
	cells    [layout.PersonColumns]xlsx.Cell // by the layout's column
	filled   [layout.PersonColumns]bool
	bad      bool
}

// take puts a row under its headings. It returns false for a row that has nothing in
// any known column.
func (rec *record) take(row xlsx.Row) bool {
	rec.row, rec.bad, rec.filled = row.Number, false, [layout.PersonColumns]bool{}
	some := false
	h := rec.headings
	if row.Beyond {
		rec.warnBeyond()
	}
	for i := range row.Cells {
		c := &row.Cells[i]
		if c.Kind == xlsx.Text && empty(c.Text) {
			continue
		}
		if c.Col >= len(h.At) || h.At[c.Col] < 0 {
			rec.warnUnnamed(c.Col)
			continue
		}
		col := h.At[c.Col]
		rec.cells[col], rec.filled[col] = *c, true
		rec.reader.kept += int64(len(c.Text))
		some = true
	}
	if some {
		rec.reader.kept += int64(h.Layout.Weight)
	}
	return some
}

// empty reports whether text shows nothing.
func empty(s string) bool {
	if s != "" && s[0] > ' ' && s[0] < 0x7F {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !clean.Blank(r) }) < 0
}

// warnUnnamed reports content in a column without heading, once a column.
func (rec *record) warnUnnamed(col int) {
	h := rec.headings
	for len(h.warned) <= col {
		h.At, h.Names, h.warned = append(h.At, -1), append(h.Names, ""), append(h.warned, false)
	}
	if h.Names[col] != "" || h.warned[col] {
		return
	}
	h.warned[col] = true
	imp := rec.reader.imp
	imp.Warnings = append(imp.Warnings, roster.Problem{Place: rec.place(), Column: layout.Letters(col),
		Reason: layout.Letters(col) + " 列没有标题，其中的内容没有读入"})
}

// warnBeyond reports content to the right of all columns that are looked at, once a sheet.
func (rec *record) warnBeyond() {
	h := rec.headings
	if h.beyond {
		return
	}
	h.beyond = true
	imp := rec.reader.imp
	imp.Warnings = append(imp.Warnings, roster.Problem{Place: rec.place(), Column: layout.Letters(sheetColumns),
		Reason: "第 " + strconv.Itoa(sheetColumns) + " 列以右还有内容，没有读入；请核对是不是多余的列"})
}

func (rec *record) place() roster.Place {
	return roster.Place{Sheet: rec.reader.sheets[rec.sheet], Row: rec.row}
}

// refuse notes what is wrong with a cell of the row.
func (rec *record) refuse(col int, reason string) {
	rec.bad = true
	rec.reader.imp.Problems = append(rec.reader.imp.Problems, roster.Problem{
		Place: rec.place(), Column: rec.headings.Layout.Columns[col].Heading,
		Value: rec.shown(col), Reason: reason,
	})
}

// shown returns a cell's content for a message.
func (rec *record) shown(col int) string {
	if !rec.filled[col] {
		return ""
	}
	return shownCell(rec.reader.book, rec.cells[col])
}

// shownCell writes a cell much as it is seen, cut to a length for messages.
func shownCell(book *xlsx.Book, c xlsx.Cell) string {
	const longest = 60
	text := book.Shown(c)
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
