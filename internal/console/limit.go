package console

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter slows down guessing of passwords from one address: a burst of ten, then one
// every six seconds. Accounts are locked beside it (approval.FailuresAllowed).
type limiter struct {
	mu   sync.Mutex
	from map[string]*rate.Limiter
}

const (
	loginBurst = 10
	loginEvery = 6 * time.Second
	manyPlaces = 10_000 // addresses remembered; more is an attack, and all begin afresh
)

func newLimiter() *limiter { return &limiter{from: map[string]*rate.Limiter{}} }

func (l *limiter) allow(origin string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.from) > manyPlaces {
		l.from = map[string]*rate.Limiter{}
	}
	x := l.from[origin]
	if x == nil {
		x = rate.NewLimiter(rate.Every(loginEvery), loginBurst)
		l.from[origin] = x
	}
	return x.AllowN(now, 1)
}
