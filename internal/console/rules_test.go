package console_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/policy"
	"disburse/internal/store/users"
	"disburse/jobs"
)

func TestListAndRates(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	m := s.as("甲经办")
	text := m.page("/policy")
	for _, it := range s.office.Pack.Items() {
		if !strings.Contains(text, `href="/policy/`+it.Code.Value+`"`) {
			t.Errorf("item %s is not on the list", it.Code.Value)
		}
		if page := m.page("/policy/" + it.Code.Value); !strings.Contains(page, it.Name.Value) || strings.Contains(page, "不符：") {
			t.Errorf("page of item %s", it.Code.Value)
		}
	}
	if page := m.page("/policy/14"); strings.Contains(page, "&gt;=") || !strings.Contains(page, "年龄 ≥ 60") || !strings.Contains(page, "经济困难 或 特困为“分散”") {
		t.Error("the rule is not in words")
	}
	for _, r := range s.office.Pack.File.Rates {
		if page := m.page("/rates?rate=" + url.QueryEscape(r.Name.Value)); !strings.Contains(page, `<path class="l0"`) {
			t.Errorf("rate %s is not drawn", r.Name.Value)
		}
	}
	rates := m.page("/rates")
	for _, want := range []string{`<td class="w">2024-01</td><td class="w">2024-12</td><td class="n">700</td>`, `<td class="w">2025-01</td><td class="w"></td><td class="n">730</td>`,
		"<td>80 周岁及以上</td>", "<td>60 至 79 周岁</td>", "<td>自理能力：全护理</td>", "<td>不能自理：否</td>"} {
		if !strings.Contains(rates, want) {
			t.Errorf("the rates lack %s", want)
		}
	}
	if text := s.as("人社经办").page("/policy/11"); strings.Contains(text, "暂缓（元）") {
		t.Error("another bureau's money is shown")
	}
}

// TestPackIsAdoptedByTwo: from the upload to the second person.
func TestPackIsAdoptedByTwo(t *testing.T) {
	t.Parallel()
	s := openAudited(t)
	second := approval.User{Name: "己审批", Post: approval.Approver, Bureau: civil, Active: true}
	if err := users.Add(t.Context(), s.db, siteRegion, second, sitePassword, s.by("os:root")); err != nil {
		t.Fatal(err)
	}
	s.people(200)
	s.run(november)
	s.sign(november, civil, "甲经办", "乙复核", "丙审批")
	m := s.as("丙审批")
	if status, text := m.sendFile("/packs", "坏.yaml", []byte("language: 1\nregion: 5\n"), nil); status != http.StatusUnprocessableEntity || !strings.Contains(text, "不能用") {
		t.Errorf("a pack that is none: %d", status)
	}
	dearer := strings.Replace(string(policy.Builtin()), "- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 80, source: 清单第11项}", 1)
	_, where := m.sendFile("/packs", "新.yaml", []byte(dearer), nil)
	m.finish(where)
	offered := afterWork(m, where)
	text := m.page(offered)
	for _, word := range []string{"高龄津贴标准", "涉及人数", "提出采用申请", "同意改变已经结算的月份"} {
		if !strings.Contains(text, word) {
			t.Errorf("the effect does not say %q", word)
		}
	}
	_, where = m.post(offered+"/adopt", url.Values{"reason": {"某文〔2026〕9号"}})
	if text := m.finish(where); !strings.Contains(text, "retroactive") && !strings.Contains(text, "会改变已经结算的月份") {
		t.Errorf("without agreeing to it: %s", text)
	}
	_, where = m.post(offered+"/adopt", url.Values{"reason": {"某文〔2026〕9号"}, "retroactive": {"1"}})
	if text := m.finish(where); !strings.Contains(text, "第 1 号采用申请") {
		t.Fatalf("propose: %s", text)
	}
	if text := m.page("/packs/proposal/1"); strings.Contains(text, "确认采用</h2>") {
		t.Error("who proposed it may confirm it")
	}
	_, where = m.post("/packs/proposal/1/confirm", url.Values{"reason": {"自己"}})
	if text := m.finish(where); !strings.Contains(text, "请由另一人确认") {
		t.Errorf("confirmed by the same: %s", text)
	}
	other := s.as("己审批")
	_, where = other.post("/packs/proposal/1/confirm", url.Values{"reason": {"已核对"}})
	if text := other.finish(where); !strings.Contains(text, "已采用规则包") {
		t.Errorf("confirm: %s", text)
	}
	if text := other.page("/policy/11"); !strings.Contains(text, ">80<") {
		t.Error("pages do not follow the adopted pack")
	}
	if status, _ := s.as("戊审计").sendFile("/packs", "新.yaml", []byte(dearer), nil); status != http.StatusForbidden {
		t.Errorf("an auditor offers a pack: %d", status)
	}
}

