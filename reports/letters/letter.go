package letters

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// Name is 告知书.xlsx: what somebody gets and why, a page a person.
const Name = "告知书"

func letterColumns() []sheet.Heading {
	return []sheet.Heading{
		{Name: "项目", Width: 23}, {Name: "当月", Width: 11}, {Name: "补发", Width: 11}, {Name: "扣回", Width: 11},
		{Name: "本次实发", Width: 12}, {Name: "付给", Width: 12},
	}
}

// New makes 告知书 and returns it with the number of letters and what they pay.
func New(ctx context.Context, is *source.Issue, cat *source.Catalogue, src source.Rows, dir string) (*Sheaf, int, money.Fen, error) {
	s, err := newSheaf(is, cat, dir, Name, letterColumns())
	if err != nil {
		return nil, 0, 0, err
	}
	n, sum := 0, money.Fen(0)
	err = src.Letters(ctx, func(l *explain.Letter) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		n++
		sum = sum.Add(letterPays(l))
		return s.add(sheet.StreetName(l.Street), func(f *leaf) { (&letter{f, l}).compose() })
	})
	if err == nil && n == 0 {
		err = s.add("", func(f *leaf) { f.title(Name); f.only("本批没有需要告知的人") })
	}
	if err != nil {
		_ = s.Close()
		return nil, 0, 0, err
	}
	return s, n, sum, nil
}

// letterPays is what a letter says is paid.
func letterPays(l *explain.Letter) money.Fen {
	sum := money.Fen(0)
	for i := range l.Lines {
		if l.Lines[i].Hold == 0 {
			sum = sum.Add(l.Lines[i].Amount)
		}
	}
	return sum
}

// letter composes one 告知书.
type letter struct {
	*leaf
	l *explain.Letter
}

// you is how the letter speaks of the person.
func (w *letter) you() string {
	if w.l.Died != 0 {
		return "老人"
	}
	return "您"
}

func (w *letter) compose() {
	is, l := w.s.Issue, w.l
	w.title("养老待遇发放告知书")
	w.sides(w.s.Catalogue.File.District.Value+"　"+is.Batch.Bureau, sheet.BatchName(&is.Batch))
	w.para(fmt.Sprintf("姓名：%s　　身份证号：%s　　住地：%s", l.Name, sheet.HideID(l.ID), place(l.Street, l.Community)))
	hello := l.Name + "，您好！"
	if l.Died != 0 {
		hello = l.Name + " 的亲属："
	}
	w.para(hello + fmt.Sprintf("按照《%s》，%s%s发给%s的待遇如下（单位：元）。", w.s.Catalogue.File.Title.Value, is.Batch.Month.Chinese(), is.Batch.Bureau, w.you()))
	w.money()
	w.why()
	w.adjusted()
	w.held()
	w.changes()
	w.paidTo()
	w.debt()
	w.section("有疑问怎么办")
	w.para("请向" + is.Batch.Bureau + "询问，电话：＿＿＿＿＿＿＿＿，地址：＿＿＿＿＿＿＿＿＿＿＿＿。情况有变化（户籍、低保、残疾、入住机构、银行账户等）或者登记有误的，请带证件到社区或街道办理。")
	w.seal()
}

func place(street, community string) string {
	if community == "" {
		return sheet.StreetName(street)
	}
	return sheet.StreetName(street) + " " + community
}

// money writes the table: an item and payee a row.
func (w *letter) money() {
	w.headings()
	type row struct {
		item, payee string
		sum         control.Sums
	}
	var rows []*row
	all := control.Sums{}
	for i := range w.l.Lines {
		line := &w.l.Lines[i]
		if line.Hold != 0 {
			continue
		}
		if n := len(rows); n == 0 || rows[n-1].item != line.Item || rows[n-1].payee != line.Payee {
			rows = append(rows, &row{item: line.Item, payee: line.Payee})
		}
		rows[len(rows)-1].sum.Add(&line.Line)
		all.Add(&line.Line)
	}
	for _, r := range rows {
		w.cells(w.s.Catalogue.PaidAs(r.item), r.sum.Current, r.sum.Arrears, r.sum.Recovery, r.sum.Pays(), payeeName(r.payee))
	}
	if len(rows) == 0 {
		w.only("本批没有发放的款项")
		return
	}
	w.row(2*w.look.size, func(t *sheet.Table) {
		t.Text(w.look.total, "合计")
		for _, a := range []money.Fen{all.Current, all.Arrears, all.Recovery, all.Pays()} {
			t.Amount(w.look.totalAmount, a)
		}
		t.Blank(w.look.total, 1)
	})
	w.words("合计", all.Pays())
}

