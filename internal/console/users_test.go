package console_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"disburse/internal/store/users"
)

// TestAResetPasswordOpensNothingElse: after a reset by an administrator somebody else must
// confirm, and the user sets a password before anything else.
func TestAResetPasswordOpensNothingElse(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	const handed, own = "交给本人的一个长口令", "本人自己的一个长口令"
	login := func(password string) (*member, int, string) {
		m := s.as("")
		status, text := m.post("/login", url.Values{"name": {"乙复核"}, "password": {password}})
		return m, status, text
	}
	manager, auditor := s.as("丁管理"), s.as("戊审计")
	reset := url.Values{"name": {"乙复核"}, "password": {handed}, "again": {handed}}
	if status, text := manager.post("/users/password", reset); status != http.StatusUnprocessableEntity || !strings.Contains(text, "要写明原因") {
		t.Errorf("without a reason: %d %s", status, text)
	}
	reset.Set("reason", "忘记口令")
	if status, _ := manager.post("/users/password", reset); status != http.StatusSeeOther {
		t.Fatalf("reset: %d", status)
	}
	if text := manager.page("/users"); !strings.Contains(text, "待本人改口令") || strings.Contains(text, "已核实，确认") || !strings.Contains(text, "要先换成自己的口令；换过以后，由另一位管理或审计向本人核实、确认，才能办理") {
		t.Errorf("the administrator's list: %s", text)
	}
	if text := auditor.page("/"); strings.Contains(text, "用户“乙复核”的账号等第二人确认") || !strings.Contains(text, "重设口令：乙复核") {
		t.Errorf("the auditor's home before the own password: %s", text)
	}
	if status, text := auditor.post("/users/confirm", s.confirming("乙复核")); status != http.StatusConflict || !strings.Contains(text, "还没有换成自己的口令") {
		t.Errorf("confirmed before the own password: %d %s", status, text)
	}
	m, status, where := login(handed)
	if status != http.StatusSeeOther {
		t.Fatalf("login: %d %s", status, where)
	}
	for _, path := range []string{"/", "/people", "/users", "/batches"} {
		if status, where := m.get(path); status != http.StatusSeeOther {
			t.Errorf("GET %s with somebody else's password: %d %s", path, status, where)
		}
	}
	if status, where := m.post("/accounts/1", url.Values{"answer": {"grant"}}); status != http.StatusSeeOther || where != "/me" {
		t.Errorf("an action with somebody else's password: %d %s", status, where)
	}
	if text := m.page("/me"); !strings.Contains(text, "您的口令是别人设的") || !strings.Contains(text, "丁管理") || !strings.Contains(text, "忘记口令") {
		t.Errorf("the person's own page: %s", text)
	}
	if status, text := m.post("/me/password", url.Values{"old": {handed}, "password": {handed}, "again": {handed}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, "与现在的一样") {
		t.Errorf("the same password again: %d", status)
	}
	if status, _ := m.post("/me/password", url.Values{"old": {handed}, "password": {own}, "again": {own}}); status != http.StatusSeeOther {
		t.Fatalf("the own password: %d", status)
	}
	if status, where := m.get("/people"); status != http.StatusSeeOther {
		t.Errorf("before somebody confirms: %d %s", status, where)
	}
	if text := m.page("/me"); !strings.Contains(text, "已修改口令") || !strings.Contains(text, "您的账号还没有经过第二人确认") {
		t.Errorf("the person's own page before the confirmation: %s", text)
	}
	if status, _ := manager.post("/users/confirm", s.confirming("乙复核")); status != http.StatusForbidden {
		t.Errorf("the administrator confirms: %d", status)
	}
	if text := auditor.page("/"); !strings.Contains(text, "用户“乙复核”的账号等第二人确认") {
		t.Errorf("the auditor's home: %s", text)
	}
	text := auditor.page("/users")
	if !strings.Contains(text, "待确认") || !strings.Contains(text, "已核实，确认") || !strings.Contains(text, "丁管理 重设口令，忘记口令") || !strings.Contains(text, `name="seen" value="`+s.confirming("乙复核").Get("seen")+`"`) {
		t.Errorf("the auditor's list: %s", text)
	}
	for _, form := range []url.Values{{"name": {"乙复核"}}, {"name": {"乙复核"}, "seen": {"1"}}} {
		if status, text := auditor.post("/users/confirm", form); status < 400 || !strings.Contains(text, "请重新打开“用户”页") {
			t.Errorf("confirmed what was not seen: %d %s", status, text)
		}
	}
	if status, _ := auditor.post("/users/confirm", s.confirming("乙复核")); status != http.StatusSeeOther {
		t.Fatalf("confirm: %d", status)
	}
	m.page("/people")
}

// confirming is the form that confirms what was done to an account so far.
func (s *site) confirming(name string) url.Values {
	s.t.Helper()
	_, standing, err := users.Events(s.t.Context(), s.db, siteRegion, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return url.Values{"name": {name}, "seen": {strconv.FormatInt(standing.Last, 10)}}
}

// TestReopenedOnThePage: a closed account that is opened again waits as a reset one does.
func TestReopenedOnThePage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("丁管理")
	for _, c := range [][2]string{{"0", "休假"}, {"1", "回来上班"}} {
		if status, text := m.post("/users/active", url.Values{"name": {"乙复核"}, "active": {c[0]}, "reason": {c[1]}}); status != http.StatusSeeOther {
			t.Fatalf("active %s: %d %s", c[0], status, text)
		}
	}
	if text := m.page("/users"); !strings.Contains(text, "已启用用户“乙复核”，登录时要先换成自己的口令；换过以后，由另一位管理或审计") || !strings.Contains(text, "丁管理 启用，回来上班；未经第二人确认") {
		t.Errorf("the list: %s", text)
	}
}

// TestTheOnlyWatchmanOnThePage: sentences in place of a loss of control.
func TestTheOnlyWatchmanOnThePage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("丁管理")
	if status, text := m.post("/users/active", url.Values{"name": {"戊审计"}, "active": {"0"}, "reason": {"调离"}}); status != http.StatusConflict || !strings.Contains(text, "唯一能确认") {
		t.Errorf("close: %d", status)
	}
	if status, text := m.post("/users/password", url.Values{"name": {"戊审计"}, "password": {"相当长的一个口令" + "啊啊"}, "again": {"相当长的一个口令" + "啊啊"}, "reason": {"忘记"}}); status != http.StatusConflict || !strings.Contains(text, "disburse user passwd") {
		t.Errorf("reset: %d %s", status, text)
	}
	for _, name := range []string{"<script>", "甲经办\ufe00", "os：root", "ΜΖ"} {
		form := url.Values{"name": {name}, "post": {"经办"}, "bureau": {civil}, "password": {sitePassword}, "again": {sitePassword}}
		if status, text := m.post("/users", form); status != http.StatusUnprocessableEntity || !strings.Contains(text, "用户名里不能有") {
			t.Errorf("%q: %d", name, status)
		}
	}
}

// TestARequestNobodyMade: a number that no column holds is one that there is not.
func TestARequestNobodyMade(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	for _, form := range []url.Values{{"answer": {"refuse"}, "reason": {"与存折不符"}}, {"answer": {"grant"}, "number": {"6200"}}} {
		if status, text := s.as("乙复核").post("/accounts/9999999999", form); status != http.StatusNotFound || !strings.Contains(text, "第 9999999999 号") {
			t.Errorf("%v: %d %s", form, status, text)
		}
	}
}
