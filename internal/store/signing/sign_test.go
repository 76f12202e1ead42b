package signing_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

func TestApprovalFromClerkToPayments(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	drafted := d.Draft(storetest.Line(1, "11"), storetest.Line(2, "11", held(payrun.Undecided)), storetest.Line(3, "11", earlier(1, 5000)))
	d.Exec(`INSERT INTO debt (region, batch, person, item, payee, month, amount, id_number, name, street)
		VALUES ($1, $2, 9, '11', '本人', '2026-10-01', 700, '', '', '')`, storetest.DeskRegion, drafted.Number)
	finding(d, drafted, "甲", 2, "疑点")
	finding(d, drafted, "乙", 4, "提示")

	want := drafted
	want.Opening = storetest.DeskMonth.Add(-1)
	for _, step := range []struct {
		state payrun.State
		do    func() (payrun.Batch, error)
	}{{payrun.Submitted, d.Submit}, {payrun.Reviewed, d.Review}, {payrun.Approved, d.Approve}} {
		got, err := step.do()
		want.State = step.state
		if err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
		stored, err := batches.Latest(t.Context(), d.Db, storetest.DeskRegion, storetest.DeskMonth, storetest.DeskBureau)
		if err != nil || stored != want {
			t.Fatalf("stored %+v, %v, want %+v", stored, err, want)
		}
	}
	signed, err := batches.Signatures(t.Context(), d.Db, storetest.DeskRegion, drafted.Number)
	if err != nil {
		t.Fatal(err)
	}
	wantSigned := []approval.Signature{
		{Batch: drafted.Number, Round: 1, Post: approval.Clerk, Actor: storetest.Clerk.Name, At: storetest.DeskNow, Rev: 1, Digest: drafted.Digest},
		{Batch: drafted.Number, Round: 1, Post: approval.Reviewer, Actor: storetest.Reviewer.Name, At: storetest.DeskNow, Rev: 2, Digest: drafted.Digest},
		{Batch: drafted.Number, Round: 1, Post: approval.Approver, Actor: storetest.Approver.Name, At: storetest.DeskNow, Rev: 3, Digest: drafted.Digest},
	}
	if diff := cmp.Diff(wantSigned, signed, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("signatures (-want +got):\n%s", diff)
	}
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM draft_line`: 0,
		`SELECT count(*) FROM line`:       3,
		`SELECT count(*) FROM debt`:       1,
		`SELECT count(*) FROM ledger WHERE kind = 1 AND rev = 3 AND batch = 1 AND amount IN (7000, 5000)`: 2,
		`SELECT approved_rev FROM batch`: 3,
		`SELECT count(*) FROM journal WHERE action = '审批批次' AND actor = '丙审批' AND subject = '区民政局2026年11月第1批'`: 1,
	} {
		if got := d.Number(sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
	if got := d.Digest(drafted, "line"); got != drafted.Digest {
		t.Error("the lines that are kept have another digest than what was signed")
	}
	if err := storetest.VerifyChain(t.Context(), d.Db, storetest.DeskRegion); err != nil {
		t.Error(err)
	}
	all, err := batches.OfMonth(t.Context(), d.Db, storetest.DeskRegion, storetest.DeskMonth)
	if err != nil || len(all) != 1 || all[0] != want {
		t.Errorf("batches: %+v, %v", all, err)
	}
}

func TestDigests(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"), storetest.Line(2, "11"))
	digests := func() (draft, final string) {
		t.Helper()
		err := d.Db.ReadRegion(t.Context(), storetest.DeskRegion, func(scope postgres.Scope) (err error) {
			now, err := batches.ByNumber(t.Context(), scope, b.Number)
			if err != nil {
				return err
			}
			if draft, err = batches.LinesDigest(t.Context(), scope.Tx, batches.DraftLines, storetest.DeskRegion, now); err != nil {
				return err
			}
			final, err = batches.LinesDigest(t.Context(), scope.Tx, batches.FinalLines, storetest.DeskRegion, now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return draft, final
	}
	empty := d.Digest(b, "line")
	if draft, final := digests(); draft != b.Digest || final != empty || draft == final {
		t.Errorf("before: got %s, %s, want %s, %s", draft, final, b.Digest, empty)
	}
	d.UpTo(payrun.Approved)
	if draft, final := digests(); draft != empty || final != b.Digest {
		t.Errorf("after: got %s, %s, want %s, %s", draft, final, empty, b.Digest)
	}
}

func TestSubmitRefusals(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"), storetest.Line(2, "11"))
	restore := keep(d)
	differs := func(context.Context, int32) ([]string, error) {
		return []string{"某人1 项目11 2026年11月 70.00 对 80.00"}, nil
	}
	for name, c := range map[string]struct {
		spoil  func(*storetest.Desk, payrun.Batch)
		with   signing.Submission
		as     approval.User
		reason string
		code   fault.Code
		says   string
	}{
		"blocking finding": {spoil: func(d *storetest.Desk, b payrun.Batch) {
			finding(d, b, "甲", 1, "身份证号校验不通过：某人1")
		},
			code: fault.Refused, says: "1 项错误，改正并重新运行后才能提交，第一项：身份证号校验不通过"},
		"acknowledging does not lift a block": {spoil: func(d *storetest.Desk, b payrun.Batch) { finding(d, b, "甲", 1, "错") },
			with: signing.Submission{AcknowledgeAll: true}, reason: "已看", code: fault.Refused, says: "1 项错误"},
		"not acknowledged": {spoil: func(d *storetest.Desk, b payrun.Batch) { finding(d, b, "甲", 3, "账户变更") },
			code: fault.Refused, says: "1 项检查结果须先确认"},
		"acknowledged without a reason": {spoil: func(d *storetest.Desk, b payrun.Batch) { finding(d, b, "甲", 3, "账户变更") },
			with: signing.Submission{AcknowledgeAll: true}, reason: " ", code: fault.Invalid, says: "必须写明理由"},
		"judge differs": {with: signing.Submission{Judge: differs}, code: fault.Refused, says: "1 处不一致，不能提交，请联系维护人员：某人1 项目11"},
		"changed line": {spoil: func(d *storetest.Desk, b payrun.Batch) { d.Exec(`UPDATE draft_line SET name = '别人'`) },
			code: fault.Refused, says: "明细与运行时的摘要不一致"},
		"changed total": {spoil: func(d *storetest.Desk, b payrun.Batch) { d.Exec(`UPDATE batch SET pays = pays + 1`) },
			code: fault.Refused, says: "批次合计为 明细 2 条 2 人 发放 140.01 元"},
		"changed item's total": {spoil: func(d *storetest.Desk, b payrun.Batch) {
			d.Exec(`UPDATE batch_item SET arrears = arrears + 1, current = current - 1`)
		},
			code: fault.Refused, says: "项目 11 的合计与明细不符"},
		"wrong post":       {as: storetest.Reviewer, code: fault.Denied, says: "岗位是复核，不能提交"},
		"manager":          {as: storetest.Manager, code: fault.Denied, says: "其他岗位不能代替"},
		"unknown user":     {as: approval.User{Name: "无此人", Post: approval.Clerk, Bureau: storetest.DeskBureau, Active: true}, code: fault.NotFound, says: "没有用户“无此人”"},
		"closed meanwhile": {spoil: func(d *storetest.Desk, _ payrun.Batch) { d.Exec(`UPDATE account_user SET active = false`) }, code: fault.Denied, says: "已停用"},
		"moved meanwhile": {spoil: func(d *storetest.Desk, _ payrun.Batch) { d.Exec(`UPDATE account_user SET bureau = '区人社局'`) },
			code: fault.Denied, says: "属于区人社局"},
		"another batch approved since": {spoil: func(d *storetest.Desk, b payrun.Batch) { approvedSince(d) }, code: fault.Refused, says: "又有批次审批通过，金额已经过时，请重新运行"},
		"payment came back since":      {spoil: func(d *storetest.Desk, _ payrun.Batch) { entry(d, 2) }, code: fault.Refused, says: "请重新运行"},
		"batch voided since":           {spoil: func(d *storetest.Desk, _ payrun.Batch) { entry(d, 3) }, code: fault.Refused, says: "请重新运行"},
		"collected since":              {spoil: func(d *storetest.Desk, _ payrun.Batch) { entry(d, 4) }, code: fault.Refused, says: "请重新运行"},
		"opening entry since":          {spoil: func(d *storetest.Desk, _ payrun.Batch) { entry(d, 5) }, code: fault.Refused, says: "请重新运行"},
		"waived since":                 {spoil: func(d *storetest.Desk, _ payrun.Batch) { waive(d) }, code: fault.Refused, says: "请重新运行"},
	} {
		t.Run(name, func(t *testing.T) {
			defer restore()
			if c.spoil != nil {
				c.spoil(d, b)
			}
			if c.as.Name == "" {
				c.as = storetest.Clerk
			}
			if c.with.Judge == nil {
				c.with.Judge = storetest.Agrees
			}
			_, err := signing.Submit(t.Context(), d.Db, storetest.By(c.as, c.reason), c.with)
			storetest.Refused(t, err, c.code, c.says)
			if n := d.Number(`SELECT (SELECT count(*) FROM signature) + (SELECT count(*) FROM acknowledgement) + (SELECT count(*) FROM journal)`); n != 0 {
				t.Errorf("a refusal left %d rows", n)
			}
		})
	}
}

// entry is a ledger entry of the kind, made after the batch was computed.
func entry(d *storetest.Desk, kind int) {
	d.T.Helper()
	d.Exec(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		VALUES ($1, 1, '11', '本人', '2026-10-01', 99, '11', $2::int, 700, CASE WHEN $2::int < 4 THEN 1 ELSE 0 END)`, storetest.DeskRegion, kind)
}

