package reports

import (
	"cmp"
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
)

// checkSheetRow is an item's control totals.
type checkSheetRow struct {
	item string
	*sums
}

var checkSheetColumns = []columnOf[checkSheetRow]{
	col("项目", 32, plainText, func(r *checkSheetRow) cell { return text(r.item) }),
	col("人数", 9, counts, func(r *checkSheetRow) cell { return whole(r.heads) }).sums(),
	col("明细条数", 9, counts, func(r *checkSheetRow) cell { return whole(r.lines) }).sums(),
	col("当月", 16, amounts, func(r *checkSheetRow) cell { return fen(r.current) }).sums(),
	col("补发", 15, amounts, func(r *checkSheetRow) cell { return fen(r.arrears) }).sums(),
	col("扣回", 15, amounts, func(r *checkSheetRow) cell { return fen(r.recovery) }).sums(),
	col("应发合计", 17, amounts, func(r *checkSheetRow) cell { return fen(r.pays()) }).sums(),
	col("暂缓", 15, amounts, func(r *checkSheetRow) cell { return fen(r.held) }).sums(),
	col("核对", 12, centered, func(*checkSheetRow) cell { return text("一致") }).sums(),
}

// newCheckSheet lays out the sheet 核对单, which is written last, when the bank files
// are known.
func newCheckSheet(p *paper) tableOf[checkSheetRow] {
	return newTableOf(p, tableSpec{name: "核对单", title: "发放核对单", unit: "金额单位：元", landscape: true, parts: true}, checkSheetColumns)
}

// finishCheck writes control totals, bank files with their SHA-256, signatures and
// the audit chain's head. All sums have been found equal by now.
func (r *register) finishCheck(files []File) error {
	t := &r.check
	t.begins("一、控制总数（清册各表与批次汇总逐项核对）", t.headings, float64(len(r.items))*rowHeight+sumHeight+wordsHeight)
	for _, it := range r.items {
		code := it.Code.Value
		t.row(&checkSheetRow{r.cat.title(code), r.totals[code]})
	}
	a := &r.all
	t.total("合计（人数不重复）", t.summed(&checkSheetRow{sums: a})...)
	t.words(a.pays())
	r.checkFiles(files)
	r.checkBatchFacts()
	t.spread([]string{"核对人：", "日期：　　　年　　月　　日", "盖章："})
	return t.Err()
}

// checkFiles lists the bank files; the SHA-256 is of the file as it was handed out.
func (r *register) checkFiles(files []File) {
	t := r.check
	if len(files) == 0 {
		t.begins("二、银行文件", nil, sectionHeight)
		t.across(t.p.st.center, r.noFiles(), sectionHeight)
		return
	}
	head := t.p.st.head
	t.begins("二、银行文件", func() {
		t.cells(headHeight, over(1, "文件编号", head), over(1, "付款笔数", head), over(2, "银行", head), over(1, "金额", head), over(4, "SHA-256", head))
	}, float64(len(files))*fileHeight+sumHeight)
	total, rows := money.Fen(0), 0
	for _, f := range files {
		t.Row(fileHeight)
		t.Text(t.p.st.text, f.Number)
		t.Int(t.p.st.count, f.Rows)
		t.Text(t.p.st.text, cmp.Or(f.Bank, noBank))
		t.Blank(t.p.st.text, 1)
		t.Merge(3, 4)
		t.Amount(t.p.st.amount, f.Amount)
		t.Text(t.p.st.text, f.SHA256)
		t.Blank(t.p.st.text, 3)
		t.Merge(6, 9)
		total, rows = total.Add(f.Amount), rows+f.Rows
	}
	st := t.totalStyles()
	t.sumLabel(st, fmt.Sprintf("合计　%d 个文件", len(files)), 1)
	for _, c := range []cell{whole(rows), blank(), blank(), fen(total)} {
		t.sumCell(st, c)
	}
	t.sumText(st, "与应发合计一致", 5)
}

// fileHeight is the height of a bank file's row.
const fileHeight = 18.0

func (r *register) noFiles() string {
	switch {
	case r.is.mark() == draft:
		return "审批后生成"
	case r.is.mark() == voided:
		return "批次已作废，没有银行文件"
	}
	return "本批没有需要银行代发的款项"
}

// checkBatchFacts writes what identifies the batch and what was signed.
func (r *register) checkBatchFacts() {
	b, t := &r.is.Batch, r.check
	notes := r.unconfirmed()
	t.begins("三、批次与签字", nil, float64(6+len(notes))*sumHeight+signHeight) // with the signatures, on one page
	facts := [][2]string{
		{"批次", fmt.Sprintf("%s　%s", batchName(b), b.State.Chinese())},
		{"计算所依据的修订号", fmt.Sprint(b.Revision)},
		{"签字内容摘要（SHA-256）", b.Digest},
		{"规则包", fmt.Sprintf("%s　%s", r.cat.file.Title.Value, r.is.PackHash)},
		{"审计链链头", fmt.Sprintf("第 %d 号　%s", r.is.ChainRev, r.is.ChainHead)},
	}
	var signed []string
	for _, s := range r.is.Signatures {
		signed = append(signed, string(s.Post)+" "+s.Actor+" "+s.At.In(month.Shanghai).Format("2006-01-02 15:04:05"))
	}
	facts = append(facts, [2]string{"签字", strings.Join(signed, "　　")})
	for _, n := range notes {
		facts = append(facts, [2]string{"签字账号说明", n})
	}
	for _, f := range facts {
		t.Row(20)
		t.Text(t.p.st.text, f[0])
		t.Text(t.p.st.text, f[1])
		t.Blank(t.p.st.text, len(t.spec.columns)-2)
		t.Merge(2, len(t.spec.columns))
	}
}

// unconfirmed says whose account was opened, or whose password was set, by others, so that
// a signature may not be the signer's.
func (r *register) unconfirmed() []string {
	var all []string
	for _, s := range r.is.Signatures {
		for _, e := range s.Unconfirmed {
			all = append(all, string(s.Post)+"："+e.Unconfirmed())
		}
	}
	return all
}
