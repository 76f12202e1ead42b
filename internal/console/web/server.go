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

// Options configure a console.
type Options struct {
	Office *office.Office
	Clock  func() time.Time // Asia/Shanghai
	Log    *slog.Logger     // never gets personal data
	// Secure: browsers reach the console by https, so cookies are for https alone.
	Secure bool
	// Proxied: the client's address is taken from X-Forwarded-For. Only with a proxy in front
	// that sets it: clients can forge the header.
	Proxied bool
	// Hosts are the accepted values of the Host header; empty: any.
	Hosts []string
	// SetupCode is asked for on the page that creates the first user; empty: no such page.
	SetupCode string
	// MetricsToken is the bearer token for /metrics from other machines; empty: only this
	// machine may read it.
	MetricsToken string
	Jobs         *jobs.Calendar  // scheduled jobs and their settings
	Scheduler    *jobs.Scheduler // runs the jobs; nil: another program does
}

// Server is the console. Handler serves it; Close cancels background work and waits for it.
type Server struct {
	Options
	// Context is cancelled by Close. Values computed for several requests use it: the request
	// that began a computation may be gone while others wait for its result.
	Context    context.Context
	cancel     context.CancelFunc
	background sync.WaitGroup // tasks and loops to wait for

	routes    []Route
	pages     *pages
	meters    *meters
	logins    *loginLimiter
	caches    sync.Map // *CacheKind[T] to *cache[T]
	uploads   *uploadLimiter
	readSlots chan struct{} // semaphore for reading large files
}

// NewServer makes a server of pages, given by their routes and the folders with their
// templates, and starts its background loops, which run until Close. It fails when a
// template does not parse.
func NewServer(o Options, routes []Route, folders []fs.FS, loops ...func(*Server)) (*Server, error) {
	p, err := parsePages(folders)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{Options: o, routes: WithSearches(routes), pages: p, meters: newMeters(), logins: newLoginLimiter(), uploads: newUploadLimiter(), readSlots: make(chan struct{}, maxReads), Context: ctx, cancel: cancel}
	for _, loop := range loops {
		s.background.Go(func() { loop(s) })
	}
	return s, nil
}

// Close cancels tasks, whose transactions are then rolled back, and waits until all have
// ended.
func (s *Server) Close() {
	s.cancel()
	s.background.Wait()
}

// Handler serves all routes, static files, health and metrics.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", staticFiles())
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /metrics", s.metrics)
	for _, r := range s.routes {
		mux.Handle(r.Pattern, s.serve(r))
	}
	// GET of the address of an action redirects to its page; all else is "not found".
	rest := http.NewServeMux()
	for _, r := range redirectRoutes(s.routes) {
		if strings.Contains(r.Pattern, "{") {
			rest.Handle(r.Pattern, s.serve(r)) // in a mux of its own: its pattern may conflict with a page's
		} else {
			mux.Handle(r.Pattern, s.serve(r))
		}
	}
	rest.Handle("/", s.serve(Route{Pattern: "/", Open: true, Do: func(*Visit) error { return NotFound() }}))
	mux.Handle("/", rest)
	return s.guard(mux)
}
