package payments_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	answers "disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/payments"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// counts are the rows of a report: paid, failed, unknown, repeated, refused.
func counts(r *payments.ResultReport) [5]int {
	return [5]int{r.Taken[answers.Paid].Payments, r.Taken[answers.Failed].Payments, r.Taken[answers.Unknown].Payments, len(r.Repeated), len(r.Refused)}
}

// TestBankResultThroughTheMonths: words and codes, in part, and then the rest; what
// failed is due again and held until the account is another, what is unknown is not.
func TestBankResultThroughTheMonths(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	r := d.Answer(d.Row(b, "621942", "0000"), d.Row(b, "621943", "失败"), d.Row(b, "621944", "2000"))
	if got := counts(r); got != [5]int{1, 1, 1, 0, 0} || r.Undone != 1 || r.Rev == 0 || r.Taken[answers.Failed].Amount != 7000 {
		t.Fatalf("got %+v", r)
	}
	if n := d.Number(`SELECT sum(amount)::bigint FROM ledger WHERE month = '2026-10-01'`); n != 3*7000 {
		t.Errorf("%d 分 settled", n)
	}
	d.Run(storetest.At(11)) // the judge looks on
	d.Want("the failed one is due and held; the unknown and the unanswered are not due", d.Lines(d.Batch(storetest.At(11))),
		"某1942 11 本人 2026-11 当月 70.00", "某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 当月 70.00 [账户无效]",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	openPayments(d, "621944 未知 处理中", "621945  ")

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200043"))))
	d.Run(storetest.At(11))
	d.Want("a newer account", d.Lines(d.Batch(storetest.At(11))),
		"某1942 11 本人 2026-11 当月 70.00", "某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
	reissued(d, d.Batch(storetest.At(11)), "某1943 2026-10 更正发放：原 140213-202610-MZ-1-001 第 2 号，失败")

	r = d.Answer(d.Row(b, "621944", "成功"), d.Row(b, "621945", "3018"))
	if got := counts(r); got != [5]int{1, 1, 0, 0, 0} {
		t.Fatalf("got %+v", r)
	}
	openPayments(d)
	d.Run(storetest.At(11))
	d.Want("known in the end", d.Lines(d.Batch(storetest.At(11))),
		"某1942 11 本人 2026-11 当月 70.00", "某1943 11 本人 2026-10 补发 70.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-10 补发 70.00 [账户无效]", "某1945 11 本人 2026-11 当月 70.00 [账户无效]")
	reissued(d, d.Batch(storetest.At(11)), "某1943 2026-10 更正发放：原 140213-202610-MZ-1-001 第 2 号，失败",
		"某1945 2026-10 更正发放：原 140213-202610-MZ-1-001 第 4 号，清户")
	d.Approve(storetest.At(11))
	if got := d.Judge(b); len(got) > 0 {
		t.Errorf("the judge of the first batch: %v", got)
	}
}

// TestMendedHolder: after 户名不符 the same number under the mended name is a newer
// account; the number alone, put down anew, is not.
func TestMendedHolder(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	d.Answer(d.Row(b, "621942", "3031"), d.Row(b, "621943", "3031"))
	spelled := func(name string) func(*roster.Person) {
		return func(p *roster.Person) { p.Name, p.Account.Holder = name, name }
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1942, spelled("某拾玖")), storetest.Resident(1943)))
	d.Run(storetest.At(11))
	d.Want("one of two was mended", d.Lines(d.Batch(storetest.At(11))),
		"某拾玖 11 本人 2026-10 补发 70.00", "某拾玖 11 本人 2026-11 当月 70.00",
		"某1943 11 本人 2026-10 补发 70.00 [账户无效]", "某1943 11 本人 2026-11 当月 70.00 [账户无效]",
		"某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00")
}

// openPayments insists on what is listed as not known, each as "account answer reason".
func openPayments(d *storetest.District, expected ...string) {
	d.T.Helper()
	open, err := payments.OpenPayments(d.T.Context(), d.Db, storetest.DeskRegion, 0)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for _, p := range open {
		answer := ""
		if p.Answer != 0 {
			answer = p.Answer.String()
		}
		all = append(all, p.Account+" "+answer+" "+p.Reason)
	}
	d.Want("open payments", all, expected...)
}

// reissued insists on the lines whose sheets name a first attempt.
func reissued(d *storetest.District, b payrun.Batch, expected ...string) {
	d.T.Helper()
	book, err := books.ReadMonthBook(d.T.Context(), d.Db, books.MonthOrder{Region: storetest.DeskRegion, Batch: b, Pack: d.Pack, Money: true})
	if err != nil {
		d.T.Fatal(err)
	}
	var all []string
	for _, l := range book.Lines["11"] {
		if strings.HasPrefix(l.Reason, "更正发放") {
			all = append(all, fmt.Sprintf("%s %s %s", l.Name, l.Month, l.Reason))
		}
	}
	d.Want("re-issued", all, expected...)
}