func waive(d *storetest.Desk) {
	d.T.Helper()
	d.Exec(`INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		VALUES ($1, 1, '11', '本人', '2026-10-01', 99, 700, '甲', '乙', '家庭困难')`, storetest.DeskRegion)
}

// approvedSince is a batch of the bureau's earlier month that was approved later.
func approvedSince(d *storetest.Desk) {
	d.T.Helper()
	d.Exec(`INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
		VALUES ($1, 77, '2026-10-01', $2, 1, 'approved', 0, 'packhash', '', 0, 0, 0, 0, 99)`, storetest.DeskRegion, storetest.DeskBureau)
}

func TestOtherBureausDoNotMatter(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"))
	approvedSince(d)
	d.Exec(`UPDATE batch SET bureau = '区人社局' WHERE batch = 77`)
	entry(d, 4)
	d.Exec(`UPDATE ledger SET item = '2'`)
	if got, err := d.Submit(); err != nil || got.Number != b.Number {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNoBatch(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	_, err := d.Submit()
	storetest.Refused(t, err, fault.NotFound, "区民政局2026年11月还没有批次")
	_, err = batches.Latest(t.Context(), d.Db, storetest.DeskRegion, storetest.DeskMonth, storetest.DeskBureau)
	storetest.Refused(t, err, fault.NotFound, "还没有批次")
}

func TestJudgeThatFailsStopsSubmitting(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Draft(storetest.Line(1, "11"))
	failure := errors.New("judge is broken")
	_, err := signing.Submit(t.Context(), d.Db, storetest.By(storetest.Clerk, ""), signing.Submission{
		Judge: func(context.Context, int32) ([]string, error) { return nil, failure }})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
}

// What was judged is what is signed.
func TestRunDuringJudging(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Draft(storetest.Line(1, "11"))
	_, err := signing.Submit(t.Context(), d.Db, storetest.By(storetest.Clerk, ""), signing.Submission{
		Judge: func(context.Context, int32) ([]string, error) {
			d.Exec(`UPDATE batch SET digest = 'another'`)
			return nil, nil
		}})
	storetest.Refused(t, err, fault.Refused, "在核对期间被重新运行")
}

func TestReturnBeginsANewRound(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"))
	finding(d, b, "甲", 3, "待核定标准")
	finding(d, b, "乙", 3, "账户变更")
	submit := func() (payrun.Batch, error) {
		return signing.Submit(t.Context(), d.Db, storetest.By(storetest.Clerk, "已逐项看过"), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
	}
	if _, err := submit(); err != nil {
		t.Fatal(err)
	}
	_, err := giveBack(d, " ")
	storetest.Refused(t, err, fault.Invalid, "必须写明原因")
	got, err := giveBack(d, "某人1的金额有疑问")
	if err != nil || got.State != payrun.Returned || got.Round != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	_, err = d.Review()
	storetest.Refused(t, err, fault.Refused, "现在是“已退回”，不能复核")
	if got, err = submit(); err != nil || got.State != payrun.Submitted || got.Round != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err = d.Review(); err != nil {
		t.Fatal(err)
	}
	// A 审批 may send it back too, and a run makes it open again.
	if _, err = signing.Return(t.Context(), d.Db, storetest.By(storetest.Approver, "再看一次")); err != nil {
		t.Fatal(err)
	}
	d.Exec(`UPDATE batch SET state = 'open'`)
	if got, err = submit(); err != nil || got.Round != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if n := d.Number(`SELECT count(*) FROM acknowledgement WHERE actor = '甲经办' AND reason = '已逐项看过'`); n != 6 {
		t.Errorf("%d acknowledgements in place of 2 a round", n)
	}
	if _, err := d.Review(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Approve(); err != nil {
		t.Fatal(err)
	}
	_, err = giveBack(d, "太晚")
	storetest.Refused(t, err, fault.Refused, "现在是“已审批”，不能退回")
}

func TestStateAndPeopleAreChecked(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Draft(storetest.Line(1, "11"))
	_, err := d.Review()
	storetest.Refused(t, err, fault.Refused, "现在是“待提交”，不能复核")
	d.UpTo(payrun.Submitted)
	_, err = d.Submit()
	storetest.Refused(t, err, fault.Refused, "现在是“待复核”，不能提交")
	_, err = d.Approve()
	storetest.Refused(t, err, fault.Refused, "现在是“待复核”，不能审批")
	// Who has submitted does not review, whatever post they have got since.
	d.Exec(`UPDATE account_user SET post = '复核' WHERE name = $1`, storetest.Clerk.Name)
	_, err = signing.Review(t.Context(), d.Db, storetest.By(storetest.Clerk, ""))
	storetest.Refused(t, err, fault.Denied, "已作为经办签过")
	_, err = signing.Approve(t.Context(), d.Db, storetest.By(storetest.Approver, ""), signing.PayOrder{Code: "民政"})
	storetest.Refused(t, err, fault.Invalid, "不能用于文件编号")
	// Nor does a state that somebody has written stand for a signature.
	d.Exec(`UPDATE batch SET state = 'reviewed'`)
	_, err = d.Approve()
	storetest.Refused(t, err, fault.Refused, "缺少复核的签字")
	unapproved(d, 1)
}

func TestTamperingAfterSubmitIsFound(t *testing.T) {
	t.Parallel()
	tampering := map[string]string{
		"amount":       `UPDATE draft_line SET amount = amount + 100 WHERE person = 1`,
		"account":      `UPDATE draft_line SET account = '6200999' WHERE person = 1`,
		"moved money":  `UPDATE draft_line SET amount = CASE person WHEN 1 THEN 8000 ELSE 6000 END`,
		"hold":         `UPDATE draft_line SET hold = 8 WHERE person = 1`,
		"less":         `DELETE FROM draft_line WHERE person = 1`,
		"more":         `INSERT INTO draft_line SELECT region, batch, 3, item, payee, month, against, kind, amount, hold, id_number, name, street, community, bank, account, holder FROM draft_line WHERE person = 1`,
		"batch, whole": `UPDATE draft_line SET name = '别人'; UPDATE batch SET digest = 'forged'`,
		"rule pack":    `INSERT INTO pack (region, hash, rev, body) VALUES (140213, 'other', 1, 'language: 1'); UPDATE batch SET pack = 'other'`,
	}
	d := storetest.OpenDesk(t)
	d.Draft(storetest.Line(1, "11"), storetest.Line(2, "11"))
	d.UpTo(payrun.Submitted)
	restore := keep(d)
	for name, sql := range tampering {
		t.Run(name, func(t *testing.T) {
			defer restore()
			d.Exec(sql)
			_, err := d.Review()
			storetest.Refused(t, err, fault.Refused, "不一致")
			if _, err := giveBack(d, "明细被改动"); err != nil {
				t.Errorf("cannot be sent back: %v", err)
			}
		})
	}
	if _, err := d.Review(); err != nil {
		t.Fatal(err)
	}
	restore = keep(d)
	for name, sql := range tampering {
		t.Run(name+" after review", func(t *testing.T) {
			defer restore()
			d.Exec(sql)
			drafts := int(d.Number(`SELECT count(*) FROM draft_line`))
			_, err := d.Approve()
			storetest.Refused(t, err, fault.Refused, "不一致")
			unapproved(d, drafts)
		})
	}
}

// Between signatures, what would take or give money twice stops a batch; a payment
// that came back only waits for the next one.
func TestLaterEntriesBetweenSignatures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happen func(*storetest.Desk)
		says   string // empty: goes on
	}{
		"payment came back":      {func(d *storetest.Desk) { entry(d, 2) }, ""},
		"collected, not netted":  {func(d *storetest.Desk) { entry(d, 4) }, ""},
		"waived, not netted":     {func(d *storetest.Desk) { waive(d) }, ""},
		"collected":              {func(d *storetest.Desk) { entry(d, 4); d.Exec(`UPDATE ledger SET month = '2026-11-01'`) }, "请先退回，再重新运行"},
		"waived":                 {func(d *storetest.Desk) { waive(d); d.Exec(`UPDATE waiver SET month = '2026-11-01'`) }, "请先退回，再重新运行"},
		"another batch approved": {func(d *storetest.Desk) { approvedSince(d) }, "请先退回，再重新运行"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDesk(t)
			d.Draft(storetest.Line(1, "11"))
			d.UpTo(payrun.Submitted)
			c.happen(d)
			if _, err := d.Review(); c.says != "" {
				storetest.Refused(t, err, fault.Refused, c.says)
				return
			} else if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Approve(); err != nil {
				t.Error(err)
			}
		})
		t.Run(name+" after review", func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDesk(t)
			d.Draft(storetest.Line(1, "11"))
			d.UpTo(payrun.Reviewed)
			c.happen(d)
			if _, err := d.Approve(); c.says != "" {
				storetest.Refused(t, err, fault.Refused, c.says)
				return
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Two 审批 at two desks at the same moment: one approves, the other is told so, and
// everything is paid once.
func TestTwoApproveAtOnce(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	second := approval.User{Name: "戊审批", Post: approval.Approver, Bureau: storetest.DeskBureau, Active: true}
	d.AddUser(second)
	var lines []payrun.Line
	for n := range int64(500) {
		lines = append(lines, storetest.Line(n+1, "11"))
	}
	b := d.Draft(lines...)
	d.UpTo(payrun.Reviewed)
	processes := []*postgres.DB{d.Db, d.Open()}
	errs := make([]error, len(processes))
	var wg sync.WaitGroup
	for i, user := range []approval.User{storetest.Approver, second} {
		wg.Go(func() {
			_, errs[i] = signing.Approve(context.Background(), processes[i], storetest.By(user, ""), storetest.DeskOrder)
		})
	}
	wg.Wait()
	winner := 0
	if errs[0] != nil {
		winner = 1
	}
	if errs[winner] != nil {
		t.Fatalf("nobody approved: %v", errs)
	}
	storetest.Refused(t, errs[1-winner], fault.Refused, "现在是“已审批”，不能审批")
	if n := d.Number(`SELECT sum(amount)::bigint FROM ledger`); n != int64(b.Pays) {
		t.Errorf("settled %d, want %d", n, b.Pays)
	}
}

// What the program's own role may not do, whatever the program is made to say.
func TestConstraintsBackTheRules(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"))
	d.UpTo(payrun.Approved)
	run := func(sql string) error {
		return d.Db.InTx(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
	}
	for _, table := range []string{"ledger", "line", "signature", "payment", "payment_file", "decision", "acknowledgement", "journal"} {
		for _, sql := range []string{"UPDATE " + table + " SET region = region", "DELETE FROM " + table, "TRUNCATE " + table} {
			if got := postgres.SQLState(run(sql)); got != postgres.InsufficientPrivilege {
				t.Errorf("%s: SQLSTATE %q", sql, got)
			}
		}
	}
	signature := func(round int, post, actor, reason string) string {
		return fmt.Sprintf(`INSERT INTO signature (region, batch, round, post, actor, at, rev, digest, reason)
			VALUES (%d, %d, %d, '%s', '%s', now(), 9, '', '%s')`, storetest.DeskRegion, b.Number, round, post, actor, reason)
	}
	if err := run(signature(2, "经办", storetest.Clerk.Name, "")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ sql, state string }{
		"same person, other post":  {signature(2, "复核", storetest.Clerk.Name, ""), postgres.UniqueViolation},
		"same post, other person":  {signature(2, "经办", storetest.Reviewer.Name, ""), postgres.UniqueViolation},
		"no such post":             {signature(2, "管理", storetest.Manager.Name, ""), postgres.CheckViolation},
		"nobody we know":           {signature(2, "复核", "无此人", ""), postgres.ForeignKeyViolation},
		"return without a reason":  {signature(2, "退回", storetest.Reviewer.Name, ""), postgres.CheckViolation},
		"approved without a rev":   {`UPDATE batch SET approved_rev = NULL`, postgres.CheckViolation},
		"open with a rev":          {`UPDATE batch SET state = 'open'`, postgres.CheckViolation},
		"negative payment":         {`INSERT INTO payment SELECT region, batch, file, 99, person, payee, item, -amount, bank, account, holder, id_number FROM payment`, postgres.CheckViolation},
		"payment to no account":    {`INSERT INTO payment SELECT region, batch, file, 99, person, payee, item, amount, bank, '', holder, id_number FROM payment`, postgres.CheckViolation},
		"file number twice":        {`INSERT INTO payment_file SELECT region, batch, 9, number, bank, rows, amount FROM payment_file`, postgres.UniqueViolation},
		"settled twice":            {`INSERT INTO ledger SELECT * FROM ledger`, postgres.UniqueViolation},
		"held line in a payment":   {`INSERT INTO line SELECT region, batch, 99, item, payee, month, against, kind, amount, 1, id_number, name, street, community, bank, account, holder, file, seq FROM line`, postgres.CheckViolation},
		"decision without reasons": {`INSERT INTO decision (region, id, rev, release, actor, reason) VALUES (140213, 'x', 9, true, 'y', '')`, postgres.CheckViolation},
	} {
		if got := postgres.SQLState(run(c.sql)); got != c.state {
			t.Errorf("%s: SQLSTATE %q, want %s", name, got, c.state)
		}
	}
}

// Where only a constraint catches it, staff still get a sentence.
func TestConstraintsGiveSentences(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	b := d.Draft(storetest.Line(1, "11"))
	d.UpTo(payrun.Reviewed)
	d.Exec(`INSERT INTO payment_file (region, batch, file, number, bank, rows, amount)
		VALUES ($1, $2, 9, '140213-202611-MZ-1-001', '', 0, 0)`, storetest.DeskRegion, b.Number)
	_, err := d.Approve()
	storetest.Refused(t, err, fault.Refused, "区民政局2026年11月第1批本轮的签字或付款已经存在")
}
