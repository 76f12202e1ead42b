package sheet

import (
	"disburse/internal/money"
	"disburse/reports/workbook"
)

// Heading is what all rows of a table have in common in one place: the heading, the width
// in characters, and how its cells look.
type Heading struct {
	Name   string
	Width  float64
	style  func(*Styles) workbook.Style
	Summed bool // sums below the table have a cell for it
	frozen bool // it and the columns before it stay in view
}

// PlainText is the look of a column of texts of one line, which are printed smaller where
// they are too long.
func PlainText(s *Styles) workbook.Style { return s.Text }

// Wrapped is the look of texts that may take several lines.
func Wrapped(s *Styles) workbook.Style { return s.Wrap }

// Centered is the look of short texts in the middle.
func Centered(s *Styles) workbook.Style { return s.Center }

// Number is the look of numbers that are texts: ID numbers, accounts.
func Number(s *Styles) workbook.Style { return s.ID }

// Amounts is the look of money.
func Amounts(s *Styles) workbook.Style { return s.Amount }

// Counts is the look of whole numbers.
func Counts(s *Styles) workbook.Style { return s.Count }

// Column is a column of a table of rows R, with how its cell is made from a row. Where a
// column is, how high its row must be and which cells a sum has follows from the list of
// columns: a new one is a new entry, and nothing else.
type Column[R any] struct {
	Heading
	cell func(*R) Cell
}

// Col is a column with a heading, a width in characters, a look and its cell of a row.
func Col[R any](head string, width float64, kind func(*Styles) workbook.Style, of func(*R) Cell) Column[R] {
	return Column[R]{Heading{Name: head, Width: width, style: kind}, of}
}

// Sums has the sums below the table add the column up.
func (c Column[R]) Sums() Column[R] {
	c.Summed = true
	return c
}

// Freeze has the column and those before it stay in view.
func (c Column[R]) Freeze() Column[R] {
	c.frozen = true
	return c
}

// Cell is what a row has in one column.
type Cell struct {
	kind   cellKind
	text   string
	amount money.Fen // 分
	count  int
	style  func(*Styles) workbook.Style // nil: the column's
}

type cellKind int

const (
	noCell cellKind = iota
	textCell
	amountCell
	countCell
)

// Blank is an empty cell.
func Blank() Cell { return Cell{} }

// Text is a cell with a text.
func Text(s string) Cell { return Cell{kind: textCell, text: s} }

// Fen is a cell with an amount.
func Fen(a money.Fen) Cell { return Cell{kind: amountCell, amount: a} }

// Whole is a cell with a whole number.
func Whole(n int) Cell { return Cell{kind: countCell, count: n} }

// ByHand makes the cells of a column that people fill in.
func ByHand[R any](*R) Cell { return Cell{} }

// FenOrBlank leaves nothing to be blank: most months of most rows in a young year are.
func FenOrBlank(a money.Fen) Cell {
	if a == 0 {
		return Blank()
	}
	return Fen(a)
}

// As has the cell look unlike its column.
func (c Cell) As(style func(*Styles) workbook.Style) Cell {
	c.style = style
	return c
}

// TableOf is a table of rows R.
type TableOf[R any] struct {
	*Table
	columns []Column[R]
	made    []Cell // of the row at hand, used again for the next
}

// NewTable adds a sheet with a table of rows R.
func NewTable[R any](p *Paper, spec Spec, columns []Column[R]) TableOf[R] {
	spec.Columns = plain(columns)
	return TableOf[R]{Table: p.table(spec), columns: columns}
}

// NewTableAfter adds it behind the sheet of another table.
func NewTableAfter[R any](other *Table, spec Spec, columns []Column[R]) TableOf[R] {
	spec.Columns = plain(columns)
	return TableOf[R]{Table: other.Paper.tableAfter(other, spec), columns: columns}
}

// plain are the columns without their cells.
func plain[R any](columns []Column[R]) []Heading {
	all := make([]Heading, len(columns))
	for i := range columns {
		all[i] = columns[i].Heading
	}
	return all
}

// Cells makes the cells of a row; they are good until the next row is made.
func (t *TableOf[R]) Cells(r *R) []Cell {
	t.made = t.made[:0]
	for i := range t.columns {
		t.made = append(t.made, t.columns[i].cell(r))
	}
	return t.made
}

// Add writes a body row.
func (t *TableOf[R]) Add(r *R) { t.Write(t.Cells(r)) }

// High is how high a row will be, in points.
func (t *TableOf[R]) High(r *R) float64 { return t.HeightOf(t.Cells(r)) }

// Summed are the cells of a sum whose parts are rows R: those of the summed columns.
func (t *TableOf[R]) Summed(r *R) []Cell {
	var all []Cell
	for i := range t.columns {
		if t.columns[i].Summed {
			all = append(all, t.columns[i].cell(r))
		}
	}
	return all
}
