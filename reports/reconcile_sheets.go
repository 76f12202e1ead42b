package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// countColumns are the columns of a flow with the number of payments of each way.
func countColumns() []column {
	all := []column{{"名单应发", 13, amounts}, {"付款笔数", 8, counts}, {"拨付金额", 13, amounts}, {"名单−拨付", 9, amounts}}
	for i, name := range [notSent]string{"成功", "退回", "未知", "未回"} {
		width := 11.0
		if i == answerPaid {
			width = 13
		}
		all = append(all, column{name + "笔", 6.5, counts}, column{name + "金额", width, amounts})
	}
	return append(all, column{"未送金额", 12, amounts}, column{"未落实", 12, amounts})
}

// countCells are the cells of countColumns.
func (f *flow) countCells() []any {
	all := []any{f.listed, f.payments, f.paid, f.unpaid()}
	for i := range notSent {
		all = append(all, f.count[i], f.amount[i])
	}
	return append(all, f.amount[notSent], f.unsettled())
}

func (t *table) counted(f *flow) {
	for _, c := range f.countCells() {
		switch c := c.(type) {
		case int:
			t.int(c)
		case money.Fen:
			t.fen(c)
		}
	}
}

// bankRow is a bank's files.
type bankRow struct {
	name string
	flow
}

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
	t := b.table(tableSpec{
		name: "按银行", title: "发放对账表（按银行）", unit: "金额单位：元", origin: b.origin(), landscape: true,
		columns: append([]column{{"银行", 26, wrapped}, {"文件", 6, counts}}, countColumns()...),
	})
	var all flow
	for _, x := range b.byBank() {
		t.begin(x.name)
		t.text(x.name)
		t.int(x.files)
		t.counted(&x.flow)
		all.join(&x.flow)
	}
	t.empty("本月没有银行文件")
	t.total("合计", 1, append([]any{all.files}, all.countCells()...)...)
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

