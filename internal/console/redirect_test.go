package console_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"disburse/internal/console"
)

// TestGetOfActionRedirects: whoever opens the address of an action is led to a page that is
// there, and nothing is done.
func TestGetOfActionRedirects(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	s.run(november)
	_, path := s.batchOf(november, civil)
	m := s.as("甲经办")
	for from, to := range map[string]string{
		path + "/submit": path, path + "/checks/kind": path + "/checks", "/month/2026-11/run": "/month/2026-11", "/imports/roster/7/try": "/imports",
		"/bank/sent/1": "/bank", "/users/active": "/users", "/audit/verify": "/audit", "/logout": "/",
		"/calendar/job/%E5%A4%87%E4%BB%BD/run": "/calendar/job/%E5%A4%87%E4%BB%BD",
	} {
		if status, where := m.linkOf(from); status != http.StatusSeeOther || where != to {
			t.Errorf("%s: %d %s, want %s", from, status, where, to)
		}
	}
	var pages []string
	for _, r := range console.RoutesOfTest() {
		if where, is := strings.CutPrefix(r.Pattern, "GET "); is {
			pages = append(pages, where)
		}
	}
	for _, r := range console.RoutesOfTest() {
		where, is := strings.CutPrefix(r.Pattern, "POST ")
		if !is || slices.Contains(pages, where) || r.Open {
			continue
		}
		if status, to := s.try(m, "GET "+where); status != http.StatusSeeOther || strings.HasPrefix(to, "/login") {
			t.Errorf("%s: %d %s", where, status, to)
		}
	}
	if b, _ := s.batchOf(november, civil); !b.State.Unsigned() {
		t.Error("opening the address of 提交 submits")
	}
	if status, where := s.as("").linkOf(path + "/submit"); status != http.StatusSeeOther || !strings.HasPrefix(where, "/login") {
		t.Errorf("nobody is led on: %d %s", status, where)
	}
}
