package payments_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	answers "disburse/internal/bank"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/payments"
	"disburse/internal/store/storetest"
)

// reconciled reads the reconciliation of 区民政局.
func reconciled(d *storetest.District, m month.Month) *answers.Reconciliation {
	d.T.Helper()
	all, err := payments.Reconcile(d.T.Context(), d.Db, storetest.DeskRegion, m, storetest.DeskBureau)
	if err != nil || len(all) != 1 || all[0].Bureau != storetest.DeskBureau {
		d.T.Fatalf("got %+v, %v", all, err)
	}
	return &all[0]
}

// balances insists on what must hold of every month, whatever banks said: sums of lines,
// payments, files, batches, ledger, answers and lists are the same.
func balances(d *storetest.District, m month.Month) {
	d.T.Helper()
	r := reconciled(d, m)
	for _, w := range r.Wrong {
		d.T.Errorf("%s: %+v", m, w)
	}
	files := map[[2]int]answers.ReconcileFile{}
	for _, f := range r.Files {
		files[[2]int{f.N, f.File}] = f
	}
	listed, failed := map[int]money.Fen{}, map[int]money.Fen{}
	var answers [4]int
	for _, c := range r.Cells {
		if c.Listed != c.Paid || c.Amounts[0]+c.Amounts[1]+c.Amounts[2]+c.Amounts[3] != c.Paid || c.Answers[0]+c.Answers[1]+c.Answers[2]+c.Answers[3] != c.Payments {
			d.T.Errorf("%s: cell %+v", m, c)
		}
		listed[c.N] += c.Listed
		failed[c.N] += c.Amounts[2]
		for i, n := range c.Answers {
			answers[i] += n
		}
		f := files[[2]int{c.N, c.File}]
		f.Rows, f.Amount = f.Rows-c.Payments, f.Amount-c.Paid
		files[[2]int{c.N, c.File}] = f
	}
	for _, f := range files {
		if f.Rows != 0 || f.Amount != 0 {
			d.T.Errorf("%s: left of file %+v", m, f)
		}
	}
	sent := true
	for _, b := range r.Batches {
		sent = sent && (b.State == payrun.Voided || !b.SentAt.IsZero())
		switch {
		case b.Settled != b.Pays || (b.State == payrun.Voided) != (b.Voided == -b.Pays && b.Pays != 0):
			d.T.Errorf("%s: ledger of %+v", m, b)
		case b.State == payrun.Approved && (b.Items != b.Pays || listed[b.N] != b.Pays || b.Undone != -failed[b.N]):
			d.T.Errorf("%s: %+v, listed %s, failed %s", m, b, listed[b.N], failed[b.N])
		}
	}
	itemsAgree(d, m, r)
	listsAgree(d, r, answers, sent)
}

// itemsAgree: cells have 扣回 with the item whose payment carries it; moved to their own
// items they are what the batches' own sums say, from which 资金拨付申请 is made.
func itemsAgree(d *storetest.District, m month.Month, r *answers.Reconciliation) {
	d.T.Helper()
	due := map[string]money.Fen{}
	for _, c := range r.Cells {
		due[c.Item] += c.Listed
	}
	for _, c := range r.Carried {
		if c.Amount >= 0 || c.Item == c.Against {
			d.T.Errorf("%s: carried %+v", m, c)
		}
		due[c.Item], due[c.Against] = due[c.Item]+c.Amount, due[c.Against]-c.Amount
	}
	rows, err := d.Owner.Query(d.T.Context(), `SELECT item, sum(current + arrears + recovery)::bigint FROM batch_item JOIN batch USING (region, batch)
		WHERE month = $1 AND bureau = $2 AND state = 'approved' GROUP BY item`, m.First().Time(), storetest.DeskBureau)
	if err != nil {
		d.T.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var item string
		var sum money.Fen
		if err := rows.Scan(&item, &sum); err != nil {
			d.T.Fatal(err)
		}
		if due[item] != sum {
			d.T.Errorf("%s: item %s is due %s, by its batches %s", m, item, due[item], sum)
		}
		delete(due, item)
	}
	for item, left := range due {
		if left != 0 {
			d.T.Errorf("%s: item %s is due %s and in no batch", m, item, left)
		}
	}
}

// listsAgree compares what is listed payment by payment with the sums.
func listsAgree(d *storetest.District, r *answers.Reconciliation, answers [4]int, sent bool) {
	d.T.Helper()
	var open [4]int
	undone := map[[3]int]money.Fen{}
	for _, p := range r.Open {
		open[p.Answer]++
		if p.Answer == 2 {
			undone[[3]int{p.N, p.File, p.Seq}] += p.Amount
		}
	}
	if open[1] != 0 || open[2] != answers[2] || open[3] != answers[3] || (sent && open[0] != answers[0]) {
		d.T.Errorf("listed %v, counted %v", open, answers)
	}
	for _, a := range r.Trail {
		if a.Try <= 1 {
			undone[[3]int{a.N, a.File, a.Seq}] -= a.Amount
		}
		if a.Again.N > 0 && a.Again.State == payrun.Voided {
			d.T.Errorf("a voided batch pays again: %+v", a)
		}
	}
	for k, left := range undone {
		if left != 0 {
			d.T.Errorf("%s of failed payment %v are not in the trail", left, k)
		}
	}
}

