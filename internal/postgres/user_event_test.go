package postgres_test

import (
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

const (
	handed = "别人设的一个长口令" + "啊" // known to two
	own    = "自己的另一个长口令" + "啊"
)

var auditor = approval.User{Name: "己审计", Post: approval.Auditor, Active: true}

func asUser(name, reason string) journal.By {
	return journal.By{Actor: name, Origin: "主机", At: deskNow, Reason: reason}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) login(name, password string) error {
	_, err := d.db.Authenticate(d.t.Context(), deskRegion, name, password, deskBy(deskNow))
	return err
}

// TestAResetTakesTwo: an administrator who resets the approver's password does not sign by it.
func TestAResetTakesTwo(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	d.draft(line(1, "11"))
	d.upTo(payrun.Reviewed)
	refused(t, d.db.SetPassword(ctx, deskRegion, approver.Name, handed, asUser(manager.Name, "")), fault.Invalid, "要写明原因")
	refused(t, d.db.SetPassword(ctx, deskRegion, approver.Name, handed, asUser(reviewer.Name, "试试")), fault.Denied, "由管理岗位办理")
	d.must(d.db.SetPassword(ctx, deskRegion, approver.Name, handed, asUser(manager.Name, "忘记口令")))

	d.must(d.login(approver.Name, handed)) // to set a password, and for nothing else
	refused(t, d.db.OwnPassword(ctx, deskRegion, approver.Name), fault.Denied, "disburse user passwd")
	_, err := d.approve()
	refused(t, err, fault.Denied, "要先换成自己的口令")
	refused(t, d.confirms(approver.Name, asUser(manager.Name, "")), fault.Denied, "另一位管理或审计")
	refused(t, d.confirms(approver.Name, asUser(reviewer.Name, "")), fault.Denied, "由管理或审计岗位确认")
	// Confirmed now, the account would be whoever's who logs in first.
	refused(t, d.confirms(approver.Name, asUser(auditor.Name, "")), fault.Refused, "还没有换成自己的口令")
	refused(t, d.db.SetPassword(ctx, deskRegion, approver.Name, handed, asUser(approver.Name, "")), fault.Invalid, "与现在的一样")
	d.must(d.db.SetPassword(ctx, deskRegion, approver.Name, own, asUser(approver.Name, "")))

	d.must(d.login(approver.Name, own))
	refused(t, d.db.OwnPassword(ctx, deskRegion, approver.Name), fault.Denied, "还没有经过第二人确认")
	_, err = d.approve()
	refused(t, err, fault.Denied, "还没有经过第二人确认")
	d.must(d.confirms(approver.Name, asUser(auditor.Name, "当面核实")))
	refused(t, d.confirms(approver.Name, asUser(auditor.Name, "")), fault.Refused, "没有等待确认的变动")
	b, err := d.approve()
	d.must(err)
	if marks := d.marks(b); len(marks) != 0 {
		t.Errorf("confirmed before it signed, and marked: %v", marks)
	}
	var done []string
	events, _, err := d.db.UserEvents(ctx, deskRegion, approver.Name)
	d.must(err)
	for _, e := range events {
		done = append(done, e.Actor+" "+e.What.Chinese()+" "+e.Reason)
	}
	if got := strings.Join(done, "；"); got != "丁管理 重设口令 忘记口令；丙审批 本人修改口令 ；己审计 确认账号 当面核实" {
		t.Errorf("the person's own page: %s", got)
	}
	d.chain()
}

// TestNobodyToConfirm: where an administrator is alone, papers say it, and 审计 is told.
func TestNobodyToConfirm(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	d.draft(line(1, "11"))
	d.must(d.db.SetPassword(ctx, deskRegion, clerk.Name, handed, asUser(manager.Name, "忘记口令")))
	d.must(d.login(clerk.Name, handed))
	d.must(d.db.SetPassword(ctx, deskRegion, clerk.Name, own, asUser(clerk.Name, "")))
	// An auditor whom the administrator makes is the administrator: no second person.
	d.must(d.db.AddUser(ctx, deskRegion, approval.User{Name: "假审计", Post: approval.Auditor}, handed, asUser(manager.Name, "")))
	d.must(d.db.SetPassword(ctx, deskRegion, "假审计", own, asUser("假审计", "")))
	refused(t, d.confirms(clerk.Name, asUser("假审计", "")), fault.Denied, "与办理人“丁管理”有关")
	b := d.upTo(payrun.Submitted)
	marks := d.marks(b)
	if len(marks) != 1 || !strings.Contains(marks[0], "用户“甲经办”的口令由 丁管理 于") || !strings.Contains(marks[0], "重设，未经第二人确认") {
		t.Errorf("marks: %v", marks)
	}
	// Papers stay as they were, whatever is confirmed later.
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	d.must(d.confirms(clerk.Name, asUser(auditor.Name, "")))
	if again := d.marks(b); len(again) != 1 {
		t.Errorf("marks after the confirmation: %v", again)
	}
	all, err := d.db.Notices(ctx, deskRegion, postgres.Reader{Name: auditor.Name, Post: approval.Auditor}, true, 10)
	d.must(err)
	var titles []string
	for _, n := range all {
		titles = append(titles, n.Title)
	}
	if got := strings.Join(titles, "；"); got != "设立账号：己审计（审计岗位）；设立账号：假审计（审计岗位）；重设口令：甲经办（区民政局经办岗位）" {
		t.Errorf("notices: %s", got)
	}
	if all, err = d.db.Notices(ctx, deskRegion, postgres.Reader{Name: clerk.Name, Post: approval.Clerk, Bureau: deskBureau}, true, 10); err != nil || len(all) != 0 {
		t.Errorf("notices of others: %v, %v", all, err)
	}
	d.chain()
}

// TestTheWatchmanStays: an administrator cannot get rid of the only one who watches.
func TestTheWatchmanStays(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	refused(t, d.db.SetActive(ctx, deskRegion, auditor.Name, false, asUser(manager.Name, "调离")), fault.Refused, "唯一能确认")
	refused(t, d.db.SetPassword(ctx, deskRegion, auditor.Name, own, asUser(manager.Name, "忘记")), fault.Refused, "唯一能确认")
	second := approval.User{Name: "庚审计", Post: approval.Auditor}
	d.must(d.db.AddUser(ctx, deskRegion, second, handed, asUser(manager.Name, "")))
	refused(t, d.db.SetActive(ctx, deskRegion, auditor.Name, false, asUser(manager.Name, "调离")), fault.Refused, "唯一能确认")
	d.must(d.db.SetPassword(ctx, deskRegion, second.Name, own, asUser(second.Name, "")))
	d.must(d.confirms(second.Name, asUser(auditor.Name, "")))
	d.must(d.db.SetActive(ctx, deskRegion, auditor.Name, false, asUser(manager.Name, "调离")))
	d.must(d.db.SetPassword(ctx, deskRegion, second.Name, own, because("忘记")))
	d.chain()
}

// TestReopenedIsLikeReset: an account that was closed and is opened again waits as a reset
// one does. Its first password may still be known to who opened it.
func TestReopenedIsLikeReset(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	d.draft(line(1, "11"))
	d.upTo(payrun.Reviewed)
	d.must(d.db.SetActive(ctx, deskRegion, approver.Name, false, asUser(manager.Name, "休假")))
	refused(t, d.db.SetActive(ctx, deskRegion, approver.Name, true, asUser(manager.Name, "")), fault.Invalid, "要写明原因")
	d.must(d.db.SetActive(ctx, deskRegion, approver.Name, true, asUser(manager.Name, "回来上班")))
	if _, s, err := d.db.UserEvents(ctx, deskRegion, approver.Name); err != nil || !s.Change || !s.Waits || len(s.Pending) != 1 {
		t.Errorf("opened again: %+v, %v", s, err)
	}
	if n := d.number(`SELECT count(*) FROM notice WHERE title LIKE '启用：丙审批%' AND post = '审计'`); n != 1 {
		t.Errorf("%d notices", n)
	}
	d.must(d.db.SetPassword(ctx, deskRegion, approver.Name, own, asUser(approver.Name, "")))
	_, err := d.approve()
	refused(t, err, fault.Denied, "由 丁管理 启用，还没有经过第二人确认")
	d.must(d.confirms(approver.Name, asUser(auditor.Name, "")))
	_, err = d.approve()
	d.must(err)
	d.chain()
}

// TestAConfirmationHasSeenEverything: what is done to an account while somebody looks at it
// is not confirmed with the rest.
func TestAConfirmationHasSeenEverything(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	reset := func() {
		d.must(d.db.SetPassword(ctx, deskRegion, clerk.Name, handed, asUser(manager.Name, "忘记口令")))
		d.must(d.db.SetPassword(ctx, deskRegion, clerk.Name, own, asUser(clerk.Name, "")))
	}
	reset()
	_, seen, err := d.db.UserEvents(ctx, deskRegion, clerk.Name)
	d.must(err)
	reset()
	refused(t, d.db.ConfirmUser(ctx, deskRegion, clerk.Name, seen.Last, asUser(auditor.Name, "")), fault.Refused, "在您查看以后又有变动")
	d.must(d.confirms(clerk.Name, asUser(auditor.Name, "")))
}

// TestAccountsOfTheCommandLine: what the operator opens signs at once, and papers say so.
func TestAccountsOfTheCommandLine(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	d.exec(`UPDATE account_user SET active = false WHERE name = $1`, clerk.Name)
	other := approval.User{Name: "辛经办", Post: approval.Clerk, Bureau: deskBureau, Active: true}
	d.must(d.db.AddUser(ctx, deskRegion, auditor, handed, deskBy(deskNow)))
	d.must(d.db.AddUser(ctx, deskRegion, other, handed, deskBy(deskNow)))
	d.must(d.login(other.Name, handed))
	d.must(d.db.OwnPassword(ctx, deskRegion, other.Name))
	d.draft(line(1, "11"))
	b, err := d.db.Submit(ctx, by(other, ""), postgres.Submission{Judge: agrees})
	d.must(err)
	if marks := d.marks(b); len(marks) != 1 || !strings.Contains(marks[0], "账号由 os:tester 于 ") || !strings.Contains(marks[0], "在命令行设立，未经第二人确认") {
		t.Errorf("marks: %v", marks)
	}
	// The operator's reset is one as well.
	d.must(d.db.SetPassword(ctx, deskRegion, other.Name, own, because("忘记")))
	refused(t, d.db.OwnPassword(ctx, deskRegion, other.Name), fault.Denied, "要先换成自己的口令")
}

// TestAPasswordEndsSessions: whoever sets it, from wherever.
func TestAPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	for _, by := range []journal.By{because("忘记"), asUser(manager.Name, "忘记"), asUser(clerk.Name, "")} {
		_, err := d.db.BeginSession(ctx, deskRegion, "token-"+by.Actor, "", asUser(clerk.Name, ""))
		d.must(err)
		d.must(d.db.SetPassword(ctx, deskRegion, clerk.Name, "一个新的长口令由"+by.Actor, by))
		_, err = d.db.Session(ctx, deskRegion, "token-"+by.Actor, deskNow)
		refused(t, err, fault.Denied, "登录已经结束")
	}
}

