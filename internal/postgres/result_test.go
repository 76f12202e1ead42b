package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/approval"
	answers "disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

const resultHead = "批次号,序号,账号,户名,金额,结果码,原因\n"

// answer takes in a result file of the rows, in GBK, as a bank sends it.
func (d *district) answer(rows ...string) *postgres.ResultReport {
	d.t.Helper()
	report, err := d.db.BankResult(d.t.Context(), d.resultOrder(rows...))
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.db.VerifyChain(d.t.Context(), deskRegion); err != nil {
		d.t.Error(err)
	}
	return report
}

func (d *district) resultOrder(rows ...string) postgres.ResultOrder {
	d.t.Helper()
	body, err := simplifiedchinese.GBK.NewEncoder().String(resultHead + strings.Join(rows, "\n"))
	if err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(d.t.TempDir(), "回盘.txt")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		d.t.Fatal(err)
	}
	in, err := answers.ReadResults(path, func(number string) (int, error) { return d.db.FilePayments(d.t.Context(), deskRegion, number) })
	if err != nil {
		d.t.Fatal(err)
	}
	return postgres.ResultOrder{Region: deskRegion, File: in, Codes: answers.CodesOf(d.pack.File), By: runBy}
}

// row is an answer about the payment of an account in a batch.
func (d *district) row(b payrun.Batch, account, code string) string {
	d.t.Helper()
	for _, p := range d.payments(b) {
		if p.Account.Number == account {
			return fmt.Sprintf("%s,%d,%s,%s,%s,%s,", approval.FileNumber(deskRegion, b.Month, "MZ", b.N, p.File), p.Seq, account, p.Account.Holder, p.Amount, code)
		}
	}
	d.t.Fatalf("no payment to %s in %s", account, approval.Title(b))
	return ""
}

func (d *district) signingOf(m month.Month, u approval.User, reason string) postgres.Signing {
	s := by(u, reason)
	s.Month = m
	return s
}

// send records that the latest approved batch of 区民政局 was handed over.
func (d *district) send(m month.Month) payrun.Batch {
	d.t.Helper()
	b, err := d.db.Sent(d.t.Context(), d.signingOf(m, clerk, ""), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// counts are the rows of a report: paid, failed, unknown, repeated, refused.
func counts(r *postgres.ResultReport) [5]int {
	return [5]int{r.Taken[answers.Paid].Payments, r.Taken[answers.Failed].Payments, r.Taken[answers.Unknown].Payments, len(r.Repeated), len(r.Refused)}
}

// paidDistrict has four people of 80 and more whose October was approved and sent.
func paidDistrict(t *testing.T) (*district, payrun.Batch) {
	t.Helper()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1942), resident(1943), resident(1944), resident(1945)))
	d.run(at(10))
	d.approve(at(10))
	return d, d.send(at(10))
}

