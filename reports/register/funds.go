package register

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/policy/packfile"
	"disburse/reports/sheet"
)

// funds shows what each fund bears and what banks are given out of it.
func (a *application) funds(r *Writer) {
	all, t := r.inOrder(), a.t
	t.Begin("二、资金来源", a.fundHeadings, float64(len(all))*sheet.RowHeight+sheet.SumHeight+4*sheet.RowHeight)
	st := &t.Paper.Styles
	for i := range all {
		s := &all[i]
		t.Row(sheet.RowHeight)
		t.Text(st.Text, s.Fund)
		t.Blank(st.Text, 1)
		t.Merge(1, 2)
		t.Text(st.Text, s.Paid().Chinese())
		t.Blank(st.Text, 1)
		t.Merge(3, 4)
		for _, amount := range []money.Fen{s.Due, s.In, s.Out, s.Paid()} {
			t.Amount(st.Amount, amount)
		}
	}
	sum := r.funds.Total()
	total := t.TotalStyles()
	t.SumLabel(total, "合计", 4)
	for _, amount := range []money.Fen{sum.Due, sum.In, sum.Out, sum.Paid()} {
		t.SumCell(total, sheet.Fen(amount))
	}
	t.Notes(sheet.FundNote)
	if crossing := a.crossing; crossing != nil {
		t.Notes(fmt.Sprintf("跨资金抵扣涉及 %d 人、扣回明细 %d 条，共 %s 元，名单见“%s”表。", crossing.heads, crossing.serial, sum.In.Grouped(), crossingName))
	}
}

func (a *application) fundHeadings() {
	head := a.p.Styles.Head
	a.t.Spans(sheet.HeadHeight, sheet.Over(2, "资金来源", head), sheet.Over(2, "实拨（大写）", head), sheet.Over(1, "应发", head), sheet.Over(1, "跨资金转入", head),
		sheet.Over(1, "跨资金转出", head), sheet.Over(1, "实拨", head))
}

// borne splits what each fund bears among its payers.
func (a *application) borne(r *Writer) {
	all, t := r.inOrder(), a.t
	t.Begin("三、各级分担（按应发）", nil, float64(len(all)+6)*sheet.PairHeight)
	by, payers := map[string]money.Fen{}, []string(nil)
	open, why := map[string][]string{}, []string(nil) // what is 待核定, and of which funds
	unconfirmed := func(name, reason string) {
		if open[reason] == nil {
			why = append(why, reason)
		}
		open[reason] = append(open[reason], name)
	}
	for i := range all {
		name, due := all[i].Fund, all[i].Due
		f := r.Catalogue.File.Fund(name)
		if f == nil {
			unconfirmed(name, sheet.NoShares)
			t.Pair(name, "未定分担　"+due.Grouped()+" 元")
			by, payers = addShare(by, payers, "未定分担", due)
			continue
		}
		if f.Unconfirmed.Value != "" {
			unconfirmed(name, f.Unconfirmed.Value)
		}
		t.Pair(name, strings.Join(shares(f, due), "　　"))
		for i, part := range f.Split(due) {
			by, payers = addShare(by, payers, f.Shares[i].Payer.Value, part)
		}
	}
	total := money.Fen(0)
	for _, payer := range payers {
		t.Pair("小计　"+payer, fmt.Sprintf("%s 元（大写：%s）", by[payer].Grouped(), by[payer].Chinese()))
		total = total.Add(by[payer])
	}
	t.Pair("合计", fmt.Sprintf("%s 元（大写：%s）", total.Grouped(), total.Chinese()))
	for _, reason := range why {
		t.Notes("待核定——" + strings.Join(open[reason], "、") + "：" + reason)
	}
}

// shares says what each payer of a fund bears of an amount.
func shares(f *packfile.Fund, a money.Fen) []string {
	var texts []string
	for i, part := range f.Split(a) {
		s := &f.Shares[i]
		texts = append(texts, fmt.Sprintf("%s %s%%　%s 元", s.Payer.Value, s.Percent.Value, part.Grouped()))
	}
	return texts
}

func addShare(by map[string]money.Fen, payers []string, payer string, a money.Fen) (map[string]money.Fen, []string) {
	if _, ok := by[payer]; !ok {
		payers = append(payers, payer)
	}
	by[payer] = by[payer].Add(a)
	return by, payers
}
