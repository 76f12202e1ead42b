package reports

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// statement is the sheet of a statement while it is written.
type statement struct {
	tableOf[StatementPayment]
	s *Statement
}

func statementColumns(cat *catalogue) []columnOf[StatementPayment] {
	return []columnOf[StatementPayment]{
		col("发放月份", 9, centered, func(p *StatementPayment) cell { return text(p.Month.String()) }),
		col("项目", 15, wrapped, func(p *StatementPayment) cell { return text(cat.title(p.Item)) }),
		col("当月", 10, amounts, func(p *StatementPayment) cell { return fenOrBlank(p.Current) }).sums(),
		col("补发", 10, amounts, func(p *StatementPayment) cell { return fenOrBlank(p.Arrears) }).sums(),
		col("扣回", 10, amounts, func(p *StatementPayment) cell { return fenOrBlank(p.Recovery) }).sums(),
		col("应付", 11, amounts, func(p *StatementPayment) cell { return fen(p.Due()) }).sums(),
		col("银行答复", 12, wrapped, func(p *StatementPayment) cell {
			answer := p.Status()
			if p.Answered != 0 {
				answer += "\n" + p.Answered.String()
			}
			return text(answer)
		}),
		col("实领", 11, amounts, func(p *StatementPayment) cell { return fenOrBlank(p.Received()) }).sums(),
		col("说明", 18, wrapped, func(p *StatementPayment) cell { return text(p.remark()) }),
	}
}

func newStatement(s *Statement, dir string) (*paper, error) {
	who := s.Person.Name + "　" + roster.MaskID(s.Person.ID) // on every page, for they get separated
	is := &Issue{Pack: s.Pack, Batch: payrun.Batch{Bureau: who, Month: month.Of(s.Year, 12)}}
	p, err := newPaperOf(is, newCatalogue(s.Pack, ""), dir, fmt.Sprintf("%d年", s.Year), "个人领取情况")
	if err != nil {
		return nil, err
	}
	w := &statement{s: s, tableOf: newTableOf(p, tableSpec{
		name: "个人领取情况", title: "养老待遇个人领取情况", unit: "金额单位：元", parts: true,
		origin: fmt.Sprintf("数据截至 %s（第 %d 号修订）", s.Known, s.Revision),
	}, statementColumns(p.cat))}
	w.head()
	w.payments()
	w.held()
	w.debts()
	w.end()
	if err := w.Err(); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p, nil
}

// head says who it is; the account is masked, for the sheet goes from hand to hand.
func (w *statement) head() {
	p := &w.s.Person
	account := "未登记"
	if p.Account.Number != "" {
		account = strings.TrimSpace(p.Account.Bank + " " + roster.MaskAccount(p.Account.Number))
	}
	w.cells(20, over(1, "姓名", w.p.st.head), over(3, p.Name, w.p.st.text), over(1, "身份证号", w.p.st.head), over(4, p.ID, w.p.st.text))
	w.cells(20, over(1, "街道社区", w.p.st.head), over(3, strings.TrimSpace(streetName(p.Street)+" "+p.Community), w.p.st.text),
		over(1, "收款账号", w.p.st.head), over(4, account, w.p.st.text))
	w.begins("一、发放明细", w.headings, float64(len(w.s.Payments))*2*rowHeight)
}

func (w *statement) payments() {
	for i := range w.s.Payments {
		w.row(&w.s.Payments[i])
	}
	w.empty("本年度没有发放记录")
	t := w.s.Totals()
	w.total("全年合计", fen(t.Current), fen(t.Arrears), fen(t.Recovery), fen(t.Due), fen(t.Received))
	w.across(w.p.st.words, "应付合计："+t.Due.Grouped()+" 元（大写："+t.Due.Chinese()+"）", wordsHeight)
	w.across(w.p.st.words, "实领合计："+t.Received.Grouped()+" 元（大写："+t.Received.Chinese()+"）", wordsHeight)
	w.across(w.p.st.text, fmt.Sprintf("应付 %s ＝ 实领 %s ＋ 退回 %s ＋ 尚无最终结果 %s", t.Due.Grouped(), t.Received.Grouped(), t.Failed.Grouped(), t.Open.Grouped()), 20)
}

// remark says which months are meant, who was paid instead of the person, and why a
// payment failed.
func (p *StatementPayment) remark() string {
	var parts []string
	if len(p.ArrearsOf) > 0 {
		parts = append(parts, "补发"+monthsText(p.ArrearsOf))
	}
	for i := 0; i < len(p.RecoveryOf); {
		end := i + 1
		for end < len(p.RecoveryOf) && p.RecoveryOn[end] == p.RecoveryOn[i] {
			end++
		}
		what := ""
		if p.RecoveryOn[i] != p.Item {
			what = " " + p.RecoveryOn[i] + " "
		}
		parts = append(parts, "扣回"+what+monthsText(p.RecoveryOf[i:end]))
		i = end
	}
	if p.Payee != roster.Myself {
		parts = append(parts, "付给"+p.Payee)
	}
	if p.Answer == bank.Failed || p.Answer == bank.Unknown {
		parts = append(parts, cmp.Or(p.Words, "银行未说明原因"))
	}
	if p.N > 1 {
		parts = append(parts, fmt.Sprintf("第%d批", p.N))
	}
	return strings.Join(parts, "；")
}

