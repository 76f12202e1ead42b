package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/reports/control"
	"disburse/reports/sheet"
	"disburse/reports/source"
)

// countColumns are the columns of a flow with the number of payments of each way.
func countColumns[R any](of func(*R) *flow) []sheet.Column[R] {
	all := []sheet.Column[R]{
		sheet.Col("名单应发", 13, sheet.Amounts, func(r *R) sheet.Cell { return sheet.Fen(of(r).listed) }),
		sheet.Col("付款笔数", 8, sheet.Counts, func(r *R) sheet.Cell { return sheet.Whole(of(r).payments) }),
		sheet.Col("拨付金额", 13, sheet.Amounts, func(r *R) sheet.Cell { return sheet.Fen(of(r).paid) }),
		sheet.Col("名单−拨付", 9, sheet.Amounts, func(r *R) sheet.Cell { return sheet.Fen(of(r).unpaid()) }),
	}
	for i, name := range [notSent]string{"成功", "退回", "未知", "未回"} {
		width := 11.0
		if i == answerPaid {
			width = 13
		}
		all = append(all, sheet.Col(name+"笔", 6.5, sheet.Counts, func(r *R) sheet.Cell { return sheet.Whole(of(r).count[i]) }),
			sheet.Col(name+"金额", width, sheet.Amounts, func(r *R) sheet.Cell { return sheet.Fen(of(r).amount[i]) }))
	}
	all = append(all, sheet.Col("未送金额", 12, sheet.Amounts, func(r *R) sheet.Cell { return sheet.Fen(of(r).amount[notSent]) }),
		sheet.Col("未落实", 12, sheet.Amounts, func(r *R) sheet.Cell { return sheet.Fen(of(r).unsettled()) }))
	for i := range all {
		all[i].Summed = true
	}
	return all
}

// bankRow is a bank's files.
type bankRow struct {
	name string
	flow
}

var bankColumns = append([]sheet.Column[bankRow]{
	sheet.Col("银行", 26, sheet.Wrapped, func(r *bankRow) sheet.Cell { return sheet.Text(r.name) }),
	sheet.Col("文件", 6, sheet.Counts, func(r *bankRow) sheet.Cell { return sheet.Whole(r.files) }).Sums(),
}, countColumns(func(r *bankRow) *flow { return &r.flow })...)

const noFile = "（没有银行文件）"

// byBank adds up by the bank whose files carry the payments, in the order of the files.
func (b *book) byBank() []bankRow {
	var rows []bankRow
	row := func(name string) *bankRow {
		at := slices.IndexFunc(rows, func(x bankRow) bool { return x.name == name })
		if at < 0 {
			at = len(rows)
			rows = append(rows, bankRow{name: name})
		}
		return &rows[at]
	}
	for i := range b.r.Files {
		row(cmp.Or(b.r.Files[i].Bank, sheet.NoBank)).files++
	}
	for i := range b.r.Cells {
		c := &b.r.Cells[i]
		name := noFile
		if f := b.r.fileOf(c.N, c.File); f != nil {
			name = cmp.Or(f.Bank, sheet.NoBank)
		}
		row(name).add(c, b.r.batch(c.N).Sent())
	}
	return slices.DeleteFunc(rows, func(x bankRow) bool { return x.name == noFile && x.listed == 0 && x.payments == 0 })
}

// banks is the sheet 按银行.
func (b *book) banks() error {
	t := sheet.NewTable(b.Paper, sheet.Spec{
		Name: "按银行", Title: "发放对账表（按银行）", Unit: "金额单位：元", Origin: b.origin(), Landscape: true,
	}, bankColumns)
	var all flow
	for _, x := range b.byBank() {
		t.Add(&x)
		all.join(&x.flow)
	}
	t.Empty("本月没有银行文件")
	t.Total("合计", t.Summed(&bankRow{flow: all})...)
	t.Notes("按付款文件的银行（代发行）汇总。")
	if err := t.Err(); err != nil {
		return err
	}
	if all.files != len(b.r.Files) {
		return control.Disagree("按银行 文件数", all.files, len(b.r.Files))
	}
	all.lines = b.all.lines // lines that came to nothing are in no file
	return b.tie("按银行", all)
}

