package cache

import (
	"bytes"

	lru "github.com/hashicorp/golang-lru/v2"
)

// size is how many texts are cached. A district has one in use, and one or two before it.
const size = 16

// Cache holds what was made of a text, by the text, so it can be evicted and never be stale.
// Errors are not cached.
type Cache[T any] struct{ *lru.Cache[string, T] }

// New returns an empty cache.
func New[T any]() Cache[T] {
	c, _ := lru.New[string, T](size) // fails for a size below 1 alone
	return Cache[T]{c}
}

// Of returns what read makes of a text, or has made of it before.
func (c Cache[T]) Of(body []byte, read func([]byte) (T, error)) (T, error) {
	if made, ok := c.Get(string(body)); ok {
		return made, nil
	}
	made, err := read(bytes.Clone(body)) // a Pack keeps its bytes; the caller's may change
	if err == nil {
		// Of two that read the same text at once, both return what came first.
		if earlier, ok, _ := c.PeekOrAdd(string(body), made); ok {
			return earlier, nil
		}
	}
	return made, err
}
