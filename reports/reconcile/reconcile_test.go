package reconcile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/reports/reporttest"
)

var sentAt = time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)

// reconciliation makes a month that agrees with itself: a voided batch, one that was sent
// and, perhaps, one that was not, with every answer there is.
func reconciliation(t testing.TB, r *rand.Rand) *Report {
	t.Helper()
	file := reporttest.Pack(t)
	out := &Report{Pack: file, Packs: map[string]*packfile.File{"p": file}, Month: reporttest.November, Reconciliation: bank.Reconciliation{Bureau: reporttest.Civil, Rev: 99,
		Batches: []bank.ReconcileBatch{{N: 1, State: payrun.Voided, Pack: "p", Pays: 700, Settled: 700, Voided: -700, Reason: "乙复核：金额有误"}}}}
	for n := 2; n <= 2+r.IntN(2); n++ {
		b := bank.ReconcileBatch{N: n, State: payrun.Approved, Pack: "p"}
		if n == 2 {
			b.SentAt = sentAt
		}
		for f := 1; f <= 1+r.IntN(4); f++ {
			out.addFile(r, &b, f)
		}
		b.Items, b.Settled = b.Pays, b.Pays
		out.Cells = append(out.Cells, bank.ReconcileCell{N: n, Item: "23-2", Lines: 2}) // netted to nothing
		out.Carried = append(out.Carried, bank.ReconcileCarried{N: n, Item: "16", Against: "23-2", Amount: -10000})
		out.Batches = append(out.Batches, b)
	}
	return out
}

// addFile adds a bank file of up to 40 payments.
func (r *Report) addFile(rnd *rand.Rand, b *bank.ReconcileBatch, n int) {
	f := bank.ReconcileFile{N: b.N, File: n, Number: fmt.Sprintf("140213-202611-MZ-%d-%03d", b.N, n), Bank: []string{"中国工商银行", "晋商银行", ""}[rnd.IntN(3)]}
	cells := map[string]*bank.ReconcileCell{}
	var items []string
	for range 1 + rnd.IntN(40) {
		item := []string{"11", "12", "18-1", "23-1"}[rnd.IntN(4)]
		if cells[item] == nil {
			cells[item] = &bank.ReconcileCell{N: b.N, File: n, Item: item}
			items = append(items, item)
		}
		f.Rows++
		p := bank.ReconcilePayment{N: b.N, File: n, Seq: f.Rows, Holder: fmt.Sprintf("某%d", f.Rows), ID: "140213194001010011", Bank: f.Bank,
			Account: "6212260000000001234", Item: item, Amount: money.Fen(1 + rnd.IntN(100_000))}
		if b.Sent() {
			p.Answer = bank.Outcome(rnd.IntN(4))
		}
		c := cells[item]
		c.Lines, c.Listed, c.Payments, c.Paid = c.Lines+1, c.Listed+p.Amount, c.Payments+1, c.Paid+p.Amount
		c.Answers[p.Answer]++
		c.Amounts[p.Answer] += p.Amount
		f.Amount += p.Amount
		if item == "18-1" && rnd.IntN(2) == 0 { // and what 13 and 16 have paid too much
			r.Carried = append(r.Carried, bank.ReconcileCarried{N: b.N, File: n, Item: []string{"13", "16", "18-3"}[rnd.IntN(3)], Against: item,
				Answer: p.Answer, Amount: -money.Fen(1 + rnd.IntN(9000))})
		}
		r.addPayment(rnd, b, &p)
	}
	for _, item := range items {
		r.Cells = append(r.Cells, *cells[item])
	}
	b.Pays += f.Amount
	r.Files = append(r.Files, f)
}

