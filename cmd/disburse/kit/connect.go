package kit

import (
	"cmp"
	"context"

	"disburse/internal/embedded"
	"disburse/internal/postgres"
	"disburse/migrations"
)

// UpToDate migrates and lets the daily login in.
func (a *App) UpToDate(ctx context.Context, owner string) error {
	if err := postgres.Migrate(ctx, owner, migrations.FS, a.Tell); err != nil || owner == a.Address() {
		return err
	}
	return postgres.Admit(ctx, owner, a.Address(), a.server != nil)
}

// Reach returns the address of the database's owner: --db-owner, or where that is not given
// --db itself; where neither is, it starts the private server.
func (a *App) Reach(ctx context.Context) (string, error) {
	owner := cmp.Or(a.OwnerURL, a.Getenv("DATABASE_OWNER_URL"))
	if daily := a.Given(); daily != "" {
		return cmp.Or(owner, daily), nil
	}
	if owner != "" {
		return "", Usage("写了 --db-owner（或 DATABASE_OWNER_URL），还要用 --db（或 DATABASE_URL）写明日常登录用户的地址")
	}
	server, err := embedded.Open(ctx, a.Data, embedded.Options{Log: a.Tell})
	if err != nil {
		return "", err
	}
	a.server = server
	return server.URL(), nil
}

// Given is the address of the database that was named; empty: the private one.
func (a *App) Given() string { return cmp.Or(a.URL, a.Getenv("DATABASE_URL")) }

// Address is the address for daily work of the database that was reached.
func (a *App) Address() string {
	if a.server != nil {
		return a.server.DailyURL()
	}
	return a.Given()
}
