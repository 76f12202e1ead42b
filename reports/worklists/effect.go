package worklists

import (
	"fmt"
	"io"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/reports/sheet"
	"disburse/reports/workbook"
)

// EffectRow is what another policy pack changes for one person, item, payee and month.
type EffectRow struct {
	Item   string // 11 高龄津贴
	Payee  string
	Month  month.Month
	Amount money.Fen // 分; above 0 would be paid on top, below 0 asked back
	ID     string
	Name   string
	Street string
}

// EffectList is the work list of a pack's effect on settled months (规则包影响清单), row
// by row as it is found out. Close it when done, also after an error.
type EffectList struct {
	book             *workbook.Book
	sheet            *workbook.Sheet
	title, note      workbook.Style
	head, text, sums workbook.Style
	pack             string
	rows, part       int
}

var effectColumns = []matchColumn{{"序号", 7}, {"街道", 10}, {"姓名", 11}, {"身份证号", 20}, {"项目", 28}, {"收款", 21}, {"所属月份", 11}, {"补发", 13}, {"扣回", 13}}

// NewEffectList begins a list about a pack. Temporary files go to dir.
func NewEffectList(dir, pack string, day month.Date) (*EffectList, error) {
	book, err := workbook.New(dir, workbook.Properties{Title: "规则包影响清单", Subject: pack, Creator: "disburse", Date: day})
	if err != nil {
		return nil, fmt.Errorf("start effect list: %w", err)
	}
	l := &EffectList{book: book, pack: pack}
	for _, s := range []struct {
		style *workbook.Style
		look  workbook.Look
	}{
		{&l.title, workbook.Look{Size: 16, Bold: true, Align: "center"}},
		{&l.note, workbook.Look{Size: 10, Wrap: true}},
		{&l.head, workbook.Look{Bold: true, Align: "center", Fill: "E7E6E6", Border: true}},
		{&l.text, workbook.Look{Size: 10, Format: workbook.Text, Border: true, Shrink: true}},
		{&l.sums, workbook.Look{Size: 10, Format: workbook.Money, Border: true}},
	} {
		if *s.style, err = book.Style(s.look); err != nil {
			book.Close()
			return nil, fmt.Errorf("start effect list: %w", err)
		}
	}
	l.begin()
	return l, nil
}

// begin starts a sheet with title, note and headings.
func (l *EffectList) begin() {
	l.part++
	name := "影响清单"
	if l.part > 1 {
		name = fmt.Sprintf("%s(%d)", name, l.part)
	}
	layout := workbook.Layout{Landscape: true, Frozen: matchHeadings, Repeat: [2]int{1, matchHeadings}, Footer: "规则包影响清单"}
	for _, c := range effectColumns {
		layout.Widths = append(layout.Widths, c.width)
	}
	layout.Scale = workbook.FitScale(layout.Widths, true)
	s := l.book.Sheet(name, layout)
	s.Row(28)
	s.Text(l.title, "规则包影响清单")
	s.Merge(1, len(effectColumns))
	s.Row(32)
	s.Text(l.note, "采用规则包（"+l.pack+"）以后，已经结算的月份会有下列补发和扣回；单位：元。身份证号已遮盖中间几位。")
	s.Merge(1, len(effectColumns))
	s.Row(20)
	for _, c := range effectColumns {
		s.Text(l.head, c.heading)
	}
	l.sheet = s
}

// Add writes one row.
func (l *EffectList) Add(r *EffectRow) error {
	if l.sheet.Next() > workbook.MaxRows-sheet.TailRoom {
		l.begin()
	}
	l.rows++
	s := l.sheet
	s.Row(0)
	s.Int(l.text, l.rows)
	for _, text := range []string{r.Street, r.Name, roster.MaskID(r.ID), r.Item, r.Payee, r.Month.String()} {
		s.Text(l.text, text)
	}
	if r.Amount > 0 {
		s.Amount(l.sums, r.Amount)
		s.Blank(l.sums, 1)
	} else {
		s.Blank(l.sums, 1)
		s.Amount(l.sums, -r.Amount)
	}
	return s.Err()
}

// Write writes the list.
func (l *EffectList) Write(w io.Writer) error {
	l.sheet.Filter(matchHeadings, max(l.sheet.Next()-1, matchHeadings))
	if err := l.book.Write(w); err != nil {
		return fmt.Errorf("write effect list: %w", err)
	}
	return nil
}

// Close gives back what the list holds.
func (l *EffectList) Close() { l.book.Close() }
