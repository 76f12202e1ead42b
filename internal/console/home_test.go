package console_test

import (
	"net/http"
	"net/url"
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

// TestMistypedMonth: a month that was run by mistake is taken back on the page of the right
// one, and the console no longer stands there.
func TestMistypedMonth(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(120)
	m := s.as("甲经办")
	for _, month := range []string{"2026-11", "2026-12"} {
		if text := m.page("/month/" + month); strings.Contains(text, `data-confirm="现在是`) != (month == "2026-12") {
			t.Errorf("%s: asked or not before the first run: %s", month, text)
		}
		_, where := m.post("/month/"+month+"/run", nil)
		m.finish(where)
	}
	if text := m.page("/"); !strings.Contains(text, "<h1>2026年12月</h1>") {
		t.Error("the console does not stand at the month that was run")
	}
	if text := m.page("/month/2026-12"); !strings.Contains(text, `data-confirm="现在是2026年11月，2026年12月还没有开始`) {
		t.Error("a month that has not begun is computed unasked")
	}
	text := m.page("/month/2026-11")
	if strings.Contains(text, "还没有开始") {
		t.Error("the present month asks")
	}
	if !strings.Contains(text, "2026年12月已经计算过；是算错了月份？") {
		t.Fatalf("nothing is offered: %s", text)
	}
	if text := s.as("乙复核").page("/month/2026-11"); strings.Contains(text, "是算错了月份") {
		t.Error("it is offered to somebody who computes no months")
	}
	if status, _ := m.post("/month/2026-11/run", url.Values{"discard": {"1"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", status)
	}
	_, where := m.post("/month/2026-11/run", url.Values{"discard": {"1"}, "reason": {"12 月是误点"}})
	if text := m.finish(where); !strings.Contains(text, "2026年11月已计算") || !strings.Contains(text, "已撤销区民政局2026年12月第1批") {
		t.Errorf("taken back: %s", text)
	}
	if text := m.page("/"); !strings.Contains(text, "<h1>2026年11月</h1>") || strings.Contains(text, "是算错了月份") {
		t.Error("the console still stands at the month that was taken back")
	}
}
