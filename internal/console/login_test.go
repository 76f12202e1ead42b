package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/store/users"
)

func TestLoginAndSessions(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	for _, path := range []string{"/me", "/"} {
		if status, _ := s.as("").get(path); status != http.StatusSeeOther {
			t.Errorf("GET %s without a session: %d", path, status)
		}
	}
	m := s.as("甲经办")
	if text := m.page("/me"); !strings.Contains(text, "甲经办") || !strings.Contains(text, civil) {
		t.Error("the account page does not say who it is")
	}
	s.later(users.SessionIdleTimeout - time.Minute)
	m.page("/me")
	s.later(users.SessionIdleTimeout - time.Minute)
	m.page("/me")
	s.later(users.SessionIdleTimeout + time.Minute)
	if status, _ := m.get("/me"); status != http.StatusSeeOther {
		t.Errorf("after an idle half-hour: %d", status)
	}
	m = s.as("甲经办")
	for range 30 {
		s.later(25 * time.Minute)
		if status, _ := m.get("/me"); status != http.StatusOK {
			break
		}
	}
	if status, _ := m.get("/me"); status != http.StatusSeeOther {
		t.Error("a session outlives its longest time")
	}
}

func TestLogoutEndsTheSession(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	at, _ := url.Parse(s.http.URL)
	stolen := m.client.Jar.Cookies(at)
	if status, where := m.post("/logout", nil); status != http.StatusSeeOther || where != "/login" {
		t.Fatalf("logout: %d %s", status, where)
	}
	m.client.Jar.SetCookies(at, stolen)
	if status, _ := m.get("/me"); status != http.StatusSeeOther {
		t.Errorf("a cookie kept from before the logout opens %d", status)
	}
}

func TestInactiveUsersAreLoggedOut(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	if err := users.SetActive(t.Context(), s.db, siteRegion, "甲经办", false, s.by("丁管理")); err != nil {
		t.Fatal(err)
	}
	if status, _ := m.get("/me"); status != http.StatusSeeOther {
		t.Errorf("a closed user's session: %d", status)
	}
	if err := users.SetActive(t.Context(), s.db, siteRegion, "丁管理", false, s.by("丁管理")); err == nil {
		t.Error("the last administrator was closed")
	}
}

