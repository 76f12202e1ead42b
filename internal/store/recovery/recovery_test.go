package recovery_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/recovery"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

func TestCollect(t *testing.T) {
	t.Parallel()
	d := storetest.DeadSinceAugust(t)
	d.Want("before any run knows of it", d.Register())
	d.Want("shares", d.Collect(d.Recover(storetest.Clerk, 1944, 10000)), "11 本人 2026-09 70.00", "11 本人 2026-10 30.00")
	d.Run(storetest.At(11))
	d.Want("what is left", d.Register(), "某1944 11 本人 2026-10 40.00")
	d.Want("lines", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00")

	_, err := recovery.Collect(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 4001))
	storetest.Saying(t, err, fault.Refused, "某1944", "未收回的只有 40.00 元，不能登记 40.01 元")
	done, err := recovery.Collect(t.Context(), d.Db, d.Recover(storetest.Approver, 1944, 1500, storetest.Of("11", storetest.At(10))))
	if err != nil || done.Left != 2500 || !done.Stale {
		t.Errorf("%+v, %v", done, err)
	}
	d.Want("the register knows at once", d.Register(), "某1944 11 本人 2026-10 25.00")
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '登记收回' AND reason = '家属退回现金' AND actor IN ('甲经办', '丙审批')`); n != 2 {
		t.Errorf("%d entries in the journal", n)
	}
	_, err = d.TrySubmit(storetest.At(11))
	storetest.Saying(t, err, fault.Refused, "请重新运行")
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	d.Collect(d.Recover(storetest.Clerk, 1944, 2500))
	d.Want("all collected", d.Register())
	d.Run(storetest.At(12))
	d.Want("nothing comes back", d.Lines(d.Batch(storetest.At(12))), "某1943 11 本人 2026-12 当月 70.00")
}

func TestCollectRefusals(t *testing.T) {
	t.Parallel()
	d := storetest.DeadSinceAugust(t)
	other := approval.User{Name: "人社经办", Post: approval.Clerk, Bureau: "区人社局", Active: true}
	d.AddUser(other)
	before := d.Number(`SELECT head FROM region`)
	for name, c := range map[string]struct {
		order recovery.Order
		code  fault.Code
		says  string
	}{
		"nothing":            {d.Recover(storetest.Clerk, 1944, 0), fault.Invalid, "应大于 0"},
		"below zero":         {d.Recover(storetest.Clerk, 1944, -100), fault.Invalid, "应大于 0"},
		"no debts":           {d.Recover(storetest.Clerk, 1943, 100), fault.Refused, "没有未收回的多发款项"},
		"not that month":     {d.Recover(storetest.Clerk, 1944, 100, storetest.Of("11", storetest.At(8))), fault.Refused, "项目 11 2026年8月没有未收回的多发款项"},
		"too much for it":    {d.Recover(storetest.Clerk, 1944, 7001, storetest.Of("11", storetest.At(9))), fault.Refused, "只有 70.00 元"},
		"nobody":             {d.Recover(storetest.Clerk, 1950, 100), fault.NotFound, "没有身份证号"},
		"no such item":       {d.Recover(storetest.Clerk, 1944, 100, storetest.Of("99", storetest.At(9))), fault.NotFound, "没有项目"},
		"other payee":        {d.Recover(storetest.Clerk, 1944, 100, func(o *recovery.Order) { o.Payee = "甲院" }), fault.Refused, "付给甲院没有"},
		"other bureau":       {d.Recover(other, 1944, 100), fault.Refused, "没有未收回的多发款项"},
		"other bureau, item": {d.Recover(other, 1944, 100, storetest.Of("11", storetest.At(9))), fault.Denied, "由区民政局发放"},
		"manager":            {d.Recover(storetest.Manager, 1944, 100), fault.Denied, "岗位是管理，不能登记收回"},
		"no reason":          {d.Recover(storetest.Clerk, 1944, 100, func(o *recovery.Order) { o.By.Reason = " " }), fault.Invalid, "必须写明理由"},
	} {
		_, err := recovery.Collect(t.Context(), d.Db, c.order)
		if err == nil {
			t.Fatalf("%s: not refused", name)
		}
		storetest.Saying(t, err, c.code, c.says)
	}
	if d.Number(`SELECT head FROM region`) != before {
		t.Error("a refusal left something behind")
	}
}

// Money that came in is paid back by the difference when the person turns out to be
// entitled; what was waived is not paid twice.
func TestEntitledAfterAll(t *testing.T) {
	t.Parallel()
	d := storetest.DeadSinceAugust(t)
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	d.Collect(d.Recover(storetest.Clerk, 1944, 5000, storetest.Of("11", storetest.At(9))))
	d.Waived(d.Recover(storetest.Clerk, 1944, 7000, storetest.Of("11", storetest.At(10))))
	d.Want("what is left", d.Register(), "某1944 11 本人 2026-09 20.00")
	d.Run(storetest.At(12))
	d.Want("and by the run", d.Register(), "某1944 11 本人 2026-09 20.00")

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944))) // a mistake: alive
	d.Run(storetest.At(12))
	d.Want("paid back", d.Lines(d.Batch(storetest.At(12))), "某1943 11 本人 2026-12 当月 70.00",
		"某1944 11 本人 2026-09 补发 50.00", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00")
	d.Want("nothing is open", d.Register())
	d.Approve(storetest.At(12))

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20))))) // no, it was true
	d.Run(storetest.At(12))
	d.Want("what was waived stays waived", d.Register(),
		"某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-11 70.00", "某1944 11 本人 2026-12 70.00")
}

func TestWaive(t *testing.T) {
	t.Parallel()
	d := storetest.DeadSinceAugust(t)
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: storetest.DeskBureau, Active: true}
	d.AddUser(second)
	ask := func(u approval.User, amount money.Fen, m int) (recovery.WaiverRequest, error) {
		return recovery.AskWaiver(t.Context(), d.Db, d.Recover(u, 1944, amount, storetest.Of("11", storetest.At(m))))
	}
	_, err := recovery.AskWaiver(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 100))
	storetest.Saying(t, err, fault.Invalid, "哪个项目")
	_, err = ask(storetest.Clerk, 7001, 9)
	storetest.Saying(t, err, fault.Refused, "只有 70.00 元")
	w, err := ask(storetest.Approver, 3000, 9)
	if err != nil || w.N != 1 || w.State != recovery.WaiverPending {
		t.Fatalf("%+v, %v", w, err)
	}
	d.Want("asking waives nothing", []string{fmt.Sprint(d.Number(`SELECT count(*) FROM waiver`))}, "0")
	_, err = ask(storetest.Clerk, 100, 9)
	storetest.Saying(t, err, fault.Refused, "已有第 1 号核销申请")
	_, err = d.SettleWaiver(storetest.Approver, 1, true, "")
	storetest.Saying(t, err, fault.Denied, "必须由另一位审批岗位的人确认")
	_, err = d.SettleWaiver(storetest.Clerk, 1, true, "")
	storetest.Saying(t, err, fault.Denied, "岗位是经办")
	_, err = d.SettleWaiver(second, 2, true, "")
	storetest.Saying(t, err, fault.NotFound, "没有第 2 号")
	if w, err = d.SettleWaiver(second, 1, true, ""); err != nil || w.State != recovery.WaiverGranted {
		t.Fatalf("%+v, %v", w, err)
	}
	_, err = d.SettleWaiver(second, 1, false, "不同意")
	storetest.Saying(t, err, fault.Refused, "第 1 号核销申请已核销（戊审批），不能再办理")
	if n := d.Number(`SELECT count(*) FROM waiver WHERE actor = '丙审批' AND approver = '戊审批' AND amount = 3000 AND reason = '家属退回现金'`); n != 1 {
		t.Errorf("%d waivers", n)
	}
	// Less is open when it comes to confirming.
	if w, err = ask(storetest.Clerk, 4000, 9); err != nil || w.N != 2 {
		t.Fatal(w, err)
	}
	d.Collect(d.Recover(storetest.Clerk, 1944, 100, storetest.Of("11", storetest.At(9))))
	_, err = d.SettleWaiver(storetest.Approver, 2, true, "")
	storetest.Saying(t, err, fault.Refused, "现在未收回的只有 39.00 元")
	_, err = d.SettleWaiver(storetest.Approver, 2, false, "")
	storetest.Saying(t, err, fault.Invalid, "必须写明理由")
	_, err = d.SettleWaiver(storetest.Reviewer, 2, false, "不同意")
	storetest.Saying(t, err, fault.Denied, "由审批岗位办理")
	if w, err = d.SettleWaiver(storetest.Clerk, 2, false, "写错了"); err != nil || w.State != recovery.WaiverRefused {
		t.Fatal(w, err)
	}
	d.Run(storetest.At(11))
	d.Want("register", d.Register(), "某1944 11 本人 2026-09 39.00", "某1944 11 本人 2026-10 70.00")
	all, err := recovery.WaiverRequests(t.Context(), d.Db, storetest.DeskRegion)
	if err != nil || len(all) != 2 || all[0].State != recovery.WaiverGranted || all[1].Why != "写错了" {
		t.Errorf("%+v, %v", all, err)
	}
}

// The schema alone would not let one person waive.
func TestOneCannotWaive(t *testing.T) {
	t.Parallel()
	d := storetest.DeadSinceAugust(t)
	w, err := recovery.AskWaiver(t.Context(), d.Db, d.Recover(storetest.Approver, 1944, 3000, storetest.Of("11", storetest.At(9))))
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO waiver_answer (region, n, rev, granted, asked, actor, reason) VALUES (140213, $1, 9, true, '丙审批', '丙审批', '')`,
		`INSERT INTO waiver_answer (region, n, rev, granted, asked, actor, reason) VALUES (140213, $1, 9, true, '甲经办', '丙审批', '')`,
	} {
		if _, err := d.Owner.Exec(t.Context(), sql, w.N); err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}

