package reports

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
	"disburse/reports/workbook"
)

// itemColumns are the columns of a paying item's sheet (发放明细) in 发放清册.
func itemColumns(cat *catalogue) []columnOf[itemRow] {
	return []columnOf[itemRow]{
		col("序号", 7, centered, func(r *itemRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *itemRow) cell { return text(r.Name) }).freeze(),
		col("身份证号", 20, number, func(r *itemRow) cell { return text(r.ID) }),
		col("街道", 10, plainText, func(r *itemRow) cell { return text(streetName(r.Street)) }),
		col("社区", 14, wrapped, func(r *itemRow) cell { return text(r.Community) }),
		col("所属月份", 9, centered, func(r *itemRow) cell { return text(r.month) }),
		col("类别", 6, centered, func(r *itemRow) cell { return text(r.Kind.String()) }),
		col("标准", 11, amounts, func(r *itemRow) cell { return fen(r.Standard) }),
		col("金额", 12, amounts, func(r *itemRow) cell { return fen(r.Amount) }).sums(),
		col("开户银行", 20, wrapped, func(r *itemRow) cell { return text(r.Account.Bank) }),
		col("银行账号", 22, number, func(r *itemRow) cell { return text(r.Account.Number) }),
		col("账户户名", 12, wrapped, func(r *itemRow) cell { return text(holder(&r.Line)) }),
		col("备注", 22, wrapped, func(r *itemRow) cell { return text(remark(cat, r.DetailedLine)) }),
	}
}

// itemRow is one row of it.
type itemRow struct {
	*explain.DetailedLine
	serial int
	month  string
}

// newItemTable adds the sheet of an item.
func newItemTable(p *paper, it *packfile.Item) tableOf[itemRow] {
	return newTableOf(p, tableSpec{
		name: p.cat.title(it.Code.Value), title: it.Name.Value + "发放明细", unit: "金额单位：元", landscape: true, filter: true,
	}, itemColumns(p.cat))
}

// itemSheet writes one item's lines that are to be paid, street by street, with the
// sum of each printed page (本页小计) at its foot.
type itemSheet struct {
	tableOf[itemRow]
	it      *packfile.Item
	summary *summary
	sum     sums
	street  *sums // of the present street
	at      string
	serial  int
	wait    []explain.DetailedLine // the last lines, which must not part from the signatures
	onPage  money.Fen
	pages   int // ended

	// Who has been counted; the same ID number twice, which a check blocks only
	// before signing, must not count a person twice.
	paid, current, waits people

	first, last month.Month
	month       month.Month // of now
	now         itemRow
}

func newItemSheet(t tableOf[itemRow], it *packfile.Item, s *summary) *itemSheet {
	return &itemSheet{tableOf: t, it: it, summary: s}
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
	if len(s.wait) == bodyWithTail {
		s.pay(&s.wait[0])
		copy(s.wait, s.wait[1:])
		s.wait = s.wait[:bodyWithTail-1]
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
	cells := s.make(s.of(l))
	s.room(s.heightOf(cells))
	s.write(cells)
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

func (s *itemSheet) count(l *explain.DetailedLine, street *sums) {
	street.add(&l.Line)
	switch {
	case l.Hold != 0:
		if s.waits.add(l.Person) {
			street.heldHeads++
		}
	default:
		if s.paid.add(l.Person) {
			street.heads++
		}
		if l.Kind == payrun.Current && s.current.add(l.Person) {
			street.currentHeads++
		}
	}
	s.summary.count(l)
}

// room ends the page when a row and the page's sum below it would not fit.
func (s *itemSheet) room(height float64) {
	if !s.fits(height + sumHeight) {
		s.endPage()
	}
}

// endPage writes the sum of the page and begins the next one.
func (s *itemSheet) endPage() {
	s.pageSum()
	if s.Breaks() == workbook.MaxBreaks-1 {
		s.carryOn()
		return
	}
	s.breakAt(s.Next())
}

func (s *itemSheet) pageSum() {
	s.subtotal(fmt.Sprintf("本页小计　明细 %d 条", s.onThisPage()), fen(s.onPage))
	s.onPage = 0
	s.pages++
}

// holder is the name on the account that is paid.
func holder(l *payrun.Line) string {
	switch {
	case l.Account.Holder != "":
		return l.Account.Holder
	case l.Payee == roster.Myself:
		return l.Name
	}
	return l.Payee
}

// remark says who is paid or receives the money (代领), when it is not the person, what a
// 扣回 is taken from, and which failed payment is made again.
func remark(cat *catalogue, l *explain.DetailedLine) string {
	var parts []string
	if l.Payee != roster.Myself {
		parts = append(parts, "付"+l.Payee)
	}
	if l.Deputy != "" {
		parts = append(parts, l.Deputy)
	}
	if l.Kind == payrun.Recovery && l.Against != l.Item {
		parts = append(parts, "从"+cat.title(l.Against)+"中扣回")
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
	s.room(sumHeight)
	label := fmt.Sprintf("%s　小计　%d 人　明细 %d 条", streetName(s.at), s.street.heads, s.street.lines)
	s.subtotal(label, fen(s.street.pays()))
}

// finish writes the last lines, totals, notes and the signature row.
func (s *itemSheet) finish() {
	s.sum = *s.summary.item(s.it.Code.Value)
	notes := s.remarks() // of what is held, which is counted by now
	s.lastPage(notes)
	s.sum = *s.summary.item(s.it.Code.Value)
	if s.sum.lines == 0 {
		s.empty("本批没有应发明细")
	}
	t := &s.sum
	s.total(fmt.Sprintf("合计　%d 人　明细 %d 条", t.heads, t.lines), fen(t.pays()),
		text(fmt.Sprintf("其中：当月 %s　补发 %s　扣回 %s", t.current.Grouped(), t.arrears.Grouped(), t.recovery.Grouped())))
	s.words(t.pays())
	s.notes(notes...)
	s.signatures()
}

// lastPage writes the lines that wait on one page with what comes below them.
func (s *itemSheet) lastPage(notes []string) {
	height := s.tailHeight(4, notes...) // two streets' sums, the page's and the item's
	for i := range s.wait {
		height += s.high(s.of(&s.wait[i]))
	}
	if s.onThisPage() > 0 && !s.fits(height) {
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
	if t := &s.sum; t.heldLines > 0 {
		notes = append(notes, fmt.Sprintf("另有暂缓发放 %d 人、明细 %d 条、%s 元，不在本表合计之内，见“%s”表。", t.heldHeads, t.heldLines, t.held.Grouped(), heldName))
	}
	from, to := s.first, max(s.last, s.p.is.Batch.Month)
	if from == 0 {
		from = to
	}
	for _, n := range s.p.cat.unconfirmed(s.it, from, to) {
		notes = append(notes, "待核定——"+n)
	}
	return notes
}
