package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/reports/workbook"
)

// sumStyles are the looks of a subtotal or total row.
type sumStyles struct{ label, amount, count workbook.Style }

// subStyles are the looks of a subtotal.
func (t *table) subStyles() sumStyles {
	return sumStyles{t.p.st.sub, t.p.st.subAmount, t.p.st.subCount}
}

// totalStyles are the looks of a total.
func (t *table) totalStyles() sumStyles {
	return sumStyles{t.p.st.total, t.p.st.totalAmount, t.p.st.totalCount}
}

// sumRow writes a row of sums: the label over the columns before the first summed one, then
// a cell for each summed column. Last of all may be a text, which takes the rest of the width.
func (t *table) sumRow(st sumStyles, label string, cells []cell) {
	n := len(t.spec.columns)
	at := slices.IndexFunc(t.spec.columns, func(c column) bool { return c.summed })
	if at < 0 {
		at = n
	}
	t.sumLabel(st, label, at)
	for ; at < n; at++ {
		switch {
		case len(cells) == 0, cells[0].kind != textCell && !t.spec.columns[at].summed:
			t.Blank(st.label, 1)
			continue
		case cells[0].kind == textCell:
			t.sumText(st, cells[0].text, at)
			return
		}
		t.sumCell(st, cells[0])
		cells = cells[1:]
	}
}

// sumLabel begins a row of sums with a label over the first columns.
func (t *table) sumLabel(st sumStyles, label string, span int) {
	t.Row(sumHeight)
	t.Text(st.label, label)
	t.Blank(st.label, span-1)
	t.Merge(1, span)
}

// sumText writes a text over the columns from at on.
func (t *table) sumText(st sumStyles, text string, at int) {
	n := len(t.spec.columns)
	t.Text(st.label, text)
	t.Blank(st.label, n-at-1)
	t.Merge(at+1, n)
}

// sumCell writes one sum.
func (t *table) sumCell(st sumStyles, c cell) {
	switch c.kind {
	case amountCell:
		t.Amount(st.amount, c.amount)
	case countCell:
		t.Int(st.count, c.count)
	default:
		t.Blank(st.label, 1)
	}
}

// subtotal writes a row of subtotals.
func (t *table) subtotal(label string, cells ...cell) { t.sumRow(t.subStyles(), label, cells) }

// total writes a row of totals.
func (t *table) total(label string, cells ...cell) { t.sumRow(t.totalStyles(), label, cells) }

// words writes an amount in 大写 over the whole width.
func (t *table) words(a money.Fen) {
	t.across(t.p.st.words, "合计金额（大写）："+a.Chinese(), wordsHeight)
}

// section writes the heading of a part of the sheet.
func (t *table) section(text string) { t.across(t.p.st.section, text, sectionHeight) }

// empty says that there is nothing to list.
func (t *table) empty(text string) {
	if t.rows == 0 && t.part == 1 {
		t.across(t.p.st.center, text, 24)
	}
}

// notes writes remarks, one a row.
func (t *table) notes(notes ...string) {
	for _, n := range notes {
		t.across(t.p.st.note, "注："+n, t.noteHeight(n))
	}
}

// noteHeight is how high the row of a note is.
func (t *table) noteHeight(note string) float64 { return t.height("注："+note, 10) }

// across writes text over the whole width.
func (t *table) across(st workbook.Style, text string, height float64) {
	t.Row(height)
	t.Text(st, text)
	t.Blank(st, len(t.spec.columns)-1)
	t.Merge(1, len(t.spec.columns))
}

// span is a text over some columns.
type span struct {
	columns int
	text    string
	style   workbook.Style
}

// over is a text over a number of columns.
func over(columns int, text string, style workbook.Style) span { return span{columns, text, style} }

// cells writes a row of spans.
func (t *table) cells(height float64, spans ...span) {
	t.Row(height)
	first := 1
	for _, s := range spans {
		t.Text(s.style, s.text)
		t.Blank(s.style, s.columns-1)
		t.Merge(first, first+s.columns-1)
		first += s.columns
	}
}

// height is how high a merged row must be for its text: programs do not find that
// out by themselves for merged cells.
func (t *table) height(text string, size float64) float64 {
	lines := 0.0
	for line := range strings.SplitSeq(text, "\n") {
		lines += math.Max(1, math.Ceil(textWidth(line)*size/11*1.05/t.width()))
	}
	return lines*size*1.5 + 3
}

// textWidth is how many columns of print a text takes: a Chinese character two.
func textWidth(s string) float64 {
	n := 0.0
	for _, r := range s {
		if r < 0x2000 {
			n++
		} else {
			n += 2
		}
	}
	return n
}

// signatures writes the row 制表人 复核人 审批人 日期 盖章, with the names and times of
// those who have signed.
func (t *table) signatures() {
	date := "　　　年　　月　　日"
	if d := t.p.is.date(); d != 0 {
		date = fmt.Sprintf("%d年%d月%d日", d.Month().Year(), d.Month().InYear(), d.Day())
	}
	cells := make([]string, 0, 5)
	narrow := t.narrow(5)
	for _, signer := range []struct {
		post  approval.Post
		label string
	}{{approval.Clerk, "制表人："}, {approval.Reviewer, "复核人："}, {approval.Approver, "审批人："}} {
		name, at := t.p.is.signed(signer.post)
		switch {
		case narrow && at != "":
			name += " " + at
		case at != "":
			name += "\n" + at
		case narrow:
			name = "　　　　　　　"
		}
		cells = append(cells, signer.label+name)
	}
	if narrow {
		t.across(t.p.st.sign, strings.Join(cells, "　　"), 30)
		t.across(t.p.st.sign, "日期："+date+"　　　　　　盖章：", 30)
		return
	}
	t.spread(append(cells, "日期："+date, "盖章："))
}

// spread writes texts side by side over the whole width.
func (t *table) spread(texts []string) {
	t.Row(signHeight)
	first := 0
	for i, last := range t.cuts(len(texts)) {
		t.Text(t.p.st.sign, texts[i])
		t.Blank(t.p.st.sign, last-first-1)
		t.Merge(first+1, last)
		first = last
	}
}

// cuts divides the columns into n groups of about the same width and returns how
// many columns there are up to the end of each. There are n columns at least.
func (t *table) cuts(n int) []int {
	share, sum, col := t.width()/float64(n), 0.0, 0
	var ends []int
	for i := range n {
		first, rest := col, n-1-i // each of the rest needs a column
		for col < len(t.spec.columns)-rest && (col == first || rest == 0 || sum+t.spec.columns[col].width/2 < share*float64(i+1)) {
			sum += t.spec.columns[col].width
			col++
		}
		ends = append(ends, col)
	}
	return ends
}

// narrow reports whether some of n groups of columns are too narrow for a
// signature and its time.
func (t *table) narrow(n int) bool {
	if len(t.spec.columns) < n {
		return true
	}
	first := 0
	for _, last := range t.cuts(n) {
		sum := 0.0
		for _, c := range t.spec.columns[first:last] {
			sum += c.width
		}
		if sum < 18 {
			return true
		}
		first = last
	}
	return false
}

// pairHeight is the height of a pair.
const pairHeight = 20.0

// pair writes a name and what belongs to it over the rest of the width.
func (t *table) pair(name, text string) {
	t.Row(pairHeight)
	t.Text(t.p.st.text, name)
	t.Blank(t.p.st.text, 1)
	t.Merge(1, 2)
	t.Text(t.p.st.text, text)
	t.Blank(t.p.st.text, len(t.spec.columns)-3)
	t.Merge(3, len(t.spec.columns))
}
