package reports

import (
	"disburse/internal/money"
	"disburse/reports/workbook"
)

// column is what all rows of a table have in common in one place: the heading, the width
// in characters, and how its cells look.
type column struct {
	head   string
	width  float64
	style  func(*styles) workbook.Style
	summed bool // sums below the table have a cell for it
	frozen bool // it and the columns before it stay in view
}

// plainText is the look of a column of texts of one line, which are printed smaller where
// they are too long.
func plainText(s *styles) workbook.Style { return s.text }

// wrapped is the look of texts that may take several lines.
func wrapped(s *styles) workbook.Style { return s.wrap }

// centered is the look of short texts in the middle.
func centered(s *styles) workbook.Style { return s.center }

// number is the look of numbers that are texts: ID numbers, accounts.
func number(s *styles) workbook.Style { return s.id }

// amounts is the look of money.
func amounts(s *styles) workbook.Style { return s.amount }

// counts is the look of whole numbers.
func counts(s *styles) workbook.Style { return s.count }

// columnOf is a column of a table of rows R, with how its cell is made from a row. Where a
// column is, how high its row must be and which cells a sum has follows from the list of
// columns: a new one is a new entry, and nothing else.
type columnOf[R any] struct {
	column
	cell func(*R) cell
}

// col is a column with a heading, a width in characters, a look and its cell of a row.
func col[R any](head string, width float64, kind func(*styles) workbook.Style, of func(*R) cell) columnOf[R] {
	return columnOf[R]{column{head: head, width: width, style: kind}, of}
}

// sums has the sums below the table add the column up.
func (c columnOf[R]) sums() columnOf[R] {
	c.summed = true
	return c
}

// freeze has the column and those before it stay in view.
func (c columnOf[R]) freeze() columnOf[R] {
	c.frozen = true
	return c
}

// cell is what a row has in one column.
type cell struct {
	kind   cellKind
	text   string
	amount money.Fen // 分
	count  int
	style  func(*styles) workbook.Style // nil: the column's
}

type cellKind int

const (
	noCell cellKind = iota
	textCell
	amountCell
	countCell
)

// blank is an empty cell.
func blank() cell { return cell{} }

// text is a cell with a text.
func text(s string) cell { return cell{kind: textCell, text: s} }

// fen is a cell with an amount.
func fen(a money.Fen) cell { return cell{kind: amountCell, amount: a} }

// whole is a cell with a whole number.
func whole(n int) cell { return cell{kind: countCell, count: n} }

// byHand makes the cells of a column that people fill in.
func byHand[R any](*R) cell { return cell{} }

// fenOrBlank leaves nothing to be blank: most months of most rows in a young year are.
func fenOrBlank(a money.Fen) cell {
	if a == 0 {
		return blank()
	}
	return fen(a)
}

// as has the cell look unlike its column.
func (c cell) as(style func(*styles) workbook.Style) cell {
	c.style = style
	return c
}

// tableOf is a table of rows R.
type tableOf[R any] struct {
	*table
	columns []columnOf[R]
	made    []cell // of the row at hand, used again for the next
}

// newTableOf adds a sheet with a table of rows R.
func newTableOf[R any](p *paper, spec tableSpec, columns []columnOf[R]) tableOf[R] {
	spec.columns = plain(columns)
	return tableOf[R]{table: p.table(spec), columns: columns}
}

// newTableAfter adds it behind the sheet of another table.
func newTableAfter[R any](other *table, spec tableSpec, columns []columnOf[R]) tableOf[R] {
	spec.columns = plain(columns)
	return tableOf[R]{table: other.p.tableAfter(other, spec), columns: columns}
}

// plain are the columns without their cells.
func plain[R any](columns []columnOf[R]) []column {
	all := make([]column, len(columns))
	for i := range columns {
		all[i] = columns[i].column
	}
	return all
}

// make makes the cells of a row; they are good until the next row is made.
func (t *tableOf[R]) make(r *R) []cell {
	t.made = t.made[:0]
	for i := range t.columns {
		t.made = append(t.made, t.columns[i].cell(r))
	}
	return t.made
}

// row writes a body row.
func (t *tableOf[R]) row(r *R) { t.write(t.make(r)) }

// high is how high a row will be, in points.
func (t *tableOf[R]) high(r *R) float64 { return t.heightOf(t.make(r)) }

// summed are the cells of a sum whose parts are rows R: those of the summed columns.
func (t *tableOf[R]) summed(r *R) []cell {
	var all []cell
	for i := range t.columns {
		if t.columns[i].summed {
			all = append(all, t.columns[i].cell(r))
		}
	}
	return all
}
