package roster

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"disburse/internal/roster/xlsx"
)

// record is one row under its headings, while it is judged. Its readers note what they
// refuse and return nothing then; bad says that there was something.
type record struct {
	reader   *reader
	headings *headings
	sheet    int // number of the sheet in reader.sheets
	row      int
	cells    [personColumns]xlsx.Cell // by the layout's column
	filled   [personColumns]bool
	bad      bool
}

// take puts a row under its headings. It returns false for a row that has nothing in
// any known column.
func (rec *record) take(row xlsx.Row) bool {
	rec.row, rec.bad, rec.filled = row.Number, false, [personColumns]bool{}
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
		if c.Col >= len(h.at) || h.at[c.Col] < 0 {
			rec.warnUnnamed(c.Col)
			continue
		}
		col := h.at[c.Col]
		rec.cells[col], rec.filled[col] = *c, true
		rec.reader.kept += int64(len(c.Text))
		some = true
	}
	if some {
		rec.reader.kept += int64(h.layout.weight)
	}
	return some
}

// empty reports whether text shows nothing.
func empty(s string) bool {
	if s != "" && s[0] > ' ' && s[0] < 0x7F {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !blank(r) }) < 0
}

// warnUnnamed reports content in a column without heading, once a column.
func (rec *record) warnUnnamed(col int) {
	h := rec.headings
	for len(h.warned) <= col {
		h.at, h.names, h.warned = append(h.at, -1), append(h.names, ""), append(h.warned, false)
	}
	if h.names[col] != "" || h.warned[col] {
		return
	}
	h.warned[col] = true
	imp := rec.reader.imp
	imp.Warnings = append(imp.Warnings, Problem{Place: rec.place(), Column: columnLetters(col),
		Reason: columnLetters(col) + " 列没有标题，其中的内容没有读入"})
}

// warnBeyond reports content to the right of all columns that are looked at, once a sheet.
func (rec *record) warnBeyond() {
	h := rec.headings
	if h.beyond {
		return
	}
	h.beyond = true
	imp := rec.reader.imp
	imp.Warnings = append(imp.Warnings, Problem{Place: rec.place(), Column: columnLetters(sheetColumns),
		Reason: "第 " + strconv.Itoa(sheetColumns) + " 列以右还有内容，没有读入；请核对是不是多余的列"})
}

// columnLetters writes a column, counted from 0, as Excel does.
func columnLetters(col int) string {
	letters := ""
	for col++; col > 0; col = (col - 1) / 26 {
		letters = string(rune('A'+(col-1)%26)) + letters
	}
	return letters
}

func (rec *record) place() Place { return Place{rec.reader.sheets[rec.sheet], rec.row} }

// refuse notes what is wrong with a cell of the row.
func (rec *record) refuse(col int, reason string) {
	rec.bad = true
	rec.reader.imp.Problems = append(rec.reader.imp.Problems, Problem{
		Place: rec.place(), Column: rec.headings.layout.columns[col].heading,
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
