package web

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
	"disburse/internal/store/users"
)

func EntranceRoutes() []Route {
	return []Route{
		{Pattern: "GET /login", Open: true, Do: (*Visit).loginPage},
		{Pattern: "POST /login", Open: true, Do: (*Visit).login},
		{Pattern: "POST /logout", Open: true, Do: (*Visit).logout},
		{Pattern: "GET /setup", Open: true, Do: (*Visit).setupPage},
		{Pattern: "POST /setup", Open: true, Do: (*Visit).setup},
		{Pattern: "GET /me", Posts: Everyone, own: true, Do: (*Visit).me},
		{Pattern: "POST /me/password", Posts: Everyone, own: true, Do: (*Visit).changePassword},
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
func (v *Visit) entrance(wrong string) entrance {
	return entrance{Next: v.Form("next"), Name: v.Form("name"), Code: v.Form("code"), Wrong: wrong, Over: v.over, Kept: v.Form("kept")}
}

func (v *Visit) loginPage() error {
	if v.session != nil {
		return v.GoTo("/", "")
	}
	none, err := v.noUsers()
	if err != nil {
		return err
	}
	if none && v.SetupCode != "" {
		return v.GoTo("/setup", "")
	}
	return v.Page("login", "登录", v.entrance(""))
}

func (v *Visit) login() error {
	name := v.Form("name")
	right, ok := v.logins.take(v.origin(), v.Clock())
	if !ok {
		v.meters.login("limited")
		return v.PageWith(http.StatusTooManyRequests, "login", "登录", v.entrance("从这个地址输错口令的次数太多，请过一分钟再试"))
	}
	v.User.Name = name
	u, err := users.Authenticate(v.R.Context(), v.Office.DB, v.Office.Region, name, v.R.FormValue("password"), v.By(""))
	v.User.Name = ""
	if fault.Is(err, fault.Denied) {
		v.meters.login("refused")
		return v.PageWith(http.StatusForbidden, "login", "登录", v.entrance(err.Error()))
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
func (v *Visit) begin(u approval.User, sentence string) error {
	token := newToken()
	v.User = u
	kept, err := users.BeginSession(v.R.Context(), v.Office.DB, v.Office.Region, token, v.cookie(), v.By(""))
	if err != nil {
		return err
	}
	v.setCookie(token, int(cookieStays.Seconds()))
	if sentence != "" {
		if err := users.SetNotice(v.R.Context(), v.Office.DB, v.Office.Region, token, sentence); err != nil {
			return err
		}
	}
	return v.GoTo(keptPage(kept, v.Form("next")), "")
}

func newToken() string {
	var b [32]byte
	rand.Read(b[:]) //nolint:errcheck // it never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Inside keeps to our own pages: a link that came with a login must not lead elsewhere.
func Inside(next string) string {
	if u, err := url.Parse(next); err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(next, "/") &&
		!strings.HasPrefix(next, "//") && !strings.ContainsAny(next, "\\\r\n") {
		return next
	}
	return "/"
}

func QueryEscape(s string) string { return url.QueryEscape(s) }

func (v *Visit) logout() error {
	if v.session != nil {
		if err := users.EndSession(v.R.Context(), v.Office.DB, v.Office.Region, v.token, v.Clock()); err != nil {
			return err
		}
	}
	v.setCookie("", -1)
	return v.GoTo("/login", "")
}

// cookieName has the prefix that browsers bind to https and to this host where they can.
func (s *Server) cookieName() string {
	if s.Secure {
		return "__Host-disburse"
	}
	return "disburse"
}

// cookie is the token that the browser has sent; empty: none.
func (v *Visit) cookie() string {
	c, err := v.R.Cookie(v.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (v *Visit) setCookie(value string, seconds int) {
	http.SetCookie(v.W, &http.Cookie{Name: v.cookieName(), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: v.Secure, SameSite: http.SameSiteLaxMode})
}

func (v *Visit) noUsers() (bool, error) {
	users, err := users.List(v.R.Context(), v.Office.DB, v.Office.Region)
	return len(users) == 0, err
}

func (v *Visit) setupPage() error {
	none, err := v.noUsers()
	if err != nil {
		return err
	}
	if !none || v.SetupCode == "" {
		return v.GoTo("/login", "")
	}
	return v.Page("setup", "建立第一个管理用户", v.entrance(""))
}

// setup makes the first administrator; the code is on the terminal that started the
// program, so nobody on the network can be faster.
func (v *Visit) setup() error {
	again := func(sentence string) error {
		return v.PageWith(http.StatusUnprocessableEntity, "setup", "建立第一个管理用户", v.entrance(sentence))
	}
	right, ok := v.logins.take(v.origin(), v.Clock())
	if !ok {
		return again("试得太频繁，请过一分钟再试")
	}
	if v.SetupCode == "" || subtle.ConstantTimeCompare([]byte(plainCode(v.Form("code"))), []byte(plainCode(v.SetupCode))) != 1 {
		return again("启动码不对，请看启动控制台的那个窗口，把启动码照抄过来（大小写、横线不要紧）")
	}
	right()
	if v.R.FormValue("password") != v.R.FormValue("again") {
		return again("两次输入的口令不一样，请重新输入")
	}
	v.User = approval.User{Name: approval.NormalName(v.Form("name")), Post: approval.Manager, Active: true}
	if err := v.Office.FirstUser(v.R.Context(), v.User.Name, v.R.FormValue("password"), v.By("")); err != nil {
		if fault.Is(err, fault.Internal) {
			return err
		}
		return again(err.Error())
	}
	return v.begin(v.User, "已建立管理用户“"+v.User.Name+"”，下面请在“用户”页新建其他人。")
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
