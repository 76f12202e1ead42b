package payments_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/store/books"
	"disburse/internal/store/payments"
	"disburse/internal/store/storetest"
	"disburse/migrations"
)

// sums are the kept sums of answers by file, as text.
func sums(d *storetest.District) string {
	d.T.Helper()
	rows, err := d.Owner.Query(d.T.Context(), `SELECT format('%s/%s 成功 %s %s，失败 %s %s，未知 %s %s',
		batch, file, paid, paid_amount, failed, failed_amount, unknown, unknown_amount) FROM answer_sum ORDER BY batch, file`)
	if err != nil {
		d.T.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.T.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// TestAnswerSums: the sums follow the last answer of each payment, files by themselves, and
// are what pages read.
func TestAnswerSums(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943), storetest.Resident(1942), storetest.Resident(1941)))
	d.Run(storetest.At(9))
	b := d.Approve(storetest.At(9))
	d.Send(storetest.At(9))
	all := d.Payments(b)
	if len(all) != 4 || all[0].File != all[3].File {
		t.Fatalf("payments %+v", all)
	}
	say := func(i int, code string) { d.Answer(d.Row(b, all[i].Account.Number, code)) }
	stand := func(want payments.Answers) {
		t.Helper()
		got, err := books.ReadBatchStatus(t.Context(), d.Db, storetest.DeskRegion, b.Number)
		if err != nil || got.Payments != want {
			t.Errorf("%+v, %v, want %+v", got.Payments, err, want)
		}
	}
	sum := func(of ...int) (s payments.Sum) {
		for _, i := range of {
			s.Payments, s.Amount = s.Payments+1, s.Amount.Add(all[i].Amount)
		}
		return s
	}
	stand(payments.Answers{All: sum(0, 1, 2, 3), None: sum(0, 1, 2, 3)})
	say(0, "成功")
	say(1, "未知")
	say(2, "失败")
	stand(payments.Answers{All: sum(0, 1, 2, 3), Paid: sum(0), Unknown: sum(1), Failed: sum(2), None: sum(3)})
	say(1, "成功")
	stand(payments.Answers{All: sum(0, 1, 2, 3), Paid: sum(0, 1), Failed: sum(2), None: sum(3)})
	files, err := payments.AnsweredFiles(t.Context(), d.Db, storetest.DeskRegion, []int32{b.Number})
	if err != nil || len(files) != 1 || files[0].Paid != sum(0, 1) || files[0].Failed != sum(2) || files[0].None != sum(3) || files[0].Open() != 1 {
		t.Errorf("files %+v, %v", files, err)
	}
	before := sums(d)
	order := d.ResultOrder(d.Row(b, all[3].Account.Number, "成功"))
	order.DryRun = true
	if _, err := payments.BankResult(t.Context(), d.Db, order); err != nil {
		t.Fatal(err)
	}
	if now := sums(d); now != before {
		t.Errorf("a trial has changed the sums to %s", now)
	}
	d.Clean()
}

// TestAnswerSumsOfEarlierPrograms: the migration adds up what was answered before.
func TestAnswerSumsOfEarlierPrograms(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	for i, code := range []string{"未知", "成功"} {
		d.Answer(d.Row(b, d.Payments(b)[0].Account.Number, code))
		if i == 0 {
			d.Answer(d.Row(b, d.Payments(b)[1].Account.Number, "失败"))
		}
	}
	want := sums(d)
	if !strings.Contains(want, "成功 1 ") || !strings.Contains(want, "失败 1 ") {
		t.Fatal(want)
	}
	body, err := fs.ReadFile(migrations.FS, "0015_answers.sql")
	if err != nil {
		t.Fatal(err)
	}
	d.Exec(`DROP TABLE answer_sum`)
	for sql := range strings.SplitSeq(string(body), ";\n") {
		d.Exec(sql)
	}
	if got := sums(d); got != want {
		t.Errorf("the migration gives\n%s\nwant\n%s", got, want)
	}
}

// TestTamperedAnswerSums: a sum that is not the answers' is named by the audit, and put
// right by the next answer to its file.
func TestTamperedAnswerSums(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	d.Answer(d.Row(b, d.Payments(b)[0].Account.Number, "成功"))
	d.Clean()
	file := d.Payments(b)[0].File
	d.Tamper("answer_sum",
		storetest.Tampering{Sql: `UPDATE answer_sum SET paid = paid + 1`, Says: fmt.Sprintf("批次 %d，文件 %d：被改动", b.Number, file)},
		storetest.Tampering{Sql: `UPDATE answer_sum SET unknown_amount = 1`, Says: "与银行回盘加起来的不符"},
		storetest.Tampering{Sql: `UPDATE answer_sum SET paid = -1`, State: postgres.CheckViolation},
		storetest.Tampering{Sql: `UPDATE answer_sum SET file = 9`, State: postgres.InsufficientPrivilege},
		storetest.Tampering{Sql: `DELETE FROM answer_sum`, State: postgres.InsufficientPrivilege},
		storetest.Tampering{Sql: `INSERT INTO answer_sum SELECT region, batch, 9, 1, 1, 0, 0, 0, 0 FROM answer_sum`, State: postgres.ForeignKeyViolation})
	d.Exec(`UPDATE answer_sum SET paid = paid + 1`)
	d.Answer(d.Row(b, d.Payments(b)[1].Account.Number, "成功"))
	d.Clean()
	d.Exec(`DELETE FROM answer_sum`)
	if all := d.Audit(nil).Problems; len(all) != 1 || !strings.Contains(all[0].String(), "缺失：银行已答复这个文件") {
		t.Errorf("%v", all)
	}
}

// TestFailedPages: read page by page, failed payments are those of the month in one, with
// the same fates and questions; one to an institution carries several people's lines.
func TestFailedPages(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	in := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1942), storetest.Resident(1943), storetest.Resident(1944), storetest.Resident(1956), storetest.Resident(1957)).Payee(storetest.House("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		in.Fact(storetest.IdOf(year), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(year), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(year), "入住机构", storetest.Since("甲院", storetest.LongAgo))
	}
	d.Learn(in)
	d.Run(storetest.At(10))
	b := d.Approve(storetest.At(10))
	d.Send(storetest.At(10))
	files := map[int]bool{}
	for _, p := range d.Payments(b) {
		files[p.File] = true
		d.Answer(d.Row(b, p.Account.Number, "失败"))
	}
	d.Run(storetest.At(11))
	all, err := payments.FailedPayments(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), storetest.DeskBureau)
	if err != nil {
		t.Fatal(err)
	}
	carried, asked := 0, 0
	for i := range all {
		if all[i].Person == 0 {
			carried = max(carried, len(all[i].Trail))
		}
		if all[i].Retry != nil {
			asked++
		}
	}
	if len(all) < 3 || carried < 2 || asked == 0 {
		t.Fatalf("%d failed, an institution's with %d lines, %d questions", len(all), carried, asked)
	}
	var places []payments.PaymentKey
	for f := range files {
		places = append(places, payments.PaymentKey{Batch: b.Number, File: f})
	}
	var paged []payments.FailedPayment
	for after := (payments.PaymentKey{}); ; {
		page, err := payments.FailedPage(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), places, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		after = page[len(page)-1].PaymentKey
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Errorf("(-in one +paged):\n%s", diff)
	}
}
