package reports

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
)

// letterName is 告知书.xlsx: what somebody gets and why, a page a person.
const letterName = "告知书"

func letterColumns() []column {
	return []column{
		{head: "项目", width: 23}, {head: "当月", width: 11}, {head: "补发", width: 11}, {head: "扣回", width: 11},
		{head: "本次实发", width: 12}, {head: "付给", width: 12},
	}
}

// newLetters makes 告知书 and returns it with the number of letters and what they pay.
func newLetters(ctx context.Context, is *Issue, cat *catalogue, src Source, dir string) (*sheaf, int, money.Fen, error) {
	s, err := newSheaf(is, cat, dir, letterName, letterColumns())
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
		return s.add(streetName(l.Street), func(f *leaf) { (&letter{f, l}).compose() })
	})
	if err == nil && n == 0 {
		err = s.add("", func(f *leaf) { f.title(letterName); f.only("本批没有需要告知的人") })
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
	is, l := w.s.is, w.l
	w.title("养老待遇发放告知书")
	w.sides(w.s.cat.file.District.Value+"　"+is.Batch.Bureau, batchName(&is.Batch))
	w.para(fmt.Sprintf("姓名：%s　　身份证号：%s　　住地：%s", l.Name, mask(l.ID), place(l.Street, l.Community)))
	hello := l.Name + "，您好！"
	if l.Died != 0 {
		hello = l.Name + " 的亲属："
	}
	w.para(hello + fmt.Sprintf("按照《%s》，%s%s发给%s的待遇如下（单位：元）。", w.s.cat.file.Title.Value, is.Batch.Month.Chinese(), is.Batch.Bureau, w.you()))
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
		return streetName(street)
	}
	return streetName(street) + " " + community
}

// money writes the table: an item and payee a row.
func (w *letter) money() {
	w.headings()
	type row struct {
		item, payee string
		sum         sums
	}
	var rows []*row
	all := sums{}
	for i := range w.l.Lines {
		line := &w.l.Lines[i]
		if line.Hold != 0 {
			continue
		}
		if n := len(rows); n == 0 || rows[n-1].item != line.Item || rows[n-1].payee != line.Payee {
			rows = append(rows, &row{item: line.Item, payee: line.Payee})
		}
		rows[len(rows)-1].sum.add(&line.Line)
		all.add(&line.Line)
	}
	for _, r := range rows {
		w.cells(w.s.cat.paidAs(r.item), r.sum.current, r.sum.arrears, r.sum.recovery, r.sum.pays(), payeeName(r.payee))
	}
	if len(rows) == 0 {
		w.only("本批没有发放的款项")
		return
	}
	w.row(2*w.look.size, func(t *table) {
		t.Text(w.look.total, "合计")
		for _, a := range []money.Fen{all.current, all.arrears, all.recovery, all.pays()} {
			t.Amount(w.look.totalAmount, a)
		}
		t.Blank(w.look.total, 1)
	})
	w.words("合计", all.pays())
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
		text := fmt.Sprintf("· %s：%s %s，共 %s 元", w.s.cat.paidAs(g.Item), g.Kind, g.months(), g.sum.Grouped())
		if g.Kind == payrun.Recovery {
			text = fmt.Sprintf("· %s：%s %s多发的 %s 元", w.s.cat.paidAs(g.Item), g.Kind, g.months(), (-g.sum).Grouped())
		}
		if g.Against != g.Item {
			text += "，从" + w.s.cat.paidAs(g.Against) + "中扣"
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
		w.para(fmt.Sprintf("· %s：%s，共 %s 元，%s", w.s.cat.paidAs(g.Item), g.months(), g.sum.Grouped(), citizenRemedy(&g.Line)))
	}
	w.para("以上款项没有取消，原因消除后随下一批补发。")
}

// changes says what is other than last month.
func (w *letter) changes() {
	is := w.s.is
	if is.Previous == nil || is.Batch.Extra {
		return
	}
	w.section("与上月相比")
	for _, c := range w.l.Changes {
		name := w.s.cat.paidAs(c.Item)
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
		text := fmt.Sprintf("%s　%s　户名 %s", a.Bank, roster.MaskAccount(a.Number), holder(&line.Line))
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