// monthsText joins months, which are in order; runs of them as from 至 to.
func monthsText(months []month.Month) string {
	var parts []string
	for i := 0; i < len(months); {
		last := i
		for last+1 < len(months) && months[last+1] == months[last]+1 {
			last++
		}
		text := months[i].Chinese()
		switch {
		case months[last].Year() != months[i].Year():
			text += "至" + months[last].Chinese()
		case last != i:
			text += fmt.Sprintf("至%d月", months[last].InYear())
		}
		parts, i = append(parts, text), last+1
	}
	return strings.Join(parts, "、")
}

// list writes a part with headings of its own: month, item, amount and a text.
func (w *statement) list(title, last string, n int, row func(i int) (m month.Month, item string, a money.Fen, text string)) {
	if n == 0 {
		w.begins(title+"：没有", nil, 0)
		return
	}
	st := &w.p.st
	high := func(i int) float64 {
		_, item, _, text := row(i)
		return max(linesOf(w.p.cat.title(item), w.spec.columns[1:3]), linesOf(text, w.spec.columns[4:]))*13.5 + 6
	}
	rows := wordsHeight
	for i := range n {
		rows += high(i)
	}
	w.begins(title, func() {
		w.cells(headHeight, over(1, "所属月份", st.head), over(2, "项目", st.head), over(1, "金额", st.head), over(5, last, st.head))
	}, rows)
	for i := range n {
		m, item, a, text := row(i)
		item = w.p.cat.title(item)
		w.Row(high(i))
		w.Text(st.center, m.String())
		w.Text(st.wrap, item)
		w.Blank(st.wrap, 1)
		w.Merge(2, 3)
		w.Amount(st.amount, a)
		w.Text(st.wrap, text)
		w.Blank(st.wrap, 4)
		w.Merge(5, 9)
	}
}

// linesOf is how many lines a text takes over columns.
func linesOf(text string, columns []column) float64 {
	width := 0.0
	for _, c := range columns {
		width += c.width
	}
	return math.Max(1, math.Ceil(textWidth(text)*10/11*1.05/width))
}

func (w *statement) held() {
	w.list("二、现在暂缓、没有发放的款项", "原因和办法", len(w.s.Held), func(i int) (month.Month, string, money.Fen, string) {
		h := &w.s.Held[i]
		line := payrun.Line{Payee: h.Payee, Hold: h.Hold}
		return h.Month, h.Item, h.Amount, fmt.Sprintf("%s（%s%s批次）：%s", h.Hold, h.Bureau, h.Batch.Chinese(), w.p.cat.remedy(&line))
	})
	if t := w.s.Totals(); len(w.s.Held) > 1 {
		w.across(w.p.st.words, "暂缓合计："+t.Held.Grouped()+" 元", wordsHeight)
	}
}

func (w *statement) debts() {
	w.list("三、现在未追回的多发款项", "说明", len(w.s.Debts), func(i int) (month.Month, string, money.Fen, string) {
		d := &w.s.Debts[i]
		text := "以后有应发款时自动抵扣，或由本人、家属退回"
		if d.Payee != roster.Myself {
			text = "多付给" + d.Payee + "，以后有应发款时自动抵扣，或由该单位退回"
		}
		return d.Month, d.Item, d.Amount, text
	})
	if t := w.s.Totals(); len(w.s.Debts) > 1 {
		w.across(w.p.st.words, "未追回合计："+t.Owed.Grouped()+" 元", wordsHeight)
	}
}

func (w *statement) end() {
	notes := []string{
		"按发放月份列示，包括所有单位已审批的批次；已作废的批次不计。应付＝当月＋补发＋扣回（扣回为负数）。付给机构的款项，列本人名下的部分。",
		"银行答复：成功为银行确认已到账；退回为没有付成，金额以后重新发放，列在重新发放的月份；未知、未回为银行尚无最终答复；未送为尚未交银行。只有成功的计入实领。",
		"第二、三部分是现在的情况，不限于本年度，也不计入上面的合计。",
	}
	height := signHeight
	for _, n := range notes {
		height += w.noteHeight(n)
	}
	w.begins("说明", nil, height) // with the signatures, which are never alone on a page
	w.notes(notes...)
	w.spread([]string{"经办人：", "日期：　　年　　月　　日", "单位（盖章）："})
}
