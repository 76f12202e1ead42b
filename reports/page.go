package reports

import "disburse/reports/workbook"

// Heights of rows, in points.
const (
	rowHeight     = 16.0 // of a body row that needs one line
	handHeight    = 23.0 // of a row with cells to fill in
	headHeight    = 24.0
	sectionHeight = 24.0 // of the name of a part
	sumHeight     = 20.0 // of subtotals and totals
	wordsHeight   = 22.0 // of 大写
	signHeight    = 48.0
)

// bodyWithTail is how many body rows come along to the last page with the signatures.
const bodyWithTail = 3

// page is how full the present printed page of a table is. Pages are broken here, at
// a fixed size of print, so that what is on a page is known while it is written.
type page struct {
	room     float64 // points of height
	used     float64
	repeated float64 // of the rows that every page repeats
	first    int     // row that the page begins with
	heading  int     // row of the column headings
	recent   [bodyWithTail]int
	count    int // body rows on the page
}

func (t *table) newPage() page {
	l := t.layout()
	p := page{room: workbook.PageRoom(l.Scale, l.Landscape), first: 1}
	switch {
	case t.spec.parts:
		p.repeated = 30 + 18
	case !t.spec.late || t.part > 1:
		p.repeated = 30 + 18 + headHeight
	}
	return p
}

// body notes a body row.
func (p *page) body(row int) {
	copy(p.recent[:], p.recent[1:])
	p.recent[bodyWithTail-1] = row
	p.count++
}

// together makes a row the first of those that come along with what keep keeps, until
// enough body rows follow it: a part of a few rows moves as a whole.
func (t *table) together(row int) {
	for i := range t.page.recent {
		t.page.recent[i] = row
	}
}

// onThisPage is how many body rows the present page has.
func (t *table) onThisPage() int { return t.page.count }

// Row begins a row, on a new page when this one is full.
func (t *table) Row(height float64) {
	if !t.fits(orDefault(height)) {
		t.nextPage()
	}
	t.page.used += orDefault(height)
	t.Sheet.Row(height)
}

func orDefault(height float64) float64 {
	if height == 0 {
		return rowHeight
	}
	return height
}

// nextPage begins a new page with the row that comes next, and with the headings of the
// part that goes on there (see begins).
func (t *table) nextPage() {
	t.breakAt(t.Next())
	if head := t.resume; head != nil {
		t.resume = nil // not again while they are written
		head()
		t.resume = head
	}
}

// begins begins a part of a sheet that has several (tableSpec.parts), with a name and
// headings of its own, nil for none. Programs repeat the same rows on every page, which
// would put one part under the headings of another; so a part's headings are written again
// on each page on which it goes on. A part stays together: where its rows, so many points
// high, do not fit on the rest of this page but on a whole one, it begins a new page.
func (t *table) begins(name string, head func(), rows float64) {
	t.resume = nil
	height := sectionHeight + rows
	if head != nil {
		height += headHeight
	}
	least := min(height, sectionHeight+2*headHeight+bodyWithTail*rowHeight)
	if !t.fits(height) && (height <= t.page.room-t.page.repeated || !t.fits(least)) {
		t.breakAt(t.Next())
	}
	if name != "" {
		t.section(name)
	}
	if head != nil {
		head()
	}
	t.resume = head
}

// fits reports whether so many points of height are left on the page.
func (t *table) fits(height float64) bool { return t.page.used+height <= t.page.room }

// breakAt begins a new page with a row.
func (t *table) breakAt(row int) {
	t.Break(row)
	t.page.used, t.page.first, t.page.count = t.page.repeated, row, 0
}

// reserve keeps rows for later and counts them as used. More than a page of them is
// left to the program that prints.
func (t *table) reserve(n int) *workbook.Rows {
	t.page.used += float64(n)*18 + 12
	for t.page.used > t.page.room {
		t.page.used -= t.page.room - t.page.repeated
	}
	return t.Reserve(n)
}

// keep makes sure that the end of a table, so many points high, is on one page, and
// not on one of its own: the last body rows come along. Signatures alone on a sheet of
// paper could be put under anything.
func (t *table) keep(height float64) {
	if t.spec.parts { // headings cannot come before rows that are written
		if !t.fits(height) {
			t.nextPage()
		}
		return
	}
	from := t.page.recent[0]
	if t.fits(height) || from <= t.page.first {
		return
	}
	t.breakAt(from)
	row := rowHeight
	if t.spec.byHand {
		row = handHeight
	}
	t.page.used += float64(t.Next()-from) * row
}

// tailHeight is the height of total, 大写, notes and signatures.
func (t *table) tailHeight(totals int, notes ...string) float64 {
	height := float64(totals)*sumHeight + wordsHeight + signHeight + 2*wordsHeight
	for _, n := range notes {
		height += t.noteHeight(n)
	}
	return height
}
