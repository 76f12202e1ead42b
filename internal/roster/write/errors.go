package write

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/read"
	"disburse/internal/roster/xlsx"
)

// Errors writes the errors workbook: the refused rows of the workbook src under
// the same headings in the same sheets, their cells as they were, with the columns
// 原行号 错误列 错误值 错误原因 behind. Mended, it can be imported as it is; Read passes
// over these columns. Without problems nothing is written.
//
// It fails with fault.Invalid where src cannot be read, and with fault.Refused where dst
// cannot be written or is src itself.
func Errors(dst, src string, problems []roster.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	if err := refuseSame(dst, src); err != nil {
		return err
	}
	in, err := xlsx.Open(src, xlsx.DefaultLimits)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := newBook("花名册导入错误", fullSheet)
	if err != nil {
		return err
	}
	defer out.close()
	c := &errorCopy{in: in, out: out}
	for sheet, rows := range c.bySheet(problems) {
		if err := c.copySheet(in.Sheets[sheet], rows); err != nil {
			return err
		}
	}
	return out.save(dst)
}

func refuseSame(dst, src string) error {
	from, err := os.Stat(src)
	if err != nil {
		return nil // opening it says what is wrong
	}
	if to, err := os.Stat(dst); err == nil && os.SameFile(from, to) {
		return fault.New(fault.Refused, "错误工作簿不能写到原花名册“%s”上，请换一个文件名", dst)
	}
	return nil
}

// errorCopy copies refused rows from one workbook to another.
type errorCopy struct {
	in    *xlsx.Book
	out   *book
	notes int // on cells, so far
}

// maxNotes is how many cells get a note: excelize keeps notes in memory, and whoever has
// more to mend than this looks for the cause, not at the cells.
const maxNotes = 500

// bySheet yields the sheets that have refused rows, in the workbook's order, with the
// problems of each row.
func (c *errorCopy) bySheet(problems []roster.Problem) func(func(int, map[int][]roster.Problem) bool) {
	byName := map[string]map[int][]roster.Problem{}
	for _, p := range problems {
		if byName[p.Place.Sheet] == nil {
			byName[p.Place.Sheet] = map[int][]roster.Problem{}
		}
		byName[p.Place.Sheet][p.Place.Row] = append(byName[p.Place.Sheet][p.Place.Row], p)
	}
	return func(yield func(int, map[int][]roster.Problem) bool) {
		for i, sheet := range c.in.Sheets {
			if rows := byName[sheet.Name]; rows != nil && !yield(i, rows) {
				return
			}
		}
	}
}

