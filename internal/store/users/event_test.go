package users_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/calendar"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
	"disburse/internal/store/users"
)

func login(d *storetest.Desk, name, password string) error {
	_, err := users.Authenticate(d.T.Context(), d.Db, storetest.DeskRegion, name, password, storetest.DeskBy(storetest.DeskNow))
	return err
}

// TestAResetTakesTwo: an administrator who resets the approver's password does not sign by it.
func TestAResetTakesTwo(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	d.Draft(storetest.Line(1, "11"))
	d.UpTo(payrun.Reviewed)
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "")), fault.Invalid, "要写明原因")
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, storetest.Handed, storetest.AsUser(storetest.Reviewer.Name, "试试")), fault.Denied, "由管理岗位办理")
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "忘记口令")))

	d.Must(login(d, storetest.Approver.Name, storetest.Handed)) // to set a password, and for nothing else
	storetest.Refused(t, users.CheckUsable(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name), fault.Denied, "disburse user passwd")
	_, err := d.Approve()
	storetest.Refused(t, err, fault.Denied, "要先换成自己的口令")
	storetest.Refused(t, d.Confirms(storetest.Approver.Name, storetest.AsUser(storetest.Manager.Name, "")), fault.Denied, "另一位管理或审计")
	storetest.Refused(t, d.Confirms(storetest.Approver.Name, storetest.AsUser(storetest.Reviewer.Name, "")), fault.Denied, "由管理或审计岗位确认")
	// Confirmed now, the account would be whoever's who logs in first.
	storetest.Refused(t, d.Confirms(storetest.Approver.Name, storetest.AsUser(storetest.Auditor.Name, "")), fault.Refused, "还没有换成自己的口令")
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, storetest.Handed, storetest.AsUser(storetest.Approver.Name, "")), fault.Invalid, "与现在的一样")
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, storetest.Own, storetest.AsUser(storetest.Approver.Name, "")))

	d.Must(login(d, storetest.Approver.Name, storetest.Own))
	storetest.Refused(t, users.CheckUsable(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name), fault.Denied, "还没有经过第二人确认")
	_, err = d.Approve()
	storetest.Refused(t, err, fault.Denied, "还没有经过第二人确认")
	d.Must(d.Confirms(storetest.Approver.Name, storetest.AsUser(storetest.Auditor.Name, "当面核实")))
	storetest.Refused(t, d.Confirms(storetest.Approver.Name, storetest.AsUser(storetest.Auditor.Name, "")), fault.Refused, "没有等待确认的变动")
	b, err := d.Approve()
	d.Must(err)
	if marks := readMarks(d, b); len(marks) != 0 {
		t.Errorf("confirmed before it signed, and marked: %v", marks)
	}
	var done []string
	events, _, err := users.Events(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name)
	d.Must(err)
	for _, e := range events {
		done = append(done, e.Actor+" "+e.What.Chinese()+" "+e.Reason)
	}
	if got := strings.Join(done, "；"); got != "丁管理 重设口令 忘记口令；丙审批 本人修改口令 ；己审计 确认账号 当面核实" {
		t.Errorf("the person's own page: %s", got)
	}
	chain(d)
}

// TestNobodyToConfirm: where an administrator is alone, papers say it, and 审计 is told.
func TestNobodyToConfirm(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	d.Draft(storetest.Line(1, "11"))
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "忘记口令")))
	d.Must(login(d, storetest.Clerk.Name, storetest.Handed))
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name, storetest.Own, storetest.AsUser(storetest.Clerk.Name, "")))
	// An auditor whom the administrator makes is the administrator: no second person.
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, approval.User{Name: "假审计", Post: approval.Auditor}, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "")))
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, "假审计", storetest.Own, storetest.AsUser("假审计", "")))
	storetest.Refused(t, d.Confirms(storetest.Clerk.Name, storetest.AsUser("假审计", "")), fault.Denied, "与办理人“丁管理”有关")
	b := d.UpTo(payrun.Submitted)
	marks := readMarks(d, b)
	if len(marks) != 1 || !strings.Contains(marks[0], "用户“甲经办”的口令由 丁管理 于") || !strings.Contains(marks[0], "重设，未经第二人确认") {
		t.Errorf("marks: %v", marks)
	}
	// Papers stay as they were, whatever is confirmed later.
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	d.Must(d.Confirms(storetest.Clerk.Name, storetest.AsUser(storetest.Auditor.Name, "")))
	if again := readMarks(d, b); len(again) != 1 {
		t.Errorf("marks after the confirmation: %v", again)
	}
	all, err := calendar.Notices(ctx, d.Db, storetest.DeskRegion, calendar.Reader{Name: storetest.Auditor.Name, Post: approval.Auditor}, true, 10)
	d.Must(err)
	var titles []string
	for _, n := range all {
		titles = append(titles, n.Title)
	}
	if got := strings.Join(titles, "；"); got != "设立账号：己审计（审计岗位）；设立账号：假审计（审计岗位）；重设口令：甲经办（区民政局经办岗位）" {
		t.Errorf("notices: %s", got)
	}
	if all, err = calendar.Notices(ctx, d.Db, storetest.DeskRegion, calendar.Reader{Name: storetest.Clerk.Name, Post: approval.Clerk, Bureau: storetest.DeskBureau}, true, 10); err != nil || len(all) != 0 {
		t.Errorf("notices of others: %v, %v", all, err)
	}
	chain(d)
}

