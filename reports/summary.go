package reports

import (
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/reports/workbook"
)

// summary is the sheet 汇总: by item, by 街道, and street × item.
type summary struct {
	tableOf[summaryRow]
	byStreet  map[string]map[string]*sums // by street and item
	standards map[string]*[2]money.Fen    // by item: the least and the most of this month's, not held

	// A person counts once in a street and once in all, whatever their items.
	paid, waits      people
	streets          map[string]*[2]int // heads, held heads
	heads, heldHeads int
}

// summaryRow is a street and item, or several of them.
type summaryRow struct {
	street, item, standard string
	*sums
}

// The columns that the chart shows.
const (
	summaryItem = "项目"
	summaryPays = "合计"
)

var summaryColumns = []columnOf[summaryRow]{
	col("街道", 12, plainText, func(r *summaryRow) cell { return text(r.street) }),
	col(summaryItem, 32, plainText, func(r *summaryRow) cell { return text(r.item) }),
	col("标准（元/月）", 18, centered, func(r *summaryRow) cell { return text(r.standard) }),
	col("人数", 9, counts, func(r *summaryRow) cell { return whole(r.heads) }).sums(),
	col("明细条数", 9, counts, func(r *summaryRow) cell { return whole(r.lines) }).sums(),
	col("当月", 15, amounts, func(r *summaryRow) cell { return fen(r.current) }).sums(),
	col("补发", 14, amounts, func(r *summaryRow) cell { return fen(r.arrears) }).sums(),
	col("扣回", 14, amounts, func(r *summaryRow) cell { return fen(r.recovery) }).sums(),
	col(summaryPays, 16, amounts, func(r *summaryRow) cell { return fen(r.pays()) }).sums(),
	col("暂缓人数", 9, counts, func(r *summaryRow) cell { return whole(r.heldHeads) }).sums(),
	col("暂缓金额", 14, amounts, func(r *summaryRow) cell { return fen(r.held) }).sums(),
}

func newSummary(p *paper) *summary {
	return &summary{
		byStreet: map[string]map[string]*sums{}, streets: map[string]*[2]int{}, standards: map[string]*[2]money.Fen{},
		tableOf: newTableOf(p, tableSpec{name: "汇总", title: "养老待遇发放汇总表", unit: "金额单位：元", landscape: true}, summaryColumns),
	}
}

// cell returns the sums of a street and item.
func (s *summary) cell(street, item string) *sums {
	row := s.byStreet[street]
	if row == nil {
		row = map[string]*sums{}
		s.byStreet[street], s.streets[street] = row, &[2]int{}
	}
	if row[item] == nil {
		row[item] = &sums{}
	}
	return row[item]
}

// item adds an item's streets up. Somebody whose lines name two streets counts in each.
func (s *summary) item(code string) *sums {
	t := &sums{}
	for _, row := range s.byStreet {
		if c := row[code]; c != nil {
			t.join(c)
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
		if s.waits.add(l.Person) {
			s.streets[l.Street][1]++
			s.heldHeads++
		}
	} else if s.paid.add(l.Person) {
		s.streets[l.Street][0]++
		s.heads++
	}
}

// finish writes the sheet from the sums.
func (s *summary) finish(r *register) {
	s.section("一、各项目")
	first := s.Next()
	for _, it := range r.items {
		s.line("全区", r.cat.title(it.Code.Value), s.standardText(it.Code.Value), r.totals[it.Code.Value])
	}
	last := s.Next() - 1
	s.sum("合计（同一人享受多项只计一次）", &r.all)
	s.words(r.all.pays())
	s.chart(first, last)
	s.section("二、各街道")
	streets := s.inOrder()
	for _, street := range streets {
		s.line(streetName(street), "全部项目", "", s.street(street))
	}
	s.sum("合计", &r.all)
	s.together(s.Next())
	s.section("三、各街道各项目")
	for _, street := range streets {
		for _, it := range r.items {
			if c := s.byStreet[street][it.Code.Value]; c != nil {
				s.line(streetName(street), r.cat.title(it.Code.Value), "", c)
			}
		}
		t := s.street(street)
		s.subtotal(streetName(street)+"　小计", s.summed(&summaryRow{sums: t})...)
	}
	s.keep(s.tailHeight(1, "", "", ""))
	s.sum("合计", &r.all)
	s.notes("金额只计可发明细；暂缓发放的不计入当月、补发、扣回和合计。")
	s.remarks(r)
	s.signatures()
}

// chart draws the items' totals, which stand in rows first to last, on the first
// pages' lower part or on a page of its own, never across two.
func (s *summary) chart(first, last int) {
	rows := max(10, last-first+4)
	if !s.fits(float64(rows) * rowHeight) {
		s.breakAt(s.Next())
	}
	at := s.Next()
	for range rows {
		s.Row(0)
	}
	s.Chart(workbook.Chart{Title: "各项目应发金额（元）", Names: s.at(summaryItem), Values: s.at(summaryPays), First: first, Last: last, Row: at, Rows: rows})
}

func (s *summary) inOrder() []string {
	var streets []string
	for street := range s.byStreet {
		streets = append(streets, street)
	}
	slices.SortFunc(streets, s.p.cat.compareStreets)
	return streets
}

// street adds a street's items up, counting people once.
func (s *summary) street(street string) *sums {
	t := &sums{}
	for _, c := range s.byStreet[street] {
		t.join(c)
	}
	t.heads, t.heldHeads = s.streets[street][0], s.streets[street][1]
	return t
}

func (s *summary) line(street, item, standard string, c *sums) {
	s.row(&summaryRow{street, item, standard, c})
}

func (s *summary) sum(label string, c *sums) { s.total(label, s.summed(&summaryRow{sums: c})...) }

// remarks names what is 待核定 in the items that have lines.
func (s *summary) remarks(r *register) {
	for _, it := range r.items {
		t := r.totals[it.Code.Value]
		if t.lines+t.heldLines == 0 {
			continue
		}
		for _, n := range r.cat.unconfirmed(it, s.p.is.Batch.Month, s.p.is.Batch.Month) {
			s.notes(fmt.Sprintf("待核定——%s：%s", r.cat.title(it.Code.Value), n))
		}
	}
}
