package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
)

// Admit grants AppRole, and nothing else, to the login of the connection string daily;
// owner is the connection string of the database's owner. It is idempotent. With create a
// missing login is created without a password, which is safe only on a private server whose
// socket nobody else can open. The database must be migrated already. Errors:
// fault.Invalid (connection string), fault.NotFound (no such login), fault.Denied (the
// owner may not grant).
func Admit(ctx context.Context, owner, daily string, create bool) error {
	config, err := parseURL(daily)
	if err != nil {
		return err
	}
	login := config.ConnConfig.User
	return WithLoginConn(ctx, owner, func(conn *pgx.Conn) error { return admitLogin(ctx, conn, login, create) })
}

func admitLogin(ctx context.Context, conn *pgx.Conn, login string, create bool) error {
	var there, member bool
	// From PostgreSQL 16 on membership alone does not allow SET ROLE.
	err := conn.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), coalesce((
		    SELECT pg_has_role(oid, $2, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
		    FROM pg_roles WHERE rolname = $1), false)`, login, AppRole).Scan(&there, &member)
	if err != nil {
		return fmt.Errorf("look for login: %w", err)
	}
	name := pgx.Identifier{login}.Sanitize()
	if !there && !create {
		return fault.New(fault.NotFound, "数据库里没有日常登录用户 %s，请数据库管理员执行一次：CREATE ROLE %s LOGIN PASSWORD '…'; GRANT %s TO %s;", login, name, AppRole, name)
	}
	if !there {
		_, err := conn.Exec(ctx, `CREATE ROLE `+name+` LOGIN`)
		// Race: another command may have created the login since the SELECT above.
		if state := SQLState(err); err != nil && state != DuplicateObject && state != UniqueViolation {
			return fmt.Errorf("create login: %w", err)
		}
	}
	if member {
		return nil
	}
	_, err = conn.Exec(ctx, `GRANT `+AppRole+` TO `+name)
	switch SQLState(err) {
	case InsufficientPrivilege:
		return fault.Wrap(err, fault.Denied, "数据库所有者无权把角色授予日常登录用户 %s，请数据库管理员执行一次：GRANT %s TO %s;", login, AppRole, name)
	case UniqueViolation, concurrentUpdate:
		return nil // granted by another command at the same moment
	}
	if err != nil {
		return fmt.Errorf("grant role: %w", err)
	}
	return nil
}

// concurrentUpdate is the SQLSTATE of two GRANTs racing on one catalogue row ("tuple
// concurrently updated"). PostgreSQL has no code of its own for it: XX000 is internal error.
const concurrentUpdate = "XX000"

// ExplainCreate turns a missing privilege to create or alter tables into fault.Denied with
// the statement that an administrator must run; it wraps any other error with doing.
func ExplainCreate(conn *pgx.Conn, doing string, err error) error {
	if err == nil {
		return nil
	}
	if SQLState(err) != InsufficientPrivilege {
		return fmt.Errorf("%s: %w", doing, err)
	}
	config := conn.Config()
	if owner := otherTableOwner(conn); owner != "" {
		return fault.Wrap(err, fault.Denied, "数据库结构需要更新，而登录用户 %s 不是表的所有者（%s），无权更新：请用 --db-owner 或 DATABASE_OWNER_URL 写明所有者的地址，再执行一次",
			config.User, owner)
	}
	return fault.Wrap(err, fault.Denied, "数据库登录用户无权在库中建表，请用 --db-owner 或 DATABASE_OWNER_URL 写明库的所有者的地址，或请数据库管理员执行一次：ALTER DATABASE %s OWNER TO %s;",
		pgx.Identifier{config.Database}.Sanitize(), pgx.Identifier{config.User}.Sanitize())
}

// otherTableOwner returns the owner of the program's tables; empty where there are no
// tables, or the login itself is the owner.
func otherTableOwner(conn *pgx.Conn) (owner string) {
	// Not the failed statement's context: it may be cancelled, and the sentence needs the name.
	err := conn.QueryRow(context.Background(), `
		SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('schema_migration') AND relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)`).Scan(&owner)
	if err != nil {
		return ""
	}
	return owner
}

// WithLoginConn runs fn on a new connection outside the pool, with the login's own
// privileges instead of AppRole's: for administration, which AppRole may not do. Known
// connection errors come as faults (see explain).
func WithLoginConn(ctx context.Context, url string, fn func(*pgx.Conn) error) error {
	config, err := parseURL(url)
	if err != nil {
		return err
	}
	config.ConnConfig.RuntimeParams["timezone"] = timeZone
	conn, err := connect(ctx, config.ConnConfig)
	if err != nil {
		return explain(ctx, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := checkServer(ctx, conn); err != nil {
		return explain(ctx, err)
	}
	return explain(ctx, fn(conn))
}
