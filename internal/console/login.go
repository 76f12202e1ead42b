package console

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"disburse/internal/approval"
	"disburse/internal/fault"
)

func entranceRoutes() []route {
	return []route{
		{pattern: "GET /login", open: true, do: (*visit).loginPage},
		{pattern: "POST /login", open: true, do: (*visit).login},
		{pattern: "POST /logout", open: true, do: (*visit).logout},
		{pattern: "GET /setup", open: true, do: (*visit).setupPage},
		{pattern: "POST /setup", open: true, do: (*visit).setup},
		{pattern: "GET /me", posts: everyone, own: true, do: (*visit).me},
		{pattern: "POST /me/password", posts: everyone, own: true, do: (*visit).changePassword},
	}
}

// entrance is what the pages before the login show.
type entrance struct {
	Next  string
	Name  string
	Code  string // of the set-up, as typed
	Wrong string
	Over  string // why the login before is over
	Kept  string // yes: what was typed into a form waits; no: it could not be kept
}

// entrance has what is typed again and what the browser brings along.
func (v *visit) entrance(wrong string) entrance {
	return entrance{Next: v.form("next"), Name: v.form("name"), Code: v.form("code"), Wrong: wrong, Over: v.over, Kept: v.form("kept")}
}

func (v *visit) loginPage() error {
	if v.session != nil {
		return v.goTo("/", "")
	}
	none, err := v.noUsers()
	if err != nil {
		return err
	}
	if none && v.SetupCode != "" {
		return v.goTo("/setup", "")
	}
	return v.page("login", "登录", v.entrance(""))
}

func (v *visit) login() error {
	name := v.form("name")
	right, ok := v.logins.take(v.origin(), v.Clock())
	if !ok {
		v.meters.login("limited")
		return v.pageWith(http.StatusTooManyRequests, "login", "登录", v.entrance("从这个地址输错口令的次数太多，请过一分钟再试"))
	}
	v.user.Name = name
	u, err := v.office.DB.Authenticate(v.r.Context(), v.office.Region, name, v.r.FormValue("password"), v.by(""))
	v.user.Name = ""
	if fault.Is(err, fault.Denied) {
		v.meters.login("refused")
		return v.pageWith(http.StatusForbidden, "login", "登录", v.entrance(err.Error()))
	}
	if err != nil {
		return err
	}
	right()
	v.meters.login("done")
	return v.begin(u, "")
}

// cookieStays is how long browsers hold the token: longer than the session, so that the
// login page can say why it is over, and what was typed is found.
const cookieStays = 24 * time.Hour

// begin starts a session, under a new token whatever the browser sent; the session that it
// had ends. The first page says the sentence.
func (v *visit) begin(u approval.User, sentence string) error {
	token := newToken()
	v.user = u
	kept, err := v.office.DB.BeginSession(v.r.Context(), v.office.Region, token, v.cookie(), v.by(""))
	if err != nil {
		return err
	}
	v.setCookie(token, int(cookieStays.Seconds()))
	if sentence != "" {
		if err := v.office.DB.Notice(v.r.Context(), v.office.Region, token, sentence); err != nil {
			return err
		}
	}
	return v.goTo(keptPage(kept, v.form("next")), "")
}

func newToken() string {
	var b [32]byte
	rand.Read(b[:]) //nolint:errcheck // it never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// inside keeps to our own pages: a link that came with a login must not lead elsewhere.
func inside(next string) string {
	if u, err := url.Parse(next); err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(next, "/") &&
		!strings.HasPrefix(next, "//") && !strings.ContainsAny(next, "\\\r\n") {
		return next
	}
	return "/"
}

func queryEscape(s string) string { return url.QueryEscape(s) }

func (v *visit) logout() error {
	if v.session != nil {
		if err := v.office.DB.EndSession(v.r.Context(), v.office.Region, v.token, v.Clock()); err != nil {
			return err
		}
	}
	v.setCookie("", -1)
	return v.goTo("/login", "")
}

// cookieName has the prefix that browsers bind to https and to this host where they can.
func (s *Server) cookieName() string {
	if s.Secure {
		return "__Host-disburse"
	}
	return "disburse"
}

// cookie is the token that the browser has sent; empty: none.
func (v *visit) cookie() string {
	c, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (v *visit) setCookie(value string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{Name: v.cookieName(), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: v.Secure, SameSite: http.SameSiteLaxMode})
}

func (v *visit) noUsers() (bool, error) {
	users, err := v.office.DB.ListUsers(v.r.Context(), v.office.Region)
	return len(users) == 0, err
}

func (v *visit) setupPage() error {
	none, err := v.noUsers()
	if err != nil {
		return err
	}
	if !none || v.SetupCode == "" {
		return v.goTo("/login", "")
	}
	return v.page("setup", "建立第一个管理用户", v.entrance(""))
}

// setup makes the first administrator; the code is on the terminal that started the
// program, so nobody on the network can be faster.
func (v *visit) setup() error {
	again := func(sentence string) error {
		return v.pageWith(http.StatusUnprocessableEntity, "setup", "建立第一个管理用户", v.entrance(sentence))
	}
	right, ok := v.logins.take(v.origin(), v.Clock())
	if !ok {
		return again("试得太频繁，请过一分钟再试")
	}
	if v.SetupCode == "" || subtle.ConstantTimeCompare([]byte(plainCode(v.form("code"))), []byte(plainCode(v.SetupCode))) != 1 {
		return again("启动码不对，请看启动控制台的那个窗口，把启动码照抄过来（大小写、横线不要紧）")
	}
	right()
	if v.r.FormValue("password") != v.r.FormValue("again") {
		return again("两次输入的口令不一样，请重新输入")
	}
	v.user = approval.User{Name: approval.NormalName(v.form("name")), Post: approval.Manager, Active: true}
	if err := v.office.DB.FirstUser(v.r.Context(), v.office.Region, v.user.Name, v.r.FormValue("password"), v.by("")); err != nil {
		if fault.Is(err, fault.Internal) {
			return err
		}
		return again(err.Error())
	}
	return v.begin(v.user, "已建立管理用户“"+v.user.Name+"”，下面请在“用户”页新建其他人。")
}

// plainCode is a start-up code without what people type otherwise than it is printed: small
// or full-width letters, other strokes or none, and digits for the letters they look like,
// since a code has none of them (base32).
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r == '8':
			return 'B'
		case 'A' <= r && r <= 'Z' || '2' <= r && r <= '7':
			return r
		}
		return -1
	}, strings.ToUpper(norm.NFKC.String(code)))
}
