package postgres_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/migrations"
)

// sums are the kept sums of answers by file, as text.
func (d *district) sums() string {
	d.t.Helper()
	rows, err := d.owner.Query(d.t.Context(), `SELECT format('%s/%s 成功 %s %s，失败 %s %s，未知 %s %s',
		batch, file, paid, paid_amount, failed, failed_amount, unknown, unknown_amount) FROM answer_sum ORDER BY batch, file`)
	if err != nil {
		d.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// TestAnswerSums: the sums follow the last answer of each payment, files by themselves, and
// are what pages read.
func TestAnswerSums(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943), resident(1942), resident(1941)))
	d.run(at(9))
	b := d.approve(at(9))
	d.send(at(9))
	all := d.payments(b)
	if len(all) != 4 || all[0].File != all[3].File {
		t.Fatalf("payments %+v", all)
	}
	say := func(i int, code string) { d.answer(d.row(b, all[i].Account.Number, code)) }
	stand := func(want postgres.Answers) {
		t.Helper()
		got, err := d.db.Stand(t.Context(), deskRegion, b.Number)
		if err != nil || got.Payments != want {
			t.Errorf("%+v, %v, want %+v", got.Payments, err, want)
		}
	}
	sum := func(of ...int) (s postgres.Sum) {
		for _, i := range of {
			s.Payments, s.Amount = s.Payments+1, s.Amount.Add(all[i].Amount)
		}
		return s
	}
	stand(postgres.Answers{All: sum(0, 1, 2, 3), None: sum(0, 1, 2, 3)})
	say(0, "成功")
	say(1, "未知")
	say(2, "失败")
	stand(postgres.Answers{All: sum(0, 1, 2, 3), Paid: sum(0), Unknown: sum(1), Failed: sum(2), None: sum(3)})
	say(1, "成功")
	stand(postgres.Answers{All: sum(0, 1, 2, 3), Paid: sum(0, 1), Failed: sum(2), None: sum(3)})
	files, err := d.db.AnsweredFiles(t.Context(), deskRegion, []int32{b.Number})
	if err != nil || len(files) != 1 || files[0].Paid != sum(0, 1) || files[0].Failed != sum(2) || files[0].None != sum(3) || files[0].Open() != 1 {
		t.Errorf("files %+v, %v", files, err)
	}
	before := d.sums()
	order := d.resultOrder(d.row(b, all[3].Account.Number, "成功"))
	order.DryRun = true
	if _, err := d.db.BankResult(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if now := d.sums(); now != before {
		t.Errorf("a trial has changed the sums to %s", now)
	}
	d.clean()
}

// TestAnswerSumsOfEarlierPrograms: the migration adds up what was answered before.
func TestAnswerSumsOfEarlierPrograms(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	for i, code := range []string{"未知", "成功"} {
		d.answer(d.row(b, d.payments(b)[0].Account.Number, code))
		if i == 0 {
			d.answer(d.row(b, d.payments(b)[1].Account.Number, "失败"))
		}
	}
	want := d.sums()
	if !strings.Contains(want, "成功 1 ") || !strings.Contains(want, "失败 1 ") {
		t.Fatal(want)
	}
	body, err := fs.ReadFile(migrations.FS, "0015_answers.sql")
	if err != nil {
		t.Fatal(err)
	}
	d.exec(`DROP TABLE answer_sum`)
	for sql := range strings.SplitSeq(string(body), ";\n") {
		d.exec(sql)
	}
	if got := d.sums(); got != want {
		t.Errorf("the migration gives\n%s\nwant\n%s", got, want)
	}
}

// TestTamperedAnswerSums: a sum that is not the answers' is named by the audit, and put
// right by the next answer to its file.
func TestTamperedAnswerSums(t *testing.T) {
	t.Parallel()
	d, b := paidDistrict(t)
	d.answer(d.row(b, d.payments(b)[0].Account.Number, "成功"))
	d.clean()
	file := d.payments(b)[0].File
	d.tamper("answer_sum",
		tampering{sql: `UPDATE answer_sum SET paid = paid + 1`, says: fmt.Sprintf("批次 %d，文件 %d：被改动", b.Number, file)},
		tampering{sql: `UPDATE answer_sum SET unknown_amount = 1`, says: "与银行回盘加起来的不符"},
		tampering{sql: `UPDATE answer_sum SET paid = -1`, state: postgres.CheckViolation},
		tampering{sql: `UPDATE answer_sum SET file = 9`, state: postgres.InsufficientPrivilege},
		tampering{sql: `DELETE FROM answer_sum`, state: postgres.InsufficientPrivilege},
		tampering{sql: `INSERT INTO answer_sum SELECT region, batch, 9, 1, 1, 0, 0, 0, 0 FROM answer_sum`, state: postgres.ForeignKeyViolation})
	d.exec(`UPDATE answer_sum SET paid = paid + 1`)
	d.answer(d.row(b, d.payments(b)[1].Account.Number, "成功"))
	d.clean()
	d.exec(`DELETE FROM answer_sum`)
	if all := d.audit(nil).Problems; len(all) != 1 || !strings.Contains(all[0].String(), "缺失：银行已答复这个文件") {
		t.Errorf("%v", all)
	}
}

// TestFailedPages: read page by page, failed payments are those of the month in one, with
// the same fates and questions; one to an institution carries several people's lines.
func TestFailedPages(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	in := newSheet(everyColumn).people(resident(1942), resident(1943), resident(1944), resident(1956), resident(1957)).payee(house("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		in.fact(idOf(year), "特困", since("集中", longAgo)).fact(idOf(year), "自理能力", since("全自理", longAgo)).fact(idOf(year), "入住机构", since("甲院", longAgo))
	}
	d.learn(in)
	d.run(at(10))
	b := d.approve(at(10))
	d.send(at(10))
	files := map[int]bool{}
	for _, p := range d.payments(b) {
		files[p.File] = true
		d.answer(d.row(b, p.Account.Number, "失败"))
	}
	d.run(at(11))
	all, err := d.db.FailedPayments(t.Context(), deskRegion, at(10), deskBureau)
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
	var places []postgres.PaymentPlace
	for f := range files {
		places = append(places, postgres.PaymentPlace{Batch: b.Number, File: f})
	}
	var paged []postgres.FailedPayment
	for after := (postgres.PaymentPlace{}); ; {
		page, err := d.db.FailedPage(t.Context(), deskRegion, at(10), places, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		after = page[len(page)-1].PaymentPlace
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Errorf("(-in one +paged):\n%s", diff)
	}
}
