package postgres_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// recover is what a user does about the debts of somebody born in a year.
func (d *district) recover(u approval.User, year int, amount money.Fen, with ...func(*postgres.RecoveryOrder)) postgres.RecoveryOrder {
	o := postgres.RecoveryOrder{Region: deskRegion, Pack: d.pack, ID: idOf(year), Amount: amount, User: u,
		By: journal.By{Actor: u.Name, Origin: "主机", At: deskNow, Reason: "家属退回现金"}}
	for _, f := range with {
		f(&o)
	}
	return o
}

func of(item string, m month.Month) func(*postgres.RecoveryOrder) {
	return func(o *postgres.RecoveryOrder) { o.Item, o.Month = item, m }
}

// collect records money and returns how it was shared, as "11 本人 2026-09 70.00".
func (d *district) collect(o postgres.RecoveryOrder) []string {
	d.t.Helper()
	done, err := d.db.Collect(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return sharesOf(done.Shares)
}

func sharesOf(shares []ledger.Share) []string {
	var all []string
	for _, s := range shares {
		all = append(all, fmt.Sprintf("%s %s %s %s", s.Item, s.Payee, s.Month, s.Amount))
	}
	return all
}

func (d *district) settleWaiver(u approval.User, n int, grant bool, reason string) (postgres.WaiverRequest, error) {
	return d.db.AnswerWaiver(d.t.Context(), postgres.WaiverAnswer{Region: deskRegion, Pack: d.pack, N: n, Grant: grant, User: u,
		By: journal.By{Actor: u.Name, Origin: "主机", At: deskNow, Reason: reason}})
}

// waived asks for a waiver and has it confirmed.
func (d *district) waived(o postgres.RecoveryOrder) {
	d.t.Helper()
	w, err := d.db.AskWaiver(d.t.Context(), o)
	if err == nil {
		_, err = d.settleWaiver(approver, w.N, true, "")
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// deadSinceAugust is a district where somebody was paid for September and October who
// had died in August, and somebody else is paid.
func deadSinceAugust(t *testing.T) *district {
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943)))
	for m := 8; m <= 10; m++ {
		d.run(at(m))
		d.approve(at(m))
	}
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20)))))
	return d
}