func payeeName(payee string) string {
	if payee == roster.Myself {
		return "本人账户"
	}
	return payee
}

// why says what each item is granted for.
func (w *letter) why() {
	if len(w.l.Why) == 0 {
		return
	}
	w.section(w.you() + "为什么享受这些待遇")
	for _, y := range w.l.Why {
		w.para("· " + y.Text)
	}
}

// adjusted says what is put right of earlier months.
func (w *letter) adjusted() {
	groups := spans(w.l.Lines, func(l *explain.DetailedLine) bool { return l.Kind != payrun.Current && l.Hold == 0 })
	if len(groups) == 0 {
		return
	}
	w.section("补发和扣回")
	for _, g := range groups {
		text := fmt.Sprintf("· %s：%s %s，共 %s 元", w.s.Catalogue.PaidAs(g.Item), g.Kind, g.months(), g.sum.Grouped())
		if g.Kind == payrun.Recovery {
			text = fmt.Sprintf("· %s：%s %s多发的 %s 元", w.s.Catalogue.PaidAs(g.Item), g.Kind, g.months(), (-g.sum).Grouped())
		}
		if g.Against != g.Item {
			text += "，从" + w.s.Catalogue.PaidAs(g.Against) + "中扣"
		}
		w.para(text + "。原因：" + g.why() + "。")
	}
}

// held says what waits, why, and what ends it.
func (w *letter) held() {
	groups := spans(w.l.Lines, func(l *explain.DetailedLine) bool { return l.Hold != 0 })
	if len(groups) == 0 {
		return
	}
	w.section("暂缓发放")
	for _, g := range groups {
		w.para(fmt.Sprintf("· %s：%s，共 %s 元，%s", w.s.Catalogue.PaidAs(g.Item), g.months(), g.sum.Grouped(), citizenRemedy(&g.Line)))
	}
	w.para("以上款项没有取消，原因消除后随下一批补发。")
}

// changes says what is other than last month.
func (w *letter) changes() {
	is := w.s.Issue
	if is.Previous == nil || is.Batch.Extra {
		return
	}
	w.section("与上月相比")
	for _, c := range w.l.Changes {
		name := w.s.Catalogue.PaidAs(c.Item)
		switch {
		case c.Once:
			w.para(fmt.Sprintf("· 上月发放的%s（%s 元）是一次性的，本月不再发放。", name, c.Last.Grouped()))
		case c.Last == 0:
			w.para(fmt.Sprintf("· 新增%s，本月 %s 元。原因：%s。", name, c.This.Grouped(), c.Reason))
		case c.This == 0:
			w.para(fmt.Sprintf("· 停发%s（上月 %s 元）。原因：%s。", name, c.Last.Grouped(), c.Reason))
		default:
			w.para(fmt.Sprintf("· %s由 %s 元变为 %s 元。原因：%s。", name, c.Last.Grouped(), c.This.Grouped(), c.Reason))
		}
	}
	if len(w.l.Changes) == 0 {
		w.para("当月金额与上月相同。")
	}
}

// paidTo says where the money goes.
func (w *letter) paidTo() {
	var done []string
	for i := range w.l.Lines {
		line := &w.l.Lines[i]
		if line.Hold != 0 || slices.Contains(done, line.Payee) {
			continue
		}
		if len(done) == 0 {
			w.section("打到哪个账户")
		}
		done = append(done, line.Payee)
		a := line.Account
		text := fmt.Sprintf("%s　%s　户名 %s", a.Bank, roster.MaskAccount(a.Number), sheet.AccountHolder(&line.Line))
		if line.Payee != roster.Myself {
			text = "付给" + line.Payee + "的款项，由该单位用于" + w.you() + "的待遇，打到该单位账户（尾号 " + tail(a.Number) + "）。"
		}
		w.para(text)
	}
}

func (w *letter) debt() {
	if w.l.Debt == 0 {
		return
	}
	w.section("以前多发的款项")
	w.para(fmt.Sprintf("还有以前多发、没有退回的款项 %s 元，详见《追缴通知书》；以后有应发款时先从中抵扣。", w.l.Debt.Grouped()))
}

// tail is the last four characters of an account number.
func tail(number string) string {
	r := []rune(number)
	return string(r[max(0, len(r)-4):])
}
