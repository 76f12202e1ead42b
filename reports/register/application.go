package register

import (
	"cmp"
	"fmt"

	"disburse/internal/money"
	"disburse/internal/payrun/explain"
	"disburse/reports/control"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// ApplicationName is 资金拨付申请.xlsx.
const ApplicationName = "资金拨付申请"

// application is 资金拨付申请.xlsx. What crosses funds is written while the lines stream by,
// all else once every sum is known.
type application struct {
	p        *sheet.Paper
	t        sheet.TableOf[appliedRow]
	crossing *crossingSheet // nil: no 扣回 crosses funds
}

// appliedRow is what an item needs.
type appliedRow struct {
	serial     int
	item, fund string
	*control.Sums
}

var appliedColumns = []sheet.Column[appliedRow]{
	sheet.Col("序号", 7, sheet.Centered, func(r *appliedRow) sheet.Cell { return sheet.Whole(r.serial) }),
	sheet.Col("项目", 32, sheet.Wrapped, func(r *appliedRow) sheet.Cell { return sheet.Text(r.item) }),
	sheet.Col("资金来源", 26, sheet.Wrapped, func(r *appliedRow) sheet.Cell { return sheet.Text(r.fund) }),
	sheet.Col("人数", 9, sheet.Counts, func(r *appliedRow) sheet.Cell { return sheet.Whole(r.Heads) }).Sums(),
	sheet.Col("当月", 15, sheet.Amounts, func(r *appliedRow) sheet.Cell { return sheet.Fen(r.Current) }).Sums(),
	sheet.Col("补发", 14, sheet.Amounts, func(r *appliedRow) sheet.Cell { return sheet.Fen(r.Arrears) }).Sums(),
	sheet.Col("扣回", 14, sheet.Amounts, func(r *appliedRow) sheet.Cell { return sheet.Fen(r.Recovery) }).Sums(),
	sheet.Col("应发", 16, sheet.Amounts, func(r *appliedRow) sheet.Cell { return sheet.Fen(r.Pays()) }).Sums(),
}

func newApplication(is *source.Issue, cat *source.Catalogue, dir string) (*application, error) {
	p, err := sheet.NewPaper(is, cat, dir, ApplicationName)
	if err != nil {
		return nil, err
	}
	spec := sheet.Spec{Name: ApplicationName, Title: "养老待遇资金拨付申请", Unit: "金额单位：元", Parts: true}
	return &application{p: p, t: sheet.NewTable(p, spec, appliedColumns)}, nil
}

// line takes a line that is to be paid.
func (a *application) line(l *explain.DetailedLine) {
	if a.p.Catalogue.Funds[l.Item] == a.p.Catalogue.Funds[l.Against] {
		return
	}
	if a.crossing == nil {
		a.crossing = newCrossingSheet(a.p)
	}
	a.crossing.line(l)
}

// finish writes everything else.
func (a *application) finish(r *Writer, files []filing.File) error {
	t, b, all := a.t, &r.Issue.Batch, &r.all
	text := fmt.Sprintf("区财政部门：\n　　按照《%s》，%s%s应发放各项补贴 %d 人、明细 %d 条，%s共 %s 元（大写：%s），现申请拨付资金。各项目金额如下：",
		r.Catalogue.File.Title.Value, b.Bureau, sheet.BatchName(b), all.Heads, all.Lines, payments(files), all.Pays().Grouped(), all.Pays().Chinese())
	t.Across(a.p.Styles.Body, text, t.Height(text, 12)+12)
	a.applied(r)
	a.funds(r)
	a.borne(r)
	a.banks(r, files)
	a.attachments(r, files)
	t.Signatures()
	if a.crossing != nil {
		if err := a.crossing.finish(&r.funds); err != nil {
			return err
		}
	}
	return t.Err()
}

// payments says how many payments the bank files have; lines of one person, item and payee
// are one payment. They are made at approval.
func payments(files []filing.File) string {
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
func (a *application) applied(r *Writer) {
	t := &a.t
	t.Begin("一、各项目", t.Headings, float64(len(r.items))*sheet.RowHeight+sheet.SumHeight+sheet.WordsHeight)
	n := 0
	for _, it := range r.items {
		s := r.totals[it.Code.Value]
		if s.Lines == 0 {
			continue
		}
		n++
		t.Add(&appliedRow{n, r.Catalogue.Title(it.Code.Value), r.Catalogue.Funds[it.Code.Value], s})
	}
	t.Empty("本批没有应发款项")
	t.Total("合计（人数不重复）", t.Summed(&appliedRow{Sums: &r.all})...)
	t.Words(r.all.Pays())
}

// banks says where the money is paid from and through.
func (a *application) banks(r *Writer, files []filing.File) {
	t := a.t
	var names []string
	rows, sum, count := map[string]int{}, map[string]money.Fen{}, map[string]int{}
	for _, f := range files {
		name := cmp.Or(f.Bank, sheet.NoBank)
		if count[name] == 0 {
			names = append(names, name)
		}
		count[name]++
		rows[name] += f.Rows
		sum[name] = sum[name].Add(f.Amount)
	}
	t.Begin("四、代发银行", nil, float64(len(names)+4)*sheet.PairHeight+sheet.SectionHeight+2*sheet.SignHeight)
	t.Pair("付款银行", r.Catalogue.Bank())
	for _, name := range names {
		t.Pair(name, fmt.Sprintf("%d 个文件　付款 %d 笔　%s 元", count[name], rows[name], sum[name].Grouped()))
	}
	if len(files) == 0 {
		t.Pair("银行文件", r.noFiles())
	}
}

func (a *application) attachments(r *Writer, files []filing.File) {
	t := a.t
	t.Begin("五、附件", nil, 2*sheet.PairHeight+sheet.SignHeight+sheet.WordsHeight) // with the signatures, which are never alone on a page
	t.Pair("附件1", filing.BookName(Name, r.Issue.Batch.N)+"（汇总、各项目明细、核对单）")
	if len(files) > 0 {
		t.Pair("附件2", fmt.Sprintf("银行文件 %d 个（编号见核对单）", len(files)))
	}
}