// TestNamesThatLookLikeAnother: the second of two names that people cannot tell apart.
func TestNamesThatLookLikeAnother(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	add := func(name string) error {
		return d.db.AddUser(ctx, deskRegion, approval.User{Name: name, Post: approval.Auditor}, handed, deskBy(deskNow))
	}
	d.must(add("审计-ＭＺ"))
	if n := d.number(`SELECT count(*) FROM account_user WHERE name = '审计-MZ'`); n != 1 {
		t.Error("the name is not kept in its normal form")
	}
	for _, name := range []string{"审计-MZ", "审计-mz", "审计_MZ", "审计—MZ", " 审计-ＭＺ　"} {
		err := add(name)
		if err == nil || (!fault.Is(err, fault.Refused) && name != "审计—MZ") {
			t.Errorf("%q beside 审计-MZ: %v", name, err)
		}
	}
	for _, name := range []string{"审计-ΜΖ", "审计-M\u0301Z", "审计-MZ\uFE00", "审\u3164计", "os：root", "<script>"} {
		refused(t, add(name), fault.Invalid, "")
	}
	d.must(d.login("审计-ＭＺ", handed))
}

// confirms confirms what was done to an account so far.
func (d *desk) confirms(name string, by journal.By) error {
	d.t.Helper()
	_, seen, err := d.db.UserEvents(d.t.Context(), deskRegion, name)
	d.must(err)
	return d.db.ConfirmUser(d.t.Context(), deskRegion, name, seen.Last, by)
}

// marks are what papers say of the signatures of a batch.
func (d *desk) marks(b payrun.Batch) []string {
	d.t.Helper()
	signed, err := d.db.Signatures(d.t.Context(), deskRegion, b.Number)
	d.must(err)
	unconfirmed, err := d.db.Unconfirmed(d.t.Context(), deskRegion, signed)
	d.must(err)
	var all []string
	for _, s := range signed {
		for _, e := range unconfirmed[s.Rev] {
			all = append(all, e.Unconfirmed())
		}
	}
	return all
}

func (d *desk) chain() {
	d.t.Helper()
	if err := d.db.VerifyChain(d.t.Context(), deskRegion); err != nil {
		d.t.Error(err)
	}
}