// addPayment lists what is not paid, and what became of what failed.
func (r *Report) addPayment(rnd *rand.Rand, b *bank.ReconcileBatch, p *bank.ReconcilePayment) {
	if b.Sent() && p.Answer != bank.Paid {
		r.Open = append(r.Open, *p)
	}
	if p.Answer != bank.Failed {
		return
	}
	b.Undone -= p.Amount
	a := bank.ReconcileAgain{N: b.N, File: p.File, Seq: p.Seq, Name: p.Holder, Item: p.Item, Payee: "本人", Month: reporttest.November, Kind: payrun.Current,
		Amount: p.Amount, Code: "3031", Reason: "户名不符"}
	again := payrun.Batch{Month: reporttest.November, N: 3, State: payrun.Approved}
	switch rnd.IntN(6) {
	case 0:
		a.Amount += 30 // and 扣回
		r.Trail = append(r.Trail, a)
		a.Kind, a.Amount = payrun.Recovery, -30
	case 1:
		a.Run = true
	case 2:
		a.Run, a.Try, a.Hold, a.Again = true, 1, payrun.AccountRefused, again
	case 3:
		a.Run, a.Try, a.Again, a.Number, a.Row, a.Due, a.Sent, a.Answer, a.Why = true, 1, again, "140213-202611-MZ-3-001", 7, a.Amount, true, bank.Failed, "清户"
		r.Trail = append(r.Trail, a)
		a.Try, a.Row, a.Answer, a.Why = 2, 8, bank.Paid, "成功"
	case 4:
		again.State = payrun.Open
		a.Run, a.Try, a.Again = true, 1, again
	}
	r.Trail = append(r.Trail, a)
}

// answerAll has the banks answer the rest: paid.
func (r *Report) answerAll() {
	for i := range r.Batches {
		if b := &r.Batches[i]; b.State == payrun.Approved {
			b.SentAt = sentAt
		}
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		for _, from := range []int{0, 3} {
			c.Answers[1], c.Amounts[1] = c.Answers[1]+c.Answers[from], c.Amounts[1]+c.Amounts[from]
			c.Answers[from], c.Amounts[from] = 0, 0
		}
	}
	for i := range r.Carried {
		if c := &r.Carried[i]; c.File > 0 && (c.Answer == 0 || c.Answer == bank.Unknown) {
			c.Answer = bank.Paid
		}
	}
	r.Open = slices.DeleteFunc(r.Open, func(p bank.ReconcilePayment) bool { return p.Answer != bank.Failed })
}

func writeReconciliation(t *testing.T, r *Report) string {
	t.Helper()
	paths, err := Write(t.Context(), t.TempDir(), []*Report{r})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join("2026-11", reporttest.Civil, "对账表.xlsx"); len(paths) != 1 || !strings.HasSuffix(paths[0], want) {
		t.Fatalf("wrote %v", paths)
	}
	return paths[0]
}

