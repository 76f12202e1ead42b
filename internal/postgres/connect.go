package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// CannotConnectNow is what a server answers while it starts or recovers from a crash.
const CannotConnectNow = "57P03"

const (
	recoveryPause = 100 * time.Millisecond
	recoveryTries = 300 // half a minute: more than a month's crash recovery takes
)

// connect opens a connection of its own. A server that is recovering, because one of its
// processes was killed a moment ago, is waited for: it answers before it is ready.
func connect(ctx context.Context, config *pgx.ConnConfig) (*pgx.Conn, error) {
	for try := 1; ; try++ {
		conn, err := pgx.ConnectConfig(ctx, config.Copy())
		if State(err) != CannotConnectNow || try == recoveryTries {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(recoveryPause):
		}
	}
}
