package web

import (
	"fmt"
	"sync"
)

// InBackground is GetLatest for values that take longer to compute than a page may take: they
// are computed in the background, and the zero value is returned until they are ready. An
// error is returned once, then the computation is retried. While one runs, none is started
// for a newer key: under a stream of changes they would pile up and never be read.
func InBackground[T any](s *Server, c *cache[*Background[T]], name, key string, make func() (T, error)) (T, error) {
	var none T
	x, err := c.Get(name, func() (*Background[T], error) { return &Background[T]{}, nil })
	if err != nil {
		return none, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.running:
		return none, nil
	case x.key == key && x.done:
		return x.value, nil
	case x.key == key && x.err != nil:
		err := x.err // returned once, then retried
		x.key, x.err = "", nil
		return none, err
	}
	x.start(key)
	s.background.Go(func() {
		value, err := recoverPanic(make)
		x.finish(value, err)
	})
	return none, nil
}

// Background is a value computed in the background: running, ready or failed.
type Background[T any] struct {
	mu            sync.Mutex
	key           string
	value         T
	err           error
	running, done bool
}

// start notes that the computation for a key runs; the caller holds the lock.
func (x *Background[T]) start(key string) {
	var none T
	x.key, x.value, x.err, x.running, x.done = key, none, nil, true, false
}

// finish stores its result.
func (x *Background[T]) finish(value T, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.value, x.err, x.running, x.done = value, err, false, err == nil
}

// recoverPanic turns a panic into an error: outside a request nothing else recovers it, and it
// would end the program.
func recoverPanic[T any](make func() (T, error)) (value T, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return make()
}