// figure reads an amount of the row that begins with a label, under a heading.
func figure(t *testing.T, rows [][]string, label, heading string) money.Fen {
	t.Helper()
	at := -1
	for _, row := range rows {
		if i := slices.Index(row, heading); i >= 0 && at < 0 {
			at = i
		}
		if at >= 0 && len(row) > at && strings.HasPrefix(row[0], label) {
			a, err := money.Parse(row[at])
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
	}
	t.Fatalf("no %s under %s", label, heading)
	return 0
}

// TestReconciliationsTie: the totals of all sheets are the same, and those of the model.
func TestReconciliationsTie(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := reconciliation(t, rand.New(rand.NewPCG(seed, 1)))
		if seed%2 == 0 {
			r.answerAll()
		}
		if d := r.Differences(); len(d) > 0 {
			t.Fatalf("seed %d: %v", seed, d)
		}
		f := reporttest.Open(t, writeReconciliation(t, r), "")
		sheet := func(name string) [][]string {
			rows, err := f.GetRows(name)
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		all := r.total()
		for heading, want := range map[string]money.Fen{"名单应发": all.listed, "拨付文件": all.paid, "跨项目抵扣": 0, "差额": 0, "成功": all.amount[answerPaid],
			"失败退回": all.amount[answerFailed], "未知": all.amount[answerUnknown], "未回": all.amount[answerNone], "未送": all.amount[notSent],
			"未落实": all.unsettled()} {
			if got := figure(t, sheet("总表"), "合计", heading); got != want {
				t.Errorf("seed %d: 总表 %s %s, want %s", seed, heading, got, want)
			}
		}
		for _, name := range []string{"按银行", "按文件"} {
			for heading, want := range map[string]money.Fen{"名单应发": all.listed, "拨付金额": all.paid, "成功金额": all.amount[answerPaid],
				"退回金额": all.amount[answerFailed], "未落实": all.unsettled()} {
				if got := figure(t, sheet(name), "合计", heading); got != want {
					t.Errorf("seed %d: %s %s %s, want %s", seed, name, heading, got, want)
				}
			}
		}
		if got := figure(t, sheet("资金分担"), "合计", "实际付讫"); got != all.amount[answerPaid] {
			t.Errorf("seed %d: 资金分担 %s", seed, got)
		}
		if got := figure(t, sheet("更正发放"), "合计", "退回金额"); got != all.amount[answerFailed] {
			t.Errorf("seed %d: 更正发放 %s", seed, got)
		}
		conclusion := sheet("总表")[2][0]
		if balanced := strings.Contains(conclusion, "账平："); balanced != r.Balanced() || balanced != (all.unsettled() == 0) {
			t.Errorf("seed %d: %s", seed, conclusion)
		}
		if seed%2 == 1 && !strings.Contains(conclusion, "回单还缺 "+all.unsettled().Grouped()) {
			t.Errorf("seed %d: %s", seed, conclusion)
		}
	}
}

// byHand adds a reconciliation up by fund, apart from the code under test: what payments
// come to, and what items' own lines do.
func (r *Report) byHand() (due, in, out, paid, borne map[string]money.Fen) {
	due, in, out, paid, borne = map[string]money.Fen{}, map[string]money.Fen{}, map[string]money.Fen{}, map[string]money.Fen{}, map[string]money.Fen{}
	fund := map[string]string{"11": "高龄津贴资金", "12": "高龄津贴资金", "13": "养老服务补贴资金", "16": "养老服务补贴资金",
		"18-1": "困难群众救助补助资金", "18-3": "困难群众救助补助资金", "23-1": "残疾人两项补贴资金", "23-2": "残疾人两项补贴资金"}
	for _, c := range r.Cells {
		f := fund[c.Item]
		due[f] += c.Listed
		paid[f] += c.Paid
		borne[f] += c.Amounts[bank.Paid]
	}
	for _, c := range r.Carried {
		own, payer := fund[c.Item], fund[c.Against]
		if own == payer {
			continue
		}
		due[own], due[payer] = due[own]+c.Amount, due[payer]-c.Amount
		in[own], out[payer] = in[own]-c.Amount, out[payer]-c.Amount
		if c.Answer == bank.Paid || c.File == 0 {
			borne[own], borne[payer] = borne[own]+c.Amount, borne[payer]-c.Amount
		}
	}
	return due, in, out, paid, borne
}

// TestReconciliationByFund: what a fund bears, what crosses and what banks are given, on
// 总表 and 资金分担, are those of the lines and payments, whatever banks have answered.
func TestReconciliationByFund(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := reconciliation(t, rand.New(rand.NewPCG(seed, 5)))
		if seed%2 == 0 {
			r.answerAll()
		}
		f := reporttest.Open(t, writeReconciliation(t, r), "")
		rows, top := reporttest.Sheet(t, f, "资金分担"), reporttest.Sheet(t, f, "总表")
		due, in, out, paid, borne := r.byHand()
		if len(in) == 0 {
			t.Fatalf("seed %d: nothing crosses", seed)
		}
		for fund := range due {
			for heading, want := range map[string]money.Fen{"应发": due[fund], "跨资金转入": in[fund], "跨资金转出": out[fund], "实拨": paid[fund],
				"付讫应负担": borne[fund], "区": borne[fund]} {
				if got := figure(t, rows, fund, heading); got != want {
					t.Errorf("seed %d: 资金分担 %s %s %s, want %s", seed, fund, heading, got, want)
				}
			}
			for heading, want := range map[string]money.Fen{"名单应发": due[fund], "跨项目抵扣": in[fund] - out[fund], "拨付文件": paid[fund], "差额": 0} {
				if got := figure(t, top, "小计　"+fund, heading); got != want {
					t.Errorf("seed %d: 总表 %s %s %s, want %s", seed, fund, heading, got, want)
				}
			}
		}
	}
}

