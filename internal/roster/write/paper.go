package write

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"disburse/internal/roster/layout"
)

// Print is never smaller than leastScale, which makes 8 points of the cells' 11: a sheet
// that is wider goes on beside, on pages that repeat who it is about.
const (
	leastScale = 73  // percent
	paperWidth = 110 // characters of the cells' font that A4 across holds at 100 %, in whatever font a program takes for it
)

// scaleOf is the size of print in percent at which columns fit the width of a page, and
// whether it is one that can be read.
func scaleOf(headings []heading) (scale int, fits bool) {
	width := 0
	for _, h := range headings {
		width += h.width
	}
	if width <= paperWidth {
		return 100, true
	}
	scale = paperWidth * 100 / width
	return max(scale, leastScale), scale >= leastScale
}

// keysOf is how many columns at the left say who a row is about: those up to the ID number,
// where it is among the first; 0: none.
func keysOf(headings []heading) int {
	for i, h := range headings[:min(3, len(headings))] {
		if h.text == layout.People.Columns[layout.ColID].Heading {
			return i + 1
		}
	}
	return 0
}

// printAcross lays a sheet out for A4 across, with its first row, and the columns that say
// who a row is about, on every page. Without headings it is as wide as a page.
func printAcross(f *excelize.File, sheet string, headings []heading) error {
	a4, across, order, side, edge := 9, "landscape", "overThenDown", 0.4, 0.6
	opt := &excelize.PageLayoutOptions{Size: &a4, Orientation: &across}
	fit := headings == nil
	if fit {
		wide, long := 1, 0
		opt.FitToWidth, opt.FitToHeight = &wide, &long
	} else {
		percent, fits := scaleOf(headings)
		scale := uint(percent)
		opt.AdjustTo, opt.PageOrder = &scale, &order
		if err := printTitles(f, sheet, headings, fits); err != nil {
			return err
		}
	}
	for _, step := range []func() error{
		func() error { return f.SetPageLayout(sheet, opt) },
		func() error {
			return f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge})
		},
		func() error { return f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}) },
		func() error {
			return f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R第 &P 页 共 &N 页"})
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("lay out %s: %w", sheet, err)
		}
	}
	return nil
}

// printTitles has every page repeat the headings, and where the sheet is wider than a page
// the columns that say who a row is about.
func printTitles(f *excelize.File, sheet string, headings []heading, fits bool) error {
	quoted := "'" + strings.ReplaceAll(sheet, "'", "''") + "'!"
	refers := quoted + "$1:$1"
	if n := keysOf(headings); n > 0 && !fits {
		refers = fmt.Sprintf("%s$A:$%s,%s", quoted, layout.Letters(n-1), refers)
	}
	if err := f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheet, RefersTo: refers}); err != nil {
		return fmt.Errorf("repeat headings of %s: %w", sheet, err)
	}
	return nil
}