// TestSameResultTwice: nothing new, no trace.
func TestSameResultTwice(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	rows := []string{d.Row(b, "621942", "0000"), d.Row(b, "621943", "3031"), d.Row(b, "621944", "未知"), d.Row(b, "621945", "9876")}
	r := d.Answer(rows...)
	if got := counts(r); got != [5]int{1, 1, 2, 0, 0} || len(r.Codes) != 1 || r.Codes[0].Value != "9876" || r.Codes[0].Row != 5 ||
		!strings.Contains(r.Codes[0].Reason, "结果码“9876”") || !strings.Contains(r.Codes[0].Reason, "按未知登记") || !strings.Contains(r.Codes[0].Reason, "请管理员") {
		t.Fatalf("got %+v", r)
	}
	before, results := d.Snapshot(), d.Number(`SELECT count(*) FROM payment_result`)
	if r = d.Answer(rows...); counts(r) != [5]int{0, 0, 0, 4, 0} || r.Rev != 0 {
		t.Errorf("got %+v", r)
	}
	d.Unchanged(before)
	if n := d.Number(`SELECT count(*) FROM payment_result`); n != results {
		t.Errorf("%d results in place of %d", n, results)
	}
}

// TestMixedResults: every bad row is reported with its row and changes nothing; the
// good ones go in.
func TestMixedResults(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	d.Answer(d.Row(b, "621942", "成功"))
	first := d.Row(b, "621943", "成功")
	r := d.Answer(
		first,
		strings.Replace(first, "-001,", "-009,", 1),                      // 3: no such file
		strings.Replace(first, "-001,2,", "-001,77,", 1),                 // 4: no such 序号
		strings.Replace(d.Row(b, "621944", "成功"), "621944", "621999", 1), // 5: another account
		strings.Replace(d.Row(b, "621945", "成功"), "70.00", "70.01", 1),   // 6: another amount
		first,                    // 7: the same row twice
		d.Row(b, "621942", "失败"), // 8: already final
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
	if n := d.Number(`SELECT count(*) FROM payment_result`); n != 2 {
		t.Errorf("%d results", n)
	}
	if n := d.Number(`SELECT count(*) FROM ledger WHERE kind <> 1`); n != 0 {
		t.Errorf("%d entries of failed payments", n)
	}
}

// Two rows of one payment that contradict each other: neither is believed.
func TestContradictingRows(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	r := d.Answer(d.Row(b, "621942", "成功"), d.Row(b, "621943", "成功"), d.Row(b, "621942", "失败"))
	if got := counts(r); got != [5]int{1, 0, 0, 0, 2} || r.Refused[0].Row != 2 || r.Refused[1].Row != 4 {
		t.Errorf("got %+v", r)
	}
	openPayments(d, "621942  ", "621944  ", "621945  ")
}

func TestResultsThatMayNotGoIn(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	b := d.Approve(storetest.At(10))
	row := d.Row(b, "621944", "成功")
	before := d.Snapshot()
	r := d.Answer(row)
	if counts(r) != [5]int{0, 0, 0, 0, 1} || !strings.Contains(r.Refused[0].Reason, "请先登记送银行") {
		t.Errorf("before it was sent: %+v", r)
	}
	d.Unchanged(before)
	d.Send(storetest.At(10))
	o := d.ResultOrder(row)
	o.Bureau = "区人社局"
	r, err := payments.BankResult(t.Context(), d.Db, o)
	if err != nil || counts(r) != [5]int{0, 0, 0, 0, 1} || !strings.Contains(r.Refused[0].Reason, "这是区民政局的文件") {
		t.Errorf("another bureau's: %+v, %v", r, err)
	}
	o.Bureau = storetest.DeskBureau
	if r, err = payments.BankResult(t.Context(), d.Db, o); err != nil || counts(r) != [5]int{1, 0, 0, 0, 0} {
		t.Errorf("its own: %+v, %v", r, err)
	}
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '登记回盘' AND subject = '回盘.txt' AND digest = $1`, o.File.SHA256); n != 1 {
		t.Errorf("%d journal entries", n)
	}
}

// TestRefusalIsNoChangeOfAmount: whose institution's payment a bank refused has the same
// each month as before, and nothing is to be asked about that.
func TestRefusalIsNoChangeOfAmount(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)).Payee(storetest.House("甲院", "2001")).
		Fact(storetest.IdOf(1944), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(1944), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(1944), "入住机构", storetest.Since("甲院", storetest.LongAgo)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	b := d.Send(storetest.At(10))
	if n := len(d.Payments(b)); n != 2 {
		t.Fatalf("%d payments, not one to the person and one to the institution", n)
	}
	d.Answer(d.Row(b, "621944", "0000"), d.Row(b, "2001", "3039"))
	d.Run(storetest.At(11))
	for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Acknowledge) {
		if f.Kind == "金额变动" {
			t.Error(f.Sentence)
		}
	}
}

// TestFailedInstitution: one payment of an institution carries many people.
func TestFailedInstitution(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1956), storetest.Resident(1957)).Payee(storetest.House("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		s.Fact(storetest.IdOf(year), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(year), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(year), "入住机构", storetest.Since("甲院", storetest.LongAgo))
	}
	d.Learn(s)
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	b := d.Send(storetest.At(10))
	if r := d.Answer(d.Row(b, "2001", "3039")); counts(r) != [5]int{0, 1, 0, 0, 0} || r.Undone != 2 || r.Taken[answers.Failed].Amount != 2*106000 {
		t.Errorf("got %+v", r)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Payee(storetest.House("甲院", "2009")))
	d.Run(storetest.At(10))
	d.Want("due again", d.Lines(d.Batch(storetest.At(10))), "某1956 19 甲院 2026-10 当月 1060.00", "某1957 19 甲院 2026-10 当月 1060.00")
	files, err := payments.FileStatuses(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %+v, %v", files, err)
	}
	want := payments.FileStatus{Bureau: storetest.DeskBureau, N: 1, Number: "140213-202610-MZ-1-001", Bank: "示例银行", Sent: true,
		Answers: payments.Answers{All: payments.Sum{Payments: 1, Amount: 212000}, Failed: payments.Sum{Payments: 1, Amount: 212000}}}
	if diff := cmp.Diff(want, files[0]); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestSent(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	try := func(u approval.User) error {
		_, err := signing.MarkSent(t.Context(), d.Db, d.SigningOf(storetest.At(10), u, ""), 0)
		return err
	}
	storetest.Saying(t, try(storetest.Clerk), fault.NotFound, "还没有批次")
	d.Run(storetest.At(10))
	storetest.Saying(t, try(storetest.Clerk), fault.Refused, "待提交", "不能登记送银行")
	d.Approve(storetest.At(10))
	storetest.Saying(t, try(storetest.Manager), fault.Denied, "岗位是管理")
	storetest.Saying(t, try(d.Staff("区人社局")[0]), fault.Denied, "属于区人社局")
	if err := try(storetest.Reviewer); err != nil {
		t.Fatal(err)
	}
	storetest.Saying(t, try(storetest.Clerk), fault.Refused, "已经登记过送银行")
	_, err := signing.MarkSent(t.Context(), d.Db, d.SigningOf(storetest.At(10), storetest.Clerk, ""), 7)
	storetest.Saying(t, err, fault.NotFound, "没有第7批")
	if n := d.Number(`SELECT count(*) FROM journal JOIN batch ON sent_rev = rev WHERE action = '登记送银行' AND actor = '乙复核'`); n != 1 {
		t.Errorf("%d journal entries", n)
	}
}

// TestVoid: two people void a batch; all of it is due again in the next one.
func TestVoid(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.AddUser(storetest.SecondReviewer)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1945, storetest.Without)))
	void := func(u approval.User, reason string) (payrun.Batch, error) {
		return signing.Void(t.Context(), d.Db, d.SigningOf(storetest.At(10), u, reason), 0)
	}
	d.Run(storetest.At(10))
	_, err := void(storetest.Reviewer, "有误")
	storetest.Saying(t, err, fault.Refused, "待提交", "不能作废")
	first := d.Approve(storetest.At(10))
	lines := d.Lines(first)

	before := d.Snapshot()
	_, err = void(storetest.Clerk, "有误")
	storetest.Saying(t, err, fault.Denied, "岗位是经办", "复核或审批")
	_, err = void(storetest.Reviewer, " ")
	storetest.Saying(t, err, fault.Invalid, "必须写明理由")
	d.Unchanged(before)

	b, err := void(storetest.Reviewer, "金额有误")
	if err != nil || b.State != payrun.Approved {
		t.Fatalf("got %+v, %v", b, err)
	}
	if n := d.Number(`SELECT count(*) FROM ledger WHERE kind = 3`); n != 0 {
		t.Error("one signature was enough")
	}
	_, err = void(storetest.Reviewer, "再次")
	storetest.Saying(t, err, fault.Denied, "必须由另一位")
	if b, err = void(storetest.SecondReviewer, "同意"); err != nil || b.State != payrun.Voided {
		t.Fatalf("got %+v, %v", b, err)
	}
	if n := d.Number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger`); n != 0 {
		t.Errorf("%d 分 are settled", n)
	}
	signed, err := signing.VoidSignatures(t.Context(), d.Db, storetest.DeskRegion, first.Number)
	if err != nil || len(signed) != 2 || signed[0].Actor != storetest.Reviewer.Name || signed[1].Actor != storetest.SecondReviewer.Name {
		t.Errorf("signatures %+v, %v", signed, err)
	}
	_, err = void(storetest.Approver, "三次")
	storetest.Saying(t, err, fault.Refused, "已作废")
	_, err = signing.MarkSent(t.Context(), d.Db, d.SigningOf(storetest.At(10), storetest.Clerk, ""), 0)
	storetest.Saying(t, err, fault.Refused, "已作废")

	if o := storetest.Outcome(t, d.Run(storetest.At(10)), storetest.DeskBureau); o.Batch.N != 2 || o.Batch.Pays != first.Pays {
		t.Errorf("got %+v", o)
	}
	d.Want("everything is due again", d.Lines(d.Batch(storetest.At(10))), lines...)
	second := d.Approve(storetest.At(10))
	d.Send(storetest.At(10))
	if r := d.Answer(d.Row(second, "621943", "成功"), strings.Replace(d.Row(second, "621944", "成功"), "MZ-2-", "MZ-1-", 1)); counts(r) != [5]int{1, 0, 0, 0, 1} ||
		!strings.Contains(r.Refused[0].Reason, "已经作废") {
		t.Errorf("got %+v", r)
	}
	if o := storetest.Outcome(t, d.Run(storetest.At(10)), storetest.DeskBureau); o.Outcome != runs.NothingDue {
		t.Errorf("paid twice: %+v", o)
	}
	if err := storetest.VerifyChain(t.Context(), d.Db, storetest.DeskRegion); err != nil {
		t.Error(err)
	}
}

