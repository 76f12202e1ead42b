package postgres_test

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
)

func deskBy(at time.Time) journal.By {
	return journal.By{Actor: "os:tester", Origin: "主机", At: at, Reason: ""}
}

func because(reason string) journal.By {
	by := deskBy(deskNow)
	by.Reason = reason
	return by
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
	refused(t, d.db.SetPassword(ctx, deskRegion, added.Name, later+"啊", deskBy(deskNow)), fault.Invalid, "要写明原因")
	if err := d.db.SetPassword(ctx, deskRegion, added.Name, later+"啊", because("忘记")); err != nil {
		t.Fatal(err)
	}
	refused(t, d.db.SetPassword(ctx, deskRegion, "无此人", later+"啊", because("忘记")), fault.NotFound, "没有用户“无此人”")
	refused(t, d.db.SetPassword(ctx, deskRegion, added.Name, "短", because("忘记")), fault.Invalid, "太短")
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

// TestWrongPasswordsWaitWhereTheyComeFrom: the delay grows, is for one name from one place,
// and shuts nobody out anywhere else.
func TestWrongPasswordsWaitWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	from := func(origin, name, password string, at time.Time) error {
		by := deskBy(at)
		by.Origin = origin
		_, err := d.db.Authenticate(t.Context(), deskRegion, name, password, by)
		return err
	}
	const wrong = "错的口令错的口令"
	for range 4 {
		refused(t, from("10.0.0.1", clerk.Name, wrong, deskNow), fault.Denied, "用户名或口令不正确，请核对后重试")
	}
	if err := from("10.0.0.1", clerk.Name, deskPassword, deskNow); err != nil {
		t.Fatalf("four wrong ones make wait already: %v", err)
	}
	at := deskNow
	for i, minutes := range []int{0, 0, 0, 0, 1, 2, 4, 8, 15, 15} {
		err := from("10.0.0.1", clerk.Name, wrong, at)
		if minutes == 0 {
			refused(t, err, fault.Denied, "用户名或口令不正确，请核对后重试")
			continue
		}
		refused(t, err, fault.Denied, fmt.Sprintf("已连续错了 %d 次，请过 %d 分钟再试", i+1, minutes))
		refused(t, from("10.0.0.1", clerk.Name, deskPassword, at), fault.Denied, fmt.Sprintf("没有核对口令，请过 %d 分钟再试", minutes))
		if strings.Contains(err.Error(), clerk.Name) {
			t.Errorf("the refusal names a user: %v", err)
		}
		at = at.Add(time.Duration(minutes) * time.Minute)
	}
	// Meanwhile the user is let in elsewhere, and others are here.
	if err := from("10.0.0.2", clerk.Name, deskPassword, at.Add(-time.Minute)); err != nil {
		t.Errorf("shut out from another place: %v", err)
	}
	if err := from("10.0.0.1", reviewer.Name, deskPassword, at.Add(-time.Minute)); err != nil {
		t.Errorf("somebody else is shut out: %v", err)
	}
	if err := from("10.0.0.1", clerk.Name, deskPassword, at); err != nil {
		t.Errorf("the wait has no end: %v", err)
	}
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '口令连错' AND subject = $1 AND summary LIKE '%连续错了 10 次'`, clerk.Name); n != 1 {
		t.Errorf("%d entries of the guesses", n)
	}
	d.journalHolds(1, wrong)
	// Whoever types the name in another form is who they are in the journal.
	for range 5 {
		_ = from("10.0.0.3", clerk.Name, wrong, at)
	}
	typed := journal.By{Actor: " " + clerk.Name, Origin: "10.0.0.2", At: at}
	if _, err := d.db.Authenticate(t.Context(), deskRegion, typed.Actor, deskPassword, typed); err != nil {
		t.Fatal(err)
	}
	if n := d.number(`SELECT count(*) FROM journal WHERE action = '口令连错' AND actor = $1`, clerk.Name); n != 1 {
		t.Errorf("%d entries of the guesses by the stored name", n)
	}
	// A new password may be tried at once.
	for range 5 {
		_ = from("10.0.0.1", clerk.Name, wrong, at)
	}
	refused(t, d.db.SetPassword(t.Context(), deskRegion, clerk.Name, "重设以后的长口令啊", because("忘记")), fault.Invalid, "太短")
	if err := d.db.SetPassword(t.Context(), deskRegion, clerk.Name, "重设以后的很长口令啊", because("忘记")); err != nil {
		t.Fatal(err)
	}
	if err := from("10.0.0.1", clerk.Name, "重设以后的很长口令啊", at); err != nil {
		t.Error(err)
	}
}

// TestNamesCannotBeFoundOut: a name that there is not is answered and counted like one that
// there is, and costs a computation of the same kind.
func TestNamesCannotBeFoundOut(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.exec(`UPDATE account_user SET password = $1`, approval.HashPassword(deskPassword))
	answers := func(name string) (said []string, took time.Duration) {
		begun := time.Now()
		for i := range 8 {
			_, err := d.db.Authenticate(t.Context(), deskRegion, name, "错的口令错的口令", deskBy(deskNow.Add(time.Duration(i)*30*time.Minute)))
			said = append(said, err.Error())
		}
		return said, time.Since(begun)
	}
	known, took := answers(clerk.Name)
	unknown, tookToo := answers("无此人")
	if diff := cmp.Diff(known, unknown); diff != "" {
		t.Errorf("known (-) and unknown (+) names are told apart:\n%s", diff)
	}
	if tookToo < took/4 || took < tookToo/4 {
		t.Errorf("eight wrong passwords of a known name take %s, of an unknown one %s", took, tookToo)
	}
	if n := d.number(`SELECT count(*) FROM journal`); n != 0 {
		t.Errorf("wrong passwords leave %d entries, which takes time for some names only", n)
	}
	if n := d.number(`SELECT count(*) FROM login_delay WHERE failures = 8`); n != 2 {
		t.Errorf("%d names are counted, want 2", n)
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
	if wrong != approval.FailuresAllowed {
		t.Errorf("%d guesses were looked at before the wait, want %d", wrong, approval.FailuresAllowed)
	}
}

// Right passwords at the same time, of commands that a script runs side by side, do not
// take each other for guesses.
func TestRightPasswordsAtTheSameTime(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.exec(`UPDATE account_user SET password = $1`, approval.HashPassword(deskPassword))
	errs := make([]error, 12)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = d.login(clerk.Name, deskPassword) })
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
	d := openDesk(t)
	_, err := d.db.Authenticate(t.Context(), deskRegion, "无此人", deskPassword, deskBy(deskNow))
	refused(t, err, fault.Denied, "用户名或口令不正确")
	d.exec(`UPDATE account_user SET active = false`)
	_, err = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, deskPassword, deskBy(deskNow))
	refused(t, err, fault.Denied, "已停用")
	_, err = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, "错的口令错的口令", deskBy(deskNow))
	refused(t, err, fault.Denied, "用户名或口令不正确")
	d.exec(`UPDATE account_user SET active = true`)
	if u, err := d.db.Authenticate(t.Context(), deskRegion, " "+clerk.Name+"　", deskPassword, deskBy(deskNow)); err != nil || u.Name != clerk.Name {
		t.Errorf("a name with spaces around it: %+v, %v", u, err)
	}
	d.exec(`UPDATE account_user SET password = 'not a hash'`)
	if _, err = d.db.Authenticate(t.Context(), deskRegion, clerk.Name, deskPassword, deskBy(deskNow)); fault.CodeOf(err) != fault.Internal {
		t.Errorf("a broken hash gives %v", err)
	}
}
