package console_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"disburse/internal/console"
	"disburse/internal/store/users"
)

// send posts a form as a browser does that shows the page.
func (m *member) sendFrom(page, path string, form url.Values) (int, string) {
	m.s.t.Helper()
	req, _ := http.NewRequest(http.MethodPost, m.s.http.URL+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Referer", m.s.http.URL+page)
	resp, err := m.client.Do(req)
	if err != nil {
		m.s.t.Fatal(err)
	}
	body(m.s.t, resp)
	return resp.StatusCode, resp.Header.Get("Location")
}

func (m *member) login(name string) string {
	m.s.t.Helper()
	status, where := m.post("/login", url.Values{"name": {name}, "password": {sitePassword}})
	if status != http.StatusSeeOther {
		m.s.t.Fatalf("login of %s: %d", name, status)
	}
	return where
}

// TestExpiredSessionSavesForm: it is there again after the login of the same user from
// the same browser, once, and nowhere else.
func TestExpiredSessionSavesForm(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(20)
	const page = "/people/1/change/who"
	form := url.Values{"name": {"周口<店>"}, "reason": {"申请书 2026-11-12"}, "password": {"不该留下的口令"}, "step": {"try"}}
	m := s.as("甲经办")
	expire := func() {
		t.Helper()
		s.later(users.SessionIdleTimeout + time.Minute)
		if status, where := m.sendFrom(page, page, form); status != http.StatusSeeOther || where != "/login?kept=yes" {
			t.Fatalf("a form with an expired session: %d %s", status, where)
		}
	}
	expire()
	if text := m.page("/login?kept=yes"); !strings.Contains(text, "30 分钟没有操作") || !strings.Contains(text, "已经留着") || strings.Contains(text, "周口") {
		t.Errorf("the login page: %s", text)
	}
	if where := m.login("甲经办"); where != page {
		t.Errorf("the login leads to %s", where)
	}
	text := m.page(page)
	if !strings.Contains(text, `data-action="`+page+`"`) || !strings.Contains(text, `name="name" value="周口&lt;店&gt;"`) || !strings.Contains(text, `value="申请书 2026-11-12"`) {
		t.Errorf("what was typed is not there: %s", text)
	}
	if strings.Contains(text, "不该留下的口令") {
		t.Error("a password was kept")
	}
	if strings.Contains(m.page(page), `id="kept"`) {
		t.Error("it is there twice")
	}
	// Somebody else at the same browser sees nothing of it, and nor does the user afterwards.
	expire()
	if where := m.login("乙复核"); where != "/" || strings.Contains(m.page("/"), "周口") {
		t.Errorf("another user is led to %s", where)
	}
	m.login("甲经办")
	if strings.Contains(m.page(page), `id="kept"`) {
		t.Error("it outlives the login of somebody else")
	}
	// Nor is anything kept of a session that was ended, or of nobody.
	if err := users.SetPassword(t.Context(), s.db, siteRegion, "甲经办", "另一个相当长的口令字", s.by("丁管理")); err != nil {
		t.Fatal(err)
	}
	if status, where := m.sendFrom(page, page, form); status != http.StatusSeeOther || where != "/login?kept=no" {
		t.Errorf("a form with a session that was ended: %d %s", status, where)
	}
	if text := m.page("/login?kept=no"); !strings.Contains(text, "口令修改或重设过") || !strings.Contains(text, "没能留下") {
		t.Errorf("the login page: %s", text)
	}
	if status, where := s.as("").sendFrom(page, page, form); status != http.StatusSeeOther || where != "/login" {
		t.Errorf("a form of nobody: %d %s", status, where)
	}
	if text := s.log.String(); strings.Contains(text, "周口") {
		t.Errorf("the log names people: %s", text)
	}
}

// TestLargeFormIsNotSaved, and what is no form says so.
func TestLargeFormIsNotSaved(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	s.later(13 * time.Hour)
	if status, where := m.sendFrom("/people", "/people/1/change/who", url.Values{"name": {strings.Repeat("周", 300_000)}}); status != http.StatusSeeOther || where != "/login?kept=no" {
		t.Errorf("a form of a megabyte: %d %s", status, where)
	}
	if text := m.page("/login"); !strings.Contains(text, "没有操作") && !strings.Contains(text, "登录满 12 小时") {
		t.Errorf("the login page: %s", text)
	}
	if status, where := m.sendFile("/imports", "花名册.xlsx", []byte("x"), nil); status != http.StatusSeeOther || where != "/login?kept=yes" {
		t.Errorf("a file: %d %s", status, where)
	}
	where := m.login("甲经办")
	if text := m.page(where); where != "/imports" || !strings.Contains(text, "请重新选择文件") {
		t.Errorf("after the login, %s: %s", where, text)
	}
}

// TestPasswordsAreNeverSaved: all fields of the templates that are passwords are left out.
func TestPasswordsAreNeverSaved(t *testing.T) {
	t.Parallel()
	field := regexp.MustCompile(`<input[^>]*name="([^"]+)"[^>]*type="password"|<input[^>]*type="password"[^>]*name="([^"]+)"`)
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".html" {
			return err
		}
		text, err := os.ReadFile(path)
		passwords := strings.Count(string(text), `type="password"`)
		all := field.FindAllStringSubmatch(string(text), -1)
		if len(all) != passwords {
			t.Errorf("%s: %d passwords, %d of them with a name", path, passwords, len(all))
		}
		for _, x := range all {
			found++
			if name := x[1] + x[2]; !slices.Contains(console.SecretFieldsOfTest, name) {
				t.Errorf("%s: the password %q would be saved", path, name)
			}
		}
		return err
	})
	if err != nil || found < 8 {
		t.Errorf("%d passwords, %v", found, err)
	}
}

// TestExpiredSessionInTheBrowser: the form is filled in again where it was.
func TestExpiredSessionInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(20)
	w := s.openWindow("甲经办")
	w.open("/people/1/change/who")
	w.fill("input[name=community]", "新迁社区")
	w.fill("input[name=reason]", "申请书 2026-11-12")
	s.later(users.SessionIdleTimeout + time.Minute)
	w.press("看会有什么变化")
	w.says("30 分钟没有操作", "已经留着")
	w.accessible("login")
	w.fill("input[name=name]", "甲经办")
	w.fill("input[name=password]", sitePassword)
	w.click("button.main")
	w.says("已经填回下面的表单")
	w.accessible("kept")
	for field, want := range map[string]string{"community": "新迁社区", "reason": "申请书 2026-11-12"} {
		if got := evaluate[string](w, `document.querySelector("main > form [name=`+field+`], main form:not(#kept form) [name=`+field+`]").value`); got != want {
			t.Errorf("%s is %q", field, got)
		}
	}
	if evaluate[bool](w, `document.querySelector("#kept form").checkVisibility()`) {
		t.Error("the button for a form that is filled in again is still there")
	}
	w.press("看会有什么变化")
	w.says("登记后的变化")
}
