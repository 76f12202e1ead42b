package sheet

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/reports/workbook"
)

// SumStyles are the looks of a subtotal or total row.
type SumStyles struct{ label, amount, count workbook.Style }

// subStyles are the looks of a subtotal.
func (t *Table) subStyles() SumStyles {
	return SumStyles{t.Paper.Styles.sub, t.Paper.Styles.subAmount, t.Paper.Styles.subCount}
}

// TotalStyles are the looks of a total.
func (t *Table) TotalStyles() SumStyles {
	return SumStyles{t.Paper.Styles.Total, t.Paper.Styles.TotalAmount, t.Paper.Styles.TotalCount}
}

// sumRow writes a row of sums: the label over the columns before the first summed one, then
// a cell for each summed column. Last of all may be a text, which takes the rest of the width.
func (t *Table) sumRow(st SumStyles, label string, cells []Cell) {
	n := len(t.Spec.Columns)
	at := slices.IndexFunc(t.Spec.Columns, func(c Heading) bool { return c.Summed })
	if at < 0 {
		at = n
	}
	t.SumLabel(st, label, at)
	for ; at < n; at++ {
		switch {
		case len(cells) == 0, cells[0].kind != textCell && !t.Spec.Columns[at].Summed:
			t.Blank(st.label, 1)
			continue
		case cells[0].kind == textCell:
			t.SumText(st, cells[0].text, at)
			return
		}
		t.SumCell(st, cells[0])
		cells = cells[1:]
	}
}

// SumLabel begins a row of sums with a label over the first columns.
func (t *Table) SumLabel(st SumStyles, label string, span int) {
	t.Row(SumHeight)
	t.Text(st.label, label)
	t.Blank(st.label, span-1)
	t.Merge(1, span)
}

// SumText writes a text over the columns from at on.
func (t *Table) SumText(st SumStyles, text string, at int) {
	n := len(t.Spec.Columns)
	t.Text(st.label, text)
	t.Blank(st.label, n-at-1)
	t.Merge(at+1, n)
}

// SumCell writes one sum.
func (t *Table) SumCell(st SumStyles, c Cell) {
	switch c.kind {
	case amountCell:
		t.Amount(st.amount, c.amount)
	case countCell:
		t.Int(st.count, c.count)
	default:
		t.Blank(st.label, 1)
	}
}

// Subtotal writes a row of subtotals.
func (t *Table) Subtotal(label string, cells ...Cell) { t.sumRow(t.subStyles(), label, cells) }

// Total writes a row of totals.
func (t *Table) Total(label string, cells ...Cell) { t.sumRow(t.TotalStyles(), label, cells) }

// Words writes an amount in 大写 over the whole width.
func (t *Table) Words(a money.Fen) {
	t.Across(t.Paper.Styles.Words, "合计金额（大写）："+a.Chinese(), WordsHeight)
}

// Section writes the heading of a part of the sheet.
func (t *Table) Section(text string) { t.Across(t.Paper.Styles.section, text, SectionHeight) }

// Empty says that there is nothing to list.
func (t *Table) Empty(text string) {
	if t.Written == 0 && t.part == 1 {
		t.Across(t.Paper.Styles.Center, text, 24)
	}
}

// Notes writes remarks, one a row.
func (t *Table) Notes(notes ...string) {
	for _, n := range notes {
		t.Across(t.Paper.Styles.Note, "注："+n, t.NoteHeight(n))
	}
}

// NoteHeight is how high the row of a note is.
func (t *Table) NoteHeight(note string) float64 { return t.Height("注："+note, 10) }

// Across writes text over the whole width.
func (t *Table) Across(st workbook.Style, text string, height float64) {
	t.Row(height)
	t.Text(st, text)
	t.Blank(st, len(t.Spec.Columns)-1)
	t.Merge(1, len(t.Spec.Columns))
}

// span is a text over some columns.
type span struct {
	columns int
	text    string
	style   workbook.Style
}

