package reports

import (
	"fmt"
	"strings"

	"disburse/internal/payrun/explain"
)

// notice is the sheet 公示, to be hung out: who gets what, one row a person and item,
// with no account and the ID number masked.
type notice struct {
	tableOf[noticeRow]
	serial int
	open   bool // now holds somebody
	now    noticeRow
}

type noticeRow struct {
	person                      int64
	serial                      int
	name, id, street, community string
	item                        string
	sum                         sums
}

func noticeColumns(cat *catalogue) []columnOf[noticeRow] {
	return []columnOf[noticeRow]{
		col("序号", 7, centered, func(r *noticeRow) cell { return whole(r.serial) }),
		col("姓名", 11, wrapped, func(r *noticeRow) cell { return text(r.name) }),
		col("身份证号", 20, number, func(r *noticeRow) cell { return text(mask(r.id)) }),
		col("街道", 10, plainText, func(r *noticeRow) cell { return text(streetName(r.street)) }),
		col("社区", 14, wrapped, func(r *noticeRow) cell { return text(r.community) }),
		col("项目", 24, plainText, func(r *noticeRow) cell { return text(cat.title(r.item)) }),
		col("当月", 12, amounts, func(r *noticeRow) cell { return fen(r.sum.current) }).sums(),
		col("补发", 12, amounts, func(r *noticeRow) cell { return fen(r.sum.arrears) }).sums(),
		col("扣回", 12, amounts, func(r *noticeRow) cell { return fen(r.sum.recovery) }).sums(),
		col("合计", 13, amounts, func(r *noticeRow) cell { return fen(r.sum.pays()) }).sums(),
	}
}

func newNotice(p *paper) *notice {
	return &notice{tableOf: newTableOf(p, tableSpec{
		name: "公示", title: "养老待遇发放公示", unit: "金额单位：元", landscape: true,
		origin: "公示单位：" + p.is.Batch.Bureau + "　　公示期：　　　年　　月　　日至　　　年　　月　　日",
	}, noticeColumns(p.cat))}
}

// line takes a line that is to be paid; a person's lines of one item follow each other.
func (n *notice) line(l *explain.DetailedLine) {
	if n.open && (n.now.person != l.Person || n.now.item != l.Item) {
		n.flush()
	}
	if !n.open {
		n.open = true
		n.now = noticeRow{person: l.Person, name: l.Name, id: l.ID, street: l.Street, community: l.Community, item: l.Item}
	}
	n.now.sum.add(&l.Line)
}

// flush writes the person whose lines are complete.
func (n *notice) flush() {
	if !n.open {
		return
	}
	n.open = false
	n.serial++
	n.now.serial = n.serial
	n.row(&n.now)
}

// mask hides an ID number but for the place at its beginning and its last two
// characters: what is hidden includes the whole birth date and the sex.
func mask(id string) string {
	const head, tail = 6, 2
	if rest, ok := strings.CutPrefix(id, "临-"); ok {
		return "临-" + mask(strings.Repeat("*", head) + rest)[head:]
	}
	r := []rune(id)
	n := len(r)
	if n <= head+tail {
		return strings.Repeat("*", n)
	}
	return string(r[:head]) + strings.Repeat("*", n-head-tail) + string(r[n-tail:])
}

func (n *notice) finish(all *sums) {
	n.empty("本批没有应发明细")
	n.keep(n.tailHeight(2))
	n.total(fmt.Sprintf("合计　%d 人", all.heads), n.summed(&noticeRow{sum: *all})...)
	n.words(all.pays())
	n.notes("对公示内容有异议的，请在公示期内向本单位反映。监督电话：")
	n.spread([]string{"单位（盖章）：" + n.p.is.Batch.Bureau, "日期：　　　年　　月　　日"})
}
