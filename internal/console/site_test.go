package console_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"disburse/internal/approval"
	"disburse/internal/console"
	"disburse/internal/console/web"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/monthly"
	"disburse/internal/policy"
	"disburse/internal/population"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster/read"
	"disburse/internal/store/imports"
	"disburse/internal/store/runs"
	"disburse/internal/store/users"
)

const (
	siteRegion   = int32(140213)
	civil        = "区民政局"
	labour       = "区人社局"
	sitePassword = "一个相当长的口令字啊"
)

var november = month.Of(2026, 11)

// The people of a site. Each is of another post or bureau.
var siteUsers = []approval.User{
	{Name: "甲经办", Post: approval.Clerk, Bureau: civil, Active: true},
	{Name: "乙复核", Post: approval.Reviewer, Bureau: civil, Active: true},
	{Name: "丙审批", Post: approval.Approver, Bureau: civil, Active: true},
	{Name: "人社经办", Post: approval.Clerk, Bureau: labour, Active: true},
	{Name: "丁管理", Post: approval.Manager, Active: true},
	{Name: "戊审计", Post: approval.Auditor, Active: true},
}

// site is a console on a database of its own, with a clock that tests set.
type site struct {
	t      testing.TB
	db     *postgres.DB
	office *office.Office
	server *web.Server
	http   *httptest.Server
	owner  *pgx.Conn // past the program
	log    *logged

	mu  sync.Mutex
	now time.Time
}

// openSite starts a console; with changes its options.
func openSite(t testing.TB, with ...func(*web.Options)) *site {
	t.Helper()
	s := &site{t: t, log: &logged{}, now: time.Date(2026, 11, 12, 9, 30, 0, 0, month.Shanghai)}
	at := pgtest.New(t)
	var err error
	if s.db, err = postgres.Open(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.db.Close)
	if s.owner, err = pgx.Connect(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.owner.Close(context.Background()) })
	if err := s.db.EnsureRegion(t.Context(), siteRegion, "平城区"); err != nil {
		t.Fatal(err)
	}
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	s.office = office.New(s.db, siteRegion, pack)
	o := web.Options{Office: s.office, Clock: s.clock, Log: slog.New(slog.NewTextHandler(s.log, nil))}
	for _, w := range with {
		w(&o)
	}
	if s.server, err = console.New(o); err != nil {
		t.Fatal(err)
	}
	s.http = httptest.NewServer(s.server.Handler())
	t.Cleanup(func() {
		s.http.Close()
		s.server.Close()
	})
	return s
}

