package console

import (
	"fmt"
	"sync"
)

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

// beside is newest for what takes longer than a page may: it is made beside the page, once
// for a key, and the zero value stands for it until it is there. While one is being made,
// nothing is begun for a newer key.
func beside[T any](s *Server, name, key string, make func() (T, error)) (T, error) {
	var none T
	x, err := keep(s, "beside/"+name, func() (*last[asideOf[T]], error) { return &last[asideOf[T]]{}, nil })
	if err != nil {
		return none, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.value.busy:
		return none, nil
	case x.key == key && x.value.done:
		return x.value.value, nil
	case x.key == key && x.value.err != nil:
		err := x.value.err // said once, then tried again
		x.value, x.key = asideOf[T]{}, ""
		return none, err
	}
	x.key, x.value = key, asideOf[T]{busy: true}
	s.work.Go(func() {
		value, err := withoutPanic(make)
		x.mu.Lock()
		defer x.mu.Unlock()
		x.value = asideOf[T]{value: value, err: err, done: err == nil}
	})
	return none, nil
}

// asideOf is what was made beside pages.
type asideOf[T any] struct {
	value      T
	err        error
	busy, done bool
}

// withoutPanic makes an error of a panic: it would end the program, as no page is above it.
func withoutPanic[T any](make func() (T, error)) (value T, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return make()
}
