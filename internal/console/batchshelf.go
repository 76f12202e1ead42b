package console

import (
	"slices"
	"sync"
)

// shelf keeps the few large values that were looked at last. What is small is kept by keep.
type shelf[T any] struct {
	mu   sync.Mutex
	kept []*shelved[T] // the latest first
}

type shelved[T any] struct {
	key   string
	once  sync.Once
	value T
	err   error
}

// shelfRoom is how many values a shelf has: the index of a million lines takes some 45 MB.
const shelfRoom = 6

// shelve returns what make makes for the key, which is made once even when many ask.
// Failures are not kept.
func shelve[T any](s *Server, name, key string, make func() (T, error)) (T, error) {
	kept, err := keep(s, name, func() (*shelf[T], error) { return &shelf[T]{}, nil })
	if err != nil {
		var none T
		return none, err
	}
	x := kept.place(key)
	x.once.Do(func() { x.value, x.err = make() })
	if x.err != nil {
		kept.drop(x)
	}
	return x.value, x.err
}

// place returns the key's place, new or old, and gives up the one that was not asked for
// the longest.
func (s *shelf[T]) place(key string) *shelved[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.kept, func(x *shelved[T]) bool { return x.key == key })
	x := &shelved[T]{key: key}
	if at >= 0 {
		x = s.kept[at]
		s.kept = slices.Delete(s.kept, at, at+1)
	}
	s.kept = slices.Insert(s.kept, 0, x)
	if len(s.kept) > shelfRoom {
		s.kept = slices.Delete(s.kept, shelfRoom, len(s.kept)) // which forgets what it held
	}
	return x
}

func (s *shelf[T]) drop(x *shelved[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(o *shelved[T]) bool { return o == x })
}
