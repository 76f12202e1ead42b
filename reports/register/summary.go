package register

import (
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/workbook"
)

// summary is the sheet 汇总: by item, by 街道, and street × item.
type summary struct {
	sheet.TableOf[summaryRow]
	byStreet  map[string]map[string]*control.Sums // by street and item
	standards map[string]*[2]money.Fen            // by item: the least and the most of this month's, not held

	// A person counts once in a street and once in all, whatever their items.
	paid, waits      control.People
	streets          map[string]*[2]int // heads, held heads
	heads, heldHeads int
}

// summaryRow is a street and item, or several of them.
type summaryRow struct {
	street, item, standard string
	*control.Sums
}

// The columns that the chart shows.
const (
	summaryItem = "项目"
	summaryPays = "合计"
)

var summaryColumns = []sheet.Column[summaryRow]{
	sheet.Col("街道", 12, sheet.PlainText, func(r *summaryRow) sheet.Cell { return sheet.Text(r.street) }),
	sheet.Col(summaryItem, 32, sheet.PlainText, func(r *summaryRow) sheet.Cell { return sheet.Text(r.item) }),
	sheet.Col("标准（元/月）", 18, sheet.Centered, func(r *summaryRow) sheet.Cell { return sheet.Text(r.standard) }),
	sheet.Col("人数", 9, sheet.Counts, func(r *summaryRow) sheet.Cell { return sheet.Whole(r.Heads) }).Sums(),
	sheet.Col("明细条数", 9, sheet.Counts, func(r *summaryRow) sheet.Cell { return sheet.Whole(r.Lines) }).Sums(),
	sheet.Col("当月", 15, sheet.Amounts, func(r *summaryRow) sheet.Cell { return sheet.Fen(r.Current) }).Sums(),
	sheet.Col("补发", 14, sheet.Amounts, func(r *summaryRow) sheet.Cell { return sheet.Fen(r.Arrears) }).Sums(),
	sheet.Col("扣回", 14, sheet.Amounts, func(r *summaryRow) sheet.Cell { return sheet.Fen(r.Recovery) }).Sums(),
	sheet.Col(summaryPays, 16, sheet.Amounts, func(r *summaryRow) sheet.Cell { return sheet.Fen(r.Pays()) }).Sums(),
	sheet.Col("暂缓人数", 9, sheet.Counts, func(r *summaryRow) sheet.Cell { return sheet.Whole(r.HeldHeads) }).Sums(),
	sheet.Col("暂缓金额", 14, sheet.Amounts, func(r *summaryRow) sheet.Cell { return sheet.Fen(r.Held) }).Sums(),
}

func newSummary(p *sheet.Paper) *summary {
	return &summary{
		byStreet: map[string]map[string]*control.Sums{}, streets: map[string]*[2]int{}, standards: map[string]*[2]money.Fen{},
		TableOf: sheet.NewTable(p, sheet.Spec{Name: "汇总", Title: "养老待遇发放汇总表", Unit: "金额单位：元", Landscape: true}, summaryColumns),
	}
}

// cell returns the sums of a street and item.
func (s *summary) cell(street, item string) *control.Sums {
	row := s.byStreet[street]
	if row == nil {
		row = map[string]*control.Sums{}
		s.byStreet[street], s.streets[street] = row, &[2]int{}
	}
	if row[item] == nil {
		row[item] = &control.Sums{}
	}
	return row[item]
}

// item adds an item's streets up. Somebody whose lines name two streets counts in each.
func (s *summary) item(code string) *control.Sums {
	t := &control.Sums{}
	for _, row := range s.byStreet {
		if c := row[code]; c != nil {
			t.Join(c)
		}
	}
	return t
}

// standard widens the span of an item's standards by that of a line of this month.
func (s *summary) standard(code string, l *explain.DetailedLine) {
	if l.Kind != payrun.Current || l.Hold != 0 {
		return
	}
	span := s.standards[code]
	if span == nil {
		span = &[2]money.Fen{l.Standard, l.Standard}
		s.standards[code] = span
	}
	span[0], span[1] = min(span[0], l.Standard), max(span[1], l.Standard)
}