// A debt that a batch in signing nets, or a month that it pays, is left alone until the
// batch is approved or returned; others go on, and the batch too.
func TestRecoveryWhileSigning(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943)))
	for m := 8; m <= 10; m++ {
		d.Run(storetest.At(m))
		d.Approve(storetest.At(m))
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20))),
		storetest.Resident(1943, func(p *roster.Person) { p.MovedOut, p.MovedIn = storetest.Day(2026, 8, 20), storetest.Day(2026, 9, 20) }))) // September for nothing
	d.Run(storetest.At(11))
	d.Want("netted", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-09 扣回 -70.00 从11", "某1943 11 本人 2026-11 当月 70.00")
	w, err := recovery.AskWaiver(t.Context(), d.Db, d.Recover(storetest.Clerk, 1943, 1000, storetest.Of("11", storetest.At(9))))
	if err != nil {
		t.Fatal(err)
	}
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted)
	_, err = recovery.Collect(t.Context(), d.Db, d.Recover(storetest.Clerk, 1943, 7000))
	storetest.Saying(t, err, fault.Refused, "区民政局2026年11月第1批正在签批", "某1943")
	_, err = d.SettleWaiver(storetest.Approver, w.N, true, "")
	storetest.Saying(t, err, fault.Refused, "正在签批")
	d.Want("another debt", d.Collect(d.Recover(storetest.Clerk, 1944, 7000)), "11 本人 2026-09 70.00")
	d.Waived(d.Recover(storetest.Clerk, 1944, 7000, storetest.Of("11", storetest.At(10))))
	s := storetest.By(storetest.Reviewer, "核对无误")
	s.Month = storetest.At(11)
	if _, err := signing.Review(t.Context(), d.Db, s); err != nil {
		t.Fatal(err)
	}
	s = storetest.By(storetest.Approver, "核对无误")
	s.Month = storetest.At(11)
	if _, err := signing.Approve(t.Context(), d.Db, s, d.PayOrder(storetest.DeskBureau)); err != nil {
		t.Fatal(err)
	}
	_, err = d.SettleWaiver(storetest.Approver, w.N, true, "")
	storetest.Saying(t, err, fault.Refused, "没有未收回的多发款项")
	d.Run(storetest.At(12))
	d.Want("nothing twice", d.Lines(d.Batch(storetest.At(12))), "某1943 11 本人 2026-12 当月 70.00")
	d.Want("register", d.Register())
}

