package register

import (
	"fmt"

	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// notice is the sheet 公示, to be hung out: who gets what, one row a person and item,
// with no account and the ID number masked.
type notice struct {
	sheet.TableOf[noticeRow]
	serial int
	open   bool // now holds somebody
	now    noticeRow
}

type noticeRow struct {
	person                      int64
	serial                      int
	name, id, street, community string
	item                        string
	sum                         control.Sums
}

func noticeColumns(cat *source.Catalogue) []sheet.Column[noticeRow] {
	return []sheet.Column[noticeRow]{
		sheet.Col("序号", 7, sheet.Centered, func(r *noticeRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("姓名", 11, sheet.Wrapped, func(r *noticeRow) sheet.Cell { return sheet.Text(r.name) }),
		sheet.Col("身份证号", 20, sheet.Number, func(r *noticeRow) sheet.Cell { return sheet.Text(sheet.HideID(r.id)) }),
		sheet.Col("街道", 10, sheet.PlainText, func(r *noticeRow) sheet.Cell { return sheet.Text(sheet.StreetName(r.street)) }),
		sheet.Col("社区", 14, sheet.Wrapped, func(r *noticeRow) sheet.Cell { return sheet.Text(r.community) }),
		sheet.Col("项目", 24, sheet.PlainText, func(r *noticeRow) sheet.Cell { return sheet.Text(cat.Title(r.item)) }),
		sheet.Col("当月", 12, sheet.Amounts, func(r *noticeRow) sheet.Cell { return sheet.Fen(r.sum.Current) }).Sums(),
		sheet.Col("补发", 12, sheet.Amounts, func(r *noticeRow) sheet.Cell { return sheet.Fen(r.sum.Arrears) }).Sums(),
		sheet.Col("扣回", 12, sheet.Amounts, func(r *noticeRow) sheet.Cell { return sheet.Fen(r.sum.Recovery) }).Sums(),
		sheet.Col("合计", 13, sheet.Amounts, func(r *noticeRow) sheet.Cell { return sheet.Fen(r.sum.Pays()) }).Sums(),
	}
}

func newNotice(p *sheet.Paper) *notice {
	return &notice{TableOf: sheet.NewTable(p, sheet.Spec{
		Name: "公示", Title: "养老待遇发放公示", Unit: "金额单位：元", Landscape: true,
		Origin: "公示单位：" + p.Issue.Batch.Bureau + "　　公示期：　　　年　　月　　日至　　　年　　月　　日",
	}, noticeColumns(p.Catalogue))}
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
	n.now.sum.Add(&l.Line)
}

// flush writes the person whose lines are complete.
func (n *notice) flush() {
	if !n.open {
		return
	}
	n.open = false
	n.serial++
	n.now.serial = n.serial
	n.Add(&n.now)
}

func (n *notice) finish(all *control.Sums) {
	n.Empty("本批没有应发明细")
	n.KeepTogether(n.TailHeight(2))
	n.Total(fmt.Sprintf("合计　%d 人", all.Heads), n.Summed(&noticeRow{sum: *all})...)
	n.Words(all.Pays())
	n.Notes("对公示内容有异议的，请在公示期内向本单位反映。监督电话：")
	n.Spread([]string{"单位（盖章）：" + n.Paper.Issue.Batch.Bureau, "日期：　　　年　　月　　日"})
}