// TestWrongPasswordsAreSlowed: where they come from, and nowhere else; no answer tells names.
func TestWrongPasswordsAreSlowed(t *testing.T) {
	t.Parallel()
	s := openSite(t, func(o *web.Options) { o.Proxied = true })
	s.addUser(siteUsers[1])
	login := func(origin, name, password string) (int, string) {
		req, _ := http.NewRequest(http.MethodPost, s.http.URL+"/login", strings.NewReader(url.Values{"name": {name}, "password": {password}}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("X-Forwarded-For", origin)
		resp, err := s.as("").client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, body(t, resp)
	}
	seen := map[int]int{}
	for i := range 14 {
		status, text := login("10.0.0.1", "乙复核", "不对的口令字")
		other, nobody := login("10.0.0.2", "无此人", "不对的口令字")
		seen[status]++
		if status != other || text != strings.ReplaceAll(nobody, "无此人", "乙复核") {
			t.Fatalf("try %d tells the names: %d %d\n%s\n%s", i+1, status, other, text, nobody)
		}
		if status == http.StatusSeeOther {
			t.Fatal("a wrong password lets in")
		}
	}
	if seen[http.StatusForbidden] == 0 || seen[http.StatusTooManyRequests] == 0 {
		t.Errorf("answers: %v", seen)
	}
	s.later(50 * time.Second)
	if status, text := login("10.0.0.1", "乙复核", sitePassword); status != http.StatusForbidden || !strings.Contains(text, "没有核对口令") {
		t.Errorf("the right password before its time: %d %s", status, text)
	}
	if status, text := login("10.0.0.3", "乙复核", sitePassword); status != http.StatusSeeOther {
		t.Errorf("shut out from another place: %d %s", status, text)
	}
	s.later(15 * time.Minute)
	if status, text := login("10.0.0.1", "乙复核", sitePassword); status != http.StatusSeeOther {
		t.Errorf("the wait has no end: %d %s", status, text)
	}
	for range 25 { // an office behind one address, and everybody remembers their password
		if status, text := login("10.0.0.4", "乙复核", sitePassword); status != http.StatusSeeOther {
			t.Fatalf("right passwords are slowed: %d %s", status, text)
		}
	}
}

// TestLoginAgainEndsTheOldSession: one browser, one session.
func TestLoginAgainEndsTheOldSession(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	at, _ := url.Parse(s.http.URL)
	old := m.client.Jar.Cookies(at)
	if status, where := m.post("/login", url.Values{"name": {"甲经办"}, "password": {sitePassword}}); status != http.StatusSeeOther || where != "/" {
		t.Fatalf("login: %d %s", status, where)
	}
	m.page("/me")
	m.client.Jar.SetCookies(at, old)
	if status, _ := m.get("/me"); status != http.StatusSeeOther {
		t.Errorf("the session of before opens %d", status)
	}
	other := s.as("甲经办") // another browser is another session
	s.as("甲经办").page("/me")
	other.page("/me")
}

func TestLoginLeadsOnlyToOurPages(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	for next, want := range map[string]string{"/me": "/me", "": "/", "https://example.com/": "/", "//example.com": "/", `/\example.com`: "/", "javascript:alert(1)": "/"} {
		_, where := s.as("").post("/login", url.Values{"name": {"甲经办"}, "password": {sitePassword}, "next": {next}})
		if where != want {
			t.Errorf("next %q leads to %q", next, where)
		}
	}
}

// TestRequestsFromOtherSites: a page elsewhere must not be able to act in somebody's name.
func TestRequestsFromOtherSites(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	for _, h := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://example.com"}} {
		req, _ := http.NewRequest(http.MethodPost, s.http.URL+"/logout", nil)
		for k, v := range h {
			req.Header.Set(k, v)
		}
		resp, err := m.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if text := body(t, resp); resp.StatusCode != http.StatusForbidden || !strings.Contains(text, "不是从本系统") {
			t.Errorf("%v: %d %s", h, resp.StatusCode, text)
		}
	}
	m.page("/me")
}

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	s := openSite(t, func(o *web.Options) { o.SetupCode = "ABCD-EFGH" })
	m := s.as("")
	if status, where := m.post("/setup", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("without a code: %d %s", status, where)
	}
	form := url.Values{"code": {" ａbcd efgh"}, "name": {"王管理"}, "password": {"相当长的一个口令一二三"}, "again": {"相当长的一个口令一二三"}}
	wrong := url.Values{"code": {"WXYZ"}, "name": {"王管理"}, "password": form["password"], "again": form["again"]}
	if status, text := m.post("/setup", wrong); status != http.StatusUnprocessableEntity || !strings.Contains(text, "启动码不对") ||
		!strings.Contains(text, `value="WXYZ"`) || !strings.Contains(text, `value="王管理"`) || strings.Contains(text, form.Get("password")) {
		t.Errorf("wrong code: %d %s", status, text)
	}
	if status, where := m.post("/setup", form); status != http.StatusSeeOther || where != "/" {
		t.Fatalf("setup: %d %s", status, where)
	}
	m.page("/me")
	form.Set("name", "李管理")
	if status, text := s.as("").post("/setup", form); status != http.StatusUnprocessableEntity || !strings.Contains(text, "已经有用户") {
		t.Errorf("a second first administrator: %d %s", status, text)
	}
}

func TestHeadersAndLogs(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	resp, err := m.client.Get(s.http.URL + "/people/123?q=张三")
	if err != nil {
		t.Fatal(err)
	}
	body(t, resp)
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if !strings.Contains(resp.Header.Get(name), want) {
			t.Errorf("%s: %q", name, resp.Header.Get(name))
		}
	}
	if text := s.log.String(); strings.Contains(text, "张三") || strings.Contains(text, sitePassword) || strings.Contains(text, "/people/123") {
		t.Errorf("the log names people:\n%s", text)
	}
	if status, text := s.as("").get("/healthz"); status != http.StatusOK || text != "ok\n" {
		t.Errorf("healthz: %d %s", status, text)
	}
	if status, text := s.as("").get("/metrics"); status != http.StatusOK || !strings.Contains(text, "disburse_http_requests_total") {
		t.Errorf("metrics: %d", status)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m, other := s.as("甲经办"), s.as("甲经办")
	const next = "另一个相当长的口令字"
	if status, _ := m.post("/me/password", url.Values{"old": {"不对"}, "password": {next}, "again": {next}}); status != http.StatusUnprocessableEntity {
		t.Errorf("wrong old password: %d", status)
	}
	if status, where := m.post("/me/password", url.Values{"old": {sitePassword}, "password": {next}, "again": {next}}); status != http.StatusSeeOther {
		t.Fatalf("change: %d %s", status, where)
	}
	m.page("/me")
	if status, _ := other.get("/me"); status != http.StatusSeeOther {
		t.Error("another session outlives the change of the password")
	}
}

func TestLoginInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	w := s.openWindow("")
	w.open("/login")
	w.shoot("login")
	w.expects("403")
	w.fill("input[name=name]", "甲经办")
	w.fill("input[name=password]", "不对")
	w.click("button.main")
	w.says("用户名或口令不正确")
	w.fill("input[name=password]", sitePassword)
	w.click("button.main")
	w.wait(".side")
	w.says("甲经办", civil)
	w.open("/me")
	w.shoot("me")
}