// TestVoidBehindAnApprovedMonth: the month before stays as it is.
func TestVoidBehindAnApprovedMonth(t *testing.T) {
	t.Parallel()
	d, _ := storetest.PaidDistrict(t)
	d.Run(storetest.At(11))
	b := d.Approve(storetest.At(11))
	for _, u := range []approval.User{storetest.Approver, storetest.Reviewer} {
		if _, err := signing.Void(t.Context(), d.Db, d.SigningOf(storetest.At(11), u, "重做"), 1); err != nil {
			t.Fatal(err)
		}
	}
	lines := d.Lines(b)
	if o := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); o.Batch.N != 2 || o.Batch.Pays != b.Pays {
		t.Errorf("got %+v", o)
	}
	d.Want("again", d.Lines(d.Batch(storetest.At(11))), lines...)
	d.Approve(storetest.At(11))
}

func TestNotVoidedOnceSent(t *testing.T) {
	t.Parallel()
	d, _ := storetest.PaidDistrict(t)
	_, err := signing.Void(t.Context(), d.Db, d.SigningOf(storetest.At(10), storetest.Reviewer, "有误"), 0)
	storetest.Saying(t, err, fault.Refused, "已登记送银行，不能再作废")
}

// A supplementary batch was computed with the first one settled.
func TestNotVoidedWhileAnotherIsSigned(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	d.SignTo(storetest.At(10), storetest.DeskBureau, payrun.Submitted)
	_, err := signing.Void(t.Context(), d.Db, d.SigningOf(storetest.At(10), storetest.Reviewer, "有误"), 0)
	storetest.Saying(t, err, fault.Refused, "第2批正在签批", "第1批")
	d.ReturnBatch(storetest.At(10))
	for _, u := range []approval.User{storetest.Reviewer, storetest.Approver} {
		if _, err := signing.Void(t.Context(), d.Db, d.SigningOf(storetest.At(10), u, "有误"), 0); err != nil {
			t.Fatal(err)
		}
	}
	_, err = signing.Submit(t.Context(), d.Db, d.SigningOf(storetest.At(10), storetest.Clerk, "核对无误"), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
	storetest.Saying(t, err, fault.Refused, "作废", "重新运行")
	d.Run(storetest.At(10))
	d.Want("both", d.Lines(d.Batch(storetest.At(10))), "某1943 11 本人 2026-10 当月 70.00", "某1944 11 本人 2026-10 当月 70.00")
}

// The program's role may only add to what is signed.
func TestVoidSignaturesOnlyGrow(t *testing.T) {
	t.Parallel()
	d, _ := storetest.PaidDistrict(t)
	for _, sql := range []string{`UPDATE void_signature SET reason = 'x'`, `DELETE FROM void_signature`, `UPDATE payment_result SET outcome = 1`, `DELETE FROM payment_result`} {
		_, err := d.Owner.Exec(t.Context(), `SET ROLE disburse_app`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Owner.Exec(t.Context(), sql); postgres.SQLState(err) != postgres.InsufficientPrivilege {
			t.Errorf("%s: %v", sql, err)
		}
		d.Exec(`RESET ROLE`)
	}
}