// TestReconciliationSaysWhatIsMissing goes through the sentences one by one.
func TestReconciliationSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	month := func(sent bool, answers [4]int) *Report {
		r := &Report{Pack: reporttest.Pack(t), Packs: map[string]*packfile.File{}, Month: reporttest.November,
			Reconciliation: bank.Reconciliation{Bureau: reporttest.Civil, Batches: []bank.ReconcileBatch{{N: 1, State: payrun.Approved}}}}
		if sent {
			r.Batches[0].SentAt = sentAt
		}
		c := bank.ReconcileCell{N: 1, File: 1, Item: "11", Answers: answers}
		for i, n := range answers {
			c.Payments += n
			c.Amounts[i] = money.Fen(n) * 7000
		}
		c.Paid = money.Fen(c.Payments) * 7000
		c.Lines, c.Listed = c.Payments, c.Paid
		b := &r.Batches[0]
		b.Pays, b.Items, b.Settled, b.Undone = c.Paid, c.Paid, c.Paid, -c.Amounts[2]
		r.Cells = []bank.ReconcileCell{c}
		r.Files = []bank.ReconcileFile{{N: 1, File: 1, Number: "甲-001", Rows: c.Payments, Amount: c.Paid}}
		for range answers[2] {
			r.Trail = append(r.Trail, bank.ReconcileAgain{N: 1, File: 1, Amount: 7000, Kind: payrun.Current})
		}
		return r
	}
	for _, c := range []struct {
		sent    bool
		answers [4]int
		want    string
	}{
		{true, [4]int{0, 3, 0, 0}, "账平：名单 210.00 元 ＝ 拨付 210.00 元 ＝ 回单 210.00 元（成功 210.00 元、失败退回 0.00 元），分文不差"},
		{true, [4]int{0, 2, 1, 0}, "账平：名单 210.00 元 ＝ 拨付 210.00 元 ＝ 回单 210.00 元（成功 140.00 元、失败退回 70.00 元），分文不差；失败退回的付款 1 笔 70.00 元：还没有重新计算 明细 1 条 70.00 元"},
		{true, [4]int{1, 1, 0, 1}, "名单 ＝ 拨付 ＝ 210.00 元；其中成功 70.00 元、失败退回 0.00 元，回单还缺 140.00 元：银行没有答复的付款 1 笔 70.00 元（甲-001）；银行答复“未知”的付款 1 笔 70.00 元"},
		{false, [4]int{3, 0, 0, 0}, "名单 ＝ 拨付 ＝ 210.00 元；其中成功 0.00 元、失败退回 0.00 元，回单还缺 210.00 元：第1批还没有送银行，付款 3 笔 210.00 元"},
	} {
		if got := month(c.sent, c.answers).Conclusion(); got != c.want {
			t.Errorf("%v: %s\nwant %s", c.answers, got, c.want)
		}
	}
}

// sample is a month that is not finished, always the same.
func sample(t testing.TB) *Report { return reconciliation(t, rand.New(rand.NewPCG(3, 1))) }

// cell is the first one in a bank file of the sent batch.
func (r *Report) cell() *bank.ReconcileCell {
	return &r.Cells[slices.IndexFunc(r.Cells, func(c bank.ReconcileCell) bool { return c.File > 0 && c.N == 2 })]
}

// TestReconciliationShowsDifferences: what does not agree within the house is in the
// sentence and on the sheet, and the book is written.
func TestReconciliationShowsDifferences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*Report)
		says  string
	}{
		"a line":          {func(r *Report) { r.cell().Listed++ }, "相差 0.01 元"},
		"a batch":         {func(r *Report) { r.Batches[1].Pays-- }, "第2批：签批应发"},
		"its items":       {func(r *Report) { r.Batches[1].Items++ }, "各项目汇总"},
		"its ledger":      {func(r *Report) { r.Batches[1].Settled++ }, "台账记入"},
		"its failures":    {func(r *Report) { r.Batches[1].Undone-- }, "失败退回"},
		"what was voided": {func(r *Report) { r.Batches[0].Voided++ }, "第1批（作废）"},
		"a file's sum":    {func(r *Report) { r.Files[0].Amount++ }, "文件登记"},
		"a file's rows":   {func(r *Report) { r.Files[0].Rows++ }, "文件登记"},
		"no file":         {func(r *Report) { r.Files = r.Files[1:] }, "没有登记银行文件"},
		"one payment": {func(r *Report) {
			r.Wrong = []bank.ReconcileWrong{{N: 2, Seq: 4, What: "名单明细与付款金额不符"}}
		}, "第 4 号名单明细与付款金额不符"},
	} {
		r := sample(t)
		c.spoil(r)
		if r.Balanced() || !strings.HasPrefix(r.Conclusion(), "账不平：内部有 ") || !strings.Contains(strings.Join(r.Differences(), "\n"), c.says) {
			t.Errorf("%s: %s %v", name, r.Conclusion(), r.Differences())
		}
		rows, err := reporttest.Open(t, writeReconciliation(t, r), "").GetRows("总表")
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(rows); !strings.Contains(text, "内部不符") || !strings.Contains(text, c.says) || !strings.Contains(rows[2][0], "账不平") {
			t.Errorf("%s is not on the sheet", name)
		}
	}
}

