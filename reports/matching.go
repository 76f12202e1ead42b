package reports

import (
	"fmt"
	"io"
	"strings"

	"disburse/internal/month"
	"disburse/internal/roster"
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
// order given), 未匹配. A sheet that is full says how many more there are. Temporary
// files go to dir.
func WriteMatching(w io.Writer, dir string, m *Matching) error {
	book, err := workbook.New(dir, workbook.Properties{Title: "比对名单（" + m.Kind + "）", Subject: m.File, Creator: "disburse", Date: m.Date})
	if err != nil {
		return fmt.Errorf("start match report: %w", err)
	}
	defer book.Close()
	r := &matchReport{book: book, m: m}
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
		{&r.text, workbook.Look{Format: workbook.Text, Border: true, Shrink: true}},
		{&r.number, workbook.Look{Border: true, Align: "center"}},
		{&r.wrapped, workbook.Look{Border: true, Wrap: true}},
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

// sheet begins a sheet with title, a note and headings.
func (r *matchReport) sheet(name, title, note string, columns ...matchColumn) *workbook.Sheet {
	layout := workbook.Layout{Landscape: true, Frozen: 3, Repeat: [2]int{3, 3}, Footer: "比对名单：" + r.m.Kind}
	for _, c := range columns {
		layout.Widths = append(layout.Widths, c.width)
	}
	s := r.book.Sheet(name, layout)
	s.Row(28)
	s.Text(r.title, title)
	s.Merge(1, len(columns))
	s.Row(32)
	s.Text(r.note, note)
	s.Merge(1, len(columns))
	s.Row(20)
	for _, c := range columns {
		s.Text(r.head, c.heading)
	}
	return s
}

// rows writes n rows as far as the sheet has room.
func (r *matchReport) rows(s *workbook.Sheet, n int, row func(i int)) {
	for i := range n {
		if s.Left() == 1 && n-i > 1 {
			s.Row(0)
			s.Text(r.wrapped, fmt.Sprintf("还有 %d 行，本表写不下，请把名单分成几个文件比对", n-i))
			return
		}
		s.Row(32)
		row(i)
	}
}

func (r *matchReport) hits() {
	note := fmt.Sprintf("名单文件：%s　　命中 %d 行。“可能”是只按姓名和出生日期对上的，须核实是否同一人。花名册没有改动，须更正的请另行导入。", r.m.File, len(r.m.Hits))
	s := r.sheet("命中", "“"+r.m.Kind+"”名单命中人员", note,
		matchColumn{"序号", 6}, matchColumn{"街道", 10}, matchColumn{"姓名", 10}, matchColumn{"身份证号", 20}, matchColumn{"比对方式", 16},
		matchColumn{"名单姓名", 10}, matchColumn{"名单身份证号", 20}, matchColumn{"名单日期", 12}, matchColumn{"名单备注", 14},
		matchColumn{r.payHeading(), 24}, matchColumn{"说明", 28}, matchColumn{"名单行", 13})
	r.rows(s, len(r.m.Hits), func(i int) {
		h := &r.m.Hits[i]
		s.Int(r.number, i+1)
		for _, text := range []string{h.Person.Street, h.Person.Name, h.Person.ID, how(h.How), h.Row.Name, h.Row.ID, h.Row.Date.String(), h.Row.Note} {
			s.Text(r.text, text)
		}
		s.Text(r.wrapped, h.Pays)
		s.Text(r.wrapped, h.Remark)
		s.Text(r.text, placeOf(h.Row.Place))
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
	s := r.sheet("应享未享", "应享未享核实清单", note,
		matchColumn{"序号", 6}, matchColumn{"街道", 12}, matchColumn{"姓名", 10}, matchColumn{"身份证号", 20}, matchColumn{"出生日期", 12},
		matchColumn{"年龄", 6}, matchColumn{"可享受项目", 34}, matchColumn{"名单备注", 20}, matchColumn{"核实结果", 20}, matchColumn{"核实人", 10}, matchColumn{"核实日期", 12})
	serial, street := 0, ""
	r.rows(s, len(r.m.Missing), func(i int) {
		p := &r.m.Missing[i]
		if i == 0 || p.Row.Street != street { // each street's part is handed out by itself
			serial, street = 0, p.Row.Street
		}
		serial++
		s.Int(r.number, serial)
		for _, text := range []string{streetOr(street), p.Row.Name, p.Row.ID, p.Row.Birth.String()} {
			s.Text(r.text, text)
		}
		s.Int(r.number, p.Age)
		s.Text(r.wrapped, p.Items)
		s.Text(r.text, p.Row.Note)
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
	s := r.sheet("未匹配", "未匹配和读不懂的行", note,
		matchColumn{"名单行", 16}, matchColumn{"姓名", 10}, matchColumn{"身份证号", 20}, matchColumn{"出生日期", 12}, matchColumn{"名单日期", 12},
		matchColumn{"街道", 12}, matchColumn{"备注", 24}, matchColumn{"说明", 50})
	n := len(r.m.Unmatched)
	r.rows(s, n+len(r.m.Problems), func(i int) {
		if i < n {
			x := &r.m.Unmatched[i]
			for _, text := range []string{placeOf(x.Place), x.Name, x.ID, x.Birth.String(), x.Date.String(), x.Street, x.Note} {
				s.Text(r.text, text)
			}
			s.Text(r.wrapped, "花名册里没有此人")
			return
		}
		p := &r.m.Problems[i-n]
		s.Text(r.text, placeOf(p.Place))
		s.Blank(r.text, 6)
		s.Text(r.wrapped, strings.TrimSpace(p.Column+"（"+p.Value+"）")+p.Reason)
	})
}

func placeOf(p roster.Place) string { return fmt.Sprintf("%s 第 %d 行", p.Sheet, p.Row) }
