package console_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/store/work"
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

// TestNobodySendsMuch: without a session no more is read than a login needs.
func TestNobodySendsMuch(t *testing.T) {
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

// TestUploadsAtOnce: one person sends two files at a time, all together four; who sends
// more is told so before a byte of it is read.
func TestUploadsAtOnce(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m, other := s.as("甲经办"), s.as("人社经办")
	end := make(chan struct{})
	var held []chan struct{}
	hold := func(m *member) {
		done := make(chan struct{})
		held = append(held, done)
		go func() {
			defer close(done)
			m.drip("/imports", end)
		}()
	}
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for range 400 {
			if ok() {
				return
			}
			time.Sleep(25 * time.Millisecond)
		}
		t.Error(what)
	}
	refused := func(m *member, says string) func() bool {
		return func() bool {
			status, text := m.sendFile("/bank/results", "a.csv", []byte("x"), nil)
			return status == http.StatusConflict && strings.Contains(text, says)
		}
	}
	hold(m)
	hold(m)
	eventually("a third file is let in", refused(m, "您有 2 个文件正在上传"))
	hold(other)
	hold(other)
	eventually("a fifth file is let in", refused(s.as("甲经办"), "正在上传"))
	close(end)
	for _, done := range held {
		<-done
	}
	eventually("nothing is let in any more", func() bool {
		status, _ := m.sendFile("/bank/results", "a.csv", []byte("x"), nil)
		return status != http.StatusConflict
	})
}

// drip begins to send a file and goes on when it is told to; refused since others were
// quicker, it tries again.
func (m *member) drip(path string, end <-chan struct{}) {
	for status := http.StatusConflict; status == http.StatusConflict; {
		read, write := io.Pipe()
		form := multipart.NewWriter(write)
		go func() {
			part, err := form.CreateFormFile("file", "a.xlsx")
			if err == nil {
				_, err = part.Write(make([]byte, 64<<10)) // more than a client keeps back before it sends anything
			}
			<-end
			_ = form.Close()
			_ = write.CloseWithError(err)
		}()
		resp, err := m.client.Post(m.s.http.URL+path, form.FormDataContentType(), read)
		if err != nil {
			return
		}
		status = resp.StatusCode
		_ = resp.Body.Close()
	}
}

// TestQuota: what is kept of a day is bounded a person, and what was given up is not counted.
func TestQuota(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	s.exec(`INSERT INTO console_upload (region, upload, actor, kind, name, sha256, size, at) VALUES ($1, 1, '甲经办', '回盘', 'a', '', $2, $3)`, siteRegion, int64(1<<30), s.clock())
	content := []byte("批次号,序号,账号,户名,金额,结果码,原因\nx,1,1,,1.00,成功,\n")
	if status, text := m.sendFile("/bank/results", "a.csv", content, nil); status != http.StatusConflict || !strings.Contains(text, "每人 1024 MB 的限额") {
		t.Errorf("beyond the quota: %d %.300s", status, text)
	}
	s.exec(`DELETE FROM console_upload`)
	status, where := m.sendFile("/bank/results", "a.csv", content, nil)
	if status != http.StatusSeeOther || !strings.HasPrefix(where, "/work/") {
		t.Errorf("within it: %d %s", status, where)
	}
	m.finish(where)
}

// TestLargeFilesComeBack: a file of several parts is handed out as it was kept.
func TestLargeFilesComeBack(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // three parts and a bit
	u, err := work.KeepUpload(t.Context(), s.db, siteRegion, work.Upload{Actor: "甲经办", Kind: "成品", Name: "大.bin"}, bytes.NewReader(content), s.clock())
	if err != nil {
		t.Fatal(err)
	}
	status, name, got := s.as("甲经办").takeFile(fmt.Sprintf("/made/%d/file", u.Number))
	if status != http.StatusOK || name != "大.bin" || !bytes.Equal(got, content) {
		t.Errorf("%d %s, %d bytes of %d", status, name, len(got), len(content))
	}
	if status, _ := s.as("乙复核").get(fmt.Sprintf("/made/%d/file", u.Number)); status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", status)
	}
	var parts int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM console_upload_part`).Scan(&parts); err != nil || parts != 4 {
		t.Errorf("%d parts, %v", parts, err)
	}
	if err := work.DropUpload(t.Context(), s.db, siteRegion, u.Number); err != nil {
		t.Fatal(err)
	}
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM console_upload_part`).Scan(&parts); err != nil || parts != 0 {
		t.Errorf("%d parts are left, %v", parts, err)
	}
}
