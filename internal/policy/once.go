package policy

import (
	"bytes"
	"sync"
)

// LoadOnce is Load for packs that are met again and again, as those of a district are at
// every signature: the last few are kept, by their bytes. What it returns is shared and
// must not be changed.
func LoadOnce(body []byte) (*Pack, error) { return loaded.of(body, Load) }

// ParseOnce is to Parse what LoadOnce is to Load.
func ParseOnce(body []byte) (*File, error) { return parsed.of(body, Parse) }

var (
	loaded = kept[*Pack]{}
	parsed = kept[*File]{}
)

// keptMost is how many packs are kept. A district has one in use, and one or two before it.
const keptMost = 16

// kept remembers what was made of a text. It can only be forgotten, never be stale. An
// error is not kept.
type kept[T any] struct {
	mu  sync.Mutex
	all map[string]T
}

func (k *kept[T]) of(body []byte, read func([]byte) (T, error)) (T, error) {
	k.mu.Lock()
	made, ok := k.all[string(body)]
	k.mu.Unlock()
	if ok {
		return made, nil
	}
	made, err := read(bytes.Clone(body)) // a Pack keeps its bytes; the caller's may change
	if err != nil {
		return made, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= keptMost {
		k.all = map[string]T{}
	}
	k.all[string(body)] = made
	return made, nil
}
