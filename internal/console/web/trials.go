package web

import (
	"time"
)

// trialCache has the results of dry runs: what an import, a match list, undoing an import or a
// pack would do. It has a capacity of its own, so that other values do not evict them. After
// an eviction or a restart the page asks for another trial.
var trialCache = NewCache(128<<20, func(t trial) int64 { return t.found.Weight() })

type trial struct {
	found   Weigher
	expires time.Time
}

// trialTTL is as long as the uploaded file is stored.
const trialTTL = 24 * time.Hour

// Weigher estimates the memory of a trial in bytes, with the texts that its rows point to. An
// estimate that is too low lets the cache outgrow its capacity.
type Weigher interface{ Weight() int64 }

// Factors for lists whose elements point to texts: memory as a multiple of SizeOf.
const (
	ProblemTexts = 3 // a sentence and a value
	RowTexts     = 2 // names and numbers
)

// PutTrial stores the result of a trial in place of an earlier one.
func PutTrial(s *Server, key string, found Weigher) {
	trialCache.Of(s).Put(key, trial{found, s.Clock().Add(trialTTL)})
}

// GetTrial returns the result of a trial; ok is false where there is none or it has expired.
// An expired one is removed at once, as it would occupy memory until newer ones evict it.
func GetTrial[T any](s *Server, key string) (found T, ok bool) {
	now := s.Clock()
	trialCache.Of(s).evict(key, func(t trial) bool { return now.After(t.expires) })
	t, ok := trialCache.Of(s).Lookup(key)
	if !ok {
		return found, false
	}
	found, ok = t.found.(T)
	return found, ok
}
