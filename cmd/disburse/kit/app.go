package kit

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"disburse/internal/embedded"
	"disburse/internal/office"
	"disburse/internal/postgres"
)

// UsageError is a command that was written wrongly.
type UsageError struct{ sentence string }

func (e UsageError) Error() string { return e.sentence }

// Usage is a command that was written wrongly, with how it is written.
func Usage(format string, args ...any) error { return UsageError{fmt.Sprintf(format, args...)} }

// App has the flags that all commands share, and what is opened for one command.
type App struct {
	Terminal

	URL, Data    string
	OwnerURL     string
	RegionCode   string
	PolicyFile   string
	Format       string
	As           string
	PasswordFile string
	known        string // the user of --as, once the password was right

	*office.Office // what the command is about; nil before rules, without a database before open
	Pool           *postgres.DB
	server         *embedded.Server

	packless error  // why the office has no pack; nil: it has one
	Offered  string // a pack's file that the command is about, which stands in where no pack is in use yet
}

// Close gives back what the command has opened.
func (a *App) Close() {
	if a.Pool != nil {
		a.Pool.Close()
		a.Pool, a.Office = nil, nil
	}
	if a.server != nil {
		if err := a.server.Close(); err != nil {
			a.Tell(err.Error())
		}
		a.server = nil
	}
}

// Command makes a command whose work is in one region and under its pack.
func (a *App) Command(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, args []string) error) *cobra.Command {
	return a.commandIn(IsThere, use, short, args, work)
}

// Beginning makes a command that may be a region's first.
func (a *App) Beginning(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, args []string) error) *cobra.Command {
	return a.commandIn(MayBegin, use, short, args, work)
}

func (a *App) commandIn(p Presence, use, short string, args cobra.PositionalArgs, work func(ctx context.Context, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			if err := a.Open(c.Context(), p); err != nil {
				return err
			}
			return work(c.Context(), args)
		},
	}
}
