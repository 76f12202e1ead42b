package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/store/users"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("丁管理")
	form := url.Values{"name": {"己复核"}, "post": {"复核"}, "bureau": {labour}, "password": {"又一个相当长的口令字"}, "again": {"又一个相当长的口令字"}}
	if status, where := m.post("/users", form); status != http.StatusSeeOther {
		t.Fatalf("add: %d %s", status, where)
	}
	if text := m.page("/users"); !strings.Contains(text, "己复核") || !strings.Contains(text, "已新建用户") {
		t.Error("the new user is not listed")
	}
	if status, text := m.post("/users", form); status != http.StatusConflict || !strings.Contains(text, "已经存在") || !strings.Contains(text, `value="己复核"`) {
		t.Errorf("the same again: %d", status)
	}
	form.Set("name", "庚")
	form.Set("again", "另外的口令一二三四")
	if status, _ := m.post("/users", form); status != http.StatusUnprocessableEntity {
		t.Errorf("two passwords that differ: %d", status)
	}
	old := s.as("甲经办")
	if status, _ := m.post("/users/password", url.Values{"name": {"甲经办"}, "password": {"重设的一个长口令"}, "again": {"重设的一个长口令"}, "reason": {"忘记"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a password of eight characters: %d", status)
	}
	if status, where := m.post("/users/password", url.Values{"name": {"甲经办"}, "password": {"重设的一个相当长的口令"}, "again": {"重设的一个相当长的口令"}, "reason": {"忘记"}}); status != http.StatusSeeOther {
		t.Errorf("reset: %d %s", status, where)
	}
	if status, _ := old.get("/me"); status != http.StatusSeeOther {
		t.Error("a session outlives the reset of its password")
	}
	if status, _ := m.post("/users/active", url.Values{"name": {"乙复核"}, "active": {"0"}, "reason": {"调离"}}); status != http.StatusSeeOther {
		t.Errorf("close: %d", status)
	}
	if status, _ := m.post("/users/active", url.Values{"name": {"丁管理"}, "active": {"0"}, "reason": {"试试"}}); status != http.StatusConflict {
		t.Errorf("the last administrator closes the own account: %d", status)
	}
	for range approval.FailuresAllowed {
		s.as("").post("/login", url.Values{"name": {"人社经办"}, "password": {"不是这个口令"}})
	}
	if text := m.page("/users"); strings.Count(text, "口令输错 5 次") != 1 {
		t.Errorf("that somebody guesses is not told: %s", text)
	}
	s.later(2 * time.Minute)
	s.as("人社经办")
	if text := m.page("/users"); strings.Contains(text, "口令输错") {
		t.Error("the right password ends the count")
	}
	if status, _ := s.as("戊审计").post("/users", form); status != http.StatusForbidden {
		t.Errorf("an auditor adds a user: %d", status)
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	s := openAudited(t)
	s.people(150)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	m := s.as("戊审计")
	if text := m.page("/audit?q=" + url.QueryEscape("审批")); !strings.Contains(text, "丙审批") {
		t.Error("the approval is not found")
	}
	_, where := m.post("/audit/verify", nil)
	if text := m.finish(where); !strings.Contains(text, "审计链完好") {
		t.Errorf("verify: %s", text)
	}
	_, where = m.post("/audit/month", url.Values{"month": {"2026-11"}})
	if text := m.finish(where); !strings.Contains(text, "逐行一致") {
		t.Errorf("month: %s", text)
	}
	if status, text := m.post("/audit/verify", url.Values{"anchor": {"abc"}, "rev": {"12"}}); status != http.StatusUnprocessableEntity ||
		!strings.Contains(text, `value="abc"`) || !strings.Contains(text, `value="12"`) || !strings.Contains(text, "至少 16 位") {
		t.Errorf("a head of three digits: %d", status)
	}
	_, where = m.post("/audit/verify", url.Values{"anchor": {strings.Repeat("0", 64)}})
	if text := m.finish(where); !strings.Contains(text, "flash bad") {
		t.Errorf("a head that never was: %s", text)
	}
	if err := users.SetActive(t.Context(), s.db, siteRegion, "人社经办", false, s.by("丁管理")); err != nil {
		t.Fatal(err)
	}
	s.exec(`UPDATE account_user SET active = true WHERE name = '人社经办'`)
	_, where = m.post("/audit/verify", nil)
	if text := m.finish(where); !strings.Contains(text, "在用或停用被改动") {
		t.Errorf("an account opened past the program: %s", text)
	}
	s.exec(`UPDATE ledger SET amount = amount + 1 WHERE ctid = (SELECT min(ctid) FROM ledger)`)
	_, where = m.post("/audit/verify", nil)
	if text := m.finish(where); !strings.Contains(text, "发现") || !strings.Contains(text, "台账") {
		t.Errorf("a ledger row that was altered: %s", text)
	}
	for _, name := range []string{"甲经办", "丁管理"} {
		if status, _ := s.as(name).get("/audit"); status != http.StatusForbidden {
			t.Errorf("%s reads the audit: %d", name, status)
		}
	}
}

func TestSystemInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	s.run(november)
	w := s.openWindow("丁管理")
	w.open("/users")
	w.shoot("users")
	a := s.openWindow("戊审计")
	a.open("/audit")
	a.shoot("audit")
	a.open("/audit/access")
	a.shoot("access")
}
