package worklists

import (
	"fmt"
	"io"

	"disburse/internal/month"
	"disburse/reports/workbook"
)

// The two words that decide about a check.
const (
	PayWord  = "发放"
	HoldWord = "暂缓"
)

// CheckRow is a finding that somebody may decide about, as the workbook has it.
type CheckRow struct {
	ID       string
	Kind     string
	Name     string // of everybody it is about
	Masked   string // 身份证号, masked
	Sentence string
	Decision string // PayWord, HoldWord, or empty: nobody has decided
	Reason   string
}

// checksSheet is the name of the sheet, and checkColumns are its headings: what
// WriteChecks writes and ReadRulings looks for.
const checksSheet = "疑点"

var checkColumns = []matchColumn{{"编号", 15}, {"类别", 10}, {"姓名", 11}, {"身份证号", 20}, {"说明", 46}, {"决定", 7}, {"理由", 28}}

// The row of the headings and those that the drop-down needs.
const (
	checksHeadings = 1
	decisionColumn = 6
	checksRoom     = workbook.MaxRows - checksHeadings
)

// WriteChecks writes the 疑点 of a month for people to decide about in the columns 决定
// and 理由, which ReadRulings reads again. Temporary files go to dir.
func WriteChecks(w io.Writer, dir, title string, date month.Date, rows []CheckRow) error {
	if len(rows) > checksRoom {
		return fmt.Errorf("write checks: %d rows do not fit a sheet", len(rows))
	}
	book, err := workbook.New(dir, workbook.Properties{Title: title, Creator: "disburse", Date: date})
	if err != nil {
		return fmt.Errorf("start checks: %w", err)
	}
	defer book.Close()
	head, err := book.Style(workbook.Look{Bold: true, Align: "center", Fill: "E7E6E6", Border: true, Wrap: true})
	if err != nil {
		return fmt.Errorf("checks: %w", err)
	}
	text, err := book.Style(workbook.Look{Size: 10, Format: workbook.Text, Border: true, Wrap: true})
	if err != nil {
		return fmt.Errorf("checks: %w", err)
	}
	layout := workbook.Layout{Landscape: true, Frozen: checksHeadings, Repeat: [2]int{1, checksHeadings}, Footer: title}
	for _, c := range checkColumns {
		layout.Widths = append(layout.Widths, c.width)
	}
	layout.Scale = workbook.FitScale(layout.Widths, true)
	layout.Choices = []workbook.Choice{{Column: decisionColumn, First: checksHeadings + 1, Last: checksHeadings + max(len(rows), 1),
		Words: []string{PayWord, HoldWord}}}
	s := book.Sheet(checksSheet, layout)
	s.Row(20)
	for _, c := range checkColumns {
		s.Text(head, c.heading)
	}
	for i := range rows {
		r := &rows[i]
		var texts []inColumn
		for k, text := range []string{r.ID, r.Kind, r.Name, r.Masked, r.Sentence, r.Decision, r.Reason} {
			texts = append(texts, inColumn{text, checkColumns[k].width})
		}
		highRow(s, texts...)
		for _, cell := range []string{r.ID, r.Kind, r.Name, r.Masked, r.Sentence, r.Decision, r.Reason} {
			s.Text(text, cell)
		}
	}
	s.Filter(checksHeadings, s.Next()-1)
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write checks: %w", err)
	}
	return nil
}
