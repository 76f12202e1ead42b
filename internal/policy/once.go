package policy

import (
	"bytes"

	lru "github.com/hashicorp/golang-lru/v2"
)

// LoadOnce is Load for packs that are met again and again, as those of a district are at
// every signature. What it returns is shared and must not be changed.
func LoadOnce(body []byte) (*Pack, error) { return loaded.of(body, Load) }

// LoadStored is LoadOnce for a pack that the region has stored: checks that are younger
// than packs may be do not refuse it.
func LoadStored(body []byte) (*Pack, error) {
	return stored.of(body, func(b []byte) (*Pack, error) { return loadAs(b, true) })
}

// ParseStored is Parse for a pack that the region has stored: what was refused later than
// packs may have been stored is let through. What it returns is shared and must not be changed.
func ParseStored(body []byte) (*File, error) {
	return parsed.of(body, func(b []byte) (*File, error) { return parse(b, true) })
}

var parsed = newCache[*File]()

var (
	loaded = newCache[*Pack]()
	stored = newCache[*Pack]()
)

// cacheSize is how many texts are cached. A district has one in use, and one or two before it.
const cacheSize = 16

// cache holds what was made of a text, by the text, so it can be evicted and never be stale.
// Errors are not cached.
type cache[T any] struct{ *lru.Cache[string, T] }

// newCache returns an empty cache.
func newCache[T any]() cache[T] {
	c, _ := lru.New[string, T](cacheSize) // fails for a size below 1 alone
	return cache[T]{c}
}

// of returns what read makes of a text, or has made of it before.
func (c cache[T]) of(body []byte, read func([]byte) (T, error)) (T, error) {
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
