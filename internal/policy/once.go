package policy

import (
	"disburse/internal/policy/cache"
)

// LoadOnce is Load for packs that are met again and again, as those of a district are at
// every signature. What it returns is shared and must not be changed.
func LoadOnce(body []byte) (*Pack, error) { return loaded.Of(body, Load) }

// LoadStored is LoadOnce for a pack that the region has stored: checks that are younger
// than packs may be do not refuse it.
func LoadStored(body []byte) (*Pack, error) {
	return stored.Of(body, func(b []byte) (*Pack, error) { return loadAs(b, true) })
}

var (
	loaded = cache.New[*Pack]()
	stored = cache.New[*Pack]()
)