func TestRecoveryRegister(t *testing.T) {
	t.Parallel()
	d := storetest.DeadSinceAugust(t)
	d.Run(storetest.At(11))
	d.Approve(storetest.At(11))
	d.Collect(d.Recover(storetest.Clerk, 1944, 1000))
	d.Waived(d.Recover(storetest.Clerk, 1944, 500, storetest.Of("11", storetest.At(10))))
	done, err := recovery.Agree(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 0), ledger.Plan{Sum: 12000, First: storetest.At(11), Months: 4})
	if err != nil {
		t.Fatal(err)
	}
	d.Want("agreed about", storetest.SharesOf(done.Shares), "11 本人 2026-09 60.00", "11 本人 2026-10 60.00")
	rows := func(now int) []string {
		t.Helper()
		owed, err := recovery.RegisterWithStatus(t.Context(), d.Db, storetest.DeskRegion, d.Pack, storetest.At(now))
		if err != nil {
			t.Fatal(err)
		}
		sums, err := recovery.RegisterSums(t.Context(), d.Db, storetest.DeskRegion, d.Pack, storetest.At(now))
		if err != nil {
			t.Fatal(err)
		}
		plain := slices.Clone(owed)
		for i := range plain {
			plain[i].Stop, plain[i].Last = 0, 0
		}
		if diff := cmp.Diff(plain, sums); diff != "" {
			t.Errorf("the sums are not the register's:\n%s", diff)
		}
		var all []string
		for _, o := range owed {
			all = append(all, fmt.Sprintf("%s %s %s: %s 至 %s 收 %s 销 %s 逾期 %s %s", o.Name, o.Month, o.Amount, o.Stop, o.Last, o.Collected, o.Waived, o.Overdue, o.Plan))
		}
		return all
	}
	const plan = "2026-11 起 4 期，每期 30.00 元"
	d.Want("register", rows(12),
		"某1944 2026-09 60.00: 2026-09 至 2026-10 收 10.00 销 0.00 逾期 30.00 "+plan,
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 0.00 "+plan)
	d.Collect(d.Recover(storetest.Clerk, 1944, 3500))
	d.Want("ahead of it", rows(12),
		"某1944 2026-09 25.00: 2026-09 至 2026-10 收 45.00 销 0.00 逾期 0.00 "+plan,
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 0.00 "+plan)
	d.Want("a year later", rows(24),
		"某1944 2026-09 25.00: 2026-09 至 2026-10 收 45.00 销 0.00 逾期 25.00 "+plan,
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 60.00 "+plan)
	if _, err := recovery.EndPlan(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 0)); err != nil {
		t.Fatal(err)
	}
	d.Want("ended", rows(24),
		"某1944 2026-09 25.00: 2026-09 至 2026-10 收 45.00 销 0.00 逾期 0.00 ",
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 0.00 ")
	_, err = recovery.EndPlan(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 0))
	storetest.Saying(t, err, fault.NotFound, "没有与区民政局约定分期还款")
	_, err = recovery.Agree(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 0), ledger.Plan{Sum: 9001, First: storetest.At(11), Months: 4})
	storetest.Saying(t, err, fault.Refused, "未收回的只有 90.00 元")
	_, err = recovery.Agree(t.Context(), d.Db, d.Recover(storetest.Clerk, 1944, 0), ledger.Plan{Sum: 9000, First: storetest.At(11)})
	storetest.Saying(t, err, fault.Invalid, "期数")
}