// TestBankResultThroughTheMonths: words and codes, in part, and then the rest; what
// failed is due again and held until the account is another, what is unknown is not.
func TestBankResultThroughTheMonths(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	r := d.answer(d.row(b, "621942", "0000"), d.row(b, "621943", "失败"), d.row(b, "621944", "2000"))
	if got := counts(r); got != [5]int{1, 1, 1, 0, 0} || r.Undone != 1 || r.Rev == 0 || r.Taken[answers.Failed].Amount != 7000 {
		t.Fatalf("got %+v", r)
	}
	if n := d.number(`SELECT sum(amount)::bigint FROM ledger WHERE month = '2026-10-01'`); n != 3*7000 {
		t.Errorf("%d 分 settled", n)
	}
	d.run(at(11)) // the judge looks on
	d.want("the failed one is due and held; the unknown and the unanswered are not due", d.lines(d.batch(at(11))),
		"某1942 11 本人 2026-11 当月 70.00", "某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 当月 70.00 [账户无效]",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	d.openPayments("621944 未知 处理中", "621945  ")

	d.learn(newSheet(everyColumn).people(resident(1943, paidTo("6200043"))))
	d.run(at(11))
	d.want("a newer account", d.lines(d.batch(at(11))),
		"某1942 11 本人 2026-11 当月 70.00", "某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	d.reissued(d.batch(at(11)), "某1943 2026-10 更正发放：原 140213-202610-MZ-1-001 第 2 号，失败")

	r = d.answer(d.row(b, "621944", "成功"), d.row(b, "621945", "3018"))
	if got := counts(r); got != [5]int{1, 1, 0, 0, 0} {
		t.Fatalf("got %+v", r)
	}
	d.openPayments()
	d.run(at(11))
	d.want("known in the end", d.lines(d.batch(at(11))),
		"某1942 11 本人 2026-11 当月 70.00", "某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-10 补发 70.00 [账户无效]", "某1945 11 本人 2026-11 当月 70.00 [账户无效]")
	d.reissued(d.batch(at(11)), "某1943 2026-10 更正发放：原 140213-202610-MZ-1-001 第 2 号，失败",
		"某1945 2026-10 更正发放：原 140213-202610-MZ-1-001 第 4 号，清户")
	d.approve(at(11))
	if got := d.judge(b); len(got) > 0 {
		t.Errorf("the judge of the first batch: %v", got)
	}
}

// TestMendedHolder: after 户名不符 the same number under the mended name is a newer
// account; the number alone, put down anew, is not.
func TestMendedHolder(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	d.answer(d.row(b, "621942", "3031"), d.row(b, "621943", "3031"))
	spelled := func(name string) func(*roster.Person) {
		return func(p *roster.Person) { p.Name, p.Account.Holder = name, name }
	}
	d.learn(newSheet(everyColumn).people(resident(1942, spelled("某拾玖")), resident(1943)))
	d.run(at(11))
	d.want("one of two was mended", d.lines(d.batch(at(11))),
		"某拾玖 11 本人 2026-10 补发 70.00", "某拾玖 11 本人 2026-11 当月 70.00",
		"某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 当月 70.00 [账户无效]",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
}

// openPayments insists on what is listed as not known, each as "account answer reason".
func (d *district) openPayments(expected ...string) {
	d.t.Helper()
	open, err := d.db.OpenPayments(d.t.Context(), deskRegion, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, p := range open {
		answer := ""
		if p.Answer != 0 {
			answer = p.Answer.String()
		}
		all = append(all, p.Account+" "+answer+" "+p.Reason)
	}
	d.want("open payments", all, expected...)
}

// reissued insists on the lines whose sheets name a first attempt.
func (d *district) reissued(b payrun.Batch, expected ...string) {
	d.t.Helper()
	book, err := d.db.MonthBook(d.t.Context(), postgres.MonthOrder{Region: deskRegion, Batch: b, Pack: d.pack, Money: true})
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, l := range book.Lines["11"] {
		if strings.HasPrefix(l.Reason, "更正发放") {
			all = append(all, fmt.Sprintf("%s %s %s", l.Name, l.Month, l.Reason))
		}
	}
	d.want("re-issued", all, expected...)
}

// TestSameResultTwice: nothing new, no trace.
func TestSameResultTwice(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	rows := []string{d.row(b, "621942", "0000"), d.row(b, "621943", "3031"), d.row(b, "621944", "未知"), d.row(b, "621945", "9876")}
	r := d.answer(rows...)
	if got := counts(r); got != [5]int{1, 1, 2, 0, 0} || len(r.Codes) != 1 || r.Codes[0].Value != "9876" || r.Codes[0].Row != 5 ||
		!strings.Contains(r.Codes[0].Reason, "结果码“9876”") || !strings.Contains(r.Codes[0].Reason, "按未知登记") || !strings.Contains(r.Codes[0].Reason, "请管理员") {
		t.Fatalf("got %+v", r)
	}
	before, results := d.snapshot(), d.number(`SELECT count(*) FROM payment_result`)
	if r = d.answer(rows...); counts(r) != [5]int{0, 0, 0, 4, 0} || r.Rev != 0 {
		t.Errorf("got %+v", r)
	}
	d.unchanged(before)
	if n := d.number(`SELECT count(*) FROM payment_result`); n != results {
		t.Errorf("%d results in place of %d", n, results)
	}
}

// TestMixedResults: every bad row is reported with its row and changes nothing; the
// good ones go in.
func TestMixedResults(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	d.answer(d.row(b, "621942", "成功"))
	first := d.row(b, "621943", "成功")
	r := d.answer(
		first,
		strings.Replace(first, "-001,", "-009,", 1),                      // 3: no such file
		strings.Replace(first, "-001,2,", "-001,77,", 1),                 // 4: no such 序号
		strings.Replace(d.row(b, "621944", "成功"), "621944", "621999", 1), // 5: another account
		strings.Replace(d.row(b, "621945", "成功"), "70.00", "70.01", 1),   // 6: another amount
		first,                    // 7: the same row twice
		d.row(b, "621942", "失败"), // 8: already final
		strings.Replace(first, ",2,", ",二,", 1), // 9: cannot be read
	)
	if got := counts(r); got != [5]int{1, 0, 0, 0, 7} {
		t.Errorf("got %+v", r)
	}
	var all []string
	for _, p := range r.Refused {
		all = append(all, fmt.Sprintf("%d %s %s", p.Row, p.Column, p.Value))
		if p.Reason == "" {
			t.Errorf("row %d without a reason", p.Row)
		}
	}
	want := []string{"9 序号 二", "3 批次号 140213-202610-MZ-1-009", "4 序号 77", "5 账号 621999", "6 金额 70.01", "7  ", "8 结果码 失败"}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if n := d.number(`SELECT count(*) FROM payment_result`); n != 2 {
		t.Errorf("%d results", n)
	}
	if n := d.number(`SELECT count(*) FROM ledger WHERE kind <> 1`); n != 0 {
		t.Errorf("%d entries of failed payments", n)
	}
}

// Two rows of one payment that contradict each other: neither is believed.
func TestContradictingRows(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	r := d.answer(d.row(b, "621942", "成功"), d.row(b, "621943", "成功"), d.row(b, "621942", "失败"))
	if got := counts(r); got != [5]int{1, 0, 0, 0, 2} || r.Refused[0].Row != 2 || r.Refused[1].Row != 4 {
		t.Errorf("got %+v", r)
	}
	d.openPayments("621942  ", "621944  ", "621945  ")
}

func TestResultsThatMayNotGoIn(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	b := d.approve(at(10))
	row := d.row(b, "621944", "成功")
	before := d.snapshot()
	r := d.answer(row)
	if counts(r) != [5]int{0, 0, 0, 0, 1} || !strings.Contains(r.Refused[0].Reason, "请先登记送银行") {
		t.Errorf("before it was sent: %+v", r)
	}
	d.unchanged(before)
	d.send(at(10))
	o := d.resultOrder(row)
	o.Bureau = "区人社局"
	r, err := d.db.BankResult(t.Context(), o)
	if err != nil || counts(r) != [5]int{0, 0, 0, 0, 1} || !strings.Contains(r.Refused[0].Reason, "这是区民政局的文件") {
		t.Errorf("another bureau's: %+v, %v", r, err)
	}
	o.Bureau = deskBureau
	if r, err = d.db.BankResult(t.Context(), o); err != nil || counts(r) != [5]int{1, 0, 0, 0, 0} {
		t.Errorf("its own: %+v, %v", r, err)
	}
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '登记回盘' AND subject = '回盘.txt' AND digest = $1`, o.File.SHA256); n != 1 {
		t.Errorf("%d journal entries", n)
	}
}

// TestRefusalIsNoChangeOfAmount: whose institution's payment a bank refused has the same
// each month as before, and nothing is to be asked about that.
func TestRefusalIsNoChangeOfAmount(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)).payee(house("甲院", "2001")).
		fact(idOf(1944), "特困", since("集中", longAgo)).fact(idOf(1944), "自理能力", since("全自理", longAgo)).fact(idOf(1944), "入住机构", since("甲院", longAgo)))
	d.run(at(10))
	d.approve(at(10))
	b := d.send(at(10))
	if n := len(d.payments(b)); n != 2 {
		t.Fatalf("%d payments, not one to the person and one to the institution", n)
	}
	d.answer(d.row(b, "621944", "0000"), d.row(b, "2001", "3039"))
	d.run(at(11))
	for _, f := range d.findings(d.batch(at(11)), payrun.Acknowledge) {
		if f.Kind == "金额变动" {
			t.Error(f.Sentence)
		}
	}
}

// TestFailedInstitution: one payment of an institution carries many people.
func TestFailedInstitution(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	s := newSheet(everyColumn).people(resident(1956), resident(1957)).payee(house("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		s.fact(idOf(year), "特困", since("集中", longAgo)).fact(idOf(year), "自理能力", since("全自理", longAgo)).fact(idOf(year), "入住机构", since("甲院", longAgo))
	}
	d.learn(s)
	d.run(at(10))
	d.approve(at(10))
	b := d.send(at(10))
	if r := d.answer(d.row(b, "2001", "3039")); counts(r) != [5]int{0, 1, 0, 0, 0} || r.Undone != 2 || r.Taken[answers.Failed].Amount != 2*106000 {
		t.Errorf("got %+v", r)
	}
	d.learn(newSheet(everyColumn).payee(house("甲院", "2009")))
	d.run(at(10))
	d.want("due again", d.lines(d.batch(at(10))), "某1956 19 甲院 2026-10 当月 1060.00", "某1957 19 甲院 2026-10 当月 1060.00")
	files, err := d.db.FileStatuses(t.Context(), deskRegion, at(10))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %+v, %v", files, err)
	}
	want := postgres.FileStatus{Bureau: deskBureau, N: 1, Number: "140213-202610-MZ-1-001", Bank: "示例银行", Sent: true,
		All: postgres.Sum{Payments: 1, Amount: 212000}, Failed: postgres.Sum{Payments: 1, Amount: 212000}}
	if diff := cmp.Diff(want, files[0]); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestSent(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944)))
	try := func(u approval.User) error {
		_, err := d.db.Sent(t.Context(), d.signingOf(at(10), u, ""), 0)
		return err
	}
	saying(t, try(clerk), fault.NotFound, "还没有批次")
	d.run(at(10))
	saying(t, try(clerk), fault.Refused, "待提交", "不能登记送银行")
	d.approve(at(10))
	saying(t, try(manager), fault.Denied, "岗位是管理")
	saying(t, try(d.staff("区人社局")[0]), fault.Denied, "属于区人社局")
	if err := try(reviewer); err != nil {
		t.Fatal(err)
	}
	saying(t, try(clerk), fault.Refused, "已经登记过送银行")
	_, err := d.db.Sent(t.Context(), d.signingOf(at(10), clerk, ""), 7)
	saying(t, err, fault.NotFound, "没有第7批")
	if n := d.number(`SELECT count(*) FROM journal JOIN batch ON sent_rev = rev WHERE action = '登记送银行' AND actor = '乙复核'`); n != 1 {
		t.Errorf("%d journal entries", n)
	}
}

var secondReviewer = approval.User{Name: "戊复核", Post: approval.Reviewer, Bureau: deskBureau, Active: true}

// TestVoid: two people void a batch; all of it is due again in the next one.
func TestVoid(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.addUser(secondReviewer)
	d.learn(newSheet(everyColumn).people(resident(1943), resident(1944), resident(1945, without)))
	void := func(u approval.User, reason string) (payrun.Batch, error) {
		return d.db.Void(t.Context(), d.signingOf(at(10), u, reason), 0)
	}
	d.run(at(10))
	_, err := void(reviewer, "有误")
	saying(t, err, fault.Refused, "待提交", "不能作废")
	first := d.approve(at(10))
	lines := d.lines(first)

	before := d.snapshot()
	_, err = void(clerk, "有误")
	saying(t, err, fault.Denied, "岗位是经办", "复核或审批")
	_, err = void(reviewer, " ")
	saying(t, err, fault.Invalid, "必须写明理由")
	d.unchanged(before)

	b, err := void(reviewer, "金额有误")
	if err != nil || b.State != payrun.Approved {
		t.Fatalf("got %+v, %v", b, err)
	}
	if n := d.number(`SELECT count(*) FROM ledger WHERE kind = 3`); n != 0 {
		t.Error("one signature was enough")
	}
	_, err = void(reviewer, "再次")
	saying(t, err, fault.Denied, "必须由另一位")
	if b, err = void(secondReviewer, "同意"); err != nil || b.State != payrun.Voided {
		t.Fatalf("got %+v, %v", b, err)
	}
	if n := d.number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger`); n != 0 {
		t.Errorf("%d 分 are settled", n)
	}
	signed, err := d.db.VoidSignatures(t.Context(), deskRegion, first.Number)
	if err != nil || len(signed) != 2 || signed[0].Actor != reviewer.Name || signed[1].Actor != secondReviewer.Name {
		t.Errorf("signatures %+v, %v", signed, err)
	}
	_, err = void(approver, "三次")
	saying(t, err, fault.Refused, "已作废")
	_, err = d.db.Sent(t.Context(), d.signingOf(at(10), clerk, ""), 0)
	saying(t, err, fault.Refused, "已作废")

	if o := outcome(t, d.run(at(10)), deskBureau); o.Batch.N != 2 || o.Batch.Pays != first.Pays {
		t.Errorf("got %+v", o)
	}
	d.want("everything is due again", d.lines(d.batch(at(10))), lines...)
	second := d.approve(at(10))
	d.send(at(10))
	if r := d.answer(d.row(second, "621943", "成功"), strings.Replace(d.row(second, "621944", "成功"), "MZ-2-", "MZ-1-", 1)); counts(r) != [5]int{1, 0, 0, 0, 1} ||
		!strings.Contains(r.Refused[0].Reason, "已经作废") {
		t.Errorf("got %+v", r)
	}
	if o := outcome(t, d.run(at(10)), deskBureau); o.Outcome != postgres.NothingDue {
		t.Errorf("paid twice: %+v", o)
	}
	if err := d.db.VerifyChain(t.Context(), deskRegion); err != nil {
		t.Error(err)
	}
}

// TestVoidBehindAnApprovedMonth: the month before stays as it is.
func TestVoidBehindAnApprovedMonth(t *testing.T) {
	t.Parallel()
	d, _ := paidDistrict(t)
	d.run(at(11))
	b := d.approve(at(11))
	for _, u := range []approval.User{approver, reviewer} {
		if _, err := d.db.Void(t.Context(), d.signingOf(at(11), u, "重做"), 1); err != nil {
			t.Fatal(err)
		}
	}
	lines := d.lines(b)
	if o := outcome(t, d.run(at(11)), deskBureau); o.Batch.N != 2 || o.Batch.Pays != b.Pays {
		t.Errorf("got %+v", o)
	}
	d.want("again", d.lines(d.batch(at(11))), lines...)
	d.approve(at(11))
}

func TestNotVoidedOnceSent(t *testing.T) {
	t.Parallel()
	d, _ := paidDistrict(t)
	_, err := d.db.Void(t.Context(), d.signingOf(at(10), reviewer, "有误"), 0)
	saying(t, err, fault.Refused, "已登记送银行，不能再作废")
}

// A supplementary batch was computed with the first one settled.
func TestNotVoidedWhileAnotherIsSigned(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1943)))
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1944)))
	d.run(at(10))
	d.signTo(at(10), deskBureau, payrun.Submitted)
	_, err := d.db.Void(t.Context(), d.signingOf(at(10), reviewer, "有误"), 0)
	saying(t, err, fault.Refused, "第2批正在签批", "第1批")
	d.returnBatch(at(10))
	for _, u := range []approval.User{reviewer, approver} {
		if _, err := d.db.Void(t.Context(), d.signingOf(at(10), u, "有误"), 0); err != nil {
			t.Fatal(err)
		}
	}
	_, err = d.db.Submit(t.Context(), d.signingOf(at(10), clerk, "核对无误"), postgres.Submission{AcknowledgeAll: true, Judge: agrees})
	saying(t, err, fault.Refused, "作废", "重新运行")
	d.run(at(10))
	d.want("both", d.lines(d.batch(at(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00")
}

// The program's role may only add to what is signed.
func TestVoidSignaturesOnlyGrow(t *testing.T) {
	t.Parallel()
	d, _ := paidDistrict(t)
	for _, sql := range []string{`UPDATE void_signature SET reason = 'x'`, `DELETE FROM void_signature`, `UPDATE payment_result SET outcome = 1`, `DELETE FROM payment_result`} {
		_, err := d.owner.Exec(t.Context(), `SET ROLE disburse_app`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.owner.Exec(t.Context(), sql); postgres.State(err) != postgres.InsufficientPrivilege {
			t.Errorf("%s: %v", sql, err)
		}
		d.exec(`RESET ROLE`)
	}
}
