package console

import (
	"time"
)

// trialCache keeps what trials found until it is taken or given up: what an import, a match
// list, an undoing or a pack would do. Nothing else shares its room, and a trial that is
// evicted is no loss: the page asks to try again.
var trialCache = newKind(128<<20, func(t trial) int64 { return trialWeight(t.found) })

type trial struct {
	found any
	until time.Time
}

// trialLife is how long a trial is kept: as long as the file that was tried.
const trialLife = 24 * time.Hour

// trialWeight is about what a trial takes, in bytes: what it says itself, or 1 MB.
func trialWeight(found any) int64 {
	if x, ok := found.(interface{ weight() int64 }); ok {
		return x.weight()
	}
	return 1 << 20
}

// remember keeps what a trial has found, in place of an earlier one.
func remember[T any](s *Server, key string, found T) error {
	trialCache.of(s).put(key, trial{found, s.Clock().Add(trialLife)})
	return nil
}

// remembered returns what a trial found; ok is false where it is not kept, or no longer.
func remembered[T any](s *Server, key string) (found T, ok bool) {
	t, ok := trialCache.of(s).look(key)
	if !ok || s.Clock().After(t.until) {
		return found, false
	}
	found, ok = t.found.(T)
	return found, ok
}
