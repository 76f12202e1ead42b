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
	// AppRole is the role every connection works under. It owns nothing and can
	// only read and add where things only grow.
	AppRole = "disburse_app"

	minVersion = 150000 // server_version_num of PostgreSQL 15
	spareConns = 6      // beside a run, which holds one a processor and one to write
	appName    = "disburse"
	timeZone   = "Asia/Shanghai"
)

// DB is the database, a pool of connections. It may be used by many goroutines.
type DB struct {
	pool *pgxpool.Pool
}

// Open connects to the database of a connection string. It fails with a fault
// when there is no connection, when PostgreSQL is older than 15, when the
// database does not keep UTF-8, or when the login may not become AppRole.
func Open(ctx context.Context, url string) (*DB, error) {
	config, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	// Who looks at pages while a run goes on must not wait for its connections.
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

// parseURL reads a connection string, with the parameters of a pool or without. None is
// refused: the driver would take the server that PGHOST and the like name, which nobody
// asked for.
func parseURL(url string) (*pgxpool.Config, error) {
	if url == "" {
		return nil, fault.New(fault.Invalid, "没有写明数据库的地址，没有连接，请用 --db 或 DATABASE_URL 写明")
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx's message may quote the string, and so a password: it is not passed on.
		return nil, fault.New(fault.Invalid, "数据库地址无法识别，请按 postgres://用户@主机:端口/库名 的形式填写 --db 或 DATABASE_URL")
	}
	config.ConnConfig.RuntimeParams["application_name"] = appName
	return config, nil
}

// Close waits until all connections are given back, and closes them.
func (db *DB) Close() { db.pool.Close() }

// prepare sets up a new connection. The role is missing only before the first migration.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		SELECT set_config('TimeZone', $1, false),
		       (SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = $2)`, timeZone, AppRole)
	if State(err) == InsufficientPrivilege {
		user := pgx.Identifier{conn.Config().User}.Sanitize()
		return fault.Wrap(err, fault.Denied, "数据库登录用户没有 %s 角色，请数据库管理员执行：GRANT %s TO %s", AppRole, AppRole, user)
	}
	if err != nil {
		return fmt.Errorf("set up connection: %w", err)
	}
	return nil
}

// checkServer refuses servers that the program is not made for.
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
	return suitable(version, name, encoding)
}

func suitable(version int, name, encoding string) error {
	if version < minVersion {
		return fault.New(fault.Refused, "数据库是 PostgreSQL %s，请换用 15 或更新的版本", name)
	}
	if encoding != "UTF8" {
		return fault.New(fault.Refused, "数据库的编码是 %s，不能保存所有汉字，请以 UTF8 编码另建一个库", encoding)
	}
	return nil
}

// explain turns failures that staff can do something about into faults. Others
// stay as they are, and so does a fault that is already one.
func explain(ctx context.Context, err error) error {
	var f *fault.Fault
	if err == nil || errors.As(err, &f) || ctx.Err() != nil {
		return err
	}
	if sentence, ok := stateSentences[State(err)]; ok {
		return fault.Wrap(err, fault.Refused, "%s", sentence)
	}
	if ConnectionLost(err) {
		return fault.Wrap(err, fault.Internal, "数据库连接中断或无法建立，请检查数据库是否在运行、地址是否正确，然后重试")
	}
	return err
}

// Reader runs fn on a connection of its own. What it reads is cut by revision, so
// several such connections read one consistent state.
func (db *DB) Reader(ctx context.Context, fn func(conn *pgx.Conn) error) error {
	err := db.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return fn(c.Conn()) })
	return explain(ctx, err)
}
