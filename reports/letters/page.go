package letters

import (
	"fmt"
	"math"
	"strings"

	"disburse/internal/money"
	"disburse/reports/sheet"
	"disburse/reports/workbook"
)

// leaf is the page of one letter, composed before it is written.
type leaf struct {
	look     *letterLook
	s        *Sheaf
	rows     []leafRow
	foot     int // rows from here on stand at the foot of the page; 0: none
	height   float64
	sections int
}

type leafRow struct {
	height float64
	write  func(t *sheet.Table)
}

// maxRowHeight is the most that a row may have.
const maxRowHeight = 400.0

func (f *leaf) row(height float64, write func(t *sheet.Table)) {
	f.rows = append(f.rows, leafRow{height, write})
	f.height += height
}

func (f *leaf) space(height float64) { f.row(height, func(t *sheet.Table) { t.Blank(f.look.body, 1) }) }

// atFoot has what follows stand at the foot of the page.
func (f *leaf) atFoot() { f.foot = len(f.rows) }

func (f *leaf) write() {
	for i, r := range f.rows {
		if i == f.foot && i > 0 {
			for free := f.s.room - f.height; free > 1; free -= maxRowHeight {
				f.s.now.Row(math.Min(free, maxRowHeight))
				f.s.now.Blank(f.look.body, 1)
			}
		}
		f.s.now.Row(r.height)
		r.write(f.s.now)
	}
}

// lines is how high text in columns of a width is, at the size of the letter and less.
func (f *leaf) lines(text string, width, less float64) float64 {
	size, n := f.look.size-less, 0.0
	for line := range strings.SplitSeq(text, "\n") {
		n += math.Max(1, math.Ceil(sheet.TextWidth(line)*size/11*1.06/width))
	}
	return n*size*1.45 + 4
}

func (f *leaf) width() float64 {
	sum := 0.0
	for _, c := range f.s.spec.Columns {
		sum += c.Width
	}
	return sum
}

// title writes the name of the letter with the mark of a draft.
func (f *leaf) title(what string) {
	text, _ := f.s.Headline(what)
	st := f.look.title
	if f.s.Mark != "" {
		st = f.look.marked
	}
	f.row(2.6*f.look.size, func(t *sheet.Table) { f.across(t, st, text) })
}

// para writes running text over the whole width.
func (f *leaf) para(text string) {
	f.row(f.lines(text, f.width(), 0), func(t *sheet.Table) { f.across(t, f.look.body, text) })
}

// section writes the heading of a part, numbered.
func (f *leaf) section(text string) {
	f.sections++
	text = sectionNumber(f.sections) + "、" + text
	f.row(2.3*f.look.size, func(t *sheet.Table) { f.across(t, f.look.section, text) })
}

func sectionNumber(n int) string { return string([]rune("一二三四五六七八九十")[n-1]) }

// sides writes one text at the left and one at the right.
func (f *leaf) sides(left, right string) {
	f.row(1.7*f.look.size, func(t *sheet.Table) {
		n := len(t.Spec.Columns)
		cut := t.SplitAt(0.55)
		t.Text(f.look.body, left)
		t.Blank(f.look.body, cut-1)
		t.Merge(1, cut)
		t.Text(f.look.right, right)
		t.Blank(f.look.right, n-cut-1)
		t.Merge(cut+1, n)
	})
}

func (f *leaf) across(t *sheet.Table, st workbook.Style, text string) {
	n := len(t.Spec.Columns)
	t.Text(st, text)
	t.Blank(st, n-1)
	t.Merge(1, n)
}

func (f *leaf) headings() {
	f.row(2*f.look.size, func(t *sheet.Table) {
		for _, c := range t.Spec.Columns {
			t.Text(f.look.head, c.Name)
		}
	})
}

// cells writes a row of the table: texts and amounts, as high as its texts need.
func (f *leaf) cells(cells ...any) {
	height := 1.8 * f.look.size
	for i, c := range cells {
		if text, ok := c.(string); ok {
			height = math.Max(height, f.lines(text, f.s.spec.Columns[i].Width-1, 1))
		}
	}
	f.row(height, func(t *sheet.Table) {
		for i, c := range cells {
			switch c := c.(type) {
			case money.Fen:
				t.Amount(f.look.amount, c)
			case string:
				if i == 0 {
					t.Text(f.look.text, c)
				} else {
					t.Text(f.look.center, c)
				}
			}
		}
	})
}

// only writes a row of the table that is one text.
func (f *leaf) only(text string) {
	f.row(f.lines(text, f.width(), 1)+4, func(t *sheet.Table) { f.across(t, f.look.center, text) })
}

// words writes an amount in 大写 below a table.
func (f *leaf) words(what string, a money.Fen) {
	text := what + "（大写）：" + a.Chinese()
	f.row(f.lines(text, f.width(), 0)+4, func(t *sheet.Table) { f.across(t, f.look.total, text) })
}

// seal writes who sends the letter, and its day.
func (f *leaf) seal() {
	f.space(0.6 * f.look.size)
	f.sides("", f.s.Issue.Batch.Bureau+"（盖章）　　　　")
	date := "　　　　年　　月　　日"
	if d := f.s.Issue.Date(); d != 0 {
		date = d.Month().Chinese() + fmt.Sprintf("%d日", d.Day())
	}
	f.sides("", date+"　　　　")
}
