package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/reports/control"
	"disburse/reports/filing"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// Name is 对账表.xlsx.
const Name = "对账表"

// Write writes dir/2026-11/区民政局/对账表.xlsx for each of the bureaus, all of
// one month, and returns their paths. What does not agree within the house is shown, not
// refused (see Differences); sheets whose sums do not tie to each other are a fault
// (Internal), and then, as after any other error, nothing has changed in dir.
func Write(ctx context.Context, dir string, all []*Report) ([]string, error) {
	if len(all) == 0 {
		return nil, nil
	}
	s, err := filing.NewStage(filepath.Join(dir, all[0].Month.String()), "")
	if err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	defer s.Discard()
	var paths []string
	for _, r := range all {
		p, err := newBook(r, s.Dir)
		if err != nil {
			return nil, filing.CannotWrite(dir, err)
		}
		rel := filepath.Join(filing.FolderName(r.Bureau), Name+".xlsx")
		if _, err := s.Add(ctx, p.Book, rel); err != nil {
			return nil, filing.CannotWrite(dir, err)
		}
		paths = append(paths, filepath.Join(s.Dir, rel))
	}
	if err := s.Commit(); err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	return paths, nil
}

// book is a 对账表 while it is written.
type book struct {
	*sheet.Paper
	r   *Report
	all flow // by the cells; every sheet must come to it
}

func newBook(r *Report, dir string) (*sheet.Paper, error) {
	is := &source.Issue{Pack: r.Pack, Batch: payrun.Batch{Bureau: r.Bureau, Month: r.Month}}
	p, err := sheet.NewPaper(is, source.NewCatalogue(r.Pack, r.Bureau), dir, Name)
	if err != nil {
		return nil, err
	}
	b := &book{Paper: p, r: r, all: r.total()}
	for _, fill := range []func() error{b.summary, b.shares, b.banks, b.files, b.open, b.trail} {
		if err := fill(); err != nil {
			_ = p.Close()
			return nil, err
		}
	}
	return p, nil
}

// tie refuses a sheet that has written other sums than the payments give.
func (b *book) tie(sheet string, got flow) error {
	want := b.all
	got.files = want.files // counted by the sheets that show them
	if got != want {
		return control.Disagree(sheet+"合计（元）", fmt.Sprintf("名单 %s、拨付 %s", got.listed, got.paid), fmt.Sprintf("名单 %s、拨付 %s", want.listed, want.paid))
	}
	if !got.tied() {
		return control.Disagree(sheet+" 回单各项之和与拨付（元）", got.amount, got.paid)
	}
	return nil
}

func (b *book) origin() string {
	return fmt.Sprintf("单位：%s　　截至第 %d 号修订", b.r.Bureau, b.r.Rev)
}

// itemRow is a fund source's item.
type itemRow struct {
	fund, item string
	flow
	carried money.Fen // its 扣回 that payments of other items carry, less those of others that its payments carry
}

// due is 应发 of the item's own lines, as the 资金拨付申请 has it.
func (x *itemRow) due() money.Fen { return x.listed.Sub(x.carried) }

// rows adds the cells up by fund source and item, in the order of the pack.
func (b *book) rows() []itemRow {
	var rows []itemRow
	row := func(n int, item string) *itemRow {
		name := b.r.Packs[b.r.batch(n).Pack].FundOf(item)
		at := slices.IndexFunc(rows, func(x itemRow) bool { return x.fund == name && x.item == item })
		if at < 0 {
			at = len(rows)
			rows = append(rows, itemRow{fund: name, item: item})
		}
		return &rows[at]
	}
	for i := range b.r.Cells {
		c := &b.r.Cells[i]
		row(c.N, c.Item).add(c, b.r.batch(c.N).Sent())
	}
	for _, c := range b.r.Carried {
		own := row(c.N, c.Item)
		own.carried = own.carried.Sub(c.Amount)
		payer := row(c.N, c.Against)
		payer.carried = payer.carried.Add(c.Amount)
	}
	b.sortRows(rows)
	return rows
}

