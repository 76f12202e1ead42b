package worklists

import (
	"fmt"
	"io"
	"math"
	"strings"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/reports/sheet"
	"disburse/reports/workbook"
)

// Matching is what a match list (比对名单) and the roster say of each other.
type Matching struct {
	Kind      string      // 死亡
	File      string      // base name of the list
	Date      month.Date  // of the match
	Month     month.Month // that Missing is about
	Paid      month.Month // that MatchHit.Pays is about, the latest that was run; 0: none
	Hits      []MatchHit  // in the order of the list
	Missing   []MissingPerson
	Unmatched []roster.ListRow // of whom the roster has nobody
	Problems  []roster.Problem // rows that could not be read
}

// MatchHit is a row of the list and a person of the roster.
type MatchHit struct {
	Row    roster.ListRow
	Person roster.Person
	How    roster.MatchedBy
	Pays   string // what the person gets in Paid: 11 高龄津贴 70.00; empty: nothing
	Remark string // what differs, and what to do
}

// MissingPerson is somebody on the list who would be entitled and is not on the roster
// (应享未享).
type MissingPerson struct {
	Row   roster.ListRow
	Age   int    // in Month
	Items string // what they would get
}

// WriteMatching writes both directions of a match as a workbook: 命中, 应享未享 (in the
// order given), 未匹配. A sheet that is full goes on in the next one, 命中(2). Temporary
// files go to dir.
func WriteMatching(w io.Writer, dir string, m *Matching) error {
	return writeMatching(w, dir, m, workbook.MaxRows-sheet.TailRoom)
}

func writeMatching(w io.Writer, dir string, m *Matching, room int) error {
	book, err := workbook.New(dir, workbook.Properties{Title: "比对名单（" + m.Kind + "）", Subject: m.File, Creator: "disburse", Date: m.Date})
	if err != nil {
		return fmt.Errorf("start match report: %w", err)
	}
	defer book.Close()
	r := &matchReport{book: book, m: m, room: room}
	if err := r.looks(); err != nil {
		return fmt.Errorf("match report: %w", err)
	}
	r.hits()
	r.missing()
	r.unmatched()
	if err := book.Write(w); err != nil {
		return fmt.Errorf("write match report: %w", err)
	}
	return nil
}

// matchReport is a report while it is written.
type matchReport struct {
	book              *workbook.Book
	m                 *Matching
	room              int // rows of people a sheet holds
	title, head, note workbook.Style
	text, number      workbook.Style
	wrapped           workbook.Style
}

func (r *matchReport) looks() error {
	for _, s := range []struct {
		style *workbook.Style
		look  workbook.Look
	}{
		{&r.title, workbook.Look{Size: 16, Bold: true, Align: "center"}},
		{&r.note, workbook.Look{Size: 10, Wrap: true}},
		{&r.head, workbook.Look{Bold: true, Align: "center", Fill: "E7E6E6", Border: true, Wrap: true}},
		{&r.text, workbook.Look{Size: 10, Format: workbook.Text, Border: true, Shrink: true}},
		{&r.number, workbook.Look{Size: 10, Border: true, Align: "center"}},
		{&r.wrapped, workbook.Look{Size: 10, Format: workbook.Text, Border: true, Wrap: true}},
	} {
		var err error
		if *s.style, err = r.book.Style(s.look); err != nil {
			return err
		}
	}
	return nil
}

// matchColumn is a column of the report.
type matchColumn struct {
	heading string
	width   float64
}

// matchSheet is a sheet of the report and those that continue it.
type matchSheet struct {
	name, title, note string
	columns           []matchColumn
}

// sheet begins a sheet with title, a note and headings.
func (r *matchReport) sheet(spec *matchSheet, part int) *workbook.Sheet {
	name, title, columns := spec.name, spec.title, spec.columns
	if part > 1 {
		name, title = fmt.Sprintf("%s(%d)", name, part), fmt.Sprintf("%s（续%d）", title, part-1)
	}
	layout := workbook.Layout{Landscape: true, Frozen: matchHeadings, Repeat: [2]int{1, matchHeadings}, Footer: "比对名单：" + r.m.Kind}
	for _, c := range columns {
		layout.Widths = append(layout.Widths, c.width)
	}
	layout.Scale = workbook.FitScale(layout.Widths, true)
	s := r.book.Sheet(name, layout)
	s.Row(28)
	s.Text(r.title, title)
	s.Merge(1, len(columns))
	s.Row(32)
	s.Text(r.note, spec.note)
	s.Merge(1, len(columns))
	s.Row(20)
	for _, c := range columns {
		s.Text(r.head, c.heading)
	}
	return s
}

// rows writes n rows, on as many sheets as they need.
func (r *matchReport) rows(spec *matchSheet, n int, row func(s *workbook.Sheet, i int)) {
	s := r.sheet(spec, 1)
	for i := range n {
		if i > 0 && i%r.room == 0 {
			s.Row(0)
			s.Text(r.note, "（未完，接下一张表）")
			s.Merge(1, len(spec.columns))
			s = r.sheet(spec, i/r.room+1)
		}
		row(s, i)
		s.Filter(matchHeadings, s.Next()-1)
	}
	if n == 0 {
		s.Row(20)
		s.Text(r.number, "没有")
		s.Blank(r.number, len(spec.columns)-1)
		s.Merge(1, len(spec.columns))
	}
}

// matchHeadings is the row of the column headings.
const matchHeadings = 3

// inColumn is a text that wraps in a column of the width.
type inColumn struct {
	text  string
	width float64
}

// highRow begins a row as high as its texts need, two lines at least to write on.
func highRow(s *workbook.Sheet, texts ...inColumn) {
	n := 2.0
	for _, t := range texts {
		n = max(n, math.Ceil(sheet.TextWidth(t.text)/(t.width-sheet.CellMargin)))
	}
	s.Row(n*15 + 2)
}