// TestReconcileRandomMonths: whatever is voided, supplemented, failed and paid again,
// every month balances at every time.
func TestReconcileRandomMonths(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			r := rand.New(rand.NewPCG(seed, 7))
			d.RandomMonths(r)
			again := 0
			for m := storetest.At(10); m <= storetest.At(14); m++ {
				balances(d, m)
				for _, a := range reconciled(d, m).Trail {
					if a.Number != "" {
						again++
						isAgain(d, a)
					}
				}
			}
			if again == 0 {
				t.Error("nothing was paid again")
			}
		})
	}
}

// isAgain compares an entry of the trail with the payment it names.
func isAgain(d *storetest.District, a answers.ReconcileAgain) {
	d.T.Helper()
	n := d.Number(`SELECT count(*) FROM line l JOIN payment_file f USING (region, batch, file) JOIN batch b USING (region, batch)
		WHERE f.number = $1 AND l.seq = $2 AND l.name = $3 AND l.item = $4 AND l.month = $5 AND l.amount = $6 AND l.kind <> 3 AND b.state = 'approved'`,
		a.Number, a.Row, a.Name, a.Item, a.Month.First().Time(), int64(a.Due))
	if n != 1 {
		d.T.Errorf("%d lines for %+v", n, a)
	}
}

// trailOf are the entries of a trail in a few words.
func trailOf(r *answers.Reconciliation) []string {
	var all []string
	for _, a := range r.Trail {
		s := fmt.Sprintf("%s %s %s %s", a.Name, a.Kind, a.Amount, a.Reason)
		if a.Try > 0 {
			s += fmt.Sprintf(" → %d %s/%d %s %q %s", a.Try, a.Again.Month, a.Again.N, a.Again.State, a.Number, a.Due)
		}
		if a.Hold != 0 {
			s += " " + a.Hold.String()
		}
		if a.Answer != 0 {
			s += " " + a.Answer.String() + " " + a.Why
		}
		if a.Run {
			s += " 已运行"
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// TestReconcileTrail follows a failure through a hold, a batch in hand, a second failure
// and its end.
func TestReconcileTrail(t *testing.T) {
	t.Parallel()
	d, b := storetest.PaidDistrict(t)
	want := func(what string, expected ...string) {
		t.Helper()
		balances(d, storetest.At(10))
		d.Want(what, trailOf(reconciled(d, storetest.At(10))), expected...)
	}
	want("no answer")
	d.Answer(d.Row(b, "621942", "0000"), d.Row(b, "621943", "3031"), d.Row(b, "621944", "2000"))
	want("not run", "某1943 当月 70.00 户名不符")
	d.Run(storetest.At(11))
	want("held in a draft", "某1943 当月 70.00 户名不符 → 1 2026-11/1 open \"\" 70.00 账户无效 已运行")
	first := d.Approve(storetest.At(11))
	d.Send(storetest.At(11))
	want("held in a batch", "某1943 当月 70.00 户名不符 → 1 2026-11/1 approved \"\" 70.00 账户无效 已运行")

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200043"))))
	d.Run(storetest.At(11))
	want("in a draft to be paid", "某1943 当月 70.00 户名不符 → 1 2026-11/2 open \"\" 70.00 已运行")
	second := d.Approve(storetest.At(11))
	want("in a batch", "某1943 当月 70.00 户名不符 → 1 2026-11/2 approved \"140213-202611-MZ-2-001\" 70.00 已运行")
	d.Send(storetest.At(11))
	d.Answer(d.Row(second, "6200043", "3018"), d.Row(first, "621942", "0000"))
	failedAgain := "某1943 当月 70.00 户名不符 → 1 2026-11/2 approved \"140213-202611-MZ-2-001\" 70.00 失败 清户 已运行"
	want("failed again", failedAgain)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200044"))))
	d.Run(storetest.At(12))
	d.Approve(storetest.At(12))
	third := d.Send(storetest.At(12))
	want("in the third", failedAgain, "某1943 当月 70.00 户名不符 → 2 2026-12/1 approved \"140213-202612-MZ-1-001\" 70.00 已运行")
	d.Answer(d.Row(third, "6200044", "成功"))
	want("paid", failedAgain, "某1943 当月 70.00 户名不符 → 2 2026-12/1 approved \"140213-202612-MZ-1-001\" 70.00 成功 成功 已运行")
	for _, m := range []month.Month{storetest.At(11), storetest.At(12)} {
		balances(d, m)
	}
}

// TestReconcileNettedAgain: what failed is due again, and 扣回 of another month takes it.
func TestReconcileNettedAgain(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943)))
	for _, m := range []month.Month{storetest.At(9), storetest.At(10)} {
		d.Run(m)
		d.Approve(m)
	}
	b := d.Send(storetest.At(10))
	d.Answer(d.Row(b, "621943", "3031"))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943, storetest.PaidTo("6200043"), func(p *roster.Person) { p.MovedIn = storetest.Day(2026, 9, 15) })))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	balances(d, storetest.At(10))
	r := reconciled(d, storetest.At(10))
	d.Want("netted", trailOf(r), "某1943 当月 70.00 户名不符 → 1 2026-10/2 approved \"\" 70.00 已运行")
	if c := r.Cells[len(r.Cells)-1]; c.N != 2 || c.File != 0 || c.Lines != 2 || c.Listed != 0 || c.Payments != 0 {
		t.Errorf("got %+v", c)
	}
}

