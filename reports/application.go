package reports

import (
	"cmp"
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/policy"
)

// applicationName is 资金拨付申请.xlsx.
const applicationName = "资金拨付申请"

// newApplication makes the application for funds from the sums of the register.
func newApplication(r *register, files []File, dir string) (*paper, error) {
	p, err := newPaper(r.is, r.cat, dir, applicationName)
	if err != nil {
		return nil, err
	}
	t := p.table(tableSpec{
		name: applicationName, title: "养老待遇资金拨付申请", unit: "金额单位：元", late: true,
		columns: []column{
			{"序号", 7, centered}, {"项目", 32, wrapped}, {"资金来源", 26, wrapped}, {"人数", 9, counts},
			{"当月", 15, amounts}, {"补发", 14, amounts}, {"扣回", 14, amounts}, {"申请金额", 16, amounts},
		},
	})
	b, all := &r.is.Batch, &r.all
	text := fmt.Sprintf("区财政部门：\n　　按照《%s》，%s%s应发放各项补贴 %d 人、%d 笔，共 %s 元（大写：%s），现申请拨付资金。各项目金额如下：",
		r.cat.file.Title.Value, b.Bureau, batchName(b), all.heads, all.lines, all.pays().Grouped(), all.pays().Chinese())
	t.across(p.st.body, text, t.height(text, 12)+12)
	t.headings()
	t.applied(r)
	t.funds(r)
	t.banks(r, files)
	t.attachments(r, files)
	if !t.fits(signHeight + wordsHeight) {
		t.breakAt(t.Next() - 3) // the attachments come along
	}
	t.signatures()
	if err := t.Err(); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p, nil
}

// applied writes the items that have lines.
func (t *table) applied(r *register) {
	n := 0
	for _, it := range r.items {
		s := r.totals[it.Code.Value]
		if s.lines == 0 {
			continue
		}
		n++
		t.begin(r.cat.title(it.Code.Value), fund(it.Pay.Fund.Value))
		t.int(n)
		t.text(r.cat.title(it.Code.Value))
		t.text(fund(it.Pay.Fund.Value))
		t.int(s.heads)
		t.fen(s.current)
		t.fen(s.arrears)
		t.fen(s.recovery)
		t.fen(s.pays())
	}
	a := &r.all
	t.empty("本批没有应发款项")
	t.total("合计（人数不重复）", 3, a.heads, a.current, a.arrears, a.recovery, a.pays())
	t.words(a.pays())
}

func fund(name string) string {
	if name == "" {
		return "待核定"
	}
	return name
}

// funds adds the items up by fund source and splits each among its payers.
func (t *table) funds(r *register) {
	var names []string
	sum := map[string]money.Fen{}
	for _, it := range r.items {
		s := r.totals[it.Code.Value]
		if s.lines == 0 {
			continue
		}
		name := fund(it.Pay.Fund.Value)
		if _, ok := sum[name]; !ok {
			names = append(names, name)
		}
		sum[name] = sum[name].Add(s.pays())
	}
	t.section("资金来源")
	by, payers := map[string]money.Fen{}, []string(nil)
	open, why := map[string][]string{}, []string(nil) // what is 待核定, and of which funds
	unconfirmed := func(name, reason string) {
		if open[reason] == nil {
			why = append(why, reason)
		}
		open[reason] = append(open[reason], name)
	}
	for _, name := range names {
		t.pair(name, fmt.Sprintf("%s 元（大写：%s）", sum[name].Grouped(), sum[name].Chinese()))
		f := r.cat.fund(name)
		if f == nil {
			unconfirmed(name, "规则包没有写各级分担比例")
			by, payers = addShare(by, payers, "未定分担", sum[name])
			continue
		}
		if f.Unconfirmed.Value != "" {
			unconfirmed(name, f.Unconfirmed.Value)
		}
		t.pair("", strings.Join(shares(f, sum[name]), "　　"))
		for i, part := range f.Split(sum[name]) {
			by, payers = addShare(by, payers, f.Shares[i].Payer.Value, part)
		}
	}
	t.section("各级分担")
	total := money.Fen(0)
	for _, payer := range payers {
		t.pair(payer, fmt.Sprintf("%s 元（大写：%s）", by[payer].Grouped(), by[payer].Chinese()))
		total = total.Add(by[payer])
	}
	t.pair("合计", fmt.Sprintf("%s 元（大写：%s）", total.Grouped(), total.Chinese()))
	for _, reason := range why {
		t.notes("待核定——" + strings.Join(open[reason], "、") + "：" + reason)
	}
}

// shares says what each payer of a fund bears of an amount.
func shares(f *policy.Fund, a money.Fen) []string {
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

// fund finds what the pack says of a fund source; nil for nothing.
func (c *catalogue) fund(name string) *policy.Fund {
	for i := range c.file.Funds {
		if c.file.Funds[i].Name.Value == name {
			return &c.file.Funds[i]
		}
	}
	return nil
}

// banks says where the money is paid from and through.
func (t *table) banks(r *register, files []File) {
	t.section("代发银行")
	t.pair("付款银行", r.cat.bank())
	var names []string
	rows, sum, count := map[string]int{}, map[string]money.Fen{}, map[string]int{}
	for _, f := range files {
		bank := cmp.Or(f.Bank, noBank)
		if count[bank] == 0 {
			names = append(names, bank)
		}
		count[bank]++
		rows[bank] += f.Rows
		sum[bank] = sum[bank].Add(f.Amount)
	}
	for _, name := range names {
		t.pair(name, fmt.Sprintf("%d 个文件　%d 笔　%s 元", count[name], rows[name], sum[name].Grouped()))
	}
	if len(files) == 0 {
		t.pair("银行文件", r.noFiles())
	}
}

func (t *table) attachments(r *register, files []File) {
	t.section("附件")
	t.pair("附件1", bookFile(registerName, r.is.Batch.N)+"（汇总、各项目明细、核对单）")
	if len(files) > 0 {
		t.pair("附件2", fmt.Sprintf("银行文件 %d 个（编号见核对单）", len(files)))
	}
}

// pair writes a name and what belongs to it over the rest of the width.
func (t *table) pair(name, text string) {
	t.Row(20)
	t.Text(t.p.st.text, name)
	t.Blank(t.p.st.text, 1)
	t.Merge(1, 2)
	t.Text(t.p.st.text, text)
	t.Blank(t.p.st.text, len(t.spec.columns)-3)
	t.Merge(3, len(t.spec.columns))
}
