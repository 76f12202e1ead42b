package web

import (
	"sync"
	"unsafe"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"
)

// cache keeps what is costly to make, under keys of which the values never change: a key
// has the digest of the batch, or the revision, that the value was made from. What was
// not asked for the longest goes first when the values weigh more than they may together.
// Each kind of value has a cache of its own, so that none pushes out another's.
type cache[T any] struct {
	mu     sync.Mutex
	kept   *simplelru.LRU[string, weighed[T]]
	weight int64 // of all that is kept, in bytes
	most   int64
	weigh  func(T) int64
	making singleflight.Group // so that a value is made once even when many ask
}

type weighed[T any] struct {
	value  T
	weight int64
}

// cacheKeys is how many values a cache has whatever they weigh; most weigh little.
const cacheKeys = 1 << 16

// newCache makes a cache of values that weigh at most so many bytes together; each counts
// as entryWeight besides.
func newCache[T any](most int64, weigh func(T) int64) *cache[T] {
	c := &cache[T]{most: most, weigh: weigh}
	// It fails for a size below 1 alone.
	c.kept, _ = simplelru.NewLRU(cacheKeys, func(_ string, x weighed[T]) { c.weight -= x.weight })
	return c
}

// entryWeight is what an entry takes beside what weigh counts.
const entryWeight = 256

// Look returns what is kept for a key.
func (c *cache[T]) Look(key string) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.kept.Get(key)
	return x.value, ok
}

// evict removes the value of a key if it is stale, which one that another request has just
// put in its place is not.
func (c *cache[T]) evict(key string, stale func(T) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x, ok := c.kept.Peek(key); ok && stale(x.value) {
		c.kept.Remove(key)
	}
}

// Put keeps a value in place of an earlier one. The last one stays, however heavy.
func (c *cache[T]) Put(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(key)
	x := weighed[T]{value, entryWeight + c.weigh(value)}
	c.weight += x.weight
	c.kept.Add(key, x)
	for c.weight > c.most && c.kept.Len() > 1 {
		c.kept.RemoveOldest()
	}
}

// Get returns what make makes for the key, which is made once even when many ask.
// Failures are not kept.
func (c *cache[T]) Get(key string, make func() (T, error)) (T, error) {
	if value, ok := c.Look(key); ok {
		return value, nil
	}
	made, err, _ := c.making.Do(key, func() (any, error) {
		if value, ok := c.Look(key); ok { // made between looking and here
			return value, nil
		}
		value, err := make()
		if err == nil {
			c.Put(key, value)
		}
		return value, err
	})
	return made.(T), err
}

// The most that kinds of values may take, in bytes.
const (
	LargeRoom = 64 << 20
	SmallRoom = 8 << 20
)

// cacheKind is a kind of value that pages share. Whoever makes such values declares their
// kind; each server has one cache of it.
type cacheKind[T any] struct {
	most  int64 // bytes
	weigh func(T) int64
}

func NewKind[T any](most int64, weigh func(T) int64) *cacheKind[T] {
	return &cacheKind[T]{most, weigh}
}

// Of is the server's cache of the kind.
func (k *cacheKind[T]) Of(s *Server) *cache[T] {
	c, ok := s.caches.Load(k)
	if !ok {
		c, _ = s.caches.LoadOrStore(k, newCache(k.most, k.weigh))
	}
	return c.(*cache[T])
}

// Nothing weighs what is as small as its entry.
func Nothing[T any](T) int64 { return 0 }

// SizeOf is what a list takes, in bytes, without what its elements point to.
func SizeOf[T any](list []T) int64 {
	var one T
	return int64(cap(list)) * int64(unsafe.Sizeof(one))
}