// copySheet copies the refused rows of one sheet.
func (c *errorCopy) copySheet(sheet xlsx.Sheet, problems map[int][]roster.Problem) error {
	l, _ := layout.Of(sheet.Name)
	if l == nil && clean.Squeeze(sheet.Name) == layout.Opening.Name {
		l = &layout.Opening
	}
	if l == nil {
		return fmt.Errorf("write errors: %q is no sheet of a roster", sheet.Name)
	}
	var to *errorSheet
	found := func(h *read.Headings) (err error) {
		to, err = c.newSheet(sheet.Name, h)
		return err
	}
	err := read.Rows(c.in, l, sheet, found, func(row xlsx.Row) error {
		if p := problems[row.Number]; p != nil {
			return to.add(row, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if to == nil {
		return errors.New("write errors: sheet without headings")
	}
	return to.end()
}

// errorSheet is a sheet of the errors workbook.
type errorSheet struct {
	*streamed
	copy *errorCopy
	in   *xlsx.Book
	from *read.Headings
	to   []int // by column of the source: column here, −1 for one that is left out
}

func (c *errorCopy) newSheet(name string, h *read.Headings) (*errorSheet, error) {
	s := &errorSheet{copy: c, in: c.in, from: h}
	var heads []heading
	for col, text := range h.Names {
		if slices.Contains(layout.ErrorHeadings, text) {
			s.to = append(s.to, -1) // of an errors workbook that still has errors
			continue
		}
		s.to = append(s.to, len(heads))
		if known := h.At[col]; known >= 0 {
			heads = append(heads, headingsOf(h.Layout)[known])
		} else {
			heads = append(heads, heading{text: text, width: 12})
		}
	}
	for i := range heads {
		heads[i].width = min(heads[i].width, widestCopy)
	}
	first := len(heads)
	widths := []int{8, 16, 24, 60}
	for i, text := range layout.ErrorHeadings {
		heads = append(heads, heading{text: text, width: widths[i]})
	}
	var err error
	s.streamed, err = c.out.sheetOf(&streamed{name: name, headings: heads, aside: first})
	return s, err
}

// widestCopy bounds the width of copied columns; longer texts wrap.
const widestCopy = 26

// add writes one refused row and what is wrong with it.
func (s *errorSheet) add(row xlsx.Row, problems []roster.Problem) error {
	cells := make([]any, len(s.headings))
	for _, c := range row.Cells {
		if c.Col >= len(s.to) || s.to[c.Col] < 0 {
			continue
		}
		col := s.to[c.Col]
		wrong := slices.ContainsFunc(problems, func(p roster.Problem) bool { return p.Column == s.headings[col].text })
		cells[col] = s.copied(c, wrong)
	}
	for _, p := range problems { // what is missing has no cell in the source
		col := slices.IndexFunc(s.headings, func(h heading) bool { return h.text == p.Column })
		if col >= 0 && cells[col] == nil {
			cells[col] = excelize.Cell{StyleID: s.book.styles.wrong}
		}
	}
	slices.SortStableFunc(problems, func(a, b roster.Problem) int {
		return cmp.Compare(s.from.Layout.Find(a.Column), s.from.Layout.Find(b.Column))
	})
	var columns, values, reasons []string
	for _, p := range problems {
		columns, values = append(columns, p.Column), append(values, p.Value)
		if p.Column != "" {
			p.Reason = p.Column + "：" + p.Reason
		}
		reasons = append(reasons, p.Reason)
	}
	last := len(cells) - len(layout.ErrorHeadings)
	cells[last] = excelize.Cell{StyleID: s.book.styles.plain, Value: row.Number}
	lines := 1
	for i := range cells[:last] {
		switch c := cells[i].(type) {
		case nil:
			cells[i] = excelize.Cell{StyleID: s.book.styles.plain}
		case excelize.Cell:
			if text, ok := c.Value.(string); ok {
				lines = max(lines, linesOf(text, s.headings[i].width))
			}
		}
	}
	for i, list := range [][]string{columns, values, reasons} {
		text := strings.Join(list, "；")
		cells[last+1+i] = excelize.Cell{StyleID: s.book.styles.reason, Value: clean.Neutral(text)}
		lines = max(lines, linesOf(text, s.headings[last+1+i].width))
	}
	if err := s.addLines(cells, lines); err != nil {
		return err
	}
	return s.note(problems)
}

// linesOf is how many lines a text takes in a column so wide, which keeps one character free
// for its margins; a Chinese character takes two, and lines do not break within a number.
func linesOf(text string, width int) int {
	n := 0
	for _, r := range text {
		n++
		if r >= 0x2000 {
			n++
		}
	}
	room := width - 1
	return (n + n/12 + room - 1) / room
}

// note writes the reason beside each wrong cell of the last row.
func (s *errorSheet) note(problems []roster.Problem) error {
	for _, p := range problems {
		col := slices.IndexFunc(s.headings, func(h heading) bool { return h.text == p.Column })
		if col < 0 || s.copy.notes >= maxNotes {
			continue
		}
		s.copy.notes++
		note := excelize.Comment{Cell: fmt.Sprint(layout.Letters(col), s.rows), Author: "disburse", Text: p.Reason, Width: 260, Height: 70}
		if err := s.book.file.AddComment(s.title, note); err != nil {
			return fmt.Errorf("note the reason: %w", err)
		}
	}
	return nil
}

// copied returns a cell as it was, red where it is wrong. Whole numbers and dates stay
// such cells. What importing must not take for mended stays recognisably wrong: a number
// that lost digits is written with its exponent, a formula without result as an error.
func (s *errorSheet) copied(c xlsx.Cell, wrong bool) excelize.Cell {
	out := excelize.Cell{StyleID: s.book.styles.plain, Value: copiedText(c.Text)}
	if wrong {
		out.StyleID = s.book.styles.wrong
	}
	switch c.Kind {
	case xlsx.Broken:
		out.Value = xlsx.ErrorValues[0]
	case xlsx.Bool:
		out.Value = c.Text == "TRUE"
	case xlsx.Number:
		if date, timed, ok := s.in.DateOf(c.Text); c.Date && ok && !timed {
			return s.copiedDate(date, wrong)
		}
		out.Value = s.copiedNumber(c)
	}
	return out
}

func (s *errorSheet) copiedNumber(c xlsx.Cell) any {
	shown := s.in.Shown(c)
	if n, err := strconv.ParseInt(shown, 10, 64); err == nil {
		return n
	}
	return shown
}

func (s *errorSheet) copiedDate(date month.Date, wrong bool) excelize.Cell {
	serial := int(date - month.DateOf(1899, 12, 30))
	if serial <= 60 {
		return excelize.Cell{StyleID: s.book.styles.plain, Value: date.String()} // before dates that a cell can hold
	}
	style := s.book.styles.plainDate
	if wrong {
		style = s.book.styles.wrongDate
	}
	return excelize.Cell{StyleID: style, Value: serial}
}

// copiedText neutralises a cell's text so that reading it gives what reading the
// original gave: text that was neutralised already stays as it is.
func copiedText(s string) string {
	if clean.FormulaLike(s) {
		return "'" + s
	}
	return s
}
