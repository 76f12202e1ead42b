package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"disburse/internal/approval"
)

// loginLimiter rate-limits password guessing by address: ten wrong attempts at once, then one
// every six seconds. Successful attempts are not counted, as a whole office may share one
// address. Attempts on one user name are delayed separately (approval.Delay).
type loginLimiter struct {
	mu       sync.Mutex
	byOrigin map[string]*rate.Limiter
}

const (
	loginBurst = 10
	loginEvery = 6 * time.Second
	maxOrigins = 10_000 // addresses in memory; more is an attack, and all counts are reset
)

func newLoginLimiter() *loginLimiter { return &loginLimiter{byOrigin: map[string]*rate.Limiter{}} }

// attempt counts an attempt and reports whether it may be made. The caller calls giveBack
// when the password was right.
func (l *loginLimiter) attempt(origin string, now time.Time) (giveBack func(), ok bool) {
	origin = approval.Place(origin)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byOrigin) > maxOrigins {
		l.byOrigin = map[string]*rate.Limiter{}
	}
	x := l.byOrigin[origin]
	if x == nil {
		x = rate.NewLimiter(rate.Every(loginEvery), loginBurst)
		l.byOrigin[origin] = x
	}
	r := x.ReserveN(now, 1)
	if r.DelayFrom(now) > 0 {
		r.CancelAt(now)
		return nil, false
	}
	return func() { r.CancelAt(now) }, true
}
