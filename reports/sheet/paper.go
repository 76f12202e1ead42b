package sheet

import (
	"fmt"

	"disburse/reports/source"
	"disburse/reports/workbook"
)

// Paper is a workbook of one issue with the styles that all its sheets share.
type Paper struct {
	*workbook.Book
	Issue     *source.Issue
	Catalogue *source.Catalogue
	name      string // 发放清册
	when      string // 2026年11月
	Mark      string
	Styles    Styles
}

// Styles are the looks of cells.
type Styles struct {
	title, marked      workbook.Style // the sheet's name; the same of a draft
	unit, unitRight    workbook.Style // 单位, 金额单位
	Head, section      workbook.Style
	Text, Wrap, Center workbook.Style // of body cells
	ID                 workbook.Style // numbers that are text
	Amount, Count      workbook.Style
	Gone               workbook.Style // of somebody who is no longer on a list
	sub, subAmount     workbook.Style // subtotals
	subCount           workbook.Style
	Total, TotalAmount workbook.Style // totals
	TotalCount         workbook.Style
	Words              workbook.Style // 大写
	Note, Sign, Body   workbook.Style // notes; signature row; running text
}

// Fills of heading, subtotal and total rows: light, for they are printed in black.
const (
	HeadFill  = "D9E2F3"
	subFill   = "F2F2F2"
	TotalFill = "FFF2CC"
	MarkColor = "C00000"
)

// NewPaper begins a workbook of the issue.
func NewPaper(is *source.Issue, cat *source.Catalogue, dir, title string) (*Paper, error) {
	return NewPaperFor(is, cat, dir, is.Batch.Month.Chinese(), title)
}

// NewPaperFor begins a workbook about another time than the issue's month.
func NewPaperFor(is *source.Issue, cat *source.Catalogue, dir, when, title string) (*Paper, error) {
	date := is.Date()
	if date == 0 {
		date = is.Batch.Month.First()
	}
	book, err := workbook.New(dir, workbook.Properties{
		Title:   cat.File.District.Value + when + title,
		Subject: is.Batch.Bureau, Creator: "disburse", Date: date,
	})
	if err != nil {
		return nil, err
	}
	p := &Paper{Book: book, Issue: is, Catalogue: cat, name: title, when: when, Mark: is.Mark()}
	if err := p.makeStyles(); err != nil {
		_ = book.Close()
		return nil, err
	}
	return p, nil
}

// For is the same workbook for the sheets of another issue, or under another name.
func (p *Paper) For(is *source.Issue, cat *source.Catalogue, name string) *Paper {
	own := *p
	own.Issue, own.Catalogue, own.Mark, own.name = is, cat, is.Mark(), name
	return &own
}

func (p *Paper) makeStyles() error {
	type look = workbook.Look
	s := &p.Styles
	all := []struct {
		style *workbook.Style
		look  look
	}{
		{&s.title, look{Size: 16, Bold: true, Align: "center"}},
		{&s.marked, look{Size: 16, Bold: true, Align: "center", Color: MarkColor}},
		{&s.unit, look{Size: 10, Align: "left"}},
		{&s.unitRight, look{Size: 10, Align: "right"}},
		{&s.Head, look{Size: 10, Bold: true, Align: "center", Fill: HeadFill, Wrap: true, Border: true}},
		{&s.section, look{Bold: true, Align: "left"}},
		{&s.Text, look{Size: 10, Format: workbook.Text, Shrink: true, Border: true}},
		{&s.Wrap, look{Size: 10, Format: workbook.Text, Wrap: true, Border: true}},
		{&s.Center, look{Size: 10, Format: workbook.Text, Align: "center", Shrink: true, Border: true}},
		{&s.ID, look{Size: 10, Format: workbook.Text, Align: "left", Shrink: true, Border: true}},
		{&s.Amount, look{Size: 10, Format: workbook.Money, Align: "right", Indent: 1, Shrink: true, Border: true}},
		{&s.Count, look{Size: 10, Format: workbook.Whole, Align: "center", Border: true}},
		{&s.Gone, look{Size: 10, Format: workbook.Text, Color: "808080", Wrap: true, Border: true}},
		{&s.sub, look{Size: 10, Bold: true, Align: "left", Fill: subFill, Border: true}},
		{&s.subAmount, look{Size: 10, Bold: true, Format: workbook.Money, Align: "right", Indent: 1, Fill: subFill, Shrink: true, Border: true}},
		{&s.subCount, look{Size: 10, Bold: true, Format: workbook.Whole, Align: "center", Fill: subFill, Border: true}},
		{&s.Total, look{Bold: true, Align: "left", Fill: TotalFill, Border: true}},
		{&s.TotalAmount, look{Bold: true, Format: workbook.Money, Align: "right", Indent: 1, Fill: TotalFill, Shrink: true, Border: true}},
		{&s.TotalCount, look{Bold: true, Format: workbook.Whole, Align: "center", Fill: TotalFill, Border: true}},
		{&s.Words, look{Bold: true, Align: "left", Wrap: true, Border: true}},
		{&s.Note, look{Size: 10, Align: "left", Wrap: true, Color: "404040"}},
		{&s.Sign, look{Align: "left", Wrap: true}},
		{&s.Body, look{Size: 12, Align: "left", Wrap: true}},
	}
	for _, a := range all {
		var err error
		if *a.style, err = p.Style(a.look); err != nil {
			return err
		}
	}
	return nil
}

// Headline is a sheet's title, with the mark of a draft.
func (p *Paper) Headline(what string) (string, workbook.Style) {
	title := p.Catalogue.File.District.Value + p.when + what
	if p.Mark == "" {
		return title, p.Styles.title
	}
	return "【" + p.Mark + "】" + title, p.Styles.marked
}

// Origin says whose sheet it is and of which batch.
func (p *Paper) Origin() string {
	b := &p.Issue.Batch
	if b.N == 0 {
		return "单位：" + b.Bureau
	}
	return fmt.Sprintf("单位：%s　　批次：%s（%s）", b.Bureau, BatchName(b), b.State.Chinese())
}

// heads are what every page says at its top: the workbook, and whose batch it is.
func (p *Paper) heads() (left, right string) {
	left = p.Catalogue.File.District.Value + p.when + p.name
	if p.Issue.Batch.N == 0 {
		return left, p.Issue.Batch.Bureau
	}
	return left, p.Issue.Batch.Bureau + "　" + BatchName(&p.Issue.Batch)
}
