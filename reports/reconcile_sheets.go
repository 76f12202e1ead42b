package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// countColumns are the columns of a flow with the number of payments of each way.
func countColumns[R any](of func(*R) *flow) []columnOf[R] {
	all := []columnOf[R]{
		col("名单应发", 13, amounts, func(r *R) cell { return fen(of(r).listed) }),
		col("付款笔数", 8, counts, func(r *R) cell { return whole(of(r).payments) }),
		col("拨付金额", 13, amounts, func(r *R) cell { return fen(of(r).paid) }),
		col("名单−拨付", 9, amounts, func(r *R) cell { return fen(of(r).unpaid()) }),
	}
	for i, name := range [notSent]string{"成功", "退回", "未知", "未回"} {
		width := 11.0
		if i == answerPaid {
			width = 13
		}
		all = append(all, col(name+"笔", 6.5, counts, func(r *R) cell { return whole(of(r).count[i]) }),
			col(name+"金额", width, amounts, func(r *R) cell { return fen(of(r).amount[i]) }))
	}
	all = append(all, col("未送金额", 12, amounts, func(r *R) cell { return fen(of(r).amount[notSent]) }),
		col("未落实", 12, amounts, func(r *R) cell { return fen(of(r).unsettled()) }))
	for i := range all {
		all[i].summed = true
	}
	return all
}

// bankRow is a bank's files.
type bankRow struct {
	name string
	flow
}

var bankColumns = append([]columnOf[bankRow]{
	col("银行", 26, wrapped, func(r *bankRow) cell { return text(r.name) }),
	col("文件", 6, counts, func(r *bankRow) cell { return whole(r.files) }).sums(),
}, countColumns(func(r *bankRow) *flow { return &r.flow })...)

const noFile = "（没有银行文件）"

// byBank adds up by the bank whose files carry the payments, in the order of the files.
func (b *reconcileBook) byBank() []bankRow {
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
		row(cmp.Or(b.r.Files[i].Bank, noBank)).files++
	}
	for i := range b.r.Cells {
		c := &b.r.Cells[i]
		name := noFile
		if f := b.r.fileOf(c.N, c.File); f != nil {
			name = cmp.Or(f.Bank, noBank)
		}
		row(name).add(c, b.r.batch(c.N).Sent())
	}
	return slices.DeleteFunc(rows, func(x bankRow) bool { return x.name == noFile && x.listed == 0 && x.payments == 0 })
}

// banks is the sheet 按银行.
func (b *reconcileBook) banks() error {
	t := newTableOf(b.paper, tableSpec{
		name: "按银行", title: "发放对账表（按银行）", unit: "金额单位：元", origin: b.origin(), landscape: true,
	}, bankColumns)
	var all flow
	for _, x := range b.byBank() {
		t.row(&x)
		all.join(&x.flow)
	}
	t.empty("本月没有银行文件")
	t.total("合计", t.summed(&bankRow{flow: all})...)
	t.notes("按付款文件的银行（代发行）汇总。")
	if err := t.Err(); err != nil {
		return err
	}
	if all.files != len(b.r.Files) {
		return disagree("按银行 文件数", all.files, len(b.r.Files))
	}
	all.lines = b.all.lines // lines that came to nothing are in no file
	return b.tie("按银行", all)
}

// fileRow is a bank file.
type fileRow struct {
	batch, number, bank, sent string
	flow
}

var fileColumns = append([]columnOf[fileRow]{
	col("批次", 5, centered, func(r *fileRow) cell { return text(r.batch) }),
	col("文件编号", 23, number, func(r *fileRow) cell { return text(r.number) }).freeze(),
	col("银行", 17, wrapped, func(r *fileRow) cell { return text(r.bank) }),
	col("送银行", 9, centered, func(r *fileRow) cell { return text(r.sent) }),
}, countColumns(func(r *fileRow) *flow { return &r.flow })...)

