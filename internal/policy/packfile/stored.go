package packfile

import (
	"disburse/internal/policy/cache"
)

// ParseStored is Parse for a pack that the region has stored: what was refused later than
// packs may have been stored is let through. What it returns is shared and must not be changed.
func ParseStored(body []byte) (*File, error) {
	return parsed.Of(body, func(b []byte) (*File, error) { return parse(b, true) })
}

var parsed = cache.New[*File]()