// TestReconciliationThatDoesNotTie: lists that are not what the sums say are refused, and
// nothing is written.
func TestReconciliationThatDoesNotTie(t *testing.T) {
	t.Parallel()
	first := func(r *Report, answer bank.Outcome) int {
		return slices.IndexFunc(r.Open, func(p bank.ReconcilePayment) bool { return p.Answer == answer })
	}
	for name, spoil := range map[string]func(*Report){
		"an open payment's amount": func(r *Report) { r.Open[first(r, 0)].Amount++ },
		"an open payment less": func(r *Report) {
			r.Open = slices.Delete(r.Open, first(r, bank.Unknown), first(r, bank.Unknown)+1)
		},
		"another answer":      func(r *Report) { r.Open[first(r, 0)].Answer = bank.Unknown },
		"a line of a failure": func(r *Report) { r.Trail[0].Amount++ },
		"a failure less":      func(r *Report) { r.Trail = r.Trail[1:] },
		"answers and payments": func(r *Report) {
			c := r.cell()
			c.Amounts[1]++
		},
		"numbers of payments": func(r *Report) { r.cell().Answers[1]++ },
		"two failures that cancel out": func(r *Report) {
			i := first(r, bank.Failed)
			j := i + 1 + slices.IndexFunc(r.Open[i+1:], func(p bank.ReconcilePayment) bool { return p.Answer == bank.Failed })
			r.Open[i].Amount++
			r.Open[j].Amount--
		},
	} {
		r := sample(t)
		spoil(r)
		dir := t.TempDir()
		_, err := Write(t.Context(), dir, []*Report{sample(t), r})
		if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), "控制总数不符") {
			t.Errorf("%s: got %v", name, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
}

// TestReconciliationTwice: the same bytes.
func TestReconciliationTwice(t *testing.T) {
	t.Parallel()
	var all [2][]byte
	for i := range all {
		var err error
		if all[i], err = os.ReadFile(writeReconciliation(t, sample(t))); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(all[0], all[1]) {
		t.Error("another file")
	}
}

// TestLibreOfficeReadsReconciliation: its sums of the rows are ours.
func TestLibreOfficeReadsReconciliation(t *testing.T) {
	r := sample(t)
	sheets := reporttest.LibreOffice(t, writeReconciliation(t, r))
	if len(sheets) != 6 {
		t.Errorf("%d sheets", len(sheets))
	}
	all := r.total()
	if got, n := reporttest.AddUp(t, sheets["未了结"], "金额"); n != len(r.Open) || got != all.amount[answerFailed]+all.amount[answerUnknown]+all.amount[answerNone] {
		t.Errorf("未了结: %s in %d rows", got, n)
	}
	if got, n := reporttest.AddUp(t, sheets["按文件"], "拨付金额"); n != len(r.Files) || got != all.paid {
		t.Errorf("按文件: %s in %d rows", got, n)
	}
	if row := sheets["未了结"][3]; row[2] != "140213194001010011" || row[5] != "6212260000000001234" {
		t.Errorf("numbers lost digits: %v", row)
	}
}

func TestReconciliationsKeepToTheSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Write(t.Context(), dir, []*Report{sample(t)}); err != nil {
		t.Fatal(err)
	}
	reporttest.WellMade(t, "reconciliation", dir)
}
