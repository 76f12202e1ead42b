package sheet

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"disburse/reports/workbook"
)

// Spec is a sheet with one table: title, unit and headings in the first three
// rows, which stay in view and are repeated on every page.
type Spec struct {
	Name      string // of the sheet
	Title     string // after district and month
	Origin    string // in the second row at the left; empty: bureau and batch
	Unit      string // at the right
	Columns   []Heading
	Landscape bool
	Late      bool // the headings come later, below a summary; see Headings
	Parts     bool // several parts with headings of their own; see Begin
	Filter    bool // drop-down filters on the headings
	ByHand    bool // cells to fill in with a pen: rows high enough for it
}

// headingRows are title, unit and headings.
const headingRows = 3

// TailRoom is kept free in every sheet for totals, notes and signatures.
const TailRoom = 40

// Table writes a Spec; when a sheet is full it goes on in the next one.
type Table struct {
	*workbook.Sheet
	Paper   *Paper
	Spec    Spec
	styles  []workbook.Style
	part    int // 1, 2 … of the sheets
	Written int // written in the present sheet
	max     int // rows a sheet takes
	page    page
	resume  func() // writes the headings of the part that is being written; nil: it has none
}

// table adds a sheet with a table.
func (p *Paper) table(spec Spec) *Table { return p.tableAfter(nil, spec) }

// tableAfter adds it behind the sheet of another table; nil: at the end.
func (p *Paper) tableAfter(other *Table, spec Spec) *Table {
	t := &Table{Paper: p, Spec: spec, part: 1, max: workbook.MaxRows - TailRoom}
	for _, c := range spec.Columns {
		t.styles = append(t.styles, c.style(&p.Styles))
	}
	if other == nil {
		t.Sheet = p.Sheet(spec.Name, t.layout())
	} else {
		t.Sheet = p.After(other.Sheet, spec.Name, t.layout())
	}
	t.heading()
	return t
}

// BareTable adds a sheet with the columns of a table and nothing else: whoever fills it breaks
// its pages, which have room for so many points of height.
func (p *Paper) BareTable(spec Spec, name, footer string) (t *Table, room float64) {
	t = &Table{Paper: p, Spec: spec, part: 1}
	l := t.layout()
	l.Frozen, l.Repeat, l.Footer = 0, [2]int{}, footer
	t.Sheet = p.Sheet(name, l)
	t.page.room = math.Inf(1)
	return t, workbook.PageRoom(l.Scale, l.Landscape)
}

func (t *Table) layout() workbook.Layout {
	l := workbook.Layout{
		Landscape: t.Spec.Landscape, Frozen: headingRows, Repeat: [2]int{1, headingRows},
		Header: t.Paper.Mark, Footer: t.Paper.Issue.Batch.Bureau + "　" + t.Spec.Name, RowHeight: RowHeight,
	}
	l.HeadLeft, l.HeadRight = t.Paper.heads()
	switch {
	case t.Spec.Parts:
		l.Frozen, l.Repeat = headingRows-1, [2]int{1, headingRows - 1}
	case t.Spec.Late && t.part <= 1:
		l.Frozen, l.Repeat = headingRows-1, [2]int{}
	}
	for i, c := range t.Spec.Columns {
		l.Widths = append(l.Widths, c.Width)
		if c.frozen {
			l.FrozenCol = i + 1
		}
	}
	l.Scale = workbook.FitScale(l.Widths, l.Landscape)
	if t.Paper.Mark != "" {
		l.TabColor = MarkColor
	}
	return l
}