func TestCollect(t *testing.T) {
	t.Parallel()
	d := deadSinceAugust(t)
	d.want("before any run knows of it", d.register())
	d.want("shares", d.collect(d.recover(clerk, 1944, 10000)), "11 本人 2026-09 70.00", "11 本人 2026-10 30.00")
	d.run(at(11))
	d.want("what is left", d.register(), "某1944 11 本人 2026-10 40.00")
	d.want("lines", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00")

	_, err := d.db.Collect(t.Context(), d.recover(clerk, 1944, 4001))
	saying(t, err, fault.Refused, "某1944", "未收回的只有 40.00 元，不能登记 40.01 元")
	done, err := d.db.Collect(t.Context(), d.recover(approver, 1944, 1500, of("11", at(10))))
	if err != nil || done.Left != 2500 || !done.Stale {
		t.Errorf("%+v, %v", done, err)
	}
	d.want("the register knows at once", d.register(), "某1944 11 本人 2026-10 25.00")
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '登记收回' AND reason = '家属退回现金' AND actor IN ('甲经办', '丙审批')`); n != 2 {
		t.Errorf("%d entries in the journal", n)
	}
	_, err = d.trySubmit(at(11))
	saying(t, err, fault.Refused, "请重新运行")
	d.run(at(11))
	d.approve(at(11))
	d.collect(d.recover(clerk, 1944, 2500))
	d.want("all collected", d.register())
	d.run(at(12))
	d.want("nothing comes back", d.lines(d.batch(at(12))), "某1943 11 本人 2026-12 当月 70.00")
}

func (d *district) trySubmit(m month.Month) (payrun.Batch, error) {
	s := by(clerk, "核对无误")
	s.Month = m
	return d.db.Submit(d.t.Context(), s, postgres.Submission{AcknowledgeAll: true, Judge: agrees})
}

func TestCollectRefusals(t *testing.T) {
	t.Parallel()
	d := deadSinceAugust(t)
	other := approval.User{Name: "人社经办", Post: approval.Clerk, Bureau: "区人社局", Active: true}
	d.addUser(other)
	before := d.number(`SELECT head FROM region`)
	for name, c := range map[string]struct {
		order postgres.RecoveryOrder
		code  fault.Code
		says  string
	}{
		"nothing":            {d.recover(clerk, 1944, 0), fault.Invalid, "应大于 0"},
		"below zero":         {d.recover(clerk, 1944, -100), fault.Invalid, "应大于 0"},
		"no debts":           {d.recover(clerk, 1943, 100), fault.Refused, "没有未收回的多发款项"},
		"not that month":     {d.recover(clerk, 1944, 100, of("11", at(8))), fault.Refused, "项目 11 2026年8月没有未收回的多发款项"},
		"too much for it":    {d.recover(clerk, 1944, 7001, of("11", at(9))), fault.Refused, "只有 70.00 元"},
		"nobody":             {d.recover(clerk, 1950, 100), fault.NotFound, "没有身份证号"},
		"no such item":       {d.recover(clerk, 1944, 100, of("99", at(9))), fault.NotFound, "没有项目"},
		"other payee":        {d.recover(clerk, 1944, 100, func(o *postgres.RecoveryOrder) { o.Payee = "甲院" }), fault.Refused, "付给甲院没有"},
		"other bureau":       {d.recover(other, 1944, 100), fault.Refused, "没有未收回的多发款项"},
		"other bureau, item": {d.recover(other, 1944, 100, of("11", at(9))), fault.Denied, "由区民政局发放"},
		"manager":            {d.recover(manager, 1944, 100), fault.Denied, "岗位是管理，不能登记收回"},
		"no reason":          {d.recover(clerk, 1944, 100, func(o *postgres.RecoveryOrder) { o.By.Reason = " " }), fault.Invalid, "必须写明理由"},
	} {
		_, err := d.db.Collect(t.Context(), c.order)
		if err == nil {
			t.Fatalf("%s: not refused", name)
		}
		saying(t, err, c.code, c.says)
	}
	if d.number(`SELECT head FROM region`) != before {
		t.Error("a refusal left something behind")
	}
}

// Money that came in is paid back by the difference when the person turns out to be
// entitled; what was waived is not paid twice.
func TestEntitledAfterAll(t *testing.T) {
	t.Parallel()
	d := deadSinceAugust(t)
	d.run(at(11))
	d.approve(at(11))
	d.collect(d.recover(clerk, 1944, 5000, of("11", at(9))))
	d.waived(d.recover(clerk, 1944, 7000, of("11", at(10))))
	d.want("what is left", d.register(), "某1944 11 本人 2026-09 20.00")
	d.run(at(12))
	d.want("and by the run", d.register(), "某1944 11 本人 2026-09 20.00")

	d.learn(newSheet(everyColumn).people(resident(1944))) // a mistake: alive
	d.run(at(12))
	d.want("paid back", d.lines(d.batch(at(12))), "某1943 11 本人 2026-12 当月 70.00",
		"某1944 11 本人 2026-09 补发 50.00", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00")
	d.want("nothing is open", d.register())
	d.approve(at(12))

	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20))))) // no, it was true
	d.run(at(12))
	d.want("what was waived stays waived", d.register(),
		"某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-11 70.00", "某1944 11 本人 2026-12 70.00")
}

func TestWaive(t *testing.T) {
	t.Parallel()
	d := deadSinceAugust(t)
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: deskBureau, Active: true}
	d.addUser(second)
	ask := func(u approval.User, amount money.Fen, m int) (postgres.WaiverRequest, error) {
		return d.db.AskWaiver(t.Context(), d.recover(u, 1944, amount, of("11", at(m))))
	}
	_, err := d.db.AskWaiver(t.Context(), d.recover(clerk, 1944, 100))
	saying(t, err, fault.Invalid, "哪个项目")
	_, err = ask(clerk, 7001, 9)
	saying(t, err, fault.Refused, "只有 70.00 元")
	w, err := ask(approver, 3000, 9)
	if err != nil || w.N != 1 || w.State != postgres.WaiverPending {
		t.Fatalf("%+v, %v", w, err)
	}
	d.want("asking waives nothing", []string{fmt.Sprint(d.number(`SELECT count(*) FROM waiver`))}, "0")
	_, err = ask(clerk, 100, 9)
	saying(t, err, fault.Refused, "已有第 1 号核销申请")
	_, err = d.settleWaiver(approver, 1, true, "")
	saying(t, err, fault.Denied, "必须由另一位审批岗位的人确认")
	_, err = d.settleWaiver(clerk, 1, true, "")
	saying(t, err, fault.Denied, "岗位是经办")
	_, err = d.settleWaiver(second, 2, true, "")
	saying(t, err, fault.NotFound, "没有第 2 号")
	if w, err = d.settleWaiver(second, 1, true, ""); err != nil || w.State != postgres.WaiverGranted {
		t.Fatalf("%+v, %v", w, err)
	}
	_, err = d.settleWaiver(second, 1, false, "不同意")
	saying(t, err, fault.Refused, "第 1 号核销申请已核销（戊审批），不能再办理")
	if n := d.number(`SELECT count(*) FROM waiver WHERE actor = '丙审批' AND approver = '戊审批' AND amount = 3000 AND reason = '家属退回现金'`); n != 1 {
		t.Errorf("%d waivers", n)
	}
	// Less is open when it comes to confirming.
	if w, err = ask(clerk, 4000, 9); err != nil || w.N != 2 {
		t.Fatal(w, err)
	}
	d.collect(d.recover(clerk, 1944, 100, of("11", at(9))))
	_, err = d.settleWaiver(approver, 2, true, "")
	saying(t, err, fault.Refused, "现在未收回的只有 39.00 元")
	_, err = d.settleWaiver(approver, 2, false, "")
	saying(t, err, fault.Invalid, "必须写明理由")
	_, err = d.settleWaiver(reviewer, 2, false, "不同意")
	saying(t, err, fault.Denied, "由审批岗位办理")
	if w, err = d.settleWaiver(clerk, 2, false, "写错了"); err != nil || w.State != postgres.WaiverRefused {
		t.Fatal(w, err)
	}
	d.run(at(11))
	d.want("register", d.register(), "某1944 11 本人 2026-09 39.00", "某1944 11 本人 2026-10 70.00")
	all, err := d.db.WaiverRequests(t.Context(), deskRegion)
	if err != nil || len(all) != 2 || all[0].State != postgres.WaiverGranted || all[1].Why != "写错了" {
		t.Errorf("%+v, %v", all, err)
	}
}

// The schema alone would not let one person waive.
func TestOneCannotWaive(t *testing.T) {
	t.Parallel()
	d := deadSinceAugust(t)
	w, err := d.db.AskWaiver(t.Context(), d.recover(approver, 1944, 3000, of("11", at(9))))
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO waiver_answer (region, n, rev, granted, asked, actor, reason) VALUES (140213, $1, 9, true, '丙审批', '丙审批', '')`,
		`INSERT INTO waiver_answer (region, n, rev, granted, asked, actor, reason) VALUES (140213, $1, 9, true, '甲经办', '丙审批', '')`,
	} {
		if _, err := d.owner.Exec(t.Context(), sql, w.N); err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}

// A debt that a batch in signing nets, or a month that it pays, is left alone until the
// batch is approved or returned; others go on, and the batch too.
func TestRecoveryWhileSigning(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943)))
	for m := 8; m <= 10; m++ {
		d.run(at(m))
		d.approve(at(m))
	}
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20))),
		resident(1943, func(p *roster.Person) { p.MovedOut, p.MovedIn = day(2026, 8, 20), day(2026, 9, 20) }))) // September for nothing
	d.run(at(11))
	d.want("netted", d.lines(d.batch(at(11))), "某1943 11 本人 2026-09 扣回 -70.00 从11", "某1943 11 本人 2026-11 当月 70.00")
	w, err := d.db.AskWaiver(t.Context(), d.recover(clerk, 1943, 1000, of("11", at(9))))
	if err != nil {
		t.Fatal(err)
	}
	d.signTo(at(11), deskBureau, payrun.Submitted)
	_, err = d.db.Collect(t.Context(), d.recover(clerk, 1943, 7000))
	saying(t, err, fault.Refused, "区民政局2026年11月第1批正在签批", "某1943")
	_, err = d.settleWaiver(approver, w.N, true, "")
	saying(t, err, fault.Refused, "正在签批")
	d.want("another debt", d.collect(d.recover(clerk, 1944, 7000)), "11 本人 2026-09 70.00")
	d.waived(d.recover(clerk, 1944, 7000, of("11", at(10))))
	s := by(reviewer, "核对无误")
	s.Month = at(11)
	if _, err := d.db.Review(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	s = by(approver, "核对无误")
	s.Month = at(11)
	if _, err := d.db.Approve(t.Context(), s, d.payOrder(deskBureau)); err != nil {
		t.Fatal(err)
	}
	_, err = d.settleWaiver(approver, w.N, true, "")
	saying(t, err, fault.Refused, "没有未收回的多发款项")
	d.run(at(12))
	d.want("nothing twice", d.lines(d.batch(at(12))), "某1943 11 本人 2026-12 当月 70.00")
	d.want("register", d.register())
}

