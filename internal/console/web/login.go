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
	"disburse/internal/office/admin"
	"disburse/internal/store/users"
)

func loginRoutes() []Route {
	return []Route{
		{Pattern: "GET /login", Open: true, Do: loginPage},
		{Pattern: "POST /login", Open: true, Do: login},
		{Pattern: "POST /logout", Open: true, Do: logout},
		{Pattern: "GET /setup", Open: true, Do: setupPage},
		{Pattern: "POST /setup", Open: true, Do: setup},
		{Pattern: "GET /me", Posts: Everyone, setsPassword: true, Do: me},
		{Pattern: "POST /me/password", Posts: Everyone, setsPassword: true, Do: changePassword},
	}
}

// entranceData is the data of the pages without a session: login and set-up.
type entranceData struct {
	Next      string
	Name      string
	Code      string // the set-up code, as typed
	Wrong     string
	Over      string // why the previous session ended
	FormSaved string // "yes": a submitted form was saved with the ended session; "no": it was lost
}

// newEntrance fills in what was typed, so that it need not be typed again.
func newEntrance(v *Visit, wrong string) entranceData {
	return entranceData{Next: v.Form("next"), Name: v.Form("name"), Code: v.Form("code"), Wrong: wrong, Over: v.endedWhy, FormSaved: v.Form("kept")}
}

func loginPage(v *Visit) error {
	if v.session != nil {
		return v.Redirect("/", "")
	}
	none, err := noUsers(v)
	if err != nil {
		return err
	}
	if none && v.Server.SetupCode != "" {
		return v.Redirect("/setup", "")
	}
	return v.Page("login", "登录", newEntrance(v, ""))
}

func login(v *Visit) error {
	name := v.Form("name")
	giveBack, ok := v.Server.logins.attempt(v.origin(), v.Now())
	if !ok {
		v.Server.meters.login("limited")
		return v.PageWith(http.StatusTooManyRequests, "login", "登录", newEntrance(v, "从这个地址输错口令的次数太多，请过一分钟再试"))
	}
	v.User.Name = name
	u, err := users.Authenticate(v.R.Context(), v.Office.DB, v.Office.Region, name, v.R.FormValue("password"), v.By(""))
	v.User.Name = ""
	if fault.Is(err, fault.Denied) {
		v.Server.meters.login("refused")
		return v.PageWith(http.StatusForbidden, "login", "登录", newEntrance(v, err.Error()))
	}
	if err != nil {
		return err
	}
	giveBack()
	v.Server.meters.login("done")
	return v.begin(u, "")
}

// cookieAge is longer than a session lives, so that the login page can tell why the session
// ended and the form saved with it is found by its token.
const cookieAge = 24 * time.Hour

// begin starts a session under a new token, against session fixation, ends the browser's
// former session and redirects. The sentence is shown on the first page.
func (v *Visit) begin(u approval.User, sentence string) error {
	token := newToken()
	v.User = u
	kept, err := users.BeginSession(v.R.Context(), v.Office.DB, v.Office.Region, token, v.cookie(), v.By(""))
	if err != nil {
		return err
	}
	v.setCookie(token, int(cookieAge.Seconds()))
	if sentence != "" {
		if err := users.SetNotice(v.R.Context(), v.Office.DB, v.Office.Region, token, sentence); err != nil {
			return err
		}
	}
	return v.Redirect(pageAfterLogin(kept, v.Form("next")), "")
}

func newToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// LocalPath is the path if it leads to this site, else "/": an open redirect would let a
// link with ?next= take users to a forged page after a genuine login.
func LocalPath(next string) string {
	if u, err := url.Parse(next); err == nil && u.Host == "" && u.Scheme == "" && strings.HasPrefix(next, "/") &&
		!strings.HasPrefix(next, "//") && !strings.ContainsAny(next, "\\\r\n") {
		return next
	}
	return "/"
}

func logout(v *Visit) error {
	if v.session != nil {
		if err := users.EndSession(v.R.Context(), v.Office.DB, v.Office.Region, v.token, v.Now()); err != nil {
			return err
		}
	}
	v.setCookie("", -1)
	return v.Redirect("/login", "")
}

// cookieName has the __Host- prefix under https: browsers then bind the cookie to this host.
func (s *Server) cookieName() string {
	if s.Secure {
		return "__Host-disburse"
	}
	return "disburse"
}

// cookie is the session token that the browser sent; empty: none.
func (v *Visit) cookie() string {
	c, err := v.R.Cookie(v.Server.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (v *Visit) setCookie(value string, seconds int) {
	http.SetCookie(v.W, &http.Cookie{Name: v.Server.cookieName(), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: v.Server.Secure, SameSite: http.SameSiteLaxMode})
}

// noUsers reports whether nobody was ever registered, so that the set-up is open.
func noUsers(v *Visit) (bool, error) {
	users, err := users.List(v.R.Context(), v.Office.DB, v.Office.Region)
	return len(users) == 0, err
}

func setupPage(v *Visit) error {
	none, err := noUsers(v)
	if err != nil {
		return err
	}
	if !none || v.Server.SetupCode == "" {
		return v.Redirect("/login", "")
	}
	return v.Page("setup", "建立第一个管理用户", newEntrance(v, ""))
}

// setup creates the first 管理 user. The set-up code is printed only on the terminal that
// started the program, so nobody else on the network can be first.
func setup(v *Visit) error {
	again := func(sentence string) error {
		return v.PageWith(http.StatusUnprocessableEntity, "setup", "建立第一个管理用户", newEntrance(v, sentence))
	}
	giveBack, ok := v.Server.logins.attempt(v.origin(), v.Now())
	if !ok {
		return again("试得太频繁，请过一分钟再试")
	}
	if v.Server.SetupCode == "" || subtle.ConstantTimeCompare([]byte(plainCode(v.Form("code"))), []byte(plainCode(v.Server.SetupCode))) != 1 {
		return again("启动码不对，请看启动控制台的那个窗口，把启动码照抄过来（大小写、横线不要紧）")
	}
	giveBack()
	if v.R.FormValue("password") != v.R.FormValue("again") {
		return again("两次输入的口令不一样，请重新输入")
	}
	v.User = approval.User{Name: approval.NormalName(v.Form("name")), Post: approval.Manager, Active: true}
	if err := admin.FirstUser(v.R.Context(), v.Office, v.User.Name, v.R.FormValue("password"), v.By("")); err != nil {
		if fault.Is(err, fault.Internal) {
			return err
		}
		return again(err.Error())
	}
	return v.begin(v.User, "已建立管理用户“"+v.User.Name+"”，下面请在“用户”页新建其他人。")
}

// plainCode normalizes a set-up code as typed: case, full-width letters, dashes, and the
// digits 0, 1 and 8, which base32 does not have and which look like O, I and B.
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
