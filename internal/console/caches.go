package console

import (
	"errors"
	"sync"
)

// caches keep what is costly to add up and can never change under its key: a key has the
// digest of the batch, or the revision, that the value was made from.
type caches struct {
	mu   sync.Mutex
	kept map[string]*cached
}

type cached struct {
	once  sync.Once
	value any
	err   error
}

const keptValues = 256

func newCaches() caches { return caches{kept: map[string]*cached{}} }

// keep returns what make makes for the key, which is made once even when many ask.
// Failures are not kept.
func keep[T any](s *Server, key string, make func() (T, error)) (T, error) {
	c := &s.caches
	c.mu.Lock()
	if len(c.kept) > keptValues {
		c.kept = map[string]*cached{}
	}
	x := c.kept[key]
	if x == nil {
		x = &cached{}
		c.kept[key] = x
	}
	c.mu.Unlock()
	x.once.Do(func() { x.value, x.err = make() })
	if x.err != nil {
		c.mu.Lock()
		if c.kept[key] == x {
			delete(c.kept, key)
		}
		c.mu.Unlock()
		var none T
		return none, x.err
	}
	return x.value.(T), nil
}

// kept is what keep made for the key before; false: nothing.
func kept[T any](s *Server, key string) (T, bool) {
	s.caches.mu.Lock()
	x := s.caches.kept[key]
	s.caches.mu.Unlock()
	if x == nil {
		var none T
		return none, false
	}
	value, err := keep(s, key, func() (T, error) {
		var none T
		return none, errNotKept
	})
	return value, err == nil
}

var errNotKept = errors.New("not kept")