func TestRecoveryRegister(t *testing.T) {
	t.Parallel()
	d := deadSinceAugust(t)
	d.run(at(11))
	d.approve(at(11))
	d.collect(d.recover(clerk, 1944, 1000))
	d.waived(d.recover(clerk, 1944, 500, of("11", at(10))))
	done, err := d.db.Agree(t.Context(), d.recover(clerk, 1944, 0), ledger.Plan{Sum: 12000, First: at(11), Months: 4})
	if err != nil {
		t.Fatal(err)
	}
	d.want("agreed about", sharesOf(done.Shares), "11 本人 2026-09 60.00", "11 本人 2026-10 60.00")
	rows := func(now int) []string {
		t.Helper()
		owed, err := d.db.RecoveryRegister(t.Context(), deskRegion, d.pack, at(now))
		if err != nil {
			t.Fatal(err)
		}
		sums, err := d.db.RegisterSums(t.Context(), deskRegion, d.pack, at(now))
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
	d.want("register", rows(12),
		"某1944 2026-09 60.00: 2026-09 至 2026-10 收 10.00 销 0.00 逾期 30.00 "+plan,
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 0.00 "+plan)
	d.collect(d.recover(clerk, 1944, 3500))
	d.want("ahead of it", rows(12),
		"某1944 2026-09 25.00: 2026-09 至 2026-10 收 45.00 销 0.00 逾期 0.00 "+plan,
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 0.00 "+plan)
	d.want("a year later", rows(24),
		"某1944 2026-09 25.00: 2026-09 至 2026-10 收 45.00 销 0.00 逾期 25.00 "+plan,
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 60.00 "+plan)
	if _, err := d.db.EndPlan(t.Context(), d.recover(clerk, 1944, 0)); err != nil {
		t.Fatal(err)
	}
	d.want("ended", rows(24),
		"某1944 2026-09 25.00: 2026-09 至 2026-10 收 45.00 销 0.00 逾期 0.00 ",
		"某1944 2026-10 65.00: 2026-09 至 2026-10 收 0.00 销 5.00 逾期 0.00 ")
	_, err = d.db.EndPlan(t.Context(), d.recover(clerk, 1944, 0))
	saying(t, err, fault.NotFound, "没有与区民政局约定分期还款")
	_, err = d.db.Agree(t.Context(), d.recover(clerk, 1944, 0), ledger.Plan{Sum: 9001, First: at(11), Months: 4})
	saying(t, err, fault.Refused, "未收回的只有 90.00 元")
	_, err = d.db.Agree(t.Context(), d.recover(clerk, 1944, 0), ledger.Plan{Sum: 9000, First: at(11)})
	saying(t, err, fault.Invalid, "期数")
}
