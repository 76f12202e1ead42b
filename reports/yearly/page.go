package yearly

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
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// statement is the sheet of a statement while it is written.
type statement struct {
	sheet.TableOf[Payment]
	s *Statement
}

func statementColumns(cat *source.Catalogue) []sheet.Column[Payment] {
	return []sheet.Column[Payment]{
		sheet.Col("发放月份", 9, sheet.Centered, func(p *Payment) sheet.Cell { return sheet.Text(p.Month.String()) }),
		sheet.Col("项目", 15, sheet.Wrapped, func(p *Payment) sheet.Cell { return sheet.Text(cat.Title(p.Item)) }),
		sheet.Col("当月", 10, sheet.Amounts, func(p *Payment) sheet.Cell { return sheet.FenOrBlank(p.Current) }).Sums(),
		sheet.Col("补发", 10, sheet.Amounts, func(p *Payment) sheet.Cell { return sheet.FenOrBlank(p.Arrears) }).Sums(),
		sheet.Col("扣回", 10, sheet.Amounts, func(p *Payment) sheet.Cell { return sheet.FenOrBlank(p.Recovery) }).Sums(),
		sheet.Col("应付", 11, sheet.Amounts, func(p *Payment) sheet.Cell { return sheet.Fen(p.Due()) }).Sums(),
		sheet.Col("银行答复", 12, sheet.Wrapped, func(p *Payment) sheet.Cell {
			answer := p.Status()
			if p.Answered != 0 {
				answer += "\n" + p.Answered.String()
			}
			return sheet.Text(answer)
		}),
		sheet.Col("实领", 11, sheet.Amounts, func(p *Payment) sheet.Cell { return sheet.FenOrBlank(p.Received()) }).Sums(),
		sheet.Col("说明", 18, sheet.Wrapped, func(p *Payment) sheet.Cell { return sheet.Text(p.remark()) }),
	}
}

func newStatement(s *Statement, dir string) (*sheet.Paper, error) {
	who := s.Person.Name + "　" + roster.MaskID(s.Person.ID) // on every page, for they get separated
	is := &source.Issue{Pack: s.Pack, Batch: payrun.Batch{Bureau: who, Month: month.Of(s.Year, 12)}}
	p, err := sheet.NewPaperFor(is, source.NewCatalogue(s.Pack, ""), dir, fmt.Sprintf("%d年", s.Year), "个人领取情况")
	if err != nil {
		return nil, err
	}
	w := &statement{s: s, TableOf: sheet.NewTable(p, sheet.Spec{
		Name: "个人领取情况", Title: "养老待遇个人领取情况", Unit: "金额单位：元", Parts: true,
		Origin: fmt.Sprintf("数据截至 %s（第 %d 号修订）", s.Known, s.Revision),
	}, statementColumns(p.Catalogue))}
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
	w.Spans(20, sheet.Over(1, "姓名", w.Paper.Styles.Head), sheet.Over(3, p.Name, w.Paper.Styles.Text), sheet.Over(1, "身份证号", w.Paper.Styles.Head), sheet.Over(4, p.ID, w.Paper.Styles.Text))
	w.Spans(20, sheet.Over(1, "街道社区", w.Paper.Styles.Head), sheet.Over(3, strings.TrimSpace(sheet.StreetName(p.Street)+" "+p.Community), w.Paper.Styles.Text),
		sheet.Over(1, "收款账号", w.Paper.Styles.Head), sheet.Over(4, account, w.Paper.Styles.Text))
	w.Begin("一、发放明细", w.Headings, float64(len(w.s.Payments))*2*sheet.RowHeight)
}