// files is the sheet 按文件.
func (b *reconcileBook) files() error {
	t := b.table(tableSpec{
		name: "按文件", title: "发放对账表（按银行文件）", unit: "金额单位：元", origin: b.origin(), landscape: true, frozenCol: 2, filter: true,
		columns: append([]column{{"批次", 5, centered}, {"文件编号", 23, number}, {"银行", 17, wrapped}, {"送银行", 9, centered}}, countColumns()...),
	})
	var all flow
	write := func(n int, number, bankName string, s *flow) {
		t.begin(bankName)
		t.text(fmt.Sprint(n))
		t.text(number)
		t.text(bankName)
		if x := b.r.batch(n); x.Sent() {
			t.text(x.SentAt.In(month.Shanghai).Format("01-02"))
		} else {
			t.text("未送")
		}
		t.counted(s)
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
	t.total(fmt.Sprintf("合计　%d 个文件", len(b.r.Files)), 4, all.countCells()...)
	t.notes("一个文件“未回”不为零，就是银行还没有全部答复：请向银行要回盘并登记。未送的批次先登记送银行。")
	if err := t.Err(); err != nil {
		return err
	}
	all.lines = b.all.lines
	return b.tie("按文件", all)
}

// open is the sheet 未了结: what is not paid, payment by payment.
func (b *reconcileBook) open() error {
	t := b.table(tableSpec{
		name: "未了结", title: "未了结的付款", unit: "金额单位：元", origin: b.origin(), landscape: true, frozenCol: 2, filter: true,
		columns: []column{{"序号", 6, centered}, {"户名", 11, plainText}, {"身份证号", 19, number}, {"项目", 18, plainText}, {"银行", 16, plainText},
			{"账号", 21, number}, {"金额", 12, amounts}, {"文件编号", 23, number}, {"文件序号", 8, centered}, {"答复", 6, centered},
			{"结果码", 7, centered}, {"原因", 14, wrapped}, {"现在怎样", 38, wrapped}},
	})
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
		t.openRow(serial, x, b.r.number(x.N, x.File), word, state)
	}
	b.unsent(t)
	t.empty("没有未了结的付款：银行全部答复为成功")
	sum := got.amount[answerFailed].Add(got.amount[answerUnknown]).Add(got.amount[answerNone])
	t.keep(sumHeight)
	t.total(fmt.Sprintf("合计　付款 %d 笔（失败 %d、未知 %d、未回 %d）", serial, got.count[answerFailed], got.count[answerUnknown], got.count[answerNone]), 6, sum)
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

func (t *table) openRow(serial int, x *bank.ReconcilePayment, number, word, state string) {
	t.begin(x.Reason, state)
	t.int(serial)
	t.text(x.Holder)
	t.text(x.ID)
	t.text(t.p.cat.title(x.Item))
	t.text(x.Bank)
	t.text(x.Account)
	t.fen(x.Amount)
	t.text(number)
	t.int(x.Seq)
	t.text(word)
	t.text(x.Code)
	t.text(x.Reason)
	t.text(state)
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

// trail is the sheet 更正发放: every line of the failed payments and what came of it.
func (b *reconcileBook) trail() error {
	t := b.table(tableSpec{
		name: "更正发放", title: "失败退回与更正发放", unit: "金额单位：元", origin: b.origin(), landscape: true, filter: true,
		columns: []column{{"原文件编号", 24, number}, {"原序号", 6, centered}, {"姓名", 10, plainText}, {"项目", 19, plainText}, {"收款人", 12, plainText},
			{"所属月份", 9, centered}, {"类别", 6, centered}, {"退回金额", 12, amounts}, {"失败原因", 18, wrapped}, {"第几次", 7, centered},
			{"去向", 20, wrapped}, {"在哪里", 34, wrapped}, {"重发金额", 12, amounts}},
	})
	byPayment, sum := map[paymentKey]money.Fen{}, money.Fen(0)
	for i := range b.r.Trail {
		a := &b.r.Trail[i]
		if a.Try <= 1 {
			k := paymentKey{a.N, a.File, a.Seq}
			byPayment[k] = byPayment[k].Add(a.Amount)
			sum = sum.Add(a.Amount)
		}
		t.again(a, b.r.number(a.N, a.File))
	}
	t.empty("没有失败退回的付款")
	t.keep(sumHeight + 2*wordsHeight)
	t.total(fmt.Sprintf("合计　付款 %d 笔", len(byPayment)), 7, sum)
	t.notes("一笔失败的付款所含的明细（包括随它抵扣的扣回）全部退回待发，逐条列出；银行登记新账户后，下次运行时重发。再次失败的逐次列出，退回金额只计一次。")
	if err := t.Err(); err != nil {
		return err
	}
	return b.tieTrail(byPayment, sum)
}

// again writes one entry of the trail.
func (t *table) again(a *bank.ReconcileAgain, number string) {
	why, fate, where := cmp.Or(a.Reason, a.Code), FateOf(a).String(), FateWhere(a)
	t.begin(why, fate, where)
	t.text(number)
	t.int(a.Seq)
	t.text(a.Name)
	t.text(t.p.cat.title(a.Item))
	t.text(a.Payee)
	t.text(a.Month.String())
	t.text(a.Kind.String())
	if a.Try <= 1 {
		t.fen(a.Amount)
	} else {
		t.blank()
	}
	t.text(why)
	if a.Number != "" {
		t.int(a.Try)
	} else {
		t.blank()
	}
	t.text(fate)
	t.text(where)
	if a.Number != "" {
		t.fen(a.Due)
	} else {
		t.blank()
	}
}

// tieTrail insists that the lines of each failed payment come to the payment, and all of
// them to what failed.
func (b *reconcileBook) tieTrail(byPayment map[paymentKey]money.Fen, sum money.Fen) error {
	for i := range b.r.Open {
		x := &b.r.Open[i]
		if got := byPayment[paymentKey{x.N, x.File, x.Seq}]; x.Answer == bank.Failed && got != x.Amount {
			return disagree(fmt.Sprintf("更正发放 %s 第 %d 号（元）", b.r.number(x.N, x.File), x.Seq), got, x.Amount)
		}
	}
	if sum != b.all.amount[answerFailed] || len(byPayment) != b.all.count[answerFailed] {
		return disagree("更正发放 退回合计（元）", sum, b.all.amount[answerFailed])
	}
	return nil
}
