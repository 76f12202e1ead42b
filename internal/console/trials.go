package console

import (
	"time"

	"disburse/internal/office"
)

// trials keep what trials found until it is taken or given up: what an import, a match
// list, an undoing or a pack would do. Nothing else shares their room, and one that is
// lost is no loss: the page asks to try again.
type trials struct{ *cache[trial] }

type trial struct {
	found any
	until time.Time
}

// trialLife is how long a trial is kept: as long as the file that was tried.
const trialLife = 24 * time.Hour

func newTrials() *trials {
	return &trials{newCache(trialRoom, func(t trial) int64 { return trialWeight(t.found) })}
}

// trialWeight is about what a trial takes, in bytes.
func trialWeight(found any) int64 {
	const problems, hits = 3, 8 // for the texts that rows point to
	switch x := found.(type) {
	case *triedRoster:
		return problems*(sizeOf(x.Problems)+sizeOf(x.Warnings)) + sizeOf(x.Effects) + sizeOf(x.Changes)
	case *office.Match:
		w := 2 * sizeOf(x.List.Rows)
		if x.Report != nil {
			w += hits * (sizeOf(x.Report.Hits) + sizeOf(x.Report.Missing))
		}
		return w + problems*sizeOf(x.List.Problems)
	}
	return 1 << 20
}

// remember keeps what a trial has found, in place of an earlier one.
func remember[T any](s *Server, key string, found T) error {
	s.caches.trials.put(key, trial{found, s.Clock().Add(trialLife)})
	return nil
}

// remembered returns what a trial found; ok is false where it is not kept, or no longer.
func remembered[T any](s *Server, key string) (found T, ok bool) {
	t, ok := s.caches.trials.look(key)
	if !ok || s.Clock().After(t.until) {
		return found, false
	}
	found, ok = t.found.(T)
	return found, ok
}