// TestTheWatchmanStays: an administrator cannot get rid of the only one who watches.
func TestTheWatchmanStays(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	storetest.Refused(t, users.SetActive(ctx, d.Db, storetest.DeskRegion, storetest.Auditor.Name, false, storetest.AsUser(storetest.Manager.Name, "调离")), fault.Refused, "唯一能确认")
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Auditor.Name, storetest.Own, storetest.AsUser(storetest.Manager.Name, "忘记")), fault.Refused, "唯一能确认")
	second := approval.User{Name: "庚审计", Post: approval.Auditor}
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, second, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "")))
	storetest.Refused(t, users.SetActive(ctx, d.Db, storetest.DeskRegion, storetest.Auditor.Name, false, storetest.AsUser(storetest.Manager.Name, "调离")), fault.Refused, "唯一能确认")
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, second.Name, storetest.Own, storetest.AsUser(second.Name, "")))
	d.Must(d.Confirms(second.Name, storetest.AsUser(storetest.Auditor.Name, "")))
	d.Must(users.SetActive(ctx, d.Db, storetest.DeskRegion, storetest.Auditor.Name, false, storetest.AsUser(storetest.Manager.Name, "调离")))
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, second.Name, storetest.Own, because("忘记")))
	chain(d)
}

// TestReopenedIsLikeReset: an account that was closed and is opened again waits as a reset
// one does. Its first password may still be known to who opened it.
func TestReopenedIsLikeReset(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	d.Draft(storetest.Line(1, "11"))
	d.UpTo(payrun.Reviewed)
	d.Must(users.SetActive(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, false, storetest.AsUser(storetest.Manager.Name, "休假")))
	storetest.Refused(t, users.SetActive(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, true, storetest.AsUser(storetest.Manager.Name, "")), fault.Invalid, "要写明原因")
	d.Must(users.SetActive(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, true, storetest.AsUser(storetest.Manager.Name, "回来上班")))
	if _, s, err := users.Events(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name); err != nil || !s.Change || !s.Waits || len(s.Pending) != 1 {
		t.Errorf("opened again: %+v, %v", s, err)
	}
	if n := d.Number(`SELECT count(*) FROM notice WHERE title LIKE '启用：丙审批%' AND post = '审计'`); n != 1 {
		t.Errorf("%d notices", n)
	}
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Approver.Name, storetest.Own, storetest.AsUser(storetest.Approver.Name, "")))
	_, err := d.Approve()
	storetest.Refused(t, err, fault.Denied, "由 丁管理 启用，还没有经过第二人确认")
	d.Must(d.Confirms(storetest.Approver.Name, storetest.AsUser(storetest.Auditor.Name, "")))
	_, err = d.Approve()
	d.Must(err)
	chain(d)
}

// TestAConfirmationHasSeenEverything: what is done to an account while somebody looks at it
// is not confirmed with the rest.
func TestAConfirmationHasSeenEverything(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	reset := func() {
		d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name, storetest.Handed, storetest.AsUser(storetest.Manager.Name, "忘记口令")))
		d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name, storetest.Own, storetest.AsUser(storetest.Clerk.Name, "")))
	}
	reset()
	_, seen, err := users.Events(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name)
	d.Must(err)
	reset()
	storetest.Refused(t, users.Confirm(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name, seen.Last, storetest.AsUser(storetest.Auditor.Name, "")), fault.Refused, "在您查看以后又有变动")
	d.Must(d.Confirms(storetest.Clerk.Name, storetest.AsUser(storetest.Auditor.Name, "")))
}

