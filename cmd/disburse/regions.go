package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// everywhere makes a command about the region that is named, or else about all of them.
// It needs no pack: a region of which none is known is looked at all the same.
func (a *app) everywhere(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, all []postgres.Region, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			defer a.close()
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
func (a *app) regions(ctx context.Context, f flags) ([]postgres.Region, error) {
	there, err := a.pool.Regions(ctx)
	if held := holders(there); err != nil || (f.region == 0 && len(held) > 0) {
		return held, err
	}
	code, err := a.region(ctx, f, isThere)
	if err != nil {
		return nil, err
	}
	there, err = a.pool.Regions(ctx)
	return slices.DeleteFunc(there, func(r postgres.Region) bool { return r.Code != code }), err
}

// in makes the office of one of several regions; its pack is nil where none is known.
func (a *app) in(ctx context.Context, region postgres.Region) error {
	f, err := a.flags()
	if err != nil {
		return err
	}
	pack, err := a.packOf(ctx, f, region.Code)
	if err != nil && !fault.Is(err, fault.Refused) {
		return err
	}
	a.Office, a.packless, a.known = office.New(a.pool, region.Code, pack), err, ""
	return nil
}