func (r *matchReport) hits() {
	note := fmt.Sprintf("名单文件：%s　　命中 %d 行。“可能”是只按姓名和出生日期对上的，须核实是否同一人。花名册没有改动，须更正的请另行导入。", r.m.File, len(r.m.Hits))
	spec := &matchSheet{"命中", "“" + r.m.Kind + "”名单命中人员", note, []matchColumn{
		{"序号", 5}, {"街道", 8}, {"姓名", 8}, {"身份证号", 19}, {"比对方式", 10},
		{"名单姓名", 8}, {"名单身份证号", 19}, {"名单日期", 10}, {"名单备注", 10},
		matchColumn{r.payHeading(), 15}, {"说明", 17}, {"名单行", 8}}}
	r.rows(spec, len(r.m.Hits), func(s *workbook.Sheet, i int) {
		h := &r.m.Hits[i]
		at := placeOf(h.Row.Place)
		highRow(s, inColumn{h.Person.Name, 8}, inColumn{how(h.How), 10}, inColumn{h.Row.Name, 8}, inColumn{h.Row.Note, 10}, inColumn{h.Pays, 15}, inColumn{h.Remark, 17}, inColumn{at, 8})
		s.Int(r.number, i+1)
		s.Text(r.text, h.Person.Street)
		s.Text(r.wrapped, h.Person.Name)
		s.Text(r.text, h.Person.ID)
		s.Text(r.wrapped, how(h.How))
		s.Text(r.wrapped, h.Row.Name)
		s.Text(r.text, h.Row.ID)
		s.Text(r.text, h.Row.Date.String())
		s.Text(r.wrapped, h.Row.Note)
		s.Text(r.wrapped, h.Pays)
		s.Text(r.wrapped, h.Remark)
		s.Text(r.wrapped, at)
	})
}

func (r *matchReport) payHeading() string {
	if r.m.Paid == 0 {
		return "现发待遇"
	}
	return r.m.Paid.Chinese() + "待遇（元）"
}

// how marks the ways of matching that do not tell people apart for certain.
func how(m roster.MatchedBy) string {
	if m >= roster.ByName {
		return "可能：" + m.Chinese()
	}
	return m.Chinese()
}

// missing is the work list by street, with columns to fill in.
func (r *matchReport) missing() {
	note := fmt.Sprintf("名单上有、花名册里没有，按 %s 的清单应享受待遇的 %d 人。请街道逐人核实户籍，符合的登记入花名册。", r.m.Month.Chinese(), len(r.m.Missing))
	spec := &matchSheet{"应享未享", "应享未享核实清单", note, []matchColumn{
		{"序号", 5}, {"街道", 10}, {"姓名", 9}, {"身份证号", 19}, {"出生日期", 11},
		{"年龄", 5}, {"可享受项目", 26}, {"名单备注", 15}, {"核实结果", 16}, {"核实人", 9}, {"核实日期", 11}}}
	serial, street := 0, ""
	r.rows(spec, len(r.m.Missing), func(s *workbook.Sheet, i int) {
		p := &r.m.Missing[i]
		if i > 0 && p.Row.Street != street && s.Breaks() < workbook.MaxBreaks {
			s.Break(s.Next())
		}
		highRow(s, inColumn{p.Row.Name, 9}, inColumn{p.Items, 26}, inColumn{p.Row.Note, 15})
		if i == 0 || p.Row.Street != street { // each street's part is handed out by itself
			serial, street = 0, p.Row.Street
		}
		serial++
		s.Int(r.number, serial)
		s.Text(r.text, streetOr(street))
		s.Text(r.wrapped, p.Row.Name)
		s.Text(r.text, p.Row.ID)
		s.Text(r.text, p.Row.Birth.String())
		s.Int(r.number, p.Age)
		s.Text(r.wrapped, p.Items)
		s.Text(r.wrapped, p.Row.Note)
		s.Blank(r.text, 3)
	})
}

func streetOr(street string) string {
	if street == "" {
		return "（未写街道）"
	}
	return street
}

func (r *matchReport) unmatched() {
	note := fmt.Sprintf("名单上有、花名册里没有的 %d 行；另有 %d 处读不懂，列在最后。", len(r.m.Unmatched), len(r.m.Problems))
	spec := &matchSheet{"未匹配", "未匹配和读不懂的行", note, []matchColumn{
		{"名单行", 16}, {"姓名", 10}, {"身份证号", 20}, {"出生日期", 11}, {"名单日期", 11},
		{"街道", 10}, {"备注", 18}, {"说明", 40}}}
	n := len(r.m.Unmatched)
	r.rows(spec, n+len(r.m.Problems), func(s *workbook.Sheet, i int) {
		if i < n {
			x := &r.m.Unmatched[i]
			highRow(s, inColumn{x.Name, 10}, inColumn{x.Note, 18})
			s.Text(r.text, placeOf(x.Place))
			s.Text(r.wrapped, x.Name)
			for _, text := range []string{x.ID, x.Birth.String(), x.Date.String(), x.Street} {
				s.Text(r.text, text)
			}
			s.Text(r.wrapped, x.Note)
			s.Text(r.wrapped, "花名册里没有此人")
			return
		}
		p := &r.m.Problems[i-n]
		text := strings.TrimSpace(p.Column+"（"+p.Value+"）") + p.Reason
		highRow(s, inColumn{text, 40})
		s.Text(r.text, placeOf(p.Place))
		s.Blank(r.text, 6)
		s.Text(r.wrapped, text)
	})
}

func placeOf(p roster.Place) string { return fmt.Sprintf("%s 第 %d 行", p.Sheet, p.Row) }