func (t *Table) heading() {
	n := len(t.Spec.Columns)
	t.page = t.newPage()
	title, st := t.Paper.Headline(t.Spec.Title)
	if t.part > 1 {
		title += fmt.Sprintf("（续%d）", t.part-1)
	}
	t.Row(30)
	t.Text(st, title)
	t.Blank(st, n-1)
	t.Merge(1, n)
	t.Row(18)
	origin := t.Spec.Origin
	if origin == "" {
		origin = t.Paper.Origin()
	}
	left := t.SplitAt(0.7)
	t.Text(t.Paper.Styles.unit, origin)
	t.Blank(t.Paper.Styles.unit, left-1)
	t.Merge(1, left)
	t.Text(t.Paper.Styles.unitRight, t.Spec.Unit)
	t.Blank(t.Paper.Styles.unitRight, n-left-1)
	t.Merge(left+1, n)
	if !t.Spec.Parts && (!t.Spec.Late || t.part > 1) {
		t.Headings()
	}
}

// Headings writes the column headings. Those that come late are what every page
// repeats, without title and unit.
func (t *Table) Headings() {
	t.Row(HeadHeight)
	t.page.heading = t.Next() - 1
	if t.Spec.Late && !t.Spec.Parts && t.part <= 1 {
		t.Repeat(t.page.heading, t.page.heading)
		t.page.repeated = HeadHeight
	}
	for _, c := range t.Spec.Columns {
		t.Text(t.Paper.Styles.Head, c.Name)
	}
}

// SplitAt returns how many columns make up about the share of the width, leaving
// one at least on either side.
func (t *Table) SplitAt(share float64) int {
	want, sum := share*t.width(), 0.0
	for i, c := range t.Spec.Columns {
		sum += c.Width
		if sum >= want {
			return max(1, min(i+1, len(t.Spec.Columns)-1))
		}
	}
	return len(t.Spec.Columns) - 1
}

// ColumnAt returns the number of the column of a heading, from 1.
func (t *Table) ColumnAt(head string) int {
	return 1 + slices.IndexFunc(t.Spec.Columns, func(c Heading) bool { return c.Name == head })
}

func (t *Table) width() float64 {
	sum := 0.0
	for _, c := range t.Spec.Columns {
		sum += c.Width
	}
	return sum
}

// Write writes a body row, on a new sheet when this one is full. The row is as high as its
// wrapped texts need: LibreOffice does not see to that, and Excel only while somebody edits.
func (t *Table) Write(cells []Cell) {
	if t.Next() > t.max {
		t.CarryOn()
	}
	t.Written++
	t.Row(t.wrapHeight(cells))
	t.page.body(t.Next() - 1)
	if t.Spec.Filter {
		t.Filter(t.page.heading, t.Next()-1)
	}
	for i := range cells {
		c, st := &cells[i], t.styles[i]
		if c.style != nil {
			st = c.style(&t.Paper.Styles)
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

// CarryOn goes on in the next sheet.
func (t *Table) CarryOn() {
	t.Row(0)
	t.Text(t.Paper.Styles.Note, "（未完，接下一张表）")
	t.part++
	suffix := fmt.Sprintf("(%d)", t.part)
	name := workbook.SheetName(t.Spec.Name)
	for utf8.RuneCountInString(name)+len(suffix) > 31 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	t.Sheet = t.Paper.After(t.Sheet, name+suffix, t.layout())
	t.heading()
	if t.resume != nil {
		t.resume()
	}
	t.Written = 0
}

// HeightOf is how high a row of cells will be, in points.
func (t *Table) HeightOf(cells []Cell) float64 { return orDefault(t.wrapHeight(cells)) }

// CellMargin is what a cell keeps free of text, in characters.
const CellMargin = 0.7

// wrapHeight is 0, for the usual height, when nothing takes a second line.
func (t *Table) wrapHeight(cells []Cell) float64 {
	lines := 1.0
	for i := range cells {
		if text := cells[i].text; text != "" && t.styles[i] == t.Paper.Styles.Wrap {
			lines = max(lines, math.Ceil(TextWidth(text)*10/11/(t.Spec.Columns[i].Width-CellMargin)))
		}
	}
	switch {
	case t.Spec.ByHand:
		return max(handHeight, lines*13.5+2)
	case lines == 1:
		return 0
	}
	return lines*13.5 + 2
}