func (w *statement) payments() {
	for i := range w.s.Payments {
		w.Add(&w.s.Payments[i])
	}
	w.Empty("本年度没有发放记录")
	t := w.s.Totals()
	w.Total("全年合计", sheet.Fen(t.Current), sheet.Fen(t.Arrears), sheet.Fen(t.Recovery), sheet.Fen(t.Due), sheet.Fen(t.Received))
	w.Across(w.Paper.Styles.Words, "应付合计："+t.Due.Grouped()+" 元（大写："+t.Due.Chinese()+"）", sheet.WordsHeight)
	w.Across(w.Paper.Styles.Words, "实领合计："+t.Received.Grouped()+" 元（大写："+t.Received.Chinese()+"）", sheet.WordsHeight)
	w.Across(w.Paper.Styles.Text, fmt.Sprintf("应付 %s ＝ 实领 %s ＋ 退回 %s ＋ 尚无最终结果 %s", t.Due.Grouped(), t.Received.Grouped(), t.Failed.Grouped(), t.Open.Grouped()), 20)
}

// remark says which months are meant, who was paid instead of the person, and why a
// payment failed.
func (p *Payment) remark() string {
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
		w.Begin(title+"：没有", nil, 0)
		return
	}
	st := &w.Paper.Styles
	high := func(i int) float64 {
		_, item, _, text := row(i)
		return max(linesOf(w.Paper.Catalogue.Title(item), w.Spec.Columns[1:3]), linesOf(text, w.Spec.Columns[4:]))*13.5 + 6
	}
	rows := sheet.WordsHeight
	for i := range n {
		rows += high(i)
	}
	w.Begin(title, func() {
		w.Spans(sheet.HeadHeight, sheet.Over(1, "所属月份", st.Head), sheet.Over(2, "项目", st.Head), sheet.Over(1, "金额", st.Head), sheet.Over(5, last, st.Head))
	}, rows)
	for i := range n {
		m, item, a, text := row(i)
		item = w.Paper.Catalogue.Title(item)
		w.Row(high(i))
		w.Text(st.Center, m.String())
		w.Text(st.Wrap, item)
		w.Blank(st.Wrap, 1)
		w.Merge(2, 3)
		w.Amount(st.Amount, a)
		w.Text(st.Wrap, text)
		w.Blank(st.Wrap, 4)
		w.Merge(5, 9)
	}
}

// linesOf is how many lines a text takes over columns.
func linesOf(text string, columns []sheet.Heading) float64 {
	width := 0.0
	for _, c := range columns {
		width += c.Width
	}
	return math.Max(1, math.Ceil(sheet.TextWidth(text)*10/11*1.05/width))
}

func (w *statement) held() {
	w.list("二、现在暂缓、没有发放的款项", "原因和办法", len(w.s.Held), func(i int) (month.Month, string, money.Fen, string) {
		h := &w.s.Held[i]
		line := payrun.Line{Payee: h.Payee, Hold: h.Hold}
		return h.Month, h.Item, h.Amount, fmt.Sprintf("%s（%s%s批次）：%s", h.Hold, h.Bureau, h.Batch.Chinese(), w.Paper.Catalogue.Remedy(&line))
	})
	if t := w.s.Totals(); len(w.s.Held) > 1 {
		w.Across(w.Paper.Styles.Words, "暂缓合计："+t.Held.Grouped()+" 元", sheet.WordsHeight)
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
		w.Across(w.Paper.Styles.Words, "未追回合计："+t.Owed.Grouped()+" 元", sheet.WordsHeight)
	}
}

func (w *statement) end() {
	notes := []string{
		"按发放月份列示，包括所有单位已审批的批次；已作废的批次不计。应付＝当月＋补发＋扣回（扣回为负数）。付给机构的款项，列本人名下的部分。",
		"银行答复：成功为银行确认已到账；退回为没有付成，金额以后重新发放，列在重新发放的月份；未知、未回为银行尚无最终答复；未送为尚未交银行。只有成功的计入实领。",
		"第二、三部分是现在的情况，不限于本年度，也不计入上面的合计。",
	}
	height := sheet.SignHeight
	for _, n := range notes {
		height += w.NoteHeight(n)
	}
	w.Begin("说明", nil, height) // with the signatures, which are never alone on a page
	w.Notes(notes...)
	w.Spread([]string{"经办人：", "日期：　　年　　月　　日", "单位（盖章）："})
}
