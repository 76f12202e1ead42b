package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// useAdopted takes the region's adopted pack where --policy names no other.
func (a *app) useAdopted(ctx context.Context) error {
	if a.Pack == nil {
		return a.packless
	}
	if a.policyFile != "" {
		return nil
	}
	current, err := a.Current(ctx)
	if err != nil {
		return err
	}
	a.Office = current
	return nil
}

// rulesInUse is rules for commands that need no database: they take the adopted pack
// where there is a database to ask, and do not make one.
func (a *app) rulesInUse(ctx context.Context) error {
	if err := a.rules(); err != nil {
		return err
	}
	if a.policyFile != "" {
		return nil
	}
	if a.url == "" && a.getenv("DATABASE_URL") == "" {
		if _, err := os.Stat(a.data); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return a.open(ctx, isThere)
}
