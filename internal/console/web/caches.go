package web

import (
	"sync"
	"unsafe"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"
)

// cache is an LRU cache with a limit on bytes. Values are immutable and need no invalidation:
// a key has the digest of the batch, or the revision, that the value was computed from. Each
// kind of value has a cache of its own, so that one kind cannot evict another.
type cache[T any] struct {
	mu        sync.Mutex
	entries   *simplelru.LRU[string, weighed[T]]
	weight    int64 // of all entries, in bytes
	maxWeight int64
	weigh     func(T) int64
	inflight  singleflight.Group // concurrent requests for a key share one computation
}

type weighed[T any] struct {
	value  T
	weight int64
}

// maxCacheEntries bounds the number of entries, which most caches never reach.
const maxCacheEntries = 1 << 16

// newCache makes a cache of at most that many bytes: the weights of the values, each plus
// entryWeight.
func newCache[T any](most int64, weigh func(T) int64) *cache[T] {
	c := &cache[T]{maxWeight: most, weigh: weigh}
	// NewLRU fails only for a size below 1.
	c.entries, _ = simplelru.NewLRU(maxCacheEntries, func(_ string, x weighed[T]) { c.weight -= x.weight })
	return c
}

// entryWeight is the overhead of an entry, in bytes.
const entryWeight = 256

// Lookup returns the value of a key, if it is cached.
func (c *cache[T]) Lookup(key string) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x, ok := c.entries.Get(key)
	return x.value, ok
}

// evict removes the value of a key if it is stale. It checks under the lock: another request
// may just have put a newer value in its place.
func (c *cache[T]) evict(key string, stale func(T) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x, ok := c.entries.Peek(key); ok && stale(x.value) {
		c.entries.Remove(key)
	}
}

// Put stores a value in place of an earlier one and evicts the least recently used ones over
// the limit. The newest stays even where it alone exceeds the limit, or the page that needs
// it would compute it again and again.
func (c *cache[T]) Put(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries.Remove(key)
	x := weighed[T]{value, entryWeight + c.weigh(value)}
	c.weight += x.weight
	c.entries.Add(key, x)
	for c.weight > c.maxWeight && c.entries.Len() > 1 {
		c.entries.RemoveOldest()
	}
}

// Get returns the value of a key and computes it with make where it is not cached: once, even
// for concurrent requests. Errors are not cached.
func (c *cache[T]) Get(key string, make func() (T, error)) (T, error) {
	if value, ok := c.Lookup(key); ok {
		return value, nil
	}
	made, err, _ := c.inflight.Do(key, func() (any, error) {
		if value, ok := c.Lookup(key); ok { // another request has finished in between
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

// Usual limits of caches, in bytes.
const (
	LargeCache = 64 << 20
	SmallCache = 8 << 20
)

// CacheKind declares a cache for a kind of value; each server has one cache of each kind, so
// that tests with several servers do not share values.
type CacheKind[T any] struct {
	maxWeight int64 // bytes
	weigh     func(T) int64
}

// NewCache declares a cache of at most that many bytes; weigh is the size of a value in bytes.
func NewCache[T any](most int64, weigh func(T) int64) *CacheKind[T] {
	return &CacheKind[T]{most, weigh}
}

// Of is the server's cache of this kind.
func (k *CacheKind[T]) Of(s *Server) *cache[T] {
	c, ok := s.caches.Load(k)
	if !ok {
		c, _ = s.caches.LoadOrStore(k, newCache(k.maxWeight, k.weigh))
	}
	return c.(*cache[T])
}

// Weightless is the weigh function for values as small as entryWeight.
func Weightless[T any](T) int64 { return 0 }

// SizeOf is the memory of a list in bytes, without what its elements point to.
func SizeOf[T any](list []T) int64 {
	var one T
	return int64(cap(list)) * int64(unsafe.Sizeof(one))
}

// Latest is a value with the key that it was computed for.
type Latest[T any] struct {
	key   string
	Value T
}

// GetLatest is cache.Get for values that change with every revision: of a name only the value
// of the latest key is cached, so that large values of old revisions do not pile up. Of one
// name one value is computed at a time. Errors are not cached.
func GetLatest[T any](c *cache[Latest[T]], name, key string, make func() (T, error)) (T, error) {
	for {
		if x, ok := c.Lookup(name); ok && x.key == key {
			return x.Value, nil
		}
		made, err, _ := c.inflight.Do(name, func() (any, error) {
			if x, ok := c.Lookup(name); ok && x.key == key {
				return x, nil
			}
			value, err := make()
			x := Latest[T]{key, value}
			if err == nil {
				c.Put(name, x)
			}
			return x, err
		})
		if x := made.(Latest[T]); x.key == key {
			return x.Value, err
		} // another request was computing the value of another key: try again
	}
}
