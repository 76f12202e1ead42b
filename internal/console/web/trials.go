package web

import (
	"time"
)

// trialCache keeps what trials found until it is taken or given up: what an import, a match
// list, an undoing or a pack would do. Nothing else shares its room, and a trial that is
// evicted is no loss: the page asks to try again.
var trialCache = NewKind(128<<20, func(t trial) int64 { return t.found.Weight() })

type trial struct {
	found Weigher
	until time.Time
}

// trialLife is how long a trial is kept: as long as the file that was tried.
const trialLife = 24 * time.Hour

// Weigher says about what a trial takes, in bytes, with the texts that its rows point to: a
// trial that weighed too little would let the cache outgrow its room.
type Weigher interface{ Weight() int64 }

// How many times its own size an element of a list takes with the texts it points to.
const (
	ProblemTexts = 3 // a sentence and a value
	RowTexts     = 2 // names and numbers
)

// Remember keeps what a trial has found, in place of an earlier one.
func Remember(s *Server, key string, found Weigher) error {
	trialCache.Of(s).Put(key, trial{found, s.Clock().Add(trialLife)})
	return nil
}

// Remembered returns what a trial found; ok is false where it is not kept, or no longer.
// An expired one is removed, as it would take room until newer ones evict it.
func Remembered[T any](s *Server, key string) (found T, ok bool) {
	now := s.Clock()
	trialCache.Of(s).evict(key, func(t trial) bool { return now.After(t.until) })
	t, ok := trialCache.Of(s).Look(key)
	if !ok {
		return found, false
	}
	found, ok = t.found.(T)
	return found, ok
}