// Over is a text over a number of columns.
func Over(columns int, text string, style workbook.Style) span { return span{columns, text, style} }

// Spans writes a row of spans.
func (t *Table) Spans(height float64, spans ...span) {
	t.Row(height)
	first := 1
	for _, s := range spans {
		t.Text(s.style, s.text)
		t.Blank(s.style, s.columns-1)
		t.Merge(first, first+s.columns-1)
		first += s.columns
	}
}

// Height is how high a merged row must be for its text: programs do not find that
// out by themselves for merged cells.
func (t *Table) Height(text string, size float64) float64 {
	lines := 0.0
	for line := range strings.SplitSeq(text, "\n") {
		lines += math.Max(1, math.Ceil(TextWidth(line)*size/11*1.05/t.width()))
	}
	return lines*size*1.5 + 3
}

// TextWidth is how many columns of print a text takes: a Chinese character two.
func TextWidth(s string) float64 {
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

// Signatures writes the row 制表人 复核人 审批人 日期 盖章, with the names and times of
// those who have signed.
func (t *Table) Signatures() {
	date := "　　　年　　月　　日"
	if d := t.Paper.Issue.Date(); d != 0 {
		date = fmt.Sprintf("%d年%d月%d日", d.Month().Year(), d.Month().InYear(), d.Day())
	}
	cells := make([]string, 0, 5)
	narrow := t.Narrow(5)
	for _, signer := range []struct {
		post  approval.Post
		label string
	}{{approval.Clerk, "制表人："}, {approval.Reviewer, "复核人："}, {approval.Approver, "审批人："}} {
		name, at := t.Paper.Issue.Signed(signer.post)
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
		t.Across(t.Paper.Styles.Sign, strings.Join(cells, "　　"), 30)
		t.Across(t.Paper.Styles.Sign, "日期："+date+"　　　　　　盖章：", 30)
		return
	}
	t.Spread(append(cells, "日期："+date, "盖章："))
}

// Spread writes texts side by side over the whole width.
func (t *Table) Spread(texts []string) {
	t.Row(SignHeight)
	first := 0
	for i, last := range t.cuts(len(texts)) {
		t.Text(t.Paper.Styles.Sign, texts[i])
		t.Blank(t.Paper.Styles.Sign, last-first-1)
		t.Merge(first+1, last)
		first = last
	}
}

// cuts divides the columns into n groups of about the same width and returns how
// many columns there are up to the end of each. There are n columns at least.
func (t *Table) cuts(n int) []int {
	share, sum, col := t.width()/float64(n), 0.0, 0
	var ends []int
	for i := range n {
		first, rest := col, n-1-i // each of the rest needs a column
		for col < len(t.Spec.Columns)-rest && (col == first || rest == 0 || sum+t.Spec.Columns[col].Width/2 < share*float64(i+1)) {
			sum += t.Spec.Columns[col].Width
			col++
		}
		ends = append(ends, col)
	}
	return ends
}

// Narrow reports whether some of n groups of columns are too narrow for a
// signature and its time.
func (t *Table) Narrow(n int) bool {
	if len(t.Spec.Columns) < n {
		return true
	}
	first := 0
	for _, last := range t.cuts(n) {
		sum := 0.0
		for _, c := range t.Spec.Columns[first:last] {
			sum += c.Width
		}
		if sum < 18 {
			return true
		}
		first = last
	}
	return false
}

// PairHeight is the height of a pair.
const PairHeight = 20.0

// Pair writes a name and what belongs to it over the rest of the width.
func (t *Table) Pair(name, text string) {
	t.Row(PairHeight)
	t.Text(t.Paper.Styles.Text, name)
	t.Blank(t.Paper.Styles.Text, 1)
	t.Merge(1, 2)
	t.Text(t.Paper.Styles.Text, text)
	t.Blank(t.Paper.Styles.Text, len(t.Spec.Columns)-3)
	t.Merge(3, len(t.Spec.Columns))
}
