package sheet

import (
	"disburse/reports/workbook"
)

// Heights of rows, in points.
const (
	RowHeight     = 16.0 // of a body row that needs one line
	handHeight    = 23.0 // of a row with cells to fill in
	HeadHeight    = 24.0
	SectionHeight = 24.0 // of the name of a part
	SumHeight     = 20.0 // of subtotals and totals
	WordsHeight   = 22.0 // of 大写
	SignHeight    = 48.0
)

// BodyWithTail is how many body rows come along to the last page with the signatures.
const BodyWithTail = 3

// page is how full the present printed page of a table is. Pages are broken here, at
// a fixed size of print, so that what is on a page is known while it is written.
type page struct {
	room     float64 // points of height
	used     float64
	repeated float64 // of the rows that every page repeats
	first    int     // row that the page begins with
	heading  int     // row of the column headings
	recent   [BodyWithTail]int
	count    int // body rows on the page
}

func (t *Table) newPage() page {
	l := t.layout()
	p := page{room: workbook.PageRoom(l.Scale, l.Landscape), first: 1}
	switch {
	case t.Spec.Parts:
		p.repeated = 30 + 18
	case !t.Spec.Late || t.part > 1:
		p.repeated = 30 + 18 + HeadHeight
	}
	return p
}

// body notes a body row.
func (p *page) body(row int) {
	copy(p.recent[:], p.recent[1:])
	p.recent[BodyWithTail-1] = row
	p.count++
}

// Together makes a row the first of those that come along with what keep keeps, until
// enough body rows follow it: a part of a few rows moves as a whole.
func (t *Table) Together(row int) {
	for i := range t.page.recent {
		t.page.recent[i] = row
	}
}

// OnThisPage is how many body rows the present page has.
func (t *Table) OnThisPage() int { return t.page.count }

// Row begins a row, on a new page when this one is full.
func (t *Table) Row(height float64) {
	if !t.Fits(orDefault(height)) {
		t.nextPage()
	}
	t.page.used += orDefault(height)
	t.Sheet.Row(height)
}

func orDefault(height float64) float64 {
	if height == 0 {
		return RowHeight
	}
	return height
}

// nextPage begins a new page with the row that comes next, and with the headings of the
// part that goes on there (see Begin).
func (t *Table) nextPage() {
	t.BreakAt(t.Next())
	if head := t.resume; head != nil {
		t.resume = nil // not again while they are written
		head()
		t.resume = head
	}
}

// Begin begins a part of a sheet that has several (Spec.Parts), with a name and
// headings of its own, nil for none. Programs repeat the same rows on every page, which
// would put one part under the headings of another; so a part's headings are written again
// on each page on which it goes on. A part stays together: where its rows, so many points
// high, do not fit on the rest of this page but on a whole one, it begins a new page.
func (t *Table) Begin(name string, head func(), rows float64) {
	t.resume = nil
	height := SectionHeight + rows
	if head != nil {
		height += HeadHeight
	}
	least := min(height, SectionHeight+2*HeadHeight+BodyWithTail*RowHeight)
	if !t.Fits(height) && (height <= t.page.room-t.page.repeated || !t.Fits(least)) {
		t.BreakAt(t.Next())
	}
	if name != "" {
		t.Section(name)
	}
	if head != nil {
		head()
	}
	t.resume = head
}

// Fits reports whether so many points of height are left on the page.
func (t *Table) Fits(height float64) bool { return t.page.used+height <= t.page.room }

// BreakAt begins a new page with a row.
func (t *Table) BreakAt(row int) {
	t.Break(row)
	t.page.used, t.page.first, t.page.count = t.page.repeated, row, 0
}

// ReserveTop keeps rows for later and counts them as used. More than a page of them is
// left to the program that prints.
func (t *Table) ReserveTop(n int) *workbook.Rows {
	t.page.used += float64(n)*18 + 12
	for t.page.used > t.page.room {
		t.page.used -= t.page.room - t.page.repeated
	}
	return t.Reserve(n)
}

// KeepTogether makes sure that the end of a table, so many points high, is on one page, and
// not on one of its own: the last body rows come along. Signatures alone on a sheet of
// paper could be put under anything.
func (t *Table) KeepTogether(height float64) {
	if t.Spec.Parts { // headings cannot come before rows that are written
		if !t.Fits(height) {
			t.nextPage()
		}
		return
	}
	from := t.page.recent[0]
	if t.Fits(height) || from <= t.page.first {
		return
	}
	t.BreakAt(from)
	row := RowHeight
	if t.Spec.ByHand {
		row = handHeight
	}
	t.page.used += float64(t.Next()-from) * row
}

// TailHeight is the height of total, 大写, notes and signatures.
func (t *Table) TailHeight(totals int, notes ...string) float64 {
	height := float64(totals)*SumHeight + WordsHeight + SignHeight + 2*WordsHeight
	for _, n := range notes {
		height += t.NoteHeight(n)
	}
	return height
}
