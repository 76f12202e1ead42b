package workbook

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Layout is how a sheet looks on screen and on paper. Paper is always A4, the
// width of the sheet on one page, pages numbered 第 x 页 共 y 页.
type Layout struct {
	// Scale is the size of print in percent, 10 to 100; 0 leaves it to the program to
	// fit the width. Programs may ignore page breaks unless it is given: see FitScale.
	Scale     int
	RowHeight float64   // of rows that have none of their own, in points; 0: the program's
	Widths    []float64 // of the columns, in characters of the default font
	Landscape bool
	Frozen    int    // rows at the top that stay in view
	FrozenCol int    // columns at the left that stay in view
	Repeat    [2]int // first and last row that every page repeats; 0: none
	Header    string // at the top of every page, in the middle; empty for none
	HeadLeft  string // at the top of every page, at the left
	HeadRight string // and at the right
	Footer    string // at the left of the foot of every page
	TabColor  string // RGB; empty for none
	Choices   []Choice
}

// Choice lets the cells of a column hold one of a few words, or nothing.
type Choice struct {
	Column      int // from 1
	First, Last int // rows
	Words       []string
}

// apply adds the drop-down list.
func (c Choice) apply(f *excelize.File, sheet string) error {
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(cellName(c.Column, c.First) + ":" + cellName(c.Column, c.Last))
	if err := dv.SetDropList(c.Words); err != nil {
		return err
	}
	dv.SetError(excelize.DataValidationErrorStyleStop, "请选择", "只能填："+strings.Join(c.Words, "、"))
	return f.AddDataValidation(sheet, dv)
}

const maxHeaderFooter = 255

// apply makes excelize's side of the sheet: everything but its rows.
func (l Layout) apply(f *excelize.File, s *Sheet) error {
	name := s.name
	steps := []func() error{
		func() error { return f.SetSheetDimension(name, s.dimension()) },
		func() error { return s.filtered(f) }, // first: excelize forgets sheet properties with it
		func() error { return l.page(f, name) },
		func() error { return l.headerFooter(f, name) },
		func() error {
			return f.AddIgnoredErrors(name, "A1:XFD1048576", excelize.IgnoredErrorsNumberStoredAsText)
		},
		func() error { return l.repeat(f, name) },
		func() error { return s.charted(f) },
		func() error { return l.stream(f, s) },
	}
	for _, c := range l.Choices {
		steps = append(steps[:len(steps)-1], func() error { return c.apply(f, name) }, steps[len(steps)-1])
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("lay out sheet %s: %w", name, err)
		}
	}
	return nil
}

func (l Layout) page(f *excelize.File, name string) error {
	a4, orientation, width, height, fit := 9, "portrait", 1, 0, l.Scale == 0
	side, edge, foot := sideMargin, edgeMargin, 0.3
	if l.Landscape {
		orientation = "landscape"
	}
	opt := &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &width, FitToHeight: &height}
	if l.Scale > 0 {
		scale := uint(l.Scale)
		opt.AdjustTo = &scale
	}
	if err := f.SetPageLayout(name, opt); err != nil {
		return err
	}
	center := true
	if err := f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &edge, Bottom: &edge, Header: &foot, Footer: &foot, Horizontally: &center,
	}); err != nil {
		return err
	}
	props := &excelize.SheetPropsOptions{FitToPage: &fit}
	if l.TabColor != "" {
		argb := "FF" + l.TabColor // the schema wants eight digits, opacity first
		props.TabColorRGB = &argb
	}
	if l.RowHeight > 0 {
		custom := true
		props.DefaultRowHeight, props.CustomHeight = &l.RowHeight, &custom
	}
	return f.SetSheetProps(name, props)
}

// headerFooter writes the page's head and foot, in which & begins a code.
func (l Layout) headerFooter(f *excelize.File, name string) error {
	plain := func(s string) string { return strings.ReplaceAll(s, "&", "&&") }
	opt := &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页 共 &N 页"}
	if l.Footer != "" {
		opt.OddFooter = "&L" + plain(l.Footer) + "&R第 &P 页 共 &N 页"
	}
	if l.HeadLeft != "" {
		opt.OddHeader = "&L&9 " + plain(l.HeadLeft) // the space ends the size, for a digit may follow
	}
	middle := ""
	if l.Header != "" {
		middle = `&C&"` + Font + `,Bold"&14` + plain(l.Header)
	}
	opt.OddHeader += middle
	if l.HeadRight != "" {
		opt.OddHeader += "&R&9 " + plain(l.HeadRight)
	}
	if len(utf16.Encode([]rune(opt.OddFooter))) > maxHeaderFooter {
		opt.OddFooter = "&C第 &P 页 共 &N 页"
	}
	if len(utf16.Encode([]rune(opt.OddHeader))) > maxHeaderFooter {
		opt.OddHeader = middle
	}
	return f.SetHeaderFooter(name, opt)
}

func (l Layout) repeat(f *excelize.File, name string) error {
	if l.Repeat[0] == 0 {
		return nil
	}
	quoted := "'" + strings.ReplaceAll(name, "'", "''") + "'"
	return f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: name, RefersTo: fmt.Sprintf("%s!$%d:$%d", quoted, l.Repeat[0], l.Repeat[1]),
	})
}

// stream uses excelize's stream writer for what stands around the rows: unlike its
// other functions it does not build rows in memory for a merged cell far down.
func (l Layout) stream(f *excelize.File, s *Sheet) error {
	sw, err := f.NewStreamWriter(s.name)
	if err != nil {
		return err
	}
	for i, width := range slices.Backward(l.Widths) { // excelize writes the last one first
		if err := sw.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if l.Frozen > 0 || l.FrozenCol > 0 {
		if err := sw.SetPanes(l.panes()); err != nil {
			return err
		}
	}
	for _, row := range s.breaks {
		if err := sw.InsertPageBreak(cellName(1, row)); err != nil {
			return err
		}
	}
	for _, m := range s.merged {
		if err := sw.MergeCell(m[0], m[1]); err != nil {
			return err
		}
	}
	return sw.Flush()
}

func (l Layout) panes() *excelize.Panes {
	pane := "bottomLeft"
	switch {
	case l.FrozenCol > 0 && l.Frozen > 0:
		pane = "bottomRight"
	case l.FrozenCol > 0:
		pane = "topRight"
	}
	return &excelize.Panes{
		Freeze: true, XSplit: l.FrozenCol, YSplit: l.Frozen,
		TopLeftCell: cellName(l.FrozenCol+1, l.Frozen+1), ActivePane: pane,
	}
}

// SheetName makes a legal name of a sheet: at most 31 UTF-16 units, none of
// : \ / ? * [ ], no apostrophe at either end, never empty.
func SheetName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
	units := 0
	for i, r := range clean {
		units += utf16.RuneLen(r)
		if units > excelize.MaxSheetNameLength {
			clean = clean[:i]
			break
		}
	}
	clean = strings.Trim(clean, "' ")
	if clean == "" {
		return "表"
	}
	return clean
}

// cellName writes a cell's place, A1; both are counted from 1.
func cellName(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		panic(fmt.Sprintf("workbook: no cell at column %d, row %d", col, row)) // a defect: columns and rows are ours
	}
	return name
}