// TestAccountsOfTheCommandLine: what the operator opens signs at once, and papers say so.
func TestAccountsOfTheCommandLine(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	d.Exec(`UPDATE account_user SET active = false WHERE name = $1`, storetest.Clerk.Name)
	other := approval.User{Name: "辛经办", Post: approval.Clerk, Bureau: storetest.DeskBureau, Active: true}
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, storetest.Auditor, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	d.Must(users.Add(ctx, d.Db, storetest.DeskRegion, other, storetest.Handed, storetest.DeskBy(storetest.DeskNow)))
	d.Must(login(d, other.Name, storetest.Handed))
	d.Must(users.CheckUsable(ctx, d.Db, storetest.DeskRegion, other.Name))
	d.Draft(storetest.Line(1, "11"))
	b, err := signing.Submit(ctx, d.Db, storetest.By(other, ""), signing.Submission{Judge: storetest.Agrees})
	d.Must(err)
	if marks := readMarks(d, b); len(marks) != 1 || !strings.Contains(marks[0], "账号由 os:tester 于 ") || !strings.Contains(marks[0], "在命令行设立，未经第二人确认") {
		t.Errorf("marks: %v", marks)
	}
	// The operator's reset is one as well.
	d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, other.Name, storetest.Own, because("忘记")))
	storetest.Refused(t, users.CheckUsable(ctx, d.Db, storetest.DeskRegion, other.Name), fault.Denied, "要先换成自己的口令")
}

// TestAPasswordEndsSessions: whoever sets it, from wherever.
func TestAPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	for _, by := range []journal.By{because("忘记"), storetest.AsUser(storetest.Manager.Name, "忘记"), storetest.AsUser(storetest.Clerk.Name, "")} {
		_, err := users.BeginSession(ctx, d.Db, storetest.DeskRegion, "token-"+by.Actor, "", storetest.AsUser(storetest.Clerk.Name, ""))
		d.Must(err)
		d.Must(users.SetPassword(ctx, d.Db, storetest.DeskRegion, storetest.Clerk.Name, "一个新的长口令由"+by.Actor, by))
		_, err = users.ReadSession(ctx, d.Db, storetest.DeskRegion, "token-"+by.Actor, storetest.DeskNow)
		storetest.Refused(t, err, fault.Denied, "登录已经结束")
	}
}

// TestNamesThatLookLikeAnother: the second of two names that people cannot tell apart.
func TestNamesThatLookLikeAnother(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	add := func(name string) error {
		return users.Add(ctx, d.Db, storetest.DeskRegion, approval.User{Name: name, Post: approval.Auditor}, storetest.Handed, storetest.DeskBy(storetest.DeskNow))
	}
	d.Must(add("审计-ＭＺ"))
	if n := d.Number(`SELECT count(*) FROM account_user WHERE name = '审计-MZ'`); n != 1 {
		t.Error("the name is not kept in its normal form")
	}
	for _, name := range []string{"审计-MZ", "审计-mz", "审计_MZ", "审计—MZ", " 审计-ＭＺ　"} {
		err := add(name)
		if err == nil || (!fault.Is(err, fault.Refused) && name != "审计—MZ") {
			t.Errorf("%q beside 审计-MZ: %v", name, err)
		}
	}
	for _, name := range []string{"审计-ΜΖ", "审计-M\u0301Z", "审计-MZ\uFE00", "审\u3164计", "os：root", "<script>"} {
		storetest.Refused(t, add(name), fault.Invalid, "")
	}
	d.Must(login(d, "审计-ＭＺ", storetest.Handed))
}

// readMarks are what papers say of the signatures of a batch.
func readMarks(d *storetest.Desk, b payrun.Batch) []string {
	d.T.Helper()
	signed, err := batches.Signatures(d.T.Context(), d.Db, storetest.DeskRegion, b.Number)
	d.Must(err)
	unconfirmed, err := users.UnconfirmedAtSigning(d.T.Context(), d.Db, storetest.DeskRegion, signed)
	d.Must(err)
	var all []string
	for _, s := range signed {
		for _, e := range unconfirmed[s.Rev] {
			all = append(all, e.Unconfirmed())
		}
	}
	return all
}

func chain(d *storetest.Desk) {
	d.T.Helper()
	if err := storetest.VerifyChain(d.T.Context(), d.Db, storetest.DeskRegion); err != nil {
		d.T.Error(err)
	}
}
