package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// CannotConnectNow is the SQLSTATE of a server that is starting or in crash recovery.
const CannotConnectNow = "57P03"

const (
	recoveryPause = 100 * time.Millisecond
	recoveryTries = 300 // 30 s: longer than crash recovery after computing a whole month
)

// connect opens a connection outside the pool. It retries while the server is in crash
// recovery: a server whose process was killed accepts connections before it is ready, and
// a command started then would fail for no reason that staff could act on.
func connect(ctx context.Context, config *pgx.ConnConfig) (*pgx.Conn, error) {
	for try := 1; ; try++ {
		conn, err := pgx.ConnectConfig(ctx, config.Copy())
		if SQLState(err) != CannotConnectNow || try == recoveryTries {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(recoveryPause):
		}
	}
}
