package users_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/store/storetest"
	"disburse/internal/store/users"
)

func because(reason string) journal.By {
	by := storetest.DeskBy(storetest.DeskNow)
	by.Reason = reason
	return by
}

func TestUsers(t *testing.T) {
	t.Parallel()
	d, ctx := storetest.OpenDesk(t), t.Context()
	added := approval.User{Name: "己审计", Post: approval.Auditor, Active: true}
	const password, later = "审计用的很长的口令", "换过的另一个长口令"
	storetest.Refused(t, users.Add(ctx, d.Db, storetest.DeskRegion, added, "太短", storetest.DeskBy(storetest.DeskNow)), fault.Invalid, "太短")
	storetest.Refused(t, users.Add(ctx, d.Db, storetest.DeskRegion, approval.User{Name: "庚", Post: approval.Clerk}, password+"啊", storetest.DeskBy(storetest.DeskNow)), fault.Invalid, "指明部门")
	if err := users.Add(ctx, d.Db, storetest.DeskRegion, added, password+"啊", storetest.DeskBy(storetest.DeskNow)); err != nil {
		t.Fatal(err)
	}
	storetest.Refused(t, users.Add(ctx, d.Db, storetest.DeskRegion, added, password+"啊", storetest.DeskBy(storetest.DeskNow)), fault.Refused, "已经存在")
	if got, err := users.Authenticate(ctx, d.Db, storetest.DeskRegion, added.Name, password+"啊", storetest.DeskBy(storetest.DeskNow)); err != nil || got != added {
		t.Errorf("got %+v, %v", got, err)
	}
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, added.Name, later+"啊", storetest.DeskBy(storetest.DeskNow)), fault.Invalid, "要写明原因")
	if err := users.SetPassword(ctx, d.Db, storetest.DeskRegion, added.Name, later+"啊", because("忘记")); err != nil {
		t.Fatal(err)
	}
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, "无此人", later+"啊", because("忘记")), fault.NotFound, "没有用户“无此人”")
	storetest.Refused(t, users.SetPassword(ctx, d.Db, storetest.DeskRegion, added.Name, "短", because("忘记")), fault.Invalid, "太短")
	_, err := users.Authenticate(ctx, d.Db, storetest.DeskRegion, added.Name, password+"啊", storetest.DeskBy(storetest.DeskNow))
	storetest.Refused(t, err, fault.Denied, "用户名或口令不正确")
	if _, err := users.Authenticate(ctx, d.Db, storetest.DeskRegion, added.Name, later+"啊", storetest.DeskBy(storetest.DeskNow)); err != nil {
		t.Error(err)
	}
	users, err := users.List(ctx, d.Db, storetest.DeskRegion)
	if diff := cmp.Diff([]approval.User{storetest.Manager, added, storetest.Clerk, storetest.Reviewer, storetest.Approver}, users); err != nil || diff != "" {
		t.Errorf("users (-want +got), %v:\n%s", err, diff)
	}
	d.JournalHolds(2, password, later, "argon2")
}

