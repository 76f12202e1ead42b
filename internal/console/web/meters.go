package web

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meters are the metrics of /metrics for a monitoring system. No label identifies a person.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	logins   *prometheus.CounterVec
	work     *prometheus.CounterVec
	running  prometheus.Gauge
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "disburse_http_requests_total", Help: "Requests by method, route and status."},
			[]string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "disburse_http_request_seconds", Help: "Duration of requests by route.",
			Buckets: []float64{.01, .025, .05, .1, .2, .3, .5, 1, 3, 10}}, []string{"route"}),
		logins:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "disburse_logins_total", Help: "Attempts to log in by outcome."}, []string{"outcome"}),
		work:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "disburse_work_total", Help: "Work begun on pages by outcome."}, []string{"outcome"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "disburse_work_running", Help: "Work begun on pages that runs now."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.logins, m.work, m.running)
	return m
}

func (m *meters) request(method, route string, status int, took time.Duration) {
	if method != http.MethodGet && method != http.MethodPost && method != http.MethodHead {
		method = "other" // clients can invent methods, and each would add a series
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *meters) login(outcome string) { m.logins.WithLabelValues(outcome).Inc() }

// metrics answers this machine, unless a proxy hides who asks, and others with the token.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	local := ip != nil && ip.IsLoopback() && !s.Proxied
	authorized := s.MetricsToken != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.MetricsToken)) == 1
	if !local && !authorized {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	promhttp.HandlerFor(s.meters.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// health answers 200 when the database answers, else 503.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if _, _, err := s.Office.DB.Head(r.Context(), s.Office.Region); err != nil {
		s.Log.Error("unhealthy", "error", err.Error())
		http.Error(w, "database unavailable", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}
