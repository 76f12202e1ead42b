package register

import (
	"cmp"
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/reports/control"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// checkSheetRow is an item's control totals.
type checkSheetRow struct {
	item string
	*control.Sums
}

var checkSheetColumns = []sheet.Column[checkSheetRow]{
	sheet.Col("项目", 32, sheet.PlainText, func(r *checkSheetRow) sheet.Cell { return sheet.Text(r.item) }),
	sheet.Col("人数", 9, sheet.Counts, func(r *checkSheetRow) sheet.Cell { return sheet.Whole(r.Heads) }).Sums(),
	sheet.Col("明细条数", 9, sheet.Counts, func(r *checkSheetRow) sheet.Cell { return sheet.Whole(r.Lines) }).Sums(),
	sheet.Col("当月", 16, sheet.Amounts, func(r *checkSheetRow) sheet.Cell { return sheet.Fen(r.Current) }).Sums(),
	sheet.Col("补发", 15, sheet.Amounts, func(r *checkSheetRow) sheet.Cell { return sheet.Fen(r.Arrears) }).Sums(),
	sheet.Col("扣回", 15, sheet.Amounts, func(r *checkSheetRow) sheet.Cell { return sheet.Fen(r.Recovery) }).Sums(),
	sheet.Col("应发合计", 17, sheet.Amounts, func(r *checkSheetRow) sheet.Cell { return sheet.Fen(r.Pays()) }).Sums(),
	sheet.Col("暂缓", 15, sheet.Amounts, func(r *checkSheetRow) sheet.Cell { return sheet.Fen(r.Held) }).Sums(),
	sheet.Col("核对", 12, sheet.Centered, func(*checkSheetRow) sheet.Cell { return sheet.Text("一致") }).Sums(),
}

// newCheckSheet lays out the sheet 核对单, which is written last, when the bank files
// are known.
func newCheckSheet(p *sheet.Paper) sheet.TableOf[checkSheetRow] {
	return sheet.NewTable(p, sheet.Spec{Name: "核对单", Title: "发放核对单", Unit: "金额单位：元", Landscape: true, Parts: true}, checkSheetColumns)
}

// finishCheck writes control totals, bank files with their SHA-256, signatures and
// the audit chain's head. All sums have been found equal by now.
func (r *Writer) finishCheck(files []filing.File) error {
	t := &r.check
	t.Begin("一、控制总数（清册各表与批次汇总逐项核对）", t.Headings, float64(len(r.items))*sheet.RowHeight+sheet.SumHeight+sheet.WordsHeight)
	for _, it := range r.items {
		code := it.Code.Value
		t.Add(&checkSheetRow{r.Catalogue.Title(code), r.totals[code]})
	}
	a := &r.all
	t.Total("合计（人数不重复）", t.Summed(&checkSheetRow{Sums: a})...)
	t.Words(a.Pays())
	r.checkFiles(files)
	r.checkBatchFacts()
	t.Spread([]string{"核对人：", "日期：　　　年　　月　　日", "盖章："})
	return t.Err()
}

// checkFiles lists the bank files; the SHA-256 is of the file as it was handed out.
func (r *Writer) checkFiles(files []filing.File) {
	t := r.check
	if len(files) == 0 {
		t.Begin("二、银行文件", nil, sheet.SectionHeight)
		t.Across(t.Paper.Styles.Center, r.noFiles(), sheet.SectionHeight)
		return
	}
	head := t.Paper.Styles.Head
	t.Begin("二、银行文件", func() {
		t.Spans(sheet.HeadHeight, sheet.Over(1, "文件编号", head), sheet.Over(1, "付款笔数", head), sheet.Over(2, "银行", head), sheet.Over(1, "金额", head), sheet.Over(4, "SHA-256", head))
	}, float64(len(files))*fileHeight+sheet.SumHeight)
	total, rows := money.Fen(0), 0
	for _, f := range files {
		t.Row(fileHeight)
		t.Text(t.Paper.Styles.Text, f.Number)
		t.Int(t.Paper.Styles.Count, f.Rows)
		t.Text(t.Paper.Styles.Text, cmp.Or(f.Bank, sheet.NoBank))
		t.Blank(t.Paper.Styles.Text, 1)
		t.Merge(3, 4)
		t.Amount(t.Paper.Styles.Amount, f.Amount)
		t.Text(t.Paper.Styles.Text, f.SHA256)
		t.Blank(t.Paper.Styles.Text, 3)
		t.Merge(6, 9)
		total, rows = total.Add(f.Amount), rows+f.Rows
	}
	st := t.TotalStyles()
	t.SumLabel(st, fmt.Sprintf("合计　%d 个文件", len(files)), 1)
	for _, c := range []sheet.Cell{sheet.Whole(rows), sheet.Blank(), sheet.Blank(), sheet.Fen(total)} {
		t.SumCell(st, c)
	}
	t.SumText(st, "与应发合计一致", 5)
}

// fileHeight is the height of a bank file's row.
const fileHeight = 18.0

func (r *Writer) noFiles() string {
	switch {
	case r.Issue.Mark() == source.Draft:
		return "审批后生成"
	case r.Issue.Mark() == source.Voided:
		return "批次已作废，没有银行文件"
	}
	return "本批没有需要银行代发的款项"
}

// checkBatchFacts writes what identifies the batch and what was signed.
func (r *Writer) checkBatchFacts() {
	b, t := &r.Issue.Batch, r.check
	notes := r.unconfirmed()
	t.Begin("三、批次与签字", nil, float64(6+len(notes))*sheet.SumHeight+sheet.SignHeight) // with the signatures, on one page
	facts := [][2]string{
		{"批次", fmt.Sprintf("%s　%s", sheet.BatchName(b), b.State.Chinese())},
		{"计算所依据的修订号", fmt.Sprint(b.Revision)},
		{"签字内容摘要（SHA-256）", b.Digest},
		{"规则包", fmt.Sprintf("%s　%s", r.Catalogue.File.Title.Value, r.Issue.PackHash)},
		{"审计链链头", fmt.Sprintf("第 %d 号　%s", r.Issue.ChainRev, r.Issue.ChainHead)},
	}
	var signed []string
	for _, s := range r.Issue.Signatures {
		signed = append(signed, string(s.Post)+" "+s.Actor+" "+s.At.In(month.Shanghai).Format("2006-01-02 15:04:05"))
	}
	facts = append(facts, [2]string{"签字", strings.Join(signed, "　　")})
	for _, n := range notes {
		facts = append(facts, [2]string{"签字账号说明", n})
	}
	for _, f := range facts {
		t.Row(20)
		t.Text(t.Paper.Styles.Text, f[0])
		t.Text(t.Paper.Styles.Text, f[1])
		t.Blank(t.Paper.Styles.Text, len(t.Spec.Columns)-2)
		t.Merge(2, len(t.Spec.Columns))
	}
}

// unconfirmed says whose account was opened, or whose password was set, by others, so that
// a signature may not be the signer's.
func (r *Writer) unconfirmed() []string {
	var all []string
	for _, s := range r.Issue.Signatures {
		for _, e := range s.Unconfirmed {
			all = append(all, string(s.Post)+"："+e.Unconfirmed())
		}
	}
	return all
}
