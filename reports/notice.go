package reports

import (
	"fmt"
	"strings"
)

// notice is the sheet 公示, to be hung out: who gets what, one row a person and item,
// with no account and the ID number masked.
type notice struct {
	*table
	serial int
	open   bool // now holds somebody
	now    noticeRow
}

type noticeRow struct {
	person                      int64
	name, id, street, community string
	item                        string
	sum                         sums
}

func newNotice(p *paper) *notice {
	return &notice{table: p.table(tableSpec{
		name: "公示", title: "养老待遇发放公示", unit: "金额单位：元", landscape: true,
		origin: "公示单位：" + p.is.Batch.Bureau + "　　公示期：　　　年　　月　　日至　　　年　　月　　日",
		columns: []column{
			{"序号", 7, centered}, {"姓名", 11, wrapped}, {"身份证号", 20, number}, {"街道", 10, plainText},
			{"社区", 14, wrapped}, {"项目", 24, plainText}, {"当月", 12, amounts}, {"补发", 12, amounts},
			{"扣回", 12, amounts}, {"合计", 13, amounts},
		},
	})}
}

// line takes a line that is to be paid; a person's lines of one item follow each other.
func (n *notice) line(l *Line) {
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
	n.begin(n.now.name, n.now.community)
	n.int(n.serial)
	n.text(n.now.name)
	n.text(mask(n.now.id))
	n.text(streetName(n.now.street))
	n.text(n.now.community)
	n.text(n.p.cat.title(n.now.item))
	n.fen(n.now.sum.current)
	n.fen(n.now.sum.arrears)
	n.fen(n.now.sum.recovery)
	n.fen(n.now.sum.pays())
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
	n.total(fmt.Sprintf("合计　%d 人", all.heads), 6, all.current, all.arrears, all.recovery, all.pays())
	n.words(all.pays())
	n.notes("对公示内容有异议的，请在公示期内向本单位反映。监督电话：")
	n.spread([]string{"单位（盖章）：" + n.p.is.Batch.Bureau, "日期：　　　年　　月　　日"})
}
