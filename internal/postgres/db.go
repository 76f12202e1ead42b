package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"disburse/internal/fault"
)

const (
	// AppRole is the role of every pooled connection. It owns nothing, and of append-only
	// tables (AppendOnlyTables) it may only SELECT and INSERT, so that a defect of the program
	// cannot rewrite history.
	AppRole = "disburse_app"

	minVersion = 150000 // server_version_num of PostgreSQL 15
	spareConns = 6      // for pages, while a run uses one per processor and one to write
	appName    = "disburse"
	timeZone   = "Asia/Shanghai"
)

// DB is a pool of connections to one database. It is safe for concurrent use.
type DB struct {
	pool *pgxpool.Pool
}

// Open connects to the database of a connection string. Errors: fault.Invalid (connection
// string), fault.Internal or fault.Refused (no connection), fault.Refused (PostgreSQL older
// than 15, encoding other than UTF-8), fault.Denied (the login may not SET ROLE AppRole).
func Open(ctx context.Context, url string) (*DB, error) {
	config, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	// A run must not starve pages of connections.
	config.MaxConns = max(config.MaxConns, int32(max(2, runtime.GOMAXPROCS(0))+1+spareConns))
	config.AfterConnect = prepare
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("make pool: %w", err)
	}
	if err := pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return checkServer(ctx, c.Conn()) }); err != nil {
		pool.Close()
		return nil, explain(ctx, err)
	}
	return &DB{pool}, nil
}

// parseURL parses a connection string, with or without pool parameters. An empty one is
// refused (fault.Invalid): the driver would fall back to PGHOST and connect to a server that
// nobody named.
func parseURL(url string) (*pgxpool.Config, error) {
	if url == "" {
		return nil, fault.New(fault.Invalid, "没有写明数据库的地址，没有连接，请用 --db 或 DATABASE_URL 写明")
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// Not wrapped: pgx's message may quote the string with its password.
		return nil, fault.New(fault.Invalid, "数据库地址无法识别，请按 postgres://用户@主机:端口/库名 的形式填写 --db 或 DATABASE_URL")
	}
	config.ConnConfig.RuntimeParams["application_name"] = appName
	return config, nil
}

// Close waits until all connections are released to the pool, and closes them.
func (db *DB) Close() { db.pool.Close() }

// prepare sets the time zone and role of a new connection. Before the first migration there
// is no role, so the login's own remains.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		SELECT set_config('TimeZone', $1, false),
		       (SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = $2)`, timeZone, AppRole)
	if SQLState(err) == InsufficientPrivilege {
		user := pgx.Identifier{conn.Config().User}.Sanitize()
		return fault.Wrap(err, fault.Denied, "数据库登录用户没有 %s 角色，请数据库管理员执行：GRANT %s TO %s", AppRole, AppRole, user)
	}
	if err != nil {
		return fmt.Errorf("set up connection: %w", err)
	}
	return nil
}

// checkServer refuses (fault.Refused) an unsupported version or encoding.
func checkServer(ctx context.Context, conn *pgx.Conn) error {
	var number, name, encoding string
	err := conn.QueryRow(ctx, `
		SELECT current_setting('server_version_num'), current_setting('server_version'),
		       current_setting('server_encoding')`).Scan(&number, &name, &encoding)
	if err != nil {
		return fmt.Errorf("read server version: %w", err)
	}
	version, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("read server version: %w", err)
	}
	return checkVersion(version, name, encoding)
}

func checkVersion(version int, name, encoding string) error {
	if version < minVersion {
		return fault.New(fault.Refused, "数据库是 PostgreSQL %s，请换用 15 或更新的版本", name)
	}
	if encoding != "UTF8" {
		return fault.New(fault.Refused, "数据库的编码是 %s，不能保存所有汉字，请以 UTF8 编码另建一个库", encoding)
	}
	return nil
}

// explain turns errors that staff or an administrator can act on into faults. Faults and
// errors after cancellation stay as they are; so does anything else, which is a defect.
func explain(ctx context.Context, err error) error {
	var f *fault.Fault
	if err == nil || errors.As(err, &f) || ctx.Err() != nil {
		return err
	}
	if sentence, ok := stateSentences[SQLState(err)]; ok {
		return fault.Wrap(err, fault.Refused, "%s", sentence)
	}
	if ConnectionLost(err) {
		return fault.Wrap(err, fault.Internal, "数据库连接中断或无法建立，请检查数据库是否在运行、地址是否正确，然后重试")
	}
	return err
}

// WithConn runs fn on a pooled connection without a transaction. Queries by revision read
// the same snapshot on every connection, as rows are never overwritten: so a run can read
// on several at once. Errors: fn's own, explained as by Read.
func (db *DB) WithConn(ctx context.Context, fn func(conn *pgx.Conn) error) error {
	err := db.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return fn(c.Conn()) })
	return explain(ctx, err)
}
