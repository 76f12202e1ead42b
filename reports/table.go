package reports

import (
	"fmt"
	"math"
	"unicode/utf8"

	"disburse/internal/money"
	"disburse/reports/workbook"
)

// column is a column of a table: what is in it and how wide it is.
type column struct {
	head  string
	width float64
	style func(*styles) workbook.Style
}

// The kinds of columns.
func plainText(s *styles) workbook.Style { return s.text }
func wrapped(s *styles) workbook.Style   { return s.wrap }
func centered(s *styles) workbook.Style  { return s.center }
func number(s *styles) workbook.Style    { return s.id }
func amounts(s *styles) workbook.Style   { return s.amount }
func counts(s *styles) workbook.Style    { return s.count }

// tableSpec is a sheet with one table: title, unit and headings in the first three
// rows, which stay in view and are repeated on every page.
type tableSpec struct {
	name      string // of the sheet
	title     string // after district and month
	origin    string // in the second row at the left; empty: bureau and batch
	unit      string // at the right
	columns   []column
	landscape bool
	frozenCol int
	late      bool // the headings come later, below a summary; see headings
	parts     bool // several parts with headings of their own; see begins
	filter    bool // drop-down filters on the headings
	byHand    bool // cells to fill in with a pen: rows high enough for it
}

// headingRows are title, unit and headings.
const headingRows = 3

// tailRoom is kept free in every sheet for totals, notes and signatures.
const tailRoom = 40

// table writes a tableSpec; when a sheet is full it goes on in the next one.
type table struct {
	*workbook.Sheet
	p      *paper
	spec   tableSpec
	styles []workbook.Style
	part   int // 1, 2 … of the sheets
	rows   int // written in the present sheet
	col    int
	max    int // rows a sheet takes
	page   page
	resume func() // writes the headings of the part that is being written; nil: it has none
}

// table adds a sheet with a table.
func (p *paper) table(spec tableSpec) *table { return p.tableAfter(nil, spec) }

// tableAfter adds it behind the sheet of another table; nil: at the end.
func (p *paper) tableAfter(other *table, spec tableSpec) *table {
	t := &table{p: p, spec: spec, part: 1, max: workbook.MaxRows - tailRoom}
	for _, c := range spec.columns {
		t.styles = append(t.styles, c.style(&p.st))
	}
	if other == nil {
		t.Sheet = p.Sheet(spec.name, t.layout())
	} else {
		t.Sheet = p.After(other.Sheet, spec.name, t.layout())
	}
	t.heading()
	return t
}

func (t *table) layout() workbook.Layout {
	l := workbook.Layout{
		Landscape: t.spec.landscape, Frozen: headingRows, FrozenCol: t.spec.frozenCol, Repeat: [2]int{1, headingRows},
		Header: t.p.mark, Footer: t.p.is.Batch.Bureau + "　" + t.spec.name, RowHeight: rowHeight,
	}
	l.HeadLeft, l.HeadRight = t.p.heads()
	switch {
	case t.spec.parts:
		l.Frozen, l.Repeat = headingRows-1, [2]int{1, headingRows - 1}
	case t.spec.late && t.part <= 1:
		l.Frozen, l.Repeat = headingRows-1, [2]int{}
	}
	for _, c := range t.spec.columns {
		l.Widths = append(l.Widths, c.width)
	}
	l.Scale = workbook.FitScale(l.Widths, l.Landscape)
	if t.p.mark != "" {
		l.TabColor = markColor
	}
	return l
}

func (t *table) heading() {
	n := len(t.spec.columns)
	t.page = t.newPage()
	title, st := t.p.headline(t.spec.title)
	if t.part > 1 {
		title += fmt.Sprintf("（续%d）", t.part-1)
	}
	t.Row(30)
	t.Text(st, title)
	t.Blank(st, n-1)
	t.Merge(1, n)
	t.Row(18)
	origin := t.spec.origin
	if origin == "" {
		origin = t.p.origin()
	}
	left := t.splitAt(0.7)
	t.Text(t.p.st.unit, origin)
	t.Blank(t.p.st.unit, left-1)
	t.Merge(1, left)
	t.Text(t.p.st.unitRight, t.spec.unit)
	t.Blank(t.p.st.unitRight, n-left-1)
	t.Merge(left+1, n)
	if !t.spec.parts && (!t.spec.late || t.part > 1) {
		t.headings()
	}
}

// headings writes the column headings. Those that come late are what every page
// repeats, without title and unit.
func (t *table) headings() {
	t.Row(headHeight)
	t.page.heading = t.Next() - 1
	if t.spec.late && !t.spec.parts && t.part <= 1 {
		t.Repeat(t.page.heading, t.page.heading)
		t.page.repeated = headHeight
	}
	for _, c := range t.spec.columns {
		t.Text(t.p.st.head, c.head)
	}
}

// splitAt returns how many columns make up about the share of the width, leaving
// one at least on either side.
func (t *table) splitAt(share float64) int {
	want, sum := share*t.width(), 0.0
	for i, c := range t.spec.columns {
		sum += c.width
		if sum >= want {
			return max(1, min(i+1, len(t.spec.columns)-1))
		}
	}
	return len(t.spec.columns) - 1
}

func (t *table) width() float64 {
	sum := 0.0
	for _, c := range t.spec.columns {
		sum += c.width
	}
	return sum
}

// begin starts a body row, on a new sheet when this one is full. It is told what
// will stand in the wrapped columns, in their order, to make the row high enough:
// LibreOffice does not, and Excel only while somebody edits.
func (t *table) begin(wrapped ...string) {
	if t.Next() > t.max {
		t.carryOn()
	}
	t.rows++
	t.col = 0
	t.Row(t.wrapHeight(wrapped))
	t.page.body(t.Next() - 1)
	if t.spec.filter {
		t.Filter(t.page.heading, t.Next()-1)
	}
}

// carryOn goes on in the next sheet.
func (t *table) carryOn() {
	t.Row(0)
	t.Text(t.p.st.note, "（未完，接下一张表）")
	t.part++
	suffix := fmt.Sprintf("(%d)", t.part)
	name := workbook.SheetName(t.spec.name)
	for utf8.RuneCountInString(name)+len(suffix) > 31 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	t.Sheet = t.p.After(t.Sheet, name+suffix, t.layout())
	t.heading()
	if t.resume != nil {
		t.resume()
	}
	t.rows = 0
}

// cellMargin is what a cell keeps free of text, in characters.
const cellMargin = 0.7

// wrapHeight is 0, for the usual height, when nothing takes a second line.
func (t *table) wrapHeight(texts []string) float64 {
	lines, at := 1.0, 0
	for _, text := range texts {
		for t.styles[at] != t.p.st.wrap {
			at++
		}
		if text != "" {
			lines = max(lines, math.Ceil(textWidth(text)*10/11/(t.spec.columns[at].width-cellMargin)))
		}
		at++
	}
	switch {
	case t.spec.byHand:
		return max(handHeight, lines*13.5+2)
	case lines == 1:
		return 0
	}
	return lines*13.5 + 2
}

func (t *table) style() workbook.Style {
	t.col++
	return t.styles[t.col-1]
}

// The cells of a body row, each in the style of its column.
func (t *table) text(s string)   { t.Text(t.style(), s) }
func (t *table) fen(a money.Fen) { t.Amount(t.style(), a) }
func (t *table) int(n int)       { t.Int(t.style(), n) }
func (t *table) blank()          { t.Blank(t.style(), 1) }
func (t *table) styled(s string, st workbook.Style) {
	t.col++
	t.Text(st, s)
}
