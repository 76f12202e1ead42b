package letters

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// RecallName is 追缴通知书.xlsx: a page for each payee who owes, for each person.
const RecallName = "追缴通知书"

func recallColumns() []sheet.Heading {
	return []sheet.Heading{
		{Name: "项目", Width: 19}, {Name: "所属月份", Width: 15}, {Name: "每月应发", Width: 10}, {Name: "多发未退", Width: 11},
		{Name: "原因", Width: 25},
	}
}

// NewRecalls makes 追缴通知书 and returns it with its pages and what they ask for; nil
// when nobody owes anything.
func NewRecalls(ctx context.Context, is *source.Issue, cat *source.Catalogue, src source.Rows, dir string) (*Sheaf, int, money.Fen, error) {
	var s *Sheaf
	n, sum := 0, money.Fen(0)
	err := src.Recalls(ctx, func(r *explain.Recall) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s == nil {
			var err error
			if s, err = newSheaf(is, cat, dir, RecallName, recallColumns()); err != nil {
				return err
			}
		}
		n++
		sum = sum.Add(r.Sum())
		return s.add(sheet.StreetName(r.Street), func(f *leaf) { (&recall{f, r}).compose() })
	})
	if err != nil {
		if s != nil {
			_ = s.Close()
		}
		return nil, 0, 0, err
	}
	return s, n, sum, nil
}

// recall composes one 追缴通知书.
type recall struct {
	*leaf
	r *explain.Recall
}

const blankDate = "＿＿＿＿年＿＿月＿＿日"

func (w *recall) compose() {
	is, r := w.s.Issue, w.r
	bureau := is.Batch.Bureau
	w.title("多发养老待遇追缴通知书")
	w.sides(w.s.Catalogue.File.District.Value+"　"+bureau, "文号：＿＿＿＿＿＿＿＿＿＿")
	w.para(w.address())
	w.para(fmt.Sprintf("　　经核对，下列待遇多发。截至%s，还有 %s 元（大写：%s）没有退回，现通知你方退回（单位：元）。",
		sheet.BatchName(&is.Batch), r.Sum().Grouped(), r.Sum().Chinese()))
	w.table()
	w.section("退回的期限和方式")
	w.para("请于 " + blankDate + " 前退回。\n□ 转账：户名＿＿＿＿＿＿＿＿＿＿　开户行＿＿＿＿＿＿＿＿＿＿　账号＿＿＿＿＿＿＿＿＿＿＿＿\n□ 当面退回：地点＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿　退回后请索取收据。\n在退回以前有应发款的，先从中抵扣；一次退回有困难的，可以向" + bureau + "申请分期。")
	w.section("不同意怎么办")
	w.para("对多发的项目、月份、金额或者原因有异议的，可以在收到本通知后＿＿日内向" + bureau + "说明并提交材料；也可以依法申请行政复议或者提起行政诉讼。")
	w.section("联系方式")
	w.para("联系人：＿＿＿＿＿＿＿＿　电话：＿＿＿＿＿＿＿＿＿＿　地址：＿＿＿＿＿＿＿＿＿＿＿＿＿＿")
	w.seal()
	w.receipt()
}

// address says to whom the letter goes, and for whom.
func (w *recall) address() string {
	r := w.r
	who := fmt.Sprintf("%s（身份证号 %s，%s）", r.Name, sheet.HideID(r.ID), place(r.Street, r.Community))
	switch {
	case r.Payee != roster.Myself:
		return r.Payee + "：\n　　（贵单位为 " + who + " 收取的款项）"
	case r.Died != 0:
		return who + " 的亲属（代领人）："
	}
	return who + "："
}

// owed is a run of months of one item that are owed for the same reason.
type owed struct {
	explain.RecalledDebt
	last month.Month
	sum  money.Fen
}

func (w *recall) table() {
	var rows []*owed
	for i := range w.r.Debts {
		d := &w.r.Debts[i]
		if n := len(rows); n > 0 {
			o := rows[n-1]
			if o.Item == d.Item && o.Standard == d.Standard && o.Reason == d.Reason && d.Month == o.last+1 {
				o.last, o.sum = d.Month, o.sum.Add(d.Amount)
				continue
			}
		}
		rows = append(rows, &owed{*d, d.Month, d.Amount})
	}
	w.headings()
	for _, o := range rows {
		w.cells(w.s.Catalogue.PaidAs(o.Item), strings.Replace(monthSpan(o.Month, o.last), "（", "\n（", 1), o.Standard, o.sum, o.Reason)
	}
	w.row(2*w.look.size, func(t *sheet.Table) {
		t.Text(w.look.total, "合计")
		t.Blank(w.look.total, 2)
		t.Merge(1, 3)
		t.Amount(w.look.totalAmount, w.r.Sum())
		t.Blank(w.look.total, 1)
	})
	w.words("合计", w.r.Sum())
}

// receipt is what is torn off and kept by the bureau.
func (w *recall) receipt() {
	w.atFoot()
	dots := strings.Repeat("…", int(w.width()/6*11/w.look.size))
	line := dots + "（沿此线裁开，回执由单位留存）" + dots
	w.row(1.5*w.look.size, func(t *sheet.Table) { w.across(t, w.look.cut, line) })
	w.row(2.2*w.look.size, func(t *sheet.Table) { w.across(t, w.look.title, "回　　执") })
	w.para(fmt.Sprintf("收到%s《多发养老待遇追缴通知书》（文号：＿＿＿＿＿＿＿＿），涉及 %s，金额 %s 元。", w.s.Issue.Batch.Bureau, w.r.Name, w.r.Sum().Grouped()))
	w.para("□ 没有异议，将于 " + blankDate + " 前退回。\n□ 有异议，理由：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿")
	w.sides("收件人签名（按手印）：＿＿＿＿＿＿", "与老人的关系：＿＿＿＿＿＿")
	w.sides("送达人签名：＿＿＿＿＿＿＿＿＿＿", "送达方式：□ 当面　□ 邮寄　□ 留置")
	w.sides("", "签收日期："+blankDate)
}
