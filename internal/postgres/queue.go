package postgres

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"disburse/internal/fault"
)

// queueSchema holds River's tables, apart from the program's own: backup and audit work on
// the program's schema and must not cover the queue's short-lived rows.
const queueSchema = "river"

// Queue is the job queue, shared by the program's processes.
type Queue = river.Client[pgx.Tx]

// NewQueue makes a queue on the pool. A started queue holds one connection for LISTEN. It
// sets config.Schema.
func (db *DB) NewQueue(config *river.Config) (*Queue, error) {
	config.Schema = queueSchema
	q, err := river.NewClient(riverpgxv5.New(db.pool), config)
	if err != nil {
		return nil, fmt.Errorf("make queue: %w", err)
	}
	return q, nil
}

// migrateQueue brings River's tables to the version of the linked River. conn holds the
// migration lock; River uses connections of its own, because some of its steps must be
// committed before the next.
func migrateQueue(ctx context.Context, conn *pgx.Conn) error {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	known, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Schema: queueSchema, Logger: quiet})
	if err != nil {
		return fmt.Errorf("look at the queue's migrations: %w", err)
	}
	versions := known.AllVersions()
	newest := versions[len(versions)-1].Version
	version, err := queueVersion(ctx, conn)
	switch {
	case err != nil || version == newest:
		return err
	case version > newest:
		return fault.New(fault.Refused, "数据库的任务队列是更新版本的程序建立的（第 %d 号，本程序到第 %d 号），请升级本程序", version, newest)
	}
	if err := ExplainCreate(conn, "make the queue's schema", makeQueueSchema(ctx, conn)); err != nil {
		return err
	}
	return ExplainCreate(conn, "migrate the queue", runQueueMigrations(ctx, conn, quiet))
}

// makeQueueSchema creates the schema with default privileges, so that AppRole may use the
// tables that River's migrations create later.
func makeQueueSchema(ctx context.Context, conn *pgx.Conn) error {
	return InTx(ctx, conn, pgx.TxOptions{}, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`CREATE SCHEMA IF NOT EXISTS river`,
			`GRANT USAGE ON SCHEMA river TO ` + AppRole,
			`ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ` + AppRole,
			`ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT USAGE, SELECT ON SEQUENCES TO ` + AppRole,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}

// queueVersion returns River's last applied migration; 0: none.
func queueVersion(ctx context.Context, conn *pgx.Conn) (version int, err error) {
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('river.river_migration') IS NOT NULL`).Scan(&exists); err != nil {
		return 0, fmt.Errorf("look for the queue: %w", err)
	}
	if !exists {
		return 0, nil
	}
	if err := conn.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM river.river_migration`).Scan(&version); err != nil {
		return 0, fmt.Errorf("read the queue's version: %w", err)
	}
	return version, nil
}

func runQueueMigrations(ctx context.Context, conn *pgx.Conn, log *slog.Logger) error {
	config, err := parseURL(conn.Config().ConnString())
	if err != nil {
		return err
	}
	config.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("make pool: %w", err)
	}
	defer pool.Close()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: queueSchema, Logger: log})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
