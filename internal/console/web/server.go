package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"disburse/internal/office"
	"disburse/jobs"
)

// Options are what a console needs.
type Options struct {
	Office *office.Office
	Clock  func() time.Time // Asia/Shanghai
	Log    *slog.Logger     // never gets personal data
	// Secure: browsers reach the console by https, so cookies are for https alone.
	Secure bool
	// Proxied: a proxy in front says in X-Forwarded-For who asks; only then is it believed.
	Proxied bool
	// Hosts are the values of the Host header that are answered; empty: any.
	Hosts []string
	// SetupCode opens the page on which the first administrator is made; empty: closed.
	SetupCode string
	// MetricsToken must be presented to read /metrics from another machine; empty: only
	// this machine may.
	MetricsToken string
	Jobs         *jobs.Calendar  // what runs by itself and when
	Scheduler    *jobs.Scheduler // runs it; nil: not by this program
}

// Server is the console. Handler serves it; Close waits for work begun on pages.
type Server struct {
	Options
	routes  []Route
	pages   *pages
	meters  *meters
	logins  *limiter
	caches  sync.Map      // *cacheKind[T] to *cache[T]
	uploads *gate         // who is sending files in
	reading chan struct{} // a place for each large file that is being read
	work    sync.WaitGroup
	Life    context.Context
	endLife context.CancelFunc
}

// NewServer makes a server of pages: their routes, the folders with their templates, and
// what runs in the background until the server is closed. It fails when a template does
// not parse.
func NewServer(o Options, routes []Route, folders []fs.FS, background ...func(*Server)) (*Server, error) {
	p, err := parsePages(folders)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	s := &Server{Options: o, routes: WithSearches(routes), pages: p, meters: newMeters(), logins: newLimiter(), uploads: newGate(), reading: make(chan struct{}, readAtOnce), Life: life, endLife: end}
	for _, do := range background {
		s.work.Go(func() { do(s) })
	}
	return s, nil
}

// Close tells work begun on pages to stop, which undoes it, and waits until it has.
func (s *Server) Close() {
	s.endLife()
	s.work.Wait()
}

// Handler serves all pages.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", staticFiles())
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /metrics", s.metrics)
	for _, r := range s.routes {
		mux.Handle(r.Pattern, s.serve(r))
	}
	// What no page answers may be the address of an action; anything else is a page that
	// says so.
	rest := http.NewServeMux()
	for _, r := range backRoutes(s.routes) {
		if strings.Contains(r.Pattern, "{") {
			rest.Handle(r.Pattern, s.serve(r)) // apart: half of it may look like a page
		} else {
			mux.Handle(r.Pattern, s.serve(r))
		}
	}
	rest.Handle("/", s.serve(Route{Pattern: "/", Open: true, Do: (*Visit).nowhere}))
	mux.Handle("/", rest)
	return s.guarded(mux)
}
