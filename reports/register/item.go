package register

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// itemColumns are the columns of a paying item's sheet (发放明细) in 发放清册.
func itemColumns(cat *source.Catalogue) []sheet.Column[itemRow] {
	return []sheet.Column[itemRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *itemRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(r.Name) }).Freeze(),
		sheet.Col("身份证号", 20, sheet.Number, func(r *itemRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *itemRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.Street)) }),
		sheet.Col("社区", 14, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(r.Community) }),
		sheet.Col("所属月份", 9, sheet.Centered, func(r *itemRow) sheet.Cell { return sheet.Text(r.month) }),
		sheet.Col("类别", 6, sheet.Centered, func(r *itemRow) sheet.Cell { return sheet.Text(r.Kind.String()) }),
		sheet.Col("标准", 11, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.Standard) }),
		sheet.Col("金额", 12, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.Amount) }).Sums(),
		sheet.Col("开户银行", 20, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(r.Account.Bank) }),
		sheet.Col("银行账号", 22, sheet.Number, func(r *itemRow) sheet.Cell { return sheet.Text(r.Account.Number) }),
		sheet.Col("账户户名", 12, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(sheet.AccountHolder(&r.Line)) }),
		sheet.Col("备注", 22, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(remark(cat, r.DetailedLine)) }),
	}
}

// itemRow is one row of it.
type itemRow struct {
	*explain.DetailedLine
	serial int
	month  string
}

// newItemTable adds the sheet of an item.
func newItemTable(p *sheet.Paper, it *packfile.Item) sheet.TableOf[itemRow] {
	return sheet.NewTable(p, sheet.Spec{
		Name: p.Catalogue.Title(it.Code.Value), Title: it.Name.Value + "发放明细", Unit: "金额单位：元", Landscape: true, Filter: true,
	}, itemColumns(p.Catalogue))
}

// itemSheet writes one item's lines that are to be paid, street by street, with the
// sum of each printed page (本页小计) at its foot.
type itemSheet struct {
	sheet.TableOf[itemRow]
	it      *packfile.Item
	summary *summary
	sum     control.Sums
	street  *control.Sums // of the present street
	at      string
	serial  int
	wait    []explain.DetailedLine // the last lines, which must not part from the signatures
	onPage  money.Fen
	pages   int // ended

	// Who has been counted; the same ID number twice, which a check blocks only
	// before signing, must not count a person twice.
	paid, current, waits control.People

	first, last month.Month
	month       month.Month // of now
	now         itemRow
}

func newItemSheet(t sheet.TableOf[itemRow], it *packfile.Item, s *summary) *itemSheet {
	return &itemSheet{TableOf: t, it: it, summary: s}
}

// line takes one line; a held one only counts.
func (s *itemSheet) line(l *explain.DetailedLine) {
	if s.first == 0 || l.Month < s.first {
		s.first = l.Month
	}
	s.last = max(s.last, l.Month)
	s.summary.standard(s.it.Code.Value, l)
	if l.Hold != 0 {
		s.count(l, s.summary.cell(l.Street, s.it.Code.Value))
		return
	}
	if len(s.wait) == sheet.BodyWithTail {
		s.pay(&s.wait[0])
		copy(s.wait, s.wait[1:])
		s.wait = s.wait[:sheet.BodyWithTail-1]
	}
	s.wait = append(s.wait, *l)
}

// pay writes a line that is to be paid.
func (s *itemSheet) pay(l *explain.DetailedLine) {
	if s.street == nil || s.at != l.Street {
		s.endStreet()
		s.at = l.Street
		s.street = s.summary.cell(l.Street, s.it.Code.Value)
	}
	s.count(l, s.street)
	s.serial++
	cells := s.Cells(s.of(l))
	s.room(s.HeightOf(cells))
	s.Write(cells)
	s.onPage = s.onPage.Add(l.Amount)
}

// of is the row of a line. The text of a month is made once for the lines of it; the month
// is remembered by itself, for the line before has been overwritten by now.
func (s *itemSheet) of(l *explain.DetailedLine) *itemRow {
	if l.Month != s.month || s.now.month == "" {
		s.month, s.now.month = l.Month, l.Month.String()
	}
	s.now.DetailedLine, s.now.serial = l, s.serial
	return &s.now
}