// TestWrongPasswordsWaitWhereTheyComeFrom: the delay grows, is for one name from one place,
// and shuts nobody out anywhere else.
func TestWrongPasswordsWaitWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	from := func(origin, name, password string, at time.Time) error {
		by := storetest.DeskBy(at)
		by.Origin = origin
		_, err := users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, name, password, by)
		return err
	}
	const wrong = "错的口令错的口令"
	for range 4 {
		storetest.Refused(t, from("10.0.0.1", storetest.Clerk.Name, wrong, storetest.DeskNow), fault.Denied, "用户名或口令不正确，请核对后重试")
	}
	if err := from("10.0.0.1", storetest.Clerk.Name, storetest.DeskPassword, storetest.DeskNow); err != nil {
		t.Fatalf("four wrong ones make wait already: %v", err)
	}
	at := storetest.DeskNow
	for i, minutes := range []int{0, 0, 0, 0, 1, 2, 4, 8, 15, 15} {
		err := from("10.0.0.1", storetest.Clerk.Name, wrong, at)
		if minutes == 0 {
			storetest.Refused(t, err, fault.Denied, "用户名或口令不正确，请核对后重试")
			continue
		}
		storetest.Refused(t, err, fault.Denied, fmt.Sprintf("已连续错了 %d 次，请过 %d 分钟再试", i+1, minutes))
		storetest.Refused(t, from("10.0.0.1", storetest.Clerk.Name, storetest.DeskPassword, at), fault.Denied, fmt.Sprintf("没有核对口令，请过 %d 分钟再试", minutes))
		if strings.Contains(err.Error(), storetest.Clerk.Name) {
			t.Errorf("the refusal names a user: %v", err)
		}
		at = at.Add(time.Duration(minutes) * time.Minute)
	}
	// Meanwhile the user is let in elsewhere, and others are here.
	if err := from("10.0.0.2", storetest.Clerk.Name, storetest.DeskPassword, at.Add(-time.Minute)); err != nil {
		t.Errorf("shut out from another place: %v", err)
	}
	if err := from("10.0.0.1", storetest.Reviewer.Name, storetest.DeskPassword, at.Add(-time.Minute)); err != nil {
		t.Errorf("somebody else is shut out: %v", err)
	}
	if err := from("10.0.0.1", storetest.Clerk.Name, storetest.DeskPassword, at); err != nil {
		t.Errorf("the wait has no end: %v", err)
	}
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '口令连错' AND subject = $1 AND summary LIKE '%连续错了 10 次'`, storetest.Clerk.Name); n != 1 {
		t.Errorf("%d entries of the guesses", n)
	}
	d.JournalHolds(1, wrong)
	// Whoever types the name in another form is who they are in the journal.
	for range 5 {
		_ = from("10.0.0.3", storetest.Clerk.Name, wrong, at)
	}
	typed := journal.By{Actor: " " + storetest.Clerk.Name, Origin: "10.0.0.2", At: at}
	if _, err := users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, typed.Actor, storetest.DeskPassword, typed); err != nil {
		t.Fatal(err)
	}
	if n := d.Number(`SELECT count(*) FROM journal WHERE action = '口令连错' AND actor = $1`, storetest.Clerk.Name); n != 1 {
		t.Errorf("%d entries of the guesses by the stored name", n)
	}
	// A new password may be tried at once.
	for range 5 {
		_ = from("10.0.0.1", storetest.Clerk.Name, wrong, at)
	}
	storetest.Refused(t, users.SetPassword(t.Context(), d.Db, storetest.DeskRegion, storetest.Clerk.Name, "重设以后的长口令啊", because("忘记")), fault.Invalid, "太短")
	if err := users.SetPassword(t.Context(), d.Db, storetest.DeskRegion, storetest.Clerk.Name, "重设以后的很长口令啊", because("忘记")); err != nil {
		t.Fatal(err)
	}
	if err := from("10.0.0.1", storetest.Clerk.Name, "重设以后的很长口令啊", at); err != nil {
		t.Error(err)
	}
}

// TestNamesCannotBeFoundOut: a name that there is not is answered and counted like one that
// there is, and costs a computation of the same kind.
func TestNamesCannotBeFoundOut(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Exec(`UPDATE account_user SET password = $1`, approval.HashPassword(storetest.DeskPassword))
	answers := func(name string) (said []string, took time.Duration) {
		begun := time.Now()
		for i := range 8 {
			_, err := users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, name, "错的口令错的口令", storetest.DeskBy(storetest.DeskNow.Add(time.Duration(i)*30*time.Minute)))
			said = append(said, err.Error())
		}
		return said, time.Since(begun)
	}
	known, took := answers(storetest.Clerk.Name)
	unknown, tookToo := answers("无此人")
	if diff := cmp.Diff(known, unknown); diff != "" {
		t.Errorf("known (-) and unknown (+) names are told apart:\n%s", diff)
	}
	if tookToo < took/4 || took < tookToo/4 {
		t.Errorf("eight wrong passwords of a known name take %s, of an unknown one %s", took, tookToo)
	}
	if n := d.Number(`SELECT count(*) FROM journal`); n != 0 {
		t.Errorf("wrong passwords leave %d entries, which takes time for some names only", n)
	}
	if n := d.Number(`SELECT count(*) FROM login_delay WHERE failures = 8`); n != 2 {
		t.Errorf("%d names are counted, want 2", n)
	}
}

// Guesses made at the same time are counted one by one: none slips through.
func TestGuessesAtTheSameTimeAreCounted(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	// At the real cost, so that guesses do overlap.
	d.Exec(`UPDATE account_user SET password = $1`, approval.HashPassword(storetest.DeskPassword))
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, storetest.Clerk.Name, "错的口令错的口令", storetest.DeskBy(storetest.DeskNow))
		})
	}
	wg.Wait()
	wrong := 0
	for _, err := range errs {
		if strings.Contains(err.Error(), "不正确") {
			wrong++
		}
	}
	if wrong != approval.FailuresAllowed {
		t.Errorf("%d guesses were looked at before the wait, want %d", wrong, approval.FailuresAllowed)
	}
}

// Right passwords at the same time, of commands that a script runs side by side, do not
// take each other for guesses.
func TestRightPasswordsAtTheSameTime(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Exec(`UPDATE account_user SET password = $1`, approval.HashPassword(storetest.DeskPassword))
	errs := make([]error, 12)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = login(d, storetest.Clerk.Name, storetest.DeskPassword) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestUnknownAndClosedUsers(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	_, err := users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, "无此人", storetest.DeskPassword, storetest.DeskBy(storetest.DeskNow))
	storetest.Refused(t, err, fault.Denied, "用户名或口令不正确")
	d.Exec(`UPDATE account_user SET active = false`)
	_, err = users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, storetest.Clerk.Name, storetest.DeskPassword, storetest.DeskBy(storetest.DeskNow))
	storetest.Refused(t, err, fault.Denied, "已停用")
	_, err = users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, storetest.Clerk.Name, "错的口令错的口令", storetest.DeskBy(storetest.DeskNow))
	storetest.Refused(t, err, fault.Denied, "用户名或口令不正确")
	d.Exec(`UPDATE account_user SET active = true`)
	if u, err := users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, " "+storetest.Clerk.Name+"　", storetest.DeskPassword, storetest.DeskBy(storetest.DeskNow)); err != nil || u.Name != storetest.Clerk.Name {
		t.Errorf("a name with spaces around it: %+v, %v", u, err)
	}
	d.Exec(`UPDATE account_user SET password = 'not a hash'`)
	if _, err = users.Authenticate(t.Context(), d.Db, storetest.DeskRegion, storetest.Clerk.Name, storetest.DeskPassword, storetest.DeskBy(storetest.DeskNow)); fault.CodeOf(err) != fault.Internal {
		t.Errorf("a broken hash gives %v", err)
	}
}
