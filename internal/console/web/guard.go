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

// Limits of request bodies in bytes: without a session, for forms, and for routes that take
// files. Memory and disk are spent only on users who have logged in.
const (
	loginLimit  = 16 << 10
	formLimit   = 1 << 20
	uploadLimit = 96 << 20
)

// securityHeaders are on every response: content only from this program, no framing, no
// content sniffing, no caching of personal data.
var securityHeaders = map[string]string{
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

// guard is the middleware of all requests: security headers, protection against cross-site
// requests, one log line and one measurement each, recovery from panics.
func (s *Server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.visit(w, r).fail(fault.New(fault.Denied, "这个操作不是从本系统的页面发出的，没有执行；请从左边的菜单重新进入"))
	}))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := s.Clock()
		for k, x := range securityHeaders {
			w.Header().Set(k, x)
		}
		if s.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		out := &responseRecorder{ResponseWriter: w, status: http.StatusOK}
		defer s.logRequest(out, r, begun)
		if s.refuseAddress(out, r) {
			return
		}
		inner.ServeHTTP(out, r)
	})
}

// logRequest logs and measures a request and answers one that panicked. It logs the route's
// pattern, not the path or the query, which may identify people.
func (s *Server) logRequest(out *responseRecorder, r *http.Request, begun time.Time) {
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

// responseRecorder records status and size of a response.
type responseRecorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
}

func (o *responseRecorder) WriteHeader(status int) {
	if !o.wrote {
		o.status, o.wrote = status, true
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *responseRecorder) Write(p []byte) (int, error) {
	o.wrote = true
	n, err := o.ResponseWriter.Write(p)
	o.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (o *responseRecorder) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// serve is the handler of a route: session, post, form, then the page.
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
		if requirePasswordChange(v, r) {
			return
		}
		if !r.allows(v.User.Post) {
			v.fail(fault.New(fault.Denied, "您的岗位是%s，不能使用这一页；这里由%s办理", v.User.Post, postsWord(r.Posts)))
			return
		}
		done, err := v.parseForm(&r)
		if err != nil {
			v.fail(err)
			return
		}
		defer done()
		err = r.Do(v)
		if req.Method == http.MethodGet && errors.Is(err, batches.ErrRecomputed) {
			err = r.Do(v) // a run replaced the batch while the page was read: read it once more
		}
		if err != nil {
			v.fail(err)
		}
	})
}

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *Visit {
	return &Visit{Server: s, W: w, R: r, Office: s.Office}
}

// enter reads the session and the pack that the region has adopted by now.
func (v *Visit) enter() error {
	token := v.cookie()
	if token == "" {
		return nil
	}
	session, err := users.ReadSession(v.R.Context(), v.Office.DB, v.Office.Region, token, v.Now())
	if fault.Is(err, fault.Denied) {
		v.endedWhy, v.sessionExpired = err.Error(), errors.Is(err, users.ErrSessionExpired)
		return nil
	}
	if err != nil {
		return err
	}
	v.token, v.session, v.User = token, session, session.User
	v.Office, err = v.Office.Current(v.R.Context())
	return err
}

// returnAddress is where the login leads back to, without fields that may identify a person
// and without encrypted ones, which another session cannot decrypt.
func (v *Visit) returnAddress() string {
	page, err := url.Parse(v.currentPage())
	if err != nil {
		page = v.R.URL
	}
	asked := page.Query()
	before := len(asked)
	for _, name := range append(sensitiveFields, encryptedField) {
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

// Statuses are the HTTP statuses of faults by kind.
var Statuses = map[fault.Code]int{fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound,
	fault.Refused: http.StatusConflict, fault.Denied: http.StatusForbidden, fault.Internal: http.StatusInternalServerError}

// fail answers with the sentence of an error. An error that is no fault is a defect of the
// program: it is logged and the user reads a general sentence, as it may hold personal data.
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
		return // the client has gone
	}
	if code == fault.Internal {
		v.Server.Log.Error("page failed", slog.String("route", v.R.Pattern), slog.String("error", err.Error()))
	}
	v.failure(Statuses[code], sentence)
}

// failure answers with a sentence: as a page, or for htmx as a flash message.
func (v *Visit) failure(status int, sentence string) {
	if v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Retarget", "#flash")
		v.W.Header().Set("HX-Reswap", "innerHTML")
		v.W.WriteHeader(status)
		_ = v.Part("failure", "flash", flash{Bad: true, Text: sentence})
		return
	}
	v.formError = &formError{Text: sentence}
	if err := v.PageWith(status, "failure", "没有完成", v.referer()); err != nil {
		v.Server.Log.Error("no failure page", "error", err.Error())
	}
}

// postsWord lists posts in a sentence.
func postsWord(posts []approval.Post) string {
	var names []string
	for _, p := range posts {
		names = append(names, string(p))
	}
	return strings.Join(names, "、") + "岗位"
}
