package office

import (
	"context"

	"disburse/internal/roster"
)

// ReadRoster is what tests of memory read without a database.
func ReadRoster(ctx context.Context, o *Office, x *RosterOrder) (*roster.Import, error) {
	return o.readRoster(ctx, x)
}
