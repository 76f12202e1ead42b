package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"disburse/internal/fault"
)

// useAdopted takes the region's adopted pack where --policy names no other.
func (a *app) useAdopted(ctx context.Context) error {
	if a.policyFile != "" {
		return nil
	}
	hash, err := a.db.AdoptedHash(ctx, a.region)
	if err != nil || hash == "" || hash == a.pack.Hash {
		return err
	}
	pack, err := a.db.AdoptedPack(ctx, a.region)
	if err != nil {
		return fault.Wrap(err, fault.Refused, "%s；请换用读得出它的程序版本，或用 --policy 写明规则包", err.Error())
	}
	a.pack = pack
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
	if a.url == "" && os.Getenv("DATABASE_URL") == "" {
		if _, err := os.Stat(a.data); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return a.open(ctx)
}