// TestReconcileIsOneBureau: months and bureaus without an approved batch have none, voided
// batches are listed with what voiding took back.
func TestReconcileIsOneBureau(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944)))
	d.Run(storetest.At(10))
	_, err := payments.Reconcile(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), "")
	storetest.Saying(t, err, fault.NotFound, "没有已审批的批次")
	d.Approve(storetest.At(10))
	d.VoidAndRepeat(storetest.At(10))
	r := reconciled(d, storetest.At(10))
	var got []string
	for _, b := range r.Batches {
		got = append(got, fmt.Sprint(b.N, " ", b.State, " ", b.Pays, " ", b.Settled, " ", b.Voided, " ", b.SentAt.IsZero(), " ", b.Reason))
	}
	d.Want("batches", got, "1 voided 70.00 70.00 -70.00 true 乙复核：重做；丙审批：重做", "2 approved 70.00 70.00 0.00 true ")
	balances(d, storetest.At(10))
	if len(r.Open) != 0 {
		t.Errorf("a batch that was not sent has open payments: %+v", r.Open)
	}
	all, err := payments.Reconcile(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), "")
	if err != nil || len(all) != 1 {
		t.Fatalf("got %+v, %v", all, err)
	}
	if diff := cmp.Diff(*r, all[0]); diff != "" {
		t.Errorf("the only bureau (-by name +all):\n%s", diff)
	}
	_, err = payments.Reconcile(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), "区人社局")
	storetest.Saying(t, err, fault.NotFound, "区人社局", "没有已审批的批次")
}

// TestReconcileFindsTampering: what somebody changes past the program is named.
func TestReconcileFindsTampering(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sql string
		wrong     []string // "seq item listed paid what"
	}{
		{"a payment", `UPDATE payment SET amount = amount + 1 WHERE seq = 2`, []string{"2 11 70.00 70.01 名单明细与付款金额不符"}},
		{"two payments that cancel out", `UPDATE payment SET amount = amount + CASE seq WHEN 1 THEN 1 ELSE -1 END WHERE seq < 3`,
			[]string{"1 11 70.00 70.01 名单明细与付款金额不符", "2 11 70.00 69.99 名单明细与付款金额不符"}},
		{"a line", `UPDATE line SET amount = amount - 1 WHERE seq = 3`, []string{"3 11 69.99 70.00 名单明细与付款金额不符"}},
		{"a line is another's", `UPDATE line SET seq = 1 WHERE seq = 2`,
			[]string{"1 11 140.00 70.00 名单明细与付款金额不符", "2 11 0.00 70.00 名单明细与付款金额不符"}},
		{"a line in no file", `UPDATE line SET file = NULL, seq = NULL WHERE seq = 4`,
			[]string{"0 11 70.00 0.00 名单明细与付款金额不符", "4 11 0.00 70.00 名单明细与付款金额不符"}},
		{"an answer for nobody", `INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
			SELECT region, batch, file, 77, 9, 1, '', '', 'x' FROM payment WHERE seq = 1`, []string{"77  0.00 0.00 回盘没有对应的付款"}},
		{"an answer for another account", `INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
			SELECT region, batch, file, seq, 9, 1, '', '', 'x' FROM payment WHERE seq = 1`, []string{"1 11 0.00 70.00 回盘的账号与付款不符"}},
		{"an answer before it was sent", `WITH gone AS (DELETE FROM batch_sent), unsent AS (UPDATE batch SET sent_rev = NULL)
			INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
			SELECT region, batch, file, seq, 9, 1, '', '', account FROM payment WHERE seq = 1`, []string{"1 11 0.00 70.00 没有登记送银行却有回盘"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, _ := storetest.PaidDistrict(t)
			balances(d, storetest.At(10))
			d.Exec(c.sql)
			var got []string
			for _, w := range reconciled(d, storetest.At(10)).Wrong {
				got = append(got, fmt.Sprint(w.Seq, " ", w.Item, " ", w.Listed, " ", w.Paid, " ", w.What))
			}
			d.Want("found", got, c.wrong...)
		})
	}
}
