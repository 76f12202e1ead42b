package console

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/postgres"
)

func entranceRoutes() []route {
	return []route{
		{pattern: "GET /login", open: true, do: (*visit).loginPage},
		{pattern: "POST /login", open: true, do: (*visit).login},
		{pattern: "POST /logout", open: true, do: (*visit).logout},
		{pattern: "GET /setup", open: true, do: (*visit).setupPage},
		{pattern: "POST /setup", open: true, do: (*visit).setup},
		{pattern: "GET /me", posts: everyone, do: (*visit).me},
		{pattern: "POST /me/password", posts: everyone, do: (*visit).changePassword},
	}
}

// entrance is what the pages before the login show.
type entrance struct {
	Next  string
	Name  string
	Wrong string
	Setup bool // there is no user yet
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
	return v.page("login", "登录", entrance{Next: v.form("next")})
}

func (v *visit) login() error {
	name := v.form("name")
	if !v.logins.allow(v.origin(), v.Clock()) {
		v.meters.login("limited")
		return v.pageWith(http.StatusTooManyRequests, "login", "登录",
			entrance{Next: v.form("next"), Name: name, Wrong: "这台电脑登录太频繁，请过一分钟再试"})
	}
	v.user.Name = name
	u, err := v.office.DB.Authenticate(v.r.Context(), v.office.Region, name, v.r.FormValue("password"), v.by(""))
	v.user.Name = ""
	if fault.Is(err, fault.Denied) {
		v.meters.login("refused")
		return v.pageWith(http.StatusForbidden, "login", "登录", entrance{Next: v.form("next"), Name: name, Wrong: err.Error()})
	}
	if err != nil {
		return err
	}
	v.meters.login("done")
	return v.begin(u, "")
}

// begin starts a session, under a new token whatever the browser sent; its first page says
// the sentence.
func (v *visit) begin(u approval.User, sentence string) error {
	token := newToken()
	v.user = u
	if err := v.office.DB.BeginSession(v.r.Context(), v.office.Region, token, v.by("")); err != nil {
		return err
	}
	v.setCookie(token, int(postgres.SessionWhole.Seconds()))
	if sentence != "" {
		if err := v.office.DB.Notice(v.r.Context(), v.office.Region, token, sentence); err != nil {
			return err
		}
	}
	return v.goTo(inside(v.form("next")), "")
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
	return v.page("setup", "建立第一个管理用户", entrance{})
}

// setup makes the first administrator; the code is on the terminal that started the
// program, so nobody on the network can be faster.
func (v *visit) setup() error {
	name := v.form("name")
	again := func(sentence string) error {
		return v.pageWith(http.StatusUnprocessableEntity, "setup", "建立第一个管理用户", entrance{Name: name, Wrong: sentence})
	}
	if !v.logins.allow(v.origin(), v.Clock()) {
		return again("试得太频繁，请过一分钟再试")
	}
	if v.SetupCode == "" || subtle.ConstantTimeCompare([]byte(v.form("code")), []byte(v.SetupCode)) != 1 {
		return again("启动码不对，请看启动控制台的那个窗口，把启动码照抄过来")
	}
	if v.r.FormValue("password") != v.r.FormValue("again") {
		return again("两次输入的口令不一样，请重新输入")
	}
	v.user = approval.User{Name: name, Post: approval.Manager, Active: true}
	if err := v.office.DB.FirstUser(v.r.Context(), v.office.Region, name, v.r.FormValue("password"), v.by("")); err != nil {
		if fault.Is(err, fault.Internal) {
			return err
		}
		return again(err.Error())
	}
	return v.begin(v.user, "已建立管理用户“"+name+"”，下面请在“用户”页新建其他人。")
}

func (v *visit) me() error { return v.page("me", "我的账户", "") }

// changePassword changes the user's own password, which ends their other sessions.
func (v *visit) changePassword() error {
	ctx, region := v.r.Context(), v.office.Region
	again := func(sentence string) error {
		return v.pageWith(http.StatusUnprocessableEntity, "me", "我的账户", sentence)
	}
	if v.r.FormValue("password") != v.r.FormValue("again") {
		return again("两次输入的新口令不一样，请重新输入")
	}
	if _, err := v.office.DB.Authenticate(ctx, region, v.user.Name, v.r.FormValue("old"), v.by("")); err != nil {
		if fault.Is(err, fault.Denied) {
			return again("现在的口令不对，请重新输入")
		}
		return err
	}
	if err := v.office.DB.SetPassword(ctx, region, v.user.Name, v.r.FormValue("password"), v.by("本人修改")); err != nil {
		if fault.Is(err, fault.Invalid) {
			return again(err.Error())
		}
		return err
	}
	if err := v.office.DB.EndSessions(ctx, region, v.user.Name, v.Clock()); err != nil {
		return err
	}
	return v.begin(v.user, "已修改口令，您在别处的登录已经退出。")
}