// fileRow is a bank file.
type fileRow struct {
	batch, number, bank, sent string
	flow
}

var fileColumns = append([]sheet.Column[fileRow]{
	sheet.Col("批次", 5, sheet.Centered, func(r *fileRow) sheet.Cell { return sheet.Text(r.batch) }),
	sheet.Col("文件编号", 23, sheet.Number, func(r *fileRow) sheet.Cell { return sheet.Text(r.number) }).Freeze(),
	sheet.Col("银行", 17, sheet.Wrapped, func(r *fileRow) sheet.Cell { return sheet.Text(r.bank) }),
	sheet.Col("送银行", 9, sheet.Centered, func(r *fileRow) sheet.Cell { return sheet.Text(r.sent) }),
}, countColumns(func(r *fileRow) *flow { return &r.flow })...)

// files is the sheet 按文件.
func (b *book) files() error {
	t := sheet.NewTable(b.Paper, sheet.Spec{
		Name: "按文件", Title: "发放对账表（按银行文件）", Unit: "金额单位：元", Origin: b.origin(), Landscape: true, Filter: true,
	}, fileColumns)
	var all flow
	write := func(n int, number, bankName string, s *flow) {
		sent := "未送"
		if x := b.r.batch(n); x.Sent() {
			sent = x.SentAt.In(month.Shanghai).Format("01-02")
		}
		t.Add(&fileRow{fmt.Sprint(n), number, bankName, sent, *s})
		all.join(s)
	}
	for i := range b.r.Files {
		f := &b.r.Files[i]
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == f.N && c.File == f.File })
		s.files = 1
		write(f.N, f.Number, cmp.Or(f.Bank, sheet.NoBank), &s)
	}
	for i := range b.r.Batches {
		n := b.r.Batches[i].N
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == n && b.r.fileOf(n, c.File) == nil })
		if s.listed != 0 || s.payments > 0 {
			write(n, noFile, "", &s)
		}
	}
	t.Empty("本月没有银行文件")
	t.KeepTogether(sheet.SumHeight + sheet.WordsHeight)
	t.Total(fmt.Sprintf("合计　%d 个文件", len(b.r.Files)), t.Summed(&fileRow{flow: all})...)
	t.Notes("一个文件“未回”不为零，就是银行还没有全部答复：请向银行要回盘并登记。未送的批次先登记送银行。")
	if err := t.Err(); err != nil {
		return err
	}
	all.lines = b.all.lines
	return b.tie("按文件", all)
}

// openRow is a payment that is not paid, and what is to be done about it.
type openRow struct {
	*bank.ReconcilePayment
	serial              int
	number, word, state string
}

func openColumns(cat *source.Catalogue) []sheet.Column[openRow] {
	return []sheet.Column[openRow]{
		sheet.Col("序号", 6, sheet.Centered, func(r *openRow) sheet.Cell { return sheet.Whole(r.serial) }),
		sheet.Col("户名", 11, sheet.PlainText, func(r *openRow) sheet.Cell { return sheet.Text(r.Holder) }).Freeze(),
		sheet.Col("身份证号", 19, sheet.Number, func(r *openRow) sheet.Cell { return sheet.Text(r.ID) }),
		sheet.Col("项目", 18, sheet.PlainText, func(r *openRow) sheet.Cell { return sheet.Text(cat.Title(r.Item)) }),
		sheet.Col("银行", 16, sheet.PlainText, func(r *openRow) sheet.Cell { return sheet.Text(r.Bank) }),
		sheet.Col("账号", 21, sheet.Number, func(r *openRow) sheet.Cell { return sheet.Text(r.Account) }),
		sheet.Col("金额", 12, sheet.Amounts, func(r *openRow) sheet.Cell { return sheet.Fen(r.Amount) }).Sums(),
		sheet.Col("文件编号", 23, sheet.Number, func(r *openRow) sheet.Cell { return sheet.Text(r.number) }),
		sheet.Col("文件序号", 8, sheet.Centered, func(r *openRow) sheet.Cell { return sheet.Whole(r.Seq) }),
		sheet.Col("答复", 6, sheet.Centered, func(r *openRow) sheet.Cell { return sheet.Text(r.word) }),
		sheet.Col("结果码", 7, sheet.Centered, func(r *openRow) sheet.Cell { return sheet.Text(r.Code) }),
		sheet.Col("原因", 14, sheet.Wrapped, func(r *openRow) sheet.Cell { return sheet.Text(r.Reason) }),
		sheet.Col("现在怎样", 38, sheet.Wrapped, func(r *openRow) sheet.Cell { return sheet.Text(r.state) }),
	}
}

