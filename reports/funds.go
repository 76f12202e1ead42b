package reports

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/policy/packfile"
)

// fundNote says how the figures of a fund belong together.
const fundNote = "应发＋跨资金转入−跨资金转出＝实拨。应发按明细自己的项目归资金，是该资金最终负担的；实拨是银行从该资金付出的。" +
	"多发的款从别的资金的付款里扣回时，付款的资金转出，多发的资金转入，由财政部门在两项资金之间结算。"

// funds shows what each fund bears and what banks are given out of it.
func (a *application) funds(r *register) {
	all, t := r.inOrder(), a.t
	t.begins("二、资金来源", a.fundHeadings, float64(len(all))*rowHeight+sumHeight+4*rowHeight)
	st := &t.p.st
	for i := range all {
		s := &all[i]
		t.Row(rowHeight)
		t.Text(st.text, s.Fund)
		t.Blank(st.text, 1)
		t.Merge(1, 2)
		t.Text(st.text, s.Paid().Chinese())
		t.Blank(st.text, 1)
		t.Merge(3, 4)
		for _, amount := range []money.Fen{s.Due, s.In, s.Out, s.Paid()} {
			t.Amount(st.amount, amount)
		}
	}
	sum := r.funds.Total()
	total := t.totalStyles()
	t.sumLabel(total, "合计", 4)
	for _, amount := range []money.Fen{sum.Due, sum.In, sum.Out, sum.Paid()} {
		t.sumCell(total, fen(amount))
	}
	t.notes(fundNote)
	if crossing := a.crossing; crossing != nil {
		t.notes(fmt.Sprintf("跨资金抵扣涉及 %d 人、扣回明细 %d 条，共 %s 元，名单见“%s”表。", crossing.heads, crossing.serial, sum.In.Grouped(), crossingName))
	}
}

func (a *application) fundHeadings() {
	head := a.p.st.head
	a.t.cells(headHeight, over(2, "资金来源", head), over(2, "实拨（大写）", head), over(1, "应发", head), over(1, "跨资金转入", head),
		over(1, "跨资金转出", head), over(1, "实拨", head))
}

// borne splits what each fund bears among its payers.
func (a *application) borne(r *register) {
	all, t := r.inOrder(), a.t
	t.begins("三、各级分担（按应发）", nil, float64(len(all)+6)*pairHeight)
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
		f := r.cat.file.Fund(name)
		if f == nil {
			unconfirmed(name, noShares)
			t.pair(name, "未定分担　"+due.Grouped()+" 元")
			by, payers = addShare(by, payers, "未定分担", due)
			continue
		}
		if f.Unconfirmed.Value != "" {
			unconfirmed(name, f.Unconfirmed.Value)
		}
		t.pair(name, strings.Join(shares(f, due), "　　"))
		for i, part := range f.Split(due) {
			by, payers = addShare(by, payers, f.Shares[i].Payer.Value, part)
		}
	}
	total := money.Fen(0)
	for _, payer := range payers {
		t.pair("小计　"+payer, fmt.Sprintf("%s 元（大写：%s）", by[payer].Grouped(), by[payer].Chinese()))
		total = total.Add(by[payer])
	}
	t.pair("合计", fmt.Sprintf("%s 元（大写：%s）", total.Grouped(), total.Chinese()))
	for _, reason := range why {
		t.notes("待核定——" + strings.Join(open[reason], "、") + "：" + reason)
	}
}

// noShares is why nobody bears a fund yet.
const noShares = "规则包没有写各级分担比例"

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