// afterWork is the page that work has led to.
func afterWork(m *member, where string) string {
	m.s.t.Helper()
	text := m.page(where)
	_, rest, ok := strings.Cut(text, `class="button main" href="`)
	if !ok {
		m.s.t.Fatalf("%s leads nowhere: %s", where, text)
	}
	link, _, _ := strings.Cut(rest, `"`)
	return link
}

func TestCalendarPages(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("丁管理")
	text := m.page("/calendar")
	for _, name := range jobs.Names() {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not on the calendar", name)
		}
	}
	job := "/calendar/job/" + url.PathEscape(jobs.MonthRun)
	form := url.Values{"enabled": {"1"}, "every": {"每月"}, "day": {"12"}, "hour": {"7"}, "minute": {"15"}, "shift": {"顺延"}, "lead": {""}, "reason": {"会议定的"}}
	if status, where := m.post(job, form); status != http.StatusSeeOther {
		t.Fatalf("set: %d %s", status, where)
	}
	if text := m.page(job); !strings.Contains(text, "12 日") && !strings.Contains(text, "12日") {
		t.Errorf("the new day is not shown")
	}
	form.Set("day", "31")
	if status, text := m.post(job, form); status != http.StatusUnprocessableEntity || !strings.Contains(text, `value="31"`) {
		t.Errorf("a day that months lack: %d", status)
	}
	form.Set("day", "十")
	if status, _ := m.post(job, form); status != http.StatusUnprocessableEntity {
		t.Errorf("a day that is no number: %d", status)
	}
	if status, _ := m.post("/calendar/holidays", url.Values{"from": {"2027-10-01"}, "to": {"2027-10-07"}, "off": {"1"}, "name": {"国庆节"}, "reason": {"放假通知"}}); status != http.StatusSeeOther {
		t.Errorf("holidays: %d", status)
	}
	if text := m.page("/calendar"); !strings.Contains(text, "2027-10-07") || !strings.Contains(text, "国庆节") {
		t.Error("holidays are not listed")
	}
	wrong := url.Values{"from": {"2027-05-07"}, "to": {"2027-05-01"}, "off": {"0"}, "name": {"劳动节"}, "reason": {"通知三号"}}
	if status, text := m.post("/calendar/holidays", wrong); status != http.StatusUnprocessableEntity || !strings.Contains(text, "不是一段日子") ||
		!strings.Contains(text, `value="2027-05-07"`) || !strings.Contains(text, `value="劳动节"`) || !strings.Contains(text, `value="通知三号"`) || !strings.Contains(text, `value="0" selected`) {
		t.Errorf("a wrong range loses what was typed: %d %s", status, text)
	}
	wrong = url.Values{"from": {"2027-05-01"}, "off": {"1"}, "name": {"劳动节"}, "reason": {" "}}
	if status, text := m.post("/calendar/holidays", wrong); status != http.StatusUnprocessableEntity || !strings.Contains(text, "请写明登记的依据") {
		t.Errorf("no document: %d", status)
	}
	if status, text := m.post("/calendar/holidays/remove", url.Values{"day": {"2027-10-07"}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, "请写明去掉 2027-10-07 的依据") {
		t.Errorf("removed without a document: %d", status)
	}
	if text := m.page("/calendar"); !strings.Contains(text, "2027-10-07") || strings.Contains(text, "劳动节") {
		t.Error("what was refused is done")
	}
	if status, _ := m.post("/calendar/holidays/remove", url.Values{"day": {"2027-10-07"}, "reason": {"写错"}}); status != http.StatusSeeOther {
		t.Errorf("remove: %d", status)
	}
	m.page("/calendar") // says once that it was removed
	if text := m.page("/calendar"); strings.Contains(text, "2027-10-07") {
		t.Error("a removed holiday is listed")
	}
	if status, text := m.post(job+"/run", nil); status != http.StatusConflict || !strings.Contains(text, "没有启动日历") {
		t.Errorf("run now without a scheduler: %d", status)
	}
	if status, _ := s.as("甲经办").post(job, form); status != http.StatusForbidden {
		t.Errorf("a clerk sets the calendar: %d", status)
	}
}

func TestRulesInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(200)
	s.run(november)
	w := s.openWindow("丁管理")
	for name, path := range map[string]string{"policy": "/policy", "item": "/policy/18-1", "rates": "/rates", "packs": "/packs", "calendar": "/calendar", "job": "/calendar/job/" + url.PathEscape(jobs.Backup), "notices": "/notices"} {
		w.open(path)
		w.shoot(name)
	}
	file := filepath.Join(t.TempDir(), "新.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(string(policy.Builtin()), "value: 300", "value: 320", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open("/packs")
	w.file("input[type=file]", file)
	w.press("检查并测算影响")
	w.follow("不同之处")
	w.says("不同之处", "百岁补贴标准")
	w.shoot("effect")
}