func (b *book) sortRows(rows []itemRow) {
	place := func(item string) int {
		if at, ok := b.Catalogue.Order[item]; ok {
			return at
		}
		return len(b.Catalogue.Order)
	}
	first := map[string]int{} // the place of a fund is that of its first item
	for _, x := range rows {
		if at, ok := first[x.fund]; !ok || place(x.item) < at {
			first[x.fund] = place(x.item)
		}
	}
	slices.SortStableFunc(rows, func(x, y itemRow) int {
		return cmp.Or(cmp.Compare(first[x.fund], first[y.fund]), strings.Compare(x.fund, y.fund),
			cmp.Compare(place(x.item), place(y.item)), strings.Compare(x.item, y.item))
	})
}

// summary is the sheet 总表.
func (b *book) summary() error {
	rows := b.rows()
	t := sheet.NewTable(b.Paper, sheet.Spec{
		Name: "总表", Title: "发放对账总表", Unit: "金额单位：元", Origin: b.origin(), Landscape: true, Parts: true,
	}, reconcileColumns(b.Catalogue))
	conclusion := "对账结论：" + b.r.Conclusion() + "。"
	t.Across(t.Paper.Styles.Body, conclusion, t.Height(conclusion, 12)+6)
	t.Begin("各项目", t.Headings, float64(len(rows))*sheet.RowHeight+sheet.SumHeight+sheet.WordsHeight)
	var all, part itemRow
	for i := range rows {
		x := &rows[i]
		t.Add(x)
		for _, sum := range []*itemRow{&part, &all} {
			sum.join(&x.flow)
			sum.carried = sum.carried.Add(x.carried)
		}
		if i == len(rows)-1 || rows[i+1].fund != x.fund {
			t.Subtotal("小计　"+x.fund, t.Summed(&part)...)
			part = itemRow{}
		}
	}
	t.Empty("本月没有应发款项")
	t.Total("合计", t.Summed(&all)...)
	t.Across(t.Paper.Styles.Words, fmt.Sprintf("名单应发（大写）：%s　　实际付讫（大写）：%s", all.listed.Chinese(), all.amount[answerPaid].Chinese()), sheet.WordsHeight)
	t.Notes("名单应发＝已审批批次里可发的明细，扣回算在它自己的项目里，与资金拨付申请一致；跨项目抵扣＝从别的项目的付款里扣回的（正）、替别的项目扣回的（负）；拨付＝银行文件里的付款；回单＝银行的答复。" +
		"名单应发＋跨项目抵扣应等于拨付；“未落实”＝拨付−成功−失败退回，为零才是对平。")
	b.differences(t.Table)
	b.batches(t.Table)
	b.returned(t.Table)
	b.voided(t.Table)
	t.Begin("", nil, sheet.SignHeight)
	t.Spread([]string{"制表人：", "复核人：", "负责人：", "代发银行核对：", "日期：　　　年　　月　　日", "盖章："})
	if err := t.Err(); err != nil {
		return err
	}
	if all.carried != 0 {
		return control.Disagree("总表 跨项目抵扣合计（元）", all.carried, money.Fen(0))
	}
	return b.tie("总表", all.flow)
}

