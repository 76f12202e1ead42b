package web

import (
	"fmt"
	"sync"
)

// Last is a value with the key that it was made for.
type Last[T any] struct {
	key   string
	Value T
}

// Newest returns what make makes for the key. Under a name only the last one is kept: what
// is large and changes with every revision must not pile up. Of one name only one is made
// at a time, and once even when many ask. Failures are not kept.
func Newest[T any](c *cache[Last[T]], name, key string, make func() (T, error)) (T, error) {
	for {
		if x, ok := c.Look(name); ok && x.key == key {
			return x.Value, nil
		}
		made, err, _ := c.making.Do(name, func() (any, error) {
			if x, ok := c.Look(name); ok && x.key == key {
				return x, nil
			}
			value, err := make()
			x := Last[T]{key, value}
			if err == nil {
				c.Put(name, x)
			}
			return x, err
		})
		if x := made.(Last[T]); x.key == key {
			return x.Value, err
		} // somebody else's was being made
	}
}

// Beside is newest for what takes longer than a page may: it is made beside the page, once
// for a key, and the zero value stands for it until it is there. While one is being made,
// nothing is begun for a newer key.
func Beside[T any](s *Server, c *cache[*Aside[T]], name, key string, make func() (T, error)) (T, error) {
	var none T
	x, err := c.Get(name, func() (*Aside[T], error) { return &Aside[T]{}, nil })
	if err != nil {
		return none, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.busy:
		return none, nil
	case x.key == key && x.done:
		return x.value, nil
	case x.key == key && x.err != nil:
		err := x.err // said once, then tried again
		x.key, x.err = "", nil
		return none, err
	}
	x.begin(key)
	s.work.Go(func() {
		value, err := withoutPanic(make)
		x.end(value, err)
	})
	return none, nil
}

// Aside is what is made beside pages, or was made there last.
type Aside[T any] struct {
	mu         sync.Mutex
	key        string
	value      T
	err        error
	busy, done bool
}

// begin and end frame the making; begin is called with the lock.
func (x *Aside[T]) begin(key string) {
	var none T
	x.key, x.value, x.err, x.busy, x.done = key, none, nil, true, false
}

func (x *Aside[T]) end(value T, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.value, x.err, x.busy, x.done = value, err, false, err == nil
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
