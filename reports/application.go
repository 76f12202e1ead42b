package reports

import (
	"cmp"
	"fmt"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
)

// applicationName is 资金拨付申请.xlsx.
const applicationName = "资金拨付申请"

// application is 资金拨付申请.xlsx. What crosses funds is written while the lines stream by,
// all else once every sum is known.
type application struct {
	p        *paper
	t        tableOf[appliedRow]
	crossing *crossingSheet // nil: no 扣回 crosses funds
}

// appliedRow is what an item needs.
type appliedRow struct {
	serial     int
	item, fund string
	*sums
}

var appliedColumns = []columnOf[appliedRow]{
	col("序号", 7, centered, func(r *appliedRow) cell { return whole(r.serial) }),
	col("项目", 32, wrapped, func(r *appliedRow) cell { return text(r.item) }),
	col("资金来源", 26, wrapped, func(r *appliedRow) cell { return text(r.fund) }),
	col("人数", 9, counts, func(r *appliedRow) cell { return whole(r.heads) }).sums(),
	col("当月", 15, amounts, func(r *appliedRow) cell { return fen(r.current) }).sums(),
	col("补发", 14, amounts, func(r *appliedRow) cell { return fen(r.arrears) }).sums(),
	col("扣回", 14, amounts, func(r *appliedRow) cell { return fen(r.recovery) }).sums(),
	col("应发", 16, amounts, func(r *appliedRow) cell { return fen(r.pays()) }).sums(),
}

func newApplication(is *Issue, cat *catalogue, dir string) (*application, error) {
	p, err := newPaper(is, cat, dir, applicationName)
	if err != nil {
		return nil, err
	}
	spec := tableSpec{name: applicationName, title: "养老待遇资金拨付申请", unit: "金额单位：元", parts: true}
	return &application{p: p, t: newTableOf(p, spec, appliedColumns)}, nil
}

// line takes a line that is to be paid.
func (a *application) line(l *explain.DetailedLine) {
	if a.p.cat.funds[l.Item] == a.p.cat.funds[l.Against] {
		return
	}
	if a.crossing == nil {
		a.crossing = newCrossingSheet(a.p)
	}
	a.crossing.line(l)
}

// finish writes everything else.
func (a *application) finish(r *register, files []File) error {
	t, b, all := a.t, &r.is.Batch, &r.all
	text := fmt.Sprintf("区财政部门：\n　　按照《%s》，%s%s应发放各项补贴 %d 人、明细 %d 条，%s共 %s 元（大写：%s），现申请拨付资金。各项目金额如下：",
		r.cat.file.Title.Value, b.Bureau, batchName(b), all.heads, all.lines, payments(files), all.pays().Grouped(), all.pays().Chinese())
	t.across(a.p.st.body, text, t.height(text, 12)+12)
	a.applied(r)
	a.funds(r)
	a.borne(r)
	a.banks(r, files)
	a.attachments(r, files)
	t.signatures()
	if a.crossing != nil {
		if err := a.crossing.finish(&r.funds); err != nil {
			return err
		}
	}
	return t.Err()
}

// payments says how many payments the bank files have; lines of one person, item and payee
// are one payment. They are made at approval.
func payments(files []File) string {
	if len(files) == 0 {
		return ""
	}
	n := 0
	for _, f := range files {
		n += f.Rows
	}
	return fmt.Sprintf("银行付款 %d 笔，", n)
}

// applied writes the items that have lines.
func (a *application) applied(r *register) {
	t := &a.t
	t.begins("一、各项目", t.headings, float64(len(r.items))*rowHeight+sumHeight+wordsHeight)
	n := 0
	for _, it := range r.items {
		s := r.totals[it.Code.Value]
		if s.lines == 0 {
			continue
		}
		n++
		t.row(&appliedRow{n, r.cat.title(it.Code.Value), r.cat.funds[it.Code.Value], s})
	}
	t.empty("本批没有应发款项")
	t.total("合计（人数不重复）", t.summed(&appliedRow{sums: &r.all})...)
	t.words(r.all.pays())
}

// banks says where the money is paid from and through.
func (a *application) banks(r *register, files []File) {
	t := a.t
	var names []string
	rows, sum, count := map[string]int{}, map[string]money.Fen{}, map[string]int{}
	for _, f := range files {
		name := cmp.Or(f.Bank, noBank)
		if count[name] == 0 {
			names = append(names, name)
		}
		count[name]++
		rows[name] += f.Rows
		sum[name] = sum[name].Add(f.Amount)
	}
	t.begins("四、代发银行", nil, float64(len(names)+4)*pairHeight+sectionHeight+2*signHeight)
	t.pair("付款银行", r.cat.bank())
	for _, name := range names {
		t.pair(name, fmt.Sprintf("%d 个文件　付款 %d 笔　%s 元", count[name], rows[name], sum[name].Grouped()))
	}
	if len(files) == 0 {
		t.pair("银行文件", r.noFiles())
	}
}

func (a *application) attachments(r *register, files []File) {
	t := a.t
	t.begins("五、附件", nil, 2*pairHeight+signHeight+wordsHeight) // with the signatures, which are never alone on a page
	t.pair("附件1", bookFile(registerName, r.is.Batch.N)+"（汇总、各项目明细、核对单）")
	if len(files) > 0 {
		t.pair("附件2", fmt.Sprintf("银行文件 %d 个（编号见核对单）", len(files)))
	}
}
