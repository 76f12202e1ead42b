package kit

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// UseAdopted takes the region's adopted pack where --policy names no other.
func (a *App) UseAdopted(ctx context.Context) error {
	if a.Pack == nil {
		return a.packless
	}
	if a.PolicyFile != "" {
		return nil
	}
	current, err := a.Current(ctx)
	if err != nil {
		return err
	}
	a.Office = current
	return nil
}

// RulesInUse is rules for commands that need no database: they take the adopted pack
// where there is a database to ask, and do not make one.
func (a *App) RulesInUse(ctx context.Context) error {
	if err := a.Rules(); err != nil {
		return err
	}
	if a.PolicyFile != "" {
		return nil
	}
	if a.URL == "" && a.Getenv("DATABASE_URL") == "" {
		if _, err := os.Stat(a.Data); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return a.Open(ctx, IsThere)
}
