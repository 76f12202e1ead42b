package console

import "sync"

// last is a value with the key that it was made for.
type last[T any] struct {
	mu    sync.Mutex
	key   string
	value T
}

// newest returns what make makes for the key. Under a name only the last one is kept: what
// is large and changes with every revision must not pile up. Failures are not kept.
func newest[T any](s *Server, name, key string, make func() (T, error)) (T, error) {
	x, err := keep(s, name, func() (*last[T], error) { return &last[T]{}, nil })
	if err != nil {
		var none T
		return none, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.key == key {
		return x.value, nil
	}
	value, err := make()
	if err == nil {
		x.key, x.value = key, value
	}
	return value, err
}
