package rosters

import (
	"context"

	"disburse/internal/office"
	"disburse/internal/roster"
)

// ReadRoster is what tests of memory read without a database.
func ReadRoster(ctx context.Context, o *office.Office, x *Order) (*roster.Import, error) {
	return readRoster(ctx, o, x)
}
