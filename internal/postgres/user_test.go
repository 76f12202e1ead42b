package postgres_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
)

func deskBy(at time.Time) journal.By {
	return journal.By{Actor: "os:tester", Origin: "主机", At: at, Reason: ""}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t), t.Context()
	added := approval.User{Name: "己审计", Post: approval.Auditor, Active: true}
	const password, later = "审计用的很长的口令", "换过的另一个长口令"
	refused(t, d.db.AddUser(ctx, deskRegion, added, "太短", deskBy(deskNow)), fault.Invalid, "太短")
	refused(t, d.db.AddUser(ctx, deskRegion, approval.User{Name: "庚", Post: approval.Clerk}, password+"啊", deskBy(deskNow)), fault.Invalid, "指明部门")
	if err := d.db.AddUser(ctx, deskRegion, added, password+"啊", deskBy(deskNow)); err != nil {
		t.Fatal(err)
	}
	refused(t, d.db.AddUser(ctx, deskRegion, added, password+"啊", deskBy(deskNow)), fault.Refused, "已经存在")
	if got, err := d.db.Authenticate(ctx, deskRegion, added.Name, password+"啊", deskBy(deskNow)); err != nil || got != added {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := d.db.SetPassword(ctx, deskRegion, added.Name, later+"啊", deskBy(deskNow)); err != nil {
		t.Fatal(err)
	}
	refused(t, d.db.SetPassword(ctx, deskRegion, "无此人", later+"啊", deskBy(deskNow)), fault.NotFound, "没有用户“无此人”")
	refused(t, d.db.SetPassword(ctx, deskRegion, added.Name, "短", deskBy(deskNow)), fault.Invalid, "太短")
	_, err := d.db.Authenticate(ctx, deskRegion, added.Name, password+"啊", deskBy(deskNow))
	refused(t, err, fault.Denied, "用户名或口令不正确")
	if _, err := d.db.Authenticate(ctx, deskRegion, added.Name, later+"啊", deskBy(deskNow)); err != nil {
		t.Error(err)
	}
	users, err := d.db.ListUsers(ctx, deskRegion)
	if diff := cmp.Diff([]approval.User{manager, added, clerk, reviewer, approver}, users); err != nil || diff != "" {
		t.Errorf("users (-want +got), %v:\n%s", err, diff)
	}
	d.journalHolds(2, password, later, "argon2")
}

// journalHolds insists on the number of entries, none of which says any of the secrets.
func (d *desk) journalHolds(entries int64, secrets ...string) {
	d.t.Helper()
	var text string
	if err := d.owner.QueryRow(d.t.Context(), `SELECT coalesce(string_agg(j::text, ''), '') FROM journal j`).Scan(&text); err != nil {
		d.t.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			d.t.Errorf("the journal says %q: %s", s, text)
		}
	}
	if got := d.number(`SELECT count(*) FROM journal`); got != entries {
		d.t.Errorf("%d journal entries, want %d", got, entries)
	}
	if err := d.db.VerifyChain(d.t.Context(), deskRegion); err != nil {
		d.t.Error(err)
	}
}

func TestWrongPasswordsLockAnAccount(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	try := func(password string, at time.Time) error {
		_, err := d.db.Authenticate(t.Context(), deskRegion, clerk.Name, password, deskBy(at))
		return err
	}
	wrongTimes := func(n int, at time.Time) {
		t.Helper()
		for range n {
			refused(t, try("错的口令错的口令", at), fault.Denied, "用户名或口令不正确")
		}
	}
	wrongTimes(4, deskNow)
	if err := try(deskPassword, deskNow); err != nil {
		t.Fatalf("four wrong ones lock already: %v", err)
	}
	wrongTimes(4, deskNow) // a right one starts the count afresh
	refused(t, try("错的口令错的口令", deskNow), fault.Denied, "已被锁定，请 15 分钟后再试")
	refused(t, try(deskPassword, deskNow), fault.Denied, "或请管理岗位在控制台、或系统管理员在本机重设口令")
	refused(t, try(deskPassword, deskNow.Add(14*time.Minute+time.Second)), fault.Denied, "请 1 分钟后再试")
	wrongTimes(1, deskNow.Add(15*time.Minute))
	if err := try(deskPassword, deskNow.Add(15*time.Minute)); err != nil {
		t.Errorf("still locked: %v", err)
	}
	d.journalHolds(1, "错的口令")
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '锁定用户' AND subject = $1 AND origin = '主机'`, clerk.Name); n != 1 {
		t.Errorf("%d entries of the lock", n)
	}
	// A new password opens the account at once.
	wrongTimes(4, deskNow)
	refused(t, try("错的口令错的口令", deskNow), fault.Denied, "已被锁定")
	if err := d.db.SetPassword(t.Context(), deskRegion, clerk.Name, "重设以后的长口令啊", deskBy(deskNow)); err == nil {
		t.Fatal("nine characters are accepted")
	}
	if err := d.db.SetPassword(t.Context(), deskRegion, clerk.Name, "重设以后的很长口令啊", deskBy(deskNow)); err != nil {
		t.Fatal(err)
	}
	if err := try("重设以后的很长口令啊", deskNow); err != nil {
		t.Error(err)
	}
}

// Guesses made at the same time are counted one by one: none slips through.
func TestGuessesAtTheSameTimeAreCounted(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	// At the real cost, so that guesses do overlap.
	d.exec(`UPDATE account_user SET password = $1`, approval.HashPassword(deskPassword))
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, "错的口令错的口令", deskBy(deskNow))
		})
	}
	wg.Wait()
	wrong := 0
	for _, err := range errs {
		if strings.Contains(err.Error(), "不正确") {
			wrong++
		}
	}
	if wrong != approval.FailuresAllowed-1 {
		t.Errorf("%d guesses were tried before the lock, want %d", wrong+1, approval.FailuresAllowed)
	}
	d.journalHolds(1)
}

func TestUnknownAndClosedUsers(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	_, err := d.db.Authenticate(t.Context(), deskRegion, "无此人", deskPassword, deskBy(deskNow))
	refused(t, err, fault.Denied, "用户名或口令不正确")
	d.exec(`UPDATE account_user SET active = false`)
	_, err = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, deskPassword, deskBy(deskNow))
	refused(t, err, fault.Denied, "已停用")
	_, err = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, "错的口令错的口令", deskBy(deskNow))
	refused(t, err, fault.Denied, "用户名或口令不正确")
	d.exec(`UPDATE account_user SET password = 'not a hash'`)
	if _, err = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, deskPassword, deskBy(deskNow)); fault.CodeOf(err) != fault.Internal {
		t.Errorf("a broken hash gives %v", err)
	}
}
