package kit

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// Everywhere makes a command about the region that is named, or else about all of them.
// It needs no pack: a region of which none is known is looked at all the same.
func (a *App) Everywhere(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, all []postgres.Region, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			f, err := a.connect(c.Context())
			if err != nil {
				return err
			}
			all, err := a.regions(c.Context(), f)
			if err != nil {
				return err
			}
			return work(c.Context(), all, args)
		},
	}
}

// regions are the one that is named, or those that hold something; of an empty database
// the pack's.
func (a *App) regions(ctx context.Context, f Flags) ([]postgres.Region, error) {
	there, err := a.Pool.Regions(ctx)
	if held := holders(there); err != nil || (f.Region == 0 && len(held) > 0) {
		return held, err
	}
	code, err := a.region(ctx, f, IsThere)
	if err != nil {
		return nil, err
	}
	there, err = a.Pool.Regions(ctx)
	return slices.DeleteFunc(there, func(r postgres.Region) bool { return r.Code != code }), err
}

// In makes the office of one of several regions; its pack is nil where none is known.
func (a *App) In(ctx context.Context, region postgres.Region) error {
	f, err := a.Flags()
	if err != nil {
		return err
	}
	pack, err := a.packOf(ctx, f, region.Code)
	if err != nil && !fault.Is(err, fault.Refused) {
		return err
	}
	a.Office, a.packless, a.known = office.New(a.Pool, region.Code, pack), err, ""
	return nil
}
