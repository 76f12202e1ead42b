package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestMonthBelongsToItsBureau: what a user sees of a month is their bureau's.
func TestMonthBelongsToItsBureau(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	for name, sees := range map[string][2]bool{"甲经办": {true, false}, "人社经办": {false, true}, "丁管理": {true, true}, "戊审计": {true, true}} {
		text := s.as(name).page("/")
		for i, bureau := range []string{civil, labour} {
			if got := strings.Contains(text, `<h2 class="plain">`+bureau); got != sees[i] {
				t.Errorf("%s sees %s: %v", name, bureau, got)
			}
		}
	}
}

func TestRunFromThePage(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	m := s.as("甲经办")
	if text := m.page("/"); !strings.Contains(text, "2026年11月还没有计算") {
		t.Error("the page does not say that the month is to be computed")
	}
	status, where := m.post("/month/2026-11/run", nil)
	if status != http.StatusSeeOther {
		t.Fatalf("run: %d %s", status, where)
	}
	if text := m.finish(where); !strings.Contains(text, "2026年11月已计算") {
		t.Errorf("after the run: %s", text)
	}
	if text := m.page("/month/2026-11"); !strings.Contains(text, "去提交") && !strings.Contains(text, "看检查结果") {
		t.Errorf("nothing is to be done: %s", text)
	}
	for _, name := range []string{"乙复核", "丁管理", "戊审计"} {
		if status, _ := s.as(name).post("/month/2026-11/run", nil); status != http.StatusForbidden {
			t.Errorf("%s runs a month: %d", name, status)
		}
	}
}

func TestMonthInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(400)
	w := s.openWindow("甲经办")
	w.says("还没有计算")
	w.press("计算")
	w.follow("发放人数")
	w.shoot("month")
	w.printed("month")
}
