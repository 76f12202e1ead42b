package console_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"disburse/internal/console/web"
)

// TestUnreadableRequests: a NUL or bytes that are no text are refused with a sentence
// wherever they stand, before any page looks at them.
func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	want := func(what string, status int, text string) {
		t.Helper()
		if status != http.StatusBadRequest || !strings.Contains(text, "不能识别的字符") {
			t.Errorf("%s: %d %.200s", what, status, text)
		}
	}
	for _, bad := range []string{"%00", "%ff%fe", "a%00b"} {
		for _, path := range []string{"/people?q=" + bad, "/people?" + bad + "=1", "/batch/1/lines?who=" + bad, "/audit?q=" + bad, "/people/" + bad, "/packs/file/" + bad, "/login?next=" + bad} {
			status, text := m.get(path)
			want(path, status, text)
		}
		plain, err := url.PathUnescape(bad)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/people", "/login", "/imports/merge", "/people/new", "/recovery"} {
			status, text := m.post(path, url.Values{"q": {plain}, "name": {plain}, "id": {plain}})
			want("form of "+path, status, text)
		}
		status, text := m.sendFile("/imports", "a.xlsx", []byte("x"), url.Values{"kind": {plain}})
		want("field beside a file", status, text)
	}
	status, text := m.get("/people?q=%zz")
	want("half an escape", status, text)
	if log := s.log.String(); strings.Contains(log, "page failed") || strings.Contains(log, "panicked") {
		t.Errorf("the log says %s", log)
	}
}

// TestBodyLimitWithoutSession: without a session no more is read than a login needs.
func TestBodyLimitWithoutSession(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	large := strings.Repeat("a", 20<<10)
	if status, text := s.as("").post("/login", url.Values{"name": {"甲经办"}, "password": {large}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, "填写的内容太多（最多 16 KB）") {
		t.Errorf("login: %d %.200s", status, text)
	}
	for _, path := range []string{"/imports", "/people", "/bank/results"} { // the answer comes before the body
		conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 90000000\r\n\r\n--x", path)
		answer, err := io.ReadAll(conn) // until the server closes
		conn.Close()
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 303") || !strings.Contains(string(answer), "Connection: close") {
			t.Errorf("%s: %v %.200s", path, err, answer)
		}
	}
}

// TestHosts: only the program's own addresses are answered, its health everywhere.
func TestHosts(t *testing.T) {
	t.Parallel()
	hosts, err := web.HostsOf("127.0.0.1:8080", []string{"https://Fafang.Example.cn", "https://x.cn:8443/"})
	if err != nil {
		t.Fatal(err)
	}
	s := openSite(t, func(o *web.Options) { o.Hosts = hosts })
	for host, want := range map[string]int{"localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "fafang.example.cn": 200, "FAFANG.example.cn:443": 200, "x.cn:8443": 200,
		"evil.example": 421, "127.0.0.1": 421, "127.0.0.1:9999": 421, "fafang.example.cn.evil.example": 421, "x.cn": 421} {
		for _, path := range []string{"/login", "/static/style.css"} {
			if got, _ := s.asking(host, path); got != want {
				t.Errorf("%s of %s: %d, want %d", path, host, got, want)
			}
		}
		if got, _ := s.asking(host, "/healthz"); got != http.StatusOK {
			t.Errorf("health of %s: %d", host, got)
		}
	}
	for _, bad := range []string{"fafang.example.cn", "ftp://x", "https://", "https://x/y", "https://a:b@x"} {
		if _, err := web.HostsOf("127.0.0.1:8080", []string{bad}); err == nil {
			t.Errorf("%s is taken for a public URL", bad)
		}
	}
}

// asking gets a page under a Host.
func (s *site) asking(host, path string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.http.URL+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Host = host
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, body(s.t, resp)
}

// TestStaticHasNoList: files are served, what there is is not told.
func TestStaticHasNoList(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	m := s.as("")
	for path, want := range map[string]int{"/static/": 404, "/static": 404, "/static/../static/": 404, "/static/style.css": 200, "/static/htmx.min.js": 200} {
		status, text := m.get(path)
		if status == http.StatusMovedPermanently || status == http.StatusTemporaryRedirect {
			continue // to the path that is meant
		}
		if status != want || strings.Contains(text, `<a href="style.css"`) {
			t.Errorf("%s: %d %.100s", path, status, text)
		}
	}
}
