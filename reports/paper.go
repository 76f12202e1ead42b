package reports

import (
	"fmt"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/reports/workbook"
)

// paper is a workbook of one issue with the styles that all its sheets share.
type paper struct {
	*workbook.Book
	is   *Issue
	cat  *catalogue
	name string // 发放清册
	when string // 2026年11月
	mark string
	st   styles
}

// styles are the looks of cells.
type styles struct {
	title, marked      workbook.Style // the sheet's name; the same of a draft
	unit, unitRight    workbook.Style // 单位, 金额单位
	head, section      workbook.Style
	text, wrap, center workbook.Style // of body cells
	id                 workbook.Style // numbers that are text
	amount, count      workbook.Style
	gone               workbook.Style // of somebody who is no longer on a list
	sub, subAmount     workbook.Style // subtotals
	subCount           workbook.Style
	total, totalAmount workbook.Style // totals
	totalCount         workbook.Style
	words              workbook.Style // 大写
	note, sign, body   workbook.Style // notes; signature row; running text
}

// Fills of heading, subtotal and total rows: light, for they are printed in black.
const (
	headFill  = "D9E2F3"
	subFill   = "F2F2F2"
	totalFill = "FFF2CC"
	markColor = "C00000"
)

// newPaper begins a workbook of the issue.
func newPaper(is *Issue, cat *catalogue, dir, title string) (*paper, error) {
	return newPaperOf(is, cat, dir, is.Batch.Month.Chinese(), title)
}

// newPaperOf begins a workbook about another time than the issue's month.
func newPaperOf(is *Issue, cat *catalogue, dir, when, title string) (*paper, error) {
	date := is.date()
	if date == 0 {
		date = is.Batch.Month.First()
	}
	book, err := workbook.New(dir, workbook.Properties{
		Title:   cat.file.District.Value + when + title,
		Subject: is.Batch.Bureau, Creator: "disburse", Date: date,
	})
	if err != nil {
		return nil, err
	}
	p := &paper{Book: book, is: is, cat: cat, name: title, when: when, mark: is.mark()}
	if err := p.makeStyles(); err != nil {
		_ = book.Close()
		return nil, err
	}
	return p, nil
}

// of is the same workbook for the sheets of another issue, or under another name.
func (p *paper) of(is *Issue, cat *catalogue, name string) *paper {
	own := *p
	own.is, own.cat, own.mark, own.name = is, cat, is.mark(), name
	return &own
}

func (p *paper) makeStyles() error {
	type look = workbook.Look
	s := &p.st
	all := []struct {
		style *workbook.Style
		look  look
	}{
		{&s.title, look{Size: 16, Bold: true, Align: "center"}},
		{&s.marked, look{Size: 16, Bold: true, Align: "center", Color: markColor}},
		{&s.unit, look{Size: 10, Align: "left"}},
		{&s.unitRight, look{Size: 10, Align: "right"}},
		{&s.head, look{Size: 10, Bold: true, Align: "center", Fill: headFill, Wrap: true, Border: true}},
		{&s.section, look{Bold: true, Align: "left"}},
		{&s.text, look{Size: 10, Format: workbook.Text, Shrink: true, Border: true}},
		{&s.wrap, look{Size: 10, Format: workbook.Text, Wrap: true, Border: true}},
		{&s.center, look{Size: 10, Format: workbook.Text, Align: "center", Shrink: true, Border: true}},
		{&s.id, look{Size: 10, Format: workbook.Text, Align: "left", Shrink: true, Border: true}},
		{&s.amount, look{Size: 10, Format: workbook.Money, Align: "right", Indent: 1, Shrink: true, Border: true}},
		{&s.count, look{Size: 10, Format: workbook.Whole, Align: "center", Border: true}},
		{&s.gone, look{Size: 10, Format: workbook.Text, Color: "808080", Wrap: true, Border: true}},
		{&s.sub, look{Size: 10, Bold: true, Align: "left", Fill: subFill, Border: true}},
		{&s.subAmount, look{Size: 10, Bold: true, Format: workbook.Money, Align: "right", Indent: 1, Fill: subFill, Shrink: true, Border: true}},
		{&s.subCount, look{Size: 10, Bold: true, Format: workbook.Whole, Align: "center", Fill: subFill, Border: true}},
		{&s.total, look{Bold: true, Align: "left", Fill: totalFill, Border: true}},
		{&s.totalAmount, look{Bold: true, Format: workbook.Money, Align: "right", Indent: 1, Fill: totalFill, Shrink: true, Border: true}},
		{&s.totalCount, look{Bold: true, Format: workbook.Whole, Align: "center", Fill: totalFill, Border: true}},
		{&s.words, look{Bold: true, Align: "left", Wrap: true, Border: true}},
		{&s.note, look{Size: 10, Align: "left", Wrap: true, Color: "404040"}},
		{&s.sign, look{Align: "left", Wrap: true}},
		{&s.body, look{Size: 12, Align: "left", Wrap: true}},
	}
	for _, a := range all {
		var err error
		if *a.style, err = p.Style(a.look); err != nil {
			return err
		}
	}
	return nil
}

// headline is a sheet's title, with the mark of a draft.
func (p *paper) headline(what string) (string, workbook.Style) {
	title := p.cat.file.District.Value + p.when + what
	if p.mark == "" {
		return title, p.st.title
	}
	return "【" + p.mark + "】" + title, p.st.marked
}

// origin says whose sheet it is and of which batch.
func (p *paper) origin() string {
	b := &p.is.Batch
	if b.N == 0 {
		return "单位：" + b.Bureau
	}
	return fmt.Sprintf("单位：%s　　批次：%s（%s）", b.Bureau, batchName(b), b.State.Chinese())
}

// heads are what every page says at its top: the workbook, and whose batch it is.
func (p *paper) heads() (left, right string) {
	left = p.cat.file.District.Value + p.when + p.name
	if p.is.Batch.N == 0 {
		return left, p.is.Batch.Bureau
	}
	return left, p.is.Batch.Bureau + "　" + batchName(&p.is.Batch)
}

// batchName names a batch as people do.
func batchName(b *payrun.Batch) string {
	name := batchNumber(b.Month, b.N)
	if b.Extra {
		name += "（补充）"
	}
	return name
}

// batchNumber names a batch by its month and number.
func batchNumber(m month.Month, n int) string { return fmt.Sprintf("%s第%d批", m.Chinese(), n) }
