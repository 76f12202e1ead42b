//go:build !fixedclock

package kit

import (
	"time"
)

// clock is the machine's.
func clock() time.Time { return time.Now() }
