package workbook

import "math"

// Margins of a page, in inches.
const (
	sideMargin = 0.4
	edgeMargin = 0.6
)

// A4 in inches, upright.
const (
	a4Width  = 210 / 25.4
	a4Height = 297 / 25.4
)

// MaxBreaks is how many page breaks a sheet may have: Excel takes 1026.
const MaxBreaks = 1000

// charPixels is how wide a digit of the default font is at most at 96 pixels an inch: 8
// in Excel for 宋体 11, more than 9 where a program has to put DejaVu Sans in its place.
const charPixels = 9.35

// FitScale returns the Scale at which columns of the widths fit on one A4 page.
func FitScale(widths []float64, landscape bool) int {
	paper := a4Width
	if landscape {
		paper = a4Height
	}
	pixels := 0.0
	for _, w := range widths {
		pixels += math.Ceil(w * charPixels)
	}
	const room = 0.985 // lines of the grid, and rounding
	return max(10, min(100, int((paper-2*sideMargin)*96*room/pixels*100)))
}

// PageRoom returns how many points of row height A4 pages hold at a Scale, repeated
// rows included. It is a little less than there is, so that no program breaks a page
// before the break that is written.
func PageRoom(scale int, landscape bool) float64 {
	paper := a4Height
	if landscape {
		paper = a4Width
	}
	const room = 0.97
	return (paper - 2*edgeMargin) * 72 * room * 100 / float64(scale)
}

// Break begins a new page with a row, counted from 1. Beyond MaxBreaks it does nothing.
func (s *Sheet) Break(row int) {
	if row > 1 && len(s.breaks) < MaxBreaks {
		s.breaks = append(s.breaks, row)
	}
}

// Breaks returns how many page breaks there are.
func (s *Sheet) Breaks() int { return len(s.breaks) }

// Filter puts drop-down filters on a row of headings, for the rows down to last.
func (s *Sheet) Filter(heading, last int) { s.filter = [2]int{heading, last} }