// openAudited is openOffice with accounts made by the program, as the audit wants them.
func openAudited(t testing.TB) *site {
	t.Helper()
	s := openSite(t)
	for _, u := range siteUsers {
		if err := users.Add(t.Context(), s.db, siteRegion, u, sitePassword, s.by("os:root")); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// openOffice is openSite with the users of siteUsers.
func openOffice(t testing.TB) *site {
	t.Helper()
	s := openSite(t)
	for _, u := range siteUsers {
		s.addUser(u)
	}
	return s
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// later moves the clock on.
func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *site) by(name string) journal.By {
	return journal.By{Actor: name, Origin: "test", At: s.clock(), Reason: "测试"}
}

// exec writes past the program, as the database's owner.
func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.owner.Exec(context.WithoutCancel(s.t.Context()), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// addUser stores a user with sitePassword at a cost that does not slow the tests.
func (s *site) addUser(u approval.User) {
	s.t.Helper()
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(sitePassword), salt, 1, 64, 1, 32)
	b64 := base64.RawStdEncoding
	phc := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", b64.EncodeToString(salt), b64.EncodeToString(key))
	s.exec(`INSERT INTO account_user (region, name, post, bureau, password, active) VALUES ($1, $2, $3, $4, $5, $6)`,
		siteRegion, u.Name, string(u.Post), u.Bureau, phc, u.Active)
}

// people takes in a made-up roster for November.
func (s *site) people(n int) {
	s.t.Helper()
	p, err := population.Generate(population.Options{People: n, Seed: 7, Month: november})
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(s.t.TempDir(), "花名册.xlsx")
	if err := p.WriteRoster(file, s.office.Pack.Vocabulary(), func(int) {}); err != nil {
		s.t.Fatal(err)
	}
	in, err := read.Roster(s.t.Context(), file, s.office.Pack.Vocabulary(), month.FromTime(s.clock()), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := imports.ImportRoster(s.t.Context(), s.db, siteRegion, in, s.by("甲经办"), false, func(string) {}); err != nil {
		s.t.Fatal(err)
	}
}

// run computes a month.
func (s *site) run(m month.Month) *runs.Report {
	s.t.Helper()
	r, err := monthly.Run(s.t.Context(), s.office, &monthly.RunOrder{Month: m, By: s.by("甲经办"), Progress: func(int64, int64) {}})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// sign takes a bureau's latest batch of the month through its three posts.
func (s *site) sign(m month.Month, bureau string, names ...string) {
	s.t.Helper()
	signing := func(name string) monthly.Signing {
		return monthly.Signing{Month: m, Bureau: bureau, By: s.by(name)}
	}
	if _, err := monthly.Submit(s.t.Context(), s.office, signing(names[0]), monthly.Submission{AcknowledgeAll: true}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := monthly.Review(s.t.Context(), s.office, signing(names[1])); err != nil {
		s.t.Fatal(err)
	}
	if _, err := monthly.Approve(s.t.Context(), s.office, signing(names[2])); err != nil {
		s.t.Fatal(err)
	}
}

// member is somebody who talks to the console without a browser.
type member struct {
	s      *site
	client *http.Client
}

// as logs a user in; empty: nobody.
func (s *site) as(name string) *member {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	m := &member{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if name != "" {
		if status, where := m.post("/login", url.Values{"name": {name}, "password": {sitePassword}}); status != http.StatusSeeOther || where != "/" {
			s.t.Fatalf("login of %s: %d %s", name, status, where)
		}
	}
	return m
}

// get returns status and body of a page.
func (m *member) get(path string) (int, string) {
	m.s.t.Helper()
	resp, err := m.client.Get(m.s.http.URL + path)
	if err != nil {
		m.s.t.Fatal(err)
	}
	return resp.StatusCode, body(m.s.t, resp)
}

// page is get of a page that must be there.
func (m *member) page(path string) string {
	m.s.t.Helper()
	status, text := m.get(path)
	if status != http.StatusOK {
		m.s.t.Fatalf("GET %s: %d\n%s", path, status, text)
	}
	return text
}

// post sends a form; it returns the status and where it leads, or the body where it does not.
func (m *member) post(path string, form url.Values) (int, string) {
	m.s.t.Helper()
	resp, err := m.client.PostForm(m.s.http.URL+path, form)
	if err != nil {
		m.s.t.Fatal(err)
	}
	text := body(m.s.t, resp)
	if where := resp.Header.Get("Location"); where != "" {
		return resp.StatusCode, where
	}
	return resp.StatusCode, text
}

// finish waits until work begun by a post has ended, and returns the page's text.
func (m *member) finish(where string) string {
	m.s.t.Helper()
	if !strings.HasPrefix(where, "/work/") {
		m.s.t.Fatalf("no work was begun: %s", where)
	}
	for range 2400 {
		text := m.page(where)
		if !strings.Contains(text, "<progress") {
			return text
		}
		time.Sleep(50 * time.Millisecond)
	}
	m.s.t.Fatalf("%s has not ended", where)
	return ""
}

func body(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// logged is what the console logs.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// sendFile sends a file by the form at a path.
func (m *member) sendFile(path, name string, content []byte, fields url.Values) (int, string) {
	m.s.t.Helper()
	return m.sendAs("file", path, name, content, fields)
}

// sendAs is sendFile under the name of a field.
func (m *member) sendAs(field, path, name string, content []byte, fields url.Values) (int, string) {
	m.s.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, all := range fields {
		if err := w.WriteField(k, all[0]); err != nil {
			m.s.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		m.s.t.Fatal(err)
	}
	_, _ = part.Write(content)
	if err := w.Close(); err != nil {
		m.s.t.Fatal(err)
	}
	resp, err := m.client.Post(m.s.http.URL+path, w.FormDataContentType(), &b)
	if err != nil {
		m.s.t.Fatal(err)
	}
	text := body(m.s.t, resp)
	if where := resp.Header.Get("Location"); where != "" {
		return resp.StatusCode, where
	}
	return resp.StatusCode, text
}
