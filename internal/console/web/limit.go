package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"disburse/internal/approval"
)

// limiter slows down guessing of passwords from one place: a burst of ten wrong ones, then
// one every six seconds. Right ones cost nothing: an office behind one address must not shut
// itself out. Tries of one name wait beside it (approval.Delay).
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

// take counts a try. ok: it may be made; right gives it back where the password was right.
func (l *limiter) take(origin string, now time.Time) (right func(), ok bool) {
	origin = approval.Place(origin)
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
	r := x.ReserveN(now, 1)
	if r.DelayFrom(now) > 0 {
		r.CancelAt(now)
		return nil, false
	}
	return func() { r.CancelAt(now) }, true
}