// standardText is how the summary writes an item's standard.
func (s *summary) standardText(code string) string {
	switch span := s.standards[code]; {
	case span == nil:
		return ""
	case span[0] == span[1]:
		return span[0].Grouped()
	default:
		return span[0].Grouped() + "–" + span[1].Grouped()
	}
}

// count counts a line's person.
func (s *summary) count(l *explain.DetailedLine) {
	if l.Hold != 0 {
		if s.waits.Add(l.Person) {
			s.streets[l.Street][1]++
			s.heldHeads++
		}
	} else if s.paid.Add(l.Person) {
		s.streets[l.Street][0]++
		s.heads++
	}
}

// finish writes the sheet from the sums.
func (s *summary) finish(r *Writer) {
	s.Section("一、各项目")
	first := s.Next()
	for _, it := range r.items {
		s.line("全区", r.Catalogue.Title(it.Code.Value), s.standardText(it.Code.Value), r.totals[it.Code.Value])
	}
	last := s.Next() - 1
	s.sum("合计（同一人享受多项只计一次）", &r.all)
	s.Words(r.all.Pays())
	s.chart(first, last)
	s.Section("二、各街道")
	streets := s.inOrder()
	for _, street := range streets {
		s.line(sheet.StreetName(street), "全部项目", "", s.street(street))
	}
	s.sum("合计", &r.all)
	s.Together(s.Next())
	s.Section("三、各街道各项目")
	for _, street := range streets {
		for _, it := range r.items {
			if c := s.byStreet[street][it.Code.Value]; c != nil {
				s.line(sheet.StreetName(street), r.Catalogue.Title(it.Code.Value), "", c)
			}
		}
		t := s.street(street)
		s.Subtotal(sheet.StreetName(street)+"　小计", s.Summed(&summaryRow{Sums: t})...)
	}
	s.KeepTogether(s.TailHeight(1, "", "", ""))
	s.sum("合计", &r.all)
	s.Notes("金额只计可发明细；暂缓发放的不计入当月、补发、扣回和合计。")
	s.remarks(r)
	s.Signatures()
}

// chart draws the items' totals, which stand in rows first to last, on the first
// pages' lower part or on a page of its own, never across two.
func (s *summary) chart(first, last int) {
	rows := max(10, last-first+4)
	if !s.Fits(float64(rows) * sheet.RowHeight) {
		s.BreakAt(s.Next())
	}
	at := s.Next()
	for range rows {
		s.Row(0)
	}
	s.Chart(workbook.Chart{Title: "各项目应发金额（元）", Names: s.ColumnAt(summaryItem), Values: s.ColumnAt(summaryPays), First: first, Last: last, Row: at, Rows: rows})
}

func (s *summary) inOrder() []string {
	var streets []string
	for street := range s.byStreet {
		streets = append(streets, street)
	}
	slices.SortFunc(streets, s.Paper.Catalogue.CompareStreets)
	return streets
}

// street adds a street's items up, counting people once.
func (s *summary) street(street string) *control.Sums {
	t := &control.Sums{}
	for _, c := range s.byStreet[street] {
		t.Join(c)
	}
	t.Heads, t.HeldHeads = s.streets[street][0], s.streets[street][1]
	return t
}

func (s *summary) line(street, item, standard string, c *control.Sums) {
	s.Add(&summaryRow{street, item, standard, c})
}

func (s *summary) sum(label string, c *control.Sums) {
	s.Total(label, s.Summed(&summaryRow{Sums: c})...)
}

// remarks names what is 待核定 in the items that have lines.
func (s *summary) remarks(r *Writer) {
	for _, it := range r.items {
		t := r.totals[it.Code.Value]
		if t.Lines+t.HeldLines == 0 {
			continue
		}
		for _, n := range r.Catalogue.Unconfirmed(it, s.Paper.Issue.Batch.Month, s.Paper.Issue.Batch.Month) {
			s.Notes(fmt.Sprintf("待核定——%s：%s", r.Catalogue.Title(it.Code.Value), n))
		}
	}
}