// files is the sheet 按文件.
func (b *reconcileBook) files() error {
	t := newTableOf(b.paper, tableSpec{
		name: "按文件", title: "发放对账表（按银行文件）", unit: "金额单位：元", origin: b.origin(), landscape: true, filter: true,
	}, fileColumns)
	var all flow
	write := func(n int, number, bankName string, s *flow) {
		sent := "未送"
		if x := b.r.batch(n); x.Sent() {
			sent = x.SentAt.In(month.Shanghai).Format("01-02")
		}
		t.row(&fileRow{fmt.Sprint(n), number, bankName, sent, *s})
		all.join(s)
	}
	for i := range b.r.Files {
		f := &b.r.Files[i]
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == f.N && c.File == f.File })
		s.files = 1
		write(f.N, f.Number, cmp.Or(f.Bank, noBank), &s)
	}
	for i := range b.r.Batches {
		n := b.r.Batches[i].N
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == n && b.r.fileOf(n, c.File) == nil })
		if s.listed != 0 || s.payments > 0 {
			write(n, noFile, "", &s)
		}
	}
	t.empty("本月没有银行文件")
	t.keep(sumHeight + wordsHeight)
	t.total(fmt.Sprintf("合计　%d 个文件", len(b.r.Files)), t.summed(&fileRow{flow: all})...)
	t.notes("一个文件“未回”不为零，就是银行还没有全部答复：请向银行要回盘并登记。未送的批次先登记送银行。")
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

func openColumns(cat *catalogue) []columnOf[openRow] {
	return []columnOf[openRow]{
		col("序号", 6, centered, func(r *openRow) cell { return whole(r.serial) }),
		col("户名", 11, plainText, func(r *openRow) cell { return text(r.Holder) }).freeze(),
		col("身份证号", 19, number, func(r *openRow) cell { return text(r.ID) }),
		col("项目", 18, plainText, func(r *openRow) cell { return text(cat.title(r.Item)) }),
		col("银行", 16, plainText, func(r *openRow) cell { return text(r.Bank) }),
		col("账号", 21, number, func(r *openRow) cell { return text(r.Account) }),
		col("金额", 12, amounts, func(r *openRow) cell { return fen(r.Amount) }).sums(),
		col("文件编号", 23, number, func(r *openRow) cell { return text(r.number) }),
		col("文件序号", 8, centered, func(r *openRow) cell { return whole(r.Seq) }),
		col("答复", 6, centered, func(r *openRow) cell { return text(r.word) }),
		col("结果码", 7, centered, func(r *openRow) cell { return text(r.Code) }),
		col("原因", 14, wrapped, func(r *openRow) cell { return text(r.Reason) }),
		col("现在怎样", 38, wrapped, func(r *openRow) cell { return text(r.state) }),
	}
}

// open is the sheet 未了结: what is not paid, payment by payment.
func (b *reconcileBook) open() error {
	t := newTableOf(b.paper, tableSpec{
		name: "未了结", title: "未了结的付款", unit: "金额单位：元", origin: b.origin(), landscape: true, filter: true,
	}, openColumns(b.cat))
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
		t.row(&openRow{x, serial, b.r.number(x.N, x.File), word, state})
	}
	b.unsent(t.table)
	t.empty("没有未了结的付款：银行全部答复为成功")
	sum := got.amount[answerFailed].Add(got.amount[answerUnknown]).Add(got.amount[answerNone])
	t.keep(sumHeight)
	t.total(fmt.Sprintf("合计　付款 %d 笔（失败 %d、未知 %d、未回 %d）", serial, got.count[answerFailed], got.count[answerUnknown], got.count[answerNone]), fen(sum))
	if err := t.Err(); err != nil {
		return err
	}
	for _, kind := range []int{answerFailed, answerUnknown, answerNone} {
		if got.count[kind] != b.all.count[kind] || got.amount[kind] != b.all.amount[kind] {
			return disagree("未了结 "+answerHeads[kind]+"（元）", got.amount[kind], b.all.amount[kind])
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
func (b *reconcileBook) unsent(t *table) {
	for i := range b.r.Batches {
		n := b.r.Batches[i].N
		s := b.r.sum(func(c *bank.ReconcileCell) bool { return c.N == n })
		if s.count[notSent] > 0 {
			text := fmt.Sprintf("%s还没有送银行，付款 %d 笔 %s 元，不在下面的合计里；送后请登记送银行", batchNumber(b.r.Month, n),
				s.count[notSent], s.amount[notSent].Grouped())
			t.across(t.p.st.wrap, text, t.height(text, 10))
			t.rows++
		}
	}
}

// paymentKey is a payment within the month.
type paymentKey struct{ n, file, seq int }

// whatNow says of each failed payment what became of its lines.
func (b *reconcileBook) whatNow() map[paymentKey]string {
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
