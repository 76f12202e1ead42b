package policy

import (
	"disburse/internal/month"
)

// Frozen is File.Frozen.
func (p *Pack) Frozen(day month.Date) (why string, frozen bool) { return p.File.Frozen(day) }