func reconcileColumns(cat *source.Catalogue) []sheet.Column[itemRow] {
	answer := func(head string, width float64, i int) sheet.Column[itemRow] {
		return sheet.Col(head, width, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.amount[i]) }).Sums()
	}
	return []sheet.Column[itemRow]{
		sheet.Col("资金来源", 23, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(r.fund) }),
		sheet.Col("项目", 28, sheet.Wrapped, func(r *itemRow) sheet.Cell { return sheet.Text(cat.Title(r.item)) }),
		sheet.Col("付款笔数", 8, sheet.Counts, func(r *itemRow) sheet.Cell { return sheet.Whole(r.payments) }).Sums(),
		sheet.Col("名单应发", 15, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.due()) }).Sums(),
		sheet.Col("跨项目抵扣", 12, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.carried) }).Sums(),
		sheet.Col("拨付文件", 15, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.paid) }).Sums(),
		sheet.Col("差额", 10, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.unpaid()) }).Sums(),
		answer("成功", 15, answerPaid), answer("失败退回", 13, answerFailed), answer("未知", 12, answerUnknown),
		answer("未回", 14, answerNone), answer("未送", 14, notSent),
		sheet.Col("未落实", 14, sheet.Amounts, func(r *itemRow) sheet.Cell { return sheet.Fen(r.unsettled()) }).Sums(),
	}
}

// differences lists what does not agree within the house.
func (b *book) differences(t *sheet.Table) {
	d := b.r.Differences()
	if len(d) == 0 {
		return
	}
	t.Begin("内部不符（请停止送盘，联系维护人员查明）", nil, float64(min(len(d), 100))*sheet.RowHeight)
	for i, text := range d {
		if i == 100 {
			t.Across(t.Paper.Styles.Wrap, fmt.Sprintf("…… 共 %d 处，只列前 100 处", len(d)), sheet.RowHeight)
			return
		}
		t.Across(t.Paper.Styles.Wrap, fmt.Sprintf("%d. %s", i+1, text), t.Height(text, 10))
	}
}

// batches says of each batch what was signed, settled and sent.
func (b *book) batches(t *sheet.Table) {
	t.Begin("批次", nil, float64(len(b.r.Batches))*sheet.PairHeight+sheet.SignHeight)
	for i := range b.r.Batches {
		x := &b.r.Batches[i]
		if x.State == payrun.Voided {
			continue
		}
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == x.N })
		t.Pair(sheet.BatchNumber(b.r.Month, x.N), fmt.Sprintf("签批应发 %s 元　台账记入 %s 元　失败冲回 %s 元　%s　成功付款 %d 笔 %s 元", x.Pays.Grouped(), x.Settled.Grouped(),
			(-x.Undone).Grouped(), sentText(x), s.count[answerPaid], s.amount[answerPaid].Grouped()))
	}
}

func sentText(b *bank.ReconcileBatch) string {
	if !b.Sent() {
		return "未送银行"
	}
	return b.SentAt.In(month.Shanghai).Format("2006-01-02") + " 送银行"
}

// returned says what became of the failed payments.
func (b *book) returned(t *sheet.Table) {
	if b.all.count[answerFailed] == 0 {
		return
	}
	total, sums := money.Fen(0), b.r.fateSums()
	t.Begin("失败退回的去向（明细见“更正发放”）", nil, float64(len(sums)+1)*sheet.PairHeight+sheet.SignHeight)
	for _, s := range sums {
		t.Pair(s.fate.String(), fmt.Sprintf("明细 %d 条　%s 元", s.lines, s.amount.Grouped()))
		total = total.Add(s.amount)
	}
	t.Pair("合计", fmt.Sprintf("付款 %d 笔　%s 元", b.all.count[answerFailed], total.Grouped()))
}

// voided lists the voided batches, which are in no sum.
func (b *book) voided(t *sheet.Table) {
	headed := false
	for i := range b.r.Batches {
		x := &b.r.Batches[i]
		if x.State != payrun.Voided {
			continue
		}
		if !headed {
			t.Begin("作废的批次（没有送银行，不计入以上各数）", nil, float64(len(b.r.Batches))*sheet.PairHeight+sheet.SignHeight)
			headed = true
		}
		t.Pair(sheet.BatchNumber(b.r.Month, x.N), fmt.Sprintf("签批应发 %s 元　台账记入 %s 元　作废冲回 %s 元　%s", x.Pays.Grouped(), x.Settled.Grouped(),
			(-x.Voided).Grouped(), x.Reason))
	}
}
