package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/store/batches"
	"disburse/internal/store/users"
)

// The largest requests, in bytes: of somebody who has not logged in, forms, and pages that
// take files.
const (
	entranceLimit = 16 << 10
	formLimit     = 1 << 20
	uploadLimit   = 96 << 20
)

// headers are on every answer. Scripts, styles and pictures come from this program alone,
// and nothing of it may be framed, guessed at or kept by others.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=()",
	"Cache-Control":                "no-store",
}

// guarded is what all requests go through: headers, no requests from other sites, a log
// line and a measurement each, no panic that ends the program.
func (s *Server) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.visit(w, r).fail(fault.New(fault.Denied, "这个操作不是从本系统的页面发出的，没有执行；请从左边的菜单重新进入"))
	}))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := s.Clock()
		for k, x := range headers {
			w.Header().Set(k, x)
		}
		if s.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		out := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer s.logged(out, r, begun)
		if s.refusedAddress(out, r) {
			return
		}
		inner.ServeHTTP(out, r)
	})
}

// logged writes the log line of a request, with the route and not the path or the query:
// those may name people.
func (s *Server) logged(out *recorder, r *http.Request, begun time.Time) {
	if problem := recover(); problem != nil {
		s.Log.Error("page panicked", "route", r.Pattern, "panic", fmt.Sprint(problem), "stack", string(debug.Stack()))
		if !out.wrote {
			s.visit(out, r).fail(errors.New("panic"))
		}
	}
	took := s.Clock().Sub(begun)
	s.meters.request(r.Method, r.Pattern, out.status, took)
	if strings.HasPrefix(r.URL.Path, "/static/") || r.URL.Path == "/healthz" {
		return
	}
	s.Log.Info("request", "method", r.Method, "route", r.Pattern, "status", out.status, "ms", took.Milliseconds(), "bytes", out.bytes)
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (o *recorder) WriteHeader(status int) {
	if !o.wrote {
		o.status, o.wrote = status, true
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *recorder) Write(p []byte) (int, error) {
	o.wrote = true
	n, err := o.ResponseWriter.Write(p)
	o.bytes += int64(n)
	return n, err
}

// Unwrap gives http.ResponseController the writer.
func (o *recorder) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// serve answers one route: who is it, may they, and what came of it.
func (s *Server) serve(r Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := s.visit(w, req)
		if err := v.enter(); err != nil {
			v.fail(err)
			return
		}
		if !r.Open && v.session == nil {
			if req.ContentLength != 0 {
				w.Header().Set("Connection", "close") // nothing of it is read
			}
			v.toLogin()
			return
		}
		if v.beforeAnythingElse(r) {
			return
		}
		if !r.may(v.User.Post) {
			v.fail(fault.New(fault.Denied, "您的岗位是%s，不能使用这一页；这里由%s办理", v.User.Post, postsWord(r.Posts)))
			return
		}
		done, err := v.takeForm(&r)
		if err != nil {
			v.fail(err)
			return
		}
		defer done()
		err = r.Do(v)
		if req.Method == http.MethodGet && errors.Is(err, batches.ErrRecomputed) {
			err = r.Do(v) // a run ended just now: the page is made again, of what is there now
		}
		if err != nil {
			v.fail(err)
		}
	})
}

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *Visit {
	return &Visit{Server: s, W: w, R: r, Office: s.Office}
}

// enter finds out who asks, and which pack is in use now.
func (v *Visit) enter() error {
	token := v.cookie()
	if token == "" {
		return nil
	}
	session, err := users.ReadSession(v.R.Context(), v.Office.DB, v.Office.Region, token, v.Clock())
	if fault.Is(err, fault.Denied) {
		v.over, v.expired = err.Error(), errors.Is(err, users.ErrSessionExpired)
		return nil
	}
	if err != nil {
		return err
	}
	v.token, v.session, v.User = token, session, session.User
	v.Office, err = v.Office.Current(v.R.Context())
	return err
}

// wanted is the address that was asked for, without what may name somebody.
func (v *Visit) wanted() string {
	page, err := url.Parse(v.here())
	if err != nil {
		page = v.R.URL
	}
	asked := page.Query()
	before := len(asked)
	for _, name := range append(searchFields, sealedField) { // another session cannot open it
		asked.Del(name)
	}
	switch len(asked) {
	case before:
		return page.RequestURI()
	case 0:
		return page.EscapedPath()
	}
	return page.EscapedPath() + "?" + asked.Encode()
}

var Statuses = map[fault.Code]int{fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound,
	fault.Refused: http.StatusConflict, fault.Denied: http.StatusForbidden, fault.Internal: http.StatusInternalServerError}

// fail answers with the sentence of an error. What is no fault is a defect: the log has
// it, people get a general sentence.
func (v *Visit) fail(err error) {
	var f *fault.Fault
	var tooLarge *http.MaxBytesError
	if errors.Is(err, errUnreadable) {
		v.failure(http.StatusBadRequest, unreadableSentence)
		return
	}
	sentence, code := "程序内部错误，没有完成，什么都没有改动；请把时间告诉维护人员，他们能在日志里查到原因", fault.Internal
	switch {
	case errors.As(err, &tooLarge) && tooLarge.Limit < uploadLimit:
		sentence, code = fmt.Sprintf("填写的内容太多（最多 %d KB），没有接收，请减少后重试", tooLarge.Limit>>10), fault.Invalid
	case errors.As(err, &tooLarge):
		sentence, code = fmt.Sprintf("文件太大（最多 %d MB），没有接收，请核对是不是选错了文件", tooLarge.Limit>>20), fault.Invalid
	case errors.As(err, &f):
		sentence, code = f.Sentence, f.Code
	case errors.Is(err, context.Canceled) && v.R.Context().Err() != nil:
		return // nobody is there any more
	}
	if code == fault.Internal {
		v.Log.Error("page failed", slog.String("route", v.R.Pattern), slog.String("error", err.Error()))
	}
	v.failure(Statuses[code], sentence)
}

// failure is the page, or the part of one, that says what went wrong.
func (v *Visit) failure(status int, sentence string) {
	if v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Retarget", "#flash")
		v.W.Header().Set("HX-Reswap", "innerHTML")
		v.W.WriteHeader(status)
		_ = v.Part("failure", "flash", flash{Bad: true, Text: sentence})
		return
	}
	v.wrong = &wrong{Text: sentence}
	if err := v.PageWith(status, "failure", "没有完成", v.cameFrom()); err != nil {
		v.Log.Error("no failure page", "error", err.Error())
	}
}

func postsWord(posts []approval.Post) string {
	var names []string
	for _, p := range posts {
		names = append(names, string(p))
	}
	return strings.Join(names, "、") + "岗位"
}
