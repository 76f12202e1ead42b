package reports

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"disburse/reports/workbook"
)

// tableSpec is a sheet with one table: title, unit and headings in the first three
// rows, which stay in view and are repeated on every page.
type tableSpec struct {
	name      string // of the sheet
	title     string // after district and month
	origin    string // in the second row at the left; empty: bureau and batch
	unit      string // at the right
	columns   []column
	landscape bool
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

// bare adds a sheet with the columns of a table and nothing else: whoever fills it breaks
// its pages, which have room for so many points of height.
func (p *paper) bare(spec tableSpec, name, footer string) (t *table, room float64) {
	t = &table{p: p, spec: spec, part: 1}
	l := t.layout()
	l.Frozen, l.Repeat, l.Footer = 0, [2]int{}, footer
	t.Sheet = p.Sheet(name, l)
	t.page.room = math.Inf(1)
	return t, workbook.PageRoom(l.Scale, l.Landscape)
}

func (t *table) layout() workbook.Layout {
	l := workbook.Layout{
		Landscape: t.spec.landscape, Frozen: headingRows, Repeat: [2]int{1, headingRows},
		Header: t.p.mark, Footer: t.p.is.Batch.Bureau + "　" + t.spec.name, RowHeight: rowHeight,
	}
	l.HeadLeft, l.HeadRight = t.p.heads()
	switch {
	case t.spec.parts:
		l.Frozen, l.Repeat = headingRows-1, [2]int{1, headingRows - 1}
	case t.spec.late && t.part <= 1:
		l.Frozen, l.Repeat = headingRows-1, [2]int{}
	}
	for i, c := range t.spec.columns {
		l.Widths = append(l.Widths, c.width)
		if c.frozen {
			l.FrozenCol = i + 1
		}
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

// at returns the number of the column of a heading, from 1.
func (t *table) at(head string) int {
	return 1 + slices.IndexFunc(t.spec.columns, func(c column) bool { return c.head == head })
}

func (t *table) width() float64 {
	sum := 0.0
	for _, c := range t.spec.columns {
		sum += c.width
	}
	return sum
}

// write writes a body row, on a new sheet when this one is full. The row is as high as its
// wrapped texts need: LibreOffice does not see to that, and Excel only while somebody edits.
func (t *table) write(cells []cell) {
	if t.Next() > t.max {
		t.carryOn()
	}
	t.rows++
	t.Row(t.wrapHeight(cells))
	t.page.body(t.Next() - 1)
	if t.spec.filter {
		t.Filter(t.page.heading, t.Next()-1)
	}
	for i := range cells {
		c, st := &cells[i], t.styles[i]
		if c.style != nil {
			st = c.style(&t.p.st)
		}
		switch c.kind {
		case textCell:
			t.Text(st, c.text)
		case amountCell:
			t.Amount(st, c.amount)
		case countCell:
			t.Int(st, c.count)
		default:
			t.Blank(st, 1)
		}
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

// heightOf is how high a row of cells will be, in points.
func (t *table) heightOf(cells []cell) float64 { return orDefault(t.wrapHeight(cells)) }

// cellMargin is what a cell keeps free of text, in characters.
const cellMargin = 0.7

// wrapHeight is 0, for the usual height, when nothing takes a second line.
func (t *table) wrapHeight(cells []cell) float64 {
	lines := 1.0
	for i := range cells {
		if text := cells[i].text; text != "" && t.styles[i] == t.p.st.wrap {
			lines = max(lines, math.Ceil(textWidth(text)*10/11/(t.spec.columns[i].width-cellMargin)))
		}
	}
	switch {
	case t.spec.byHand:
		return max(handHeight, lines*13.5+2)
	case lines == 1:
		return 0
	}
	return lines*13.5 + 2
}
