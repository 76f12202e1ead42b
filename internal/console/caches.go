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

// remember keeps a value that work has made, in place of an earlier one.
func remember[T any](s *Server, key string, value T) error {
	s.caches.mu.Lock()
	delete(s.caches.kept, key)
	s.caches.mu.Unlock()
	_, err := keep(s, key, func() (T, error) { return value, nil })
	return err
}

// remembered returns what was kept; ok is false where it was not, or is no longer.
func remembered[T any](s *Server, key string) (value T, ok bool) {
	value, err := keep(s, key, func() (T, error) { var none T; return none, errNotKept })
	return value, err == nil
}

var errNotKept = errors.New("not kept")