func (s *itemSheet) count(l *explain.DetailedLine, street *control.Sums) {
	street.Add(&l.Line)
	switch {
	case l.Hold != 0:
		if s.waits.Add(l.Person) {
			street.HeldHeads++
		}
	default:
		if s.paid.Add(l.Person) {
			street.Heads++
		}
		if l.Kind == payrun.Current && s.current.Add(l.Person) {
			street.CurrentHeads++
		}
	}
	s.summary.count(l)
}

// room ends the page when a row and the page's sum below it would not fit.
func (s *itemSheet) room(height float64) {
	if !s.Fits(height + sheet.SumHeight) {
		s.endPage()
	}
}

// endPage writes the sum of the page and begins the next one.
func (s *itemSheet) endPage() {
	s.pageSum()
	if s.Breaks() == workbook.MaxBreaks-1 {
		s.CarryOn()
		return
	}
	s.BreakAt(s.Next())
}

func (s *itemSheet) pageSum() {
	s.Subtotal(fmt.Sprintf("本页小计　明细 %d 条", s.OnThisPage()), sheet.Fen(s.onPage))
	s.onPage = 0
	s.pages++
}

// remark says who is paid or receives the money (代领), when it is not the person, what a
// 扣回 is taken from, and which failed payment is made again.
func remark(cat *source.Catalogue, l *explain.DetailedLine) string {
	var parts []string
	if l.Payee != roster.Myself {
		parts = append(parts, "付"+l.Payee)
	}
	if l.Deputy != "" {
		parts = append(parts, l.Deputy)
	}
	if l.Kind == payrun.Recovery && l.Against != l.Item {
		parts = append(parts, "从"+cat.Title(l.Against)+"中扣回")
	}
	if strings.HasPrefix(l.Reason, explain.Reissue) {
		parts = append(parts, l.Reason)
	}
	return strings.Join(parts, "；")
}

func (s *itemSheet) endStreet() {
	if s.street == nil {
		return
	}
	s.room(sheet.SumHeight)
	label := fmt.Sprintf("%s　小计　%d 人　明细 %d 条", sheet.StreetName(s.at), s.street.Heads, s.street.Lines)
	s.Subtotal(label, sheet.Fen(s.street.Pays()))
}

// finish writes the last lines, totals, notes and the signature row.
func (s *itemSheet) finish() {
	s.sum = *s.summary.item(s.it.Code.Value)
	notes := s.remarks() // of what is held, which is counted by now
	s.lastPage(notes)
	s.sum = *s.summary.item(s.it.Code.Value)
	if s.sum.Lines == 0 {
		s.Empty("本批没有应发明细")
	}
	t := &s.sum
	s.Total(fmt.Sprintf("合计　%d 人　明细 %d 条", t.Heads, t.Lines), sheet.Fen(t.Pays()),
		sheet.Text(fmt.Sprintf("其中：当月 %s　补发 %s　扣回 %s", t.Current.Grouped(), t.Arrears.Grouped(), t.Recovery.Grouped())))
	s.Words(t.Pays())
	s.Notes(notes...)
	s.Signatures()
}

// lastPage writes the lines that wait on one page with what comes below them.
func (s *itemSheet) lastPage(notes []string) {
	height := s.TailHeight(4, notes...) // two streets' sums, the page's and the item's
	for i := range s.wait {
		height += s.High(s.of(&s.wait[i]))
	}
	if s.OnThisPage() > 0 && !s.Fits(height) {
		s.endPage()
	}
	for i := range s.wait {
		s.pay(&s.wait[i])
	}
	s.wait = nil
	s.endStreet()
	if s.pages > 0 {
		s.pageSum()
	}
}

// remarks are the notes below the total.
func (s *itemSheet) remarks() []string {
	var notes []string
	if t := &s.sum; t.HeldLines > 0 {
		notes = append(notes, fmt.Sprintf("另有暂缓发放 %d 人、明细 %d 条、%s 元，不在本表合计之内，见“%s”表。", t.HeldHeads, t.HeldLines, t.Held.Grouped(), heldName))
	}
	from, to := s.first, max(s.last, s.Paper.Issue.Batch.Month)
	if from == 0 {
		from = to
	}
	for _, n := range s.Paper.Catalogue.Unconfirmed(s.it, from, to) {
		notes = append(notes, "待核定——"+n)
	}
	return notes
}
