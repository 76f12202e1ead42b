package write

import (
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

func saveFault(err error, path string) error {
	return fault.Wrap(err, fault.Refused, "文件“%s”写不进去，请检查目录、权限和磁盘空间", path)
}

// book is a roster workbook that is being written with excelize's StreamWriter.
type book struct {
	file   *excelize.File
	styles bookStyles
	sheets []extent
	limit  int // rows of a sheet, headings included
}

// extent is the size of a sheet.
type extent struct{ columns, rows int }

// bookStyles are excelize's numbers of the cell styles.
type bookStyles struct{ heading, required, text, date, plain, plainDate, wrong, wrongDate, reason int }

// streamed is a sheet that is being written. When it is full, another one continues it.
type streamed struct {
	book     *book
	name     string // of the first sheet: 人员
	title    string // of this one: 人员2
	part     int
	headings []heading
	aside    int // column that begins another page beside, where the sheet is wider than a page; 0: none
	writer   *excelize.StreamWriter
	rows     int // written, headings included
	file     int // number in the file names of sheets
	row      []any
}

// heading is the head of a column that is being written.
type heading struct {
	text     string
	required bool
	style    bool // cells are text
	width    int
}

// newBook starts a workbook. title is what its properties say it is.
func newBook(title string, limit int) (*book, error) {
	b := &book{file: excelize.NewFile(), limit: limit}
	if err := b.addStyles(); err != nil {
		b.close()
		return nil, fmt.Errorf("add styles: %w", err)
	}
	const epoch = "2000-01-01T00:00:00Z" // never the clock: same roster, same bytes
	err := b.file.SetDocProps(&excelize.DocProperties{
		Title: title, Creator: "disburse", LastModifiedBy: "disburse", Language: "zh-CN", Created: epoch, Modified: epoch,
	})
	if err != nil {
		b.close()
		return nil, fmt.Errorf("set properties: %w", err)
	}
	return b, nil
}

func (b *book) addStyles() error {
	const textFormat = 49 // @
	dateFormat := "yyyy-mm-dd"
	red := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F8CBAD"}}
	thin := []excelize.Border{{Type: "bottom", Style: 1, Color: "808080"}}
	grid, flow := []excelize.Border(nil), &excelize.Alignment{WrapText: true, Vertical: "center"} // of cells that are read on paper
	for _, side := range []string{"left", "top", "right", "bottom"} {
		grid = append(grid, excelize.Border{Type: side, Style: 1, Color: "808080"})
	}
	head := func(fill string) *excelize.Style {
		return &excelize.Style{
			Font: &excelize.Font{Bold: true}, Border: thin, NumFmt: textFormat,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"},
		}
	}
	for _, s := range []struct {
		number *int
		style  *excelize.Style
	}{
		{&b.styles.heading, head("E7E6E6")},
		{&b.styles.required, head("FFE699")},
		{&b.styles.text, &excelize.Style{NumFmt: textFormat}},
		{&b.styles.date, &excelize.Style{CustomNumFmt: &dateFormat}},
		{&b.styles.plain, &excelize.Style{Border: grid, Alignment: flow}},
		{&b.styles.plainDate, &excelize.Style{CustomNumFmt: &dateFormat, Border: grid, Alignment: flow}},
		{&b.styles.wrong, &excelize.Style{NumFmt: textFormat, Fill: red, Border: grid, Alignment: flow}},
		{&b.styles.wrongDate, &excelize.Style{CustomNumFmt: &dateFormat, Fill: red, Border: grid, Alignment: flow}},
		{&b.styles.reason, &excelize.Style{NumFmt: textFormat, Border: grid, Alignment: flow}},
	} {
		n, err := b.file.NewStyle(s.style)
		if err != nil {
			return err
		}
		*s.number = n
	}
	return nil
}

// headingsOf returns a layout's headings.
func headingsOf(l *layout.Sheet) []heading {
	var out []heading
	for _, c := range l.Columns {
		out = append(out, heading{c.Heading, c.Required, c.Text, c.Width})
	}
	return out
}

// sheet begins a sheet.
func (b *book) sheet(name string, headings []heading) (*streamed, error) {
	return b.sheetOf(&streamed{name: name, headings: headings})
}

func (b *book) sheetOf(s *streamed) (*streamed, error) {
	s.book = b
	return s, s.begin()
}

// begin starts the sheet, or the next one once it is full.
func (s *streamed) begin() error {
	b := s.book
	s.part++
	s.title = s.name
	if s.part > 1 {
		s.title = fmt.Sprint(s.name, s.part)
	}
	s.file = len(b.sheets) + 1
	var err error
	if s.file == 1 {
		err = b.file.SetSheetName("Sheet1", s.title)
	} else {
		_, err = b.file.NewSheet(s.title)
	}
	if err != nil {
		return fmt.Errorf("add sheet %s: %w", s.title, err)
	}
	if err := printAcross(b.file, s.title, s.headings); err != nil {
		return err
	}
	if s.writer, err = b.file.NewStreamWriter(s.title); err != nil {
		return fmt.Errorf("open sheet %s: %w", s.title, err)
	}
	b.sheets = append(b.sheets, extent{columns: len(s.headings)})
	return s.head()
}

// head sets the columns and writes the headings, which stay in sight.
func (s *streamed) head() error {
	styles := s.book.styles
	cells := make([]any, len(s.headings))
	for i, h := range slices.Backward(s.headings) { // excelize writes the last column that it is told first
		if err := s.writer.SetColWidth(i+1, i+1, float64(h.width)); err != nil {
			return fmt.Errorf("set width of %s: %w", h.text, err)
		}
		if h.style {
			if err := s.writer.SetColStyle(i+1, i+1, styles.text); err != nil {
				return fmt.Errorf("set style of %s: %w", h.text, err)
			}
		}
		style := styles.heading
		if h.required {
			style = styles.required
		}
		cells[i] = excelize.Cell{StyleID: style, Value: h.text}
	}
	if _, fits := scaleOf(s.headings); s.aside > 0 && !fits {
		if err := s.writer.InsertPageBreak(layout.Letters(s.aside) + "1"); err != nil {
			return fmt.Errorf("break page of %s: %w", s.title, err)
		}
	}
	frozen := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := s.writer.SetPanes(frozen); err != nil {
		return fmt.Errorf("freeze headings: %w", err)
	}
	s.rows = 0
	return s.add(cells)
}

// room makes sure that the next n rows stand on one sheet, as far as a sheet holds them.
func (s *streamed) room(n int) error {
	if s.rows+n <= s.book.limit || s.rows == 1 {
		return nil
	}
	if err := s.end(); err != nil {
		return err
	}
	return s.begin()
}

// add writes a row. Empty cells are nil.
func (s *streamed) add(cells []any) error { return s.addLines(cells, 1) }

// addLines writes a row so high that wrapped texts of so many lines are seen.
func (s *streamed) addLines(cells []any, lines int) error {
	if s.rows >= s.book.limit {
		if err := s.room(1); err != nil {
			return err
		}
	}
	s.rows++
	var opt []excelize.RowOpts
	if lines > 1 {
		opt = append(opt, excelize.RowOpts{Height: min(15*float64(lines)+3, 400)})
	}
	if err := s.writer.SetRow(fmt.Sprintf("A%d", s.rows), cells, opt...); err != nil {
		return fmt.Errorf("write row %d of %s: %w", s.rows, s.title, err)
	}
	return nil
}

// texts writes a row of texts, each neutralised; empty ones make no cell.
func (s *streamed) texts(values ...string) error {
	s.row = s.row[:0]
	for _, v := range values {
		if v == "" {
			s.row = append(s.row, nil)
		} else {
			s.row = append(s.row, clean.Neutral(v))
		}
	}
	return s.add(s.row)
}

// end finishes the present sheet.
func (s *streamed) end() error {
	s.book.sheets[s.file-1].rows = s.rows
	if err := s.writer.Flush(); err != nil {
		return fmt.Errorf("finish sheet %s: %w", s.title, err)
	}
	return nil
}

// save writes the workbook to path, with mode 0600.
func (b *book) save(path string) error {
	sizes := map[string]string{}
	for i, s := range b.sheets {
		sizes[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = fmt.Sprintf("A1:%s%d", layout.Letters(s.columns-1), s.rows)
	}
	return replaceFile(path, func(w io.Writer) error { return pack(b.file, w, sizes) })
}

// close removes what excelize keeps on disk meanwhile.
func (b *book) close() error { return b.file.Close() }

// fullSheet is what a sheet holds at most.
const fullSheet = xlsx.MaxRows