// open is the sheet 未了结: what is not paid, payment by payment.
func (b *book) open() error {
	t := sheet.NewTable(b.Paper, sheet.Spec{
		Name: "未了结", Title: "未了结的付款", Unit: "金额单位：元", Origin: b.origin(), Landscape: true, Filter: true,
	}, openColumns(b.Catalogue))
	now := b.whatNow()
	var got flow
	serial := 0
	for i := range b.r.Open {
		x := &b.r.Open[i]
		serial++
		kind, word, state := openKind(x)
		if x.Answer == bank.Failed {
			state = now[paymentKey{x.N, x.File, x.Seq}]
		}
		got.count[kind]++
		got.amount[kind] = got.amount[kind].Add(x.Amount)
		t.Add(&openRow{x, serial, b.r.number(x.N, x.File), word, state})
	}
	b.unsent(t.Table)
	t.Empty("没有未了结的付款：银行全部答复为成功")
	sum := got.amount[answerFailed].Add(got.amount[answerUnknown]).Add(got.amount[answerNone])
	t.KeepTogether(sheet.SumHeight)
	t.Total(fmt.Sprintf("合计　付款 %d 笔（失败 %d、未知 %d、未回 %d）", serial, got.count[answerFailed], got.count[answerUnknown], got.count[answerNone]), sheet.Fen(sum))
	if err := t.Err(); err != nil {
		return err
	}
	for _, kind := range []int{answerFailed, answerUnknown, answerNone} {
		if got.count[kind] != b.all.count[kind] || got.amount[kind] != b.all.amount[kind] {
			return control.Disagree("未了结 "+answerHeads[kind]+"（元）", got.amount[kind], b.all.amount[kind])
		}
	}
	return nil
}

// openKind says which way an unfinished payment went, and what to do about it.
func openKind(x *bank.ReconcilePayment) (kind int, word, state string) {
	switch x.Answer {
	case bank.Failed:
		return answerFailed, "失败", ""
	case bank.Unknown:
		return answerUnknown, "未知", "不会重发；请向银行查明，再登记回盘"
	}
	return answerNone, "未回", "银行没有答复；请向银行要回盘"
}

// unsent says of the batches that were not sent what waits in them: one row each, for
// their payments are nobody's to chase yet.
func (b *book) unsent(t *sheet.Table) {
	for i := range b.r.Batches {
		n := b.r.Batches[i].N
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == n })
		if s.count[notSent] > 0 {
			text := fmt.Sprintf("%s还没有送银行，付款 %d 笔 %s 元，不在下面的合计里；送后请登记送银行", sheet.BatchNumber(b.r.Month, n),
				s.count[notSent], s.amount[notSent].Grouped())
			t.Across(t.Paper.Styles.Wrap, text, t.Height(text, 10))
			t.Written++
		}
	}
}

// paymentKey is a payment within the month.
type paymentKey struct{ n, file, seq int }

// whatNow says of each failed payment what became of its lines.
func (b *book) whatNow() map[paymentKey]string {
	texts := map[paymentKey][]string{}
	for _, a := range b.r.ends() {
		if a.Kind == payrun.Recovery {
			continue
		}
		k, text := paymentKey{a.N, a.File, a.Seq}, FateOf(a).String()
		if where := FateWhere(a); where != "" {
			text += "（" + where + "）"
		}
		if !slices.Contains(texts[k], text) {
			texts[k] = append(texts[k], text)
		}
	}
	now := map[paymentKey]string{}
	for k, all := range texts {
		now[k] = strings.Join(all, "；")
		if len(all) > 3 {
			now[k] = strings.Join(all[:3], "；") + fmt.Sprintf("；等 %d 种，见“更正发放”", len(all))
		}
	}
	return now
}
