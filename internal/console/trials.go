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

// trialWeight is about what a trial takes, in bytes. Every type that is remembered has a
// case: without one it counts as unknownWeight whatever it holds, and the cache outgrows
// its room.
func trialWeight(found any) int64 {
	switch x := found.(type) {
	case *triedRoster:
		return problemTexts*(sizeOf(x.Problems)+sizeOf(x.Warnings)) + sizeOf(x.Effects) + sizeOf(x.Changes)
	case *matched:
		return matchWeight(x.Match)
	case *office.Effect:
		packs := parsedPack * int64(len(x.Pack.Body)+len(x.Present.Body))
		return packs + problemTexts*(sizeOf(x.Differences)+sizeOf(x.Controls)) + sizeOf(x.Settled.Items) + sizeOf(x.Settled.Months)
	case *triedUndo:
		return int64(len(x.Wrong))
	}
	return unknownWeight
}

// How many times its own size an element of a list takes with the texts it points to, and
// a pack with what was parsed out of it.
const (
	problemTexts = 3 // a sentence and a value
	rowTexts     = 2 // names and numbers
	parsedPack   = 10
)

// unknownWeight is taken for a type without a case, in bytes.
const unknownWeight = 1 << 20

// matchWeight is about what a matched list takes with its report, in bytes. Rows of the
// report share their texts with those of the list.
func matchWeight(m *office.Match) int64 {
	w := rowTexts*sizeOf(m.List.Rows) + problemTexts*(sizeOf(m.List.Problems)+sizeOf(m.List.Warnings))
	if m.Found != nil {
		w += rowTexts*sizeOf(m.Found.Matches) + sizeOf(m.Found.Unmatched)
	}
	if r := m.Report; r != nil {
		w += rowTexts*(sizeOf(r.Hits)+sizeOf(r.Missing)) + sizeOf(r.Unmatched)
	}
	return w
}

// remember keeps what a trial has found, in place of an earlier one.
func remember[T any](s *Server, key string, found T) error {
	s.caches.trials.put(key, trial{found, s.Clock().Add(trialLife)})
	return nil
}

// remembered returns what a trial found; ok is false where it is not kept, or no longer.
// An expired one is removed, as it would take room until newer ones evict it.
func remembered[T any](s *Server, key string) (found T, ok bool) {
	now := s.Clock()
	s.caches.trials.evict(key, func(t trial) bool { return now.After(t.until) })
	t, ok := s.caches.trials.look(key)
	if !ok {
		return found, false
	}
	found, ok = t.found.(T)
	return found, ok
}
