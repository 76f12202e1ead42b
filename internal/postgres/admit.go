package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
)

// Admit lets the login of the connection string daily work with a database that the owner's
// string leads to, under AppRole and with nothing else. With create a login that is not
// there is made, without a password: only a private server, whose socket nobody else
// reaches, may have one. The database has been migrated. Errors: fault.Invalid,
// fault.NotFound (no such login), fault.Denied (the owner may not grant).
func Admit(ctx context.Context, owner, daily string, create bool) error {
	config, err := parseURL(daily)
	if err != nil {
		return err
	}
	login := config.ConnConfig.User
	return Alone(ctx, owner, func(conn *pgx.Conn) error { return admitLogin(ctx, conn, login, create) })
}

func admitLogin(ctx context.Context, conn *pgx.Conn, login string, create bool) error {
	var there, member bool
	// From 16 on membership alone does not let a login work under the role.
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
		// Another command that began at the same time may have been quicker.
		if state := State(err); err != nil && state != DuplicateObject && state != UniqueViolation {
			return fmt.Errorf("create login: %w", err)
		}
	}
	if member {
		return nil
	}
	_, err = conn.Exec(ctx, `GRANT `+AppRole+` TO `+name)
	switch State(err) {
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

// concurrentUpdate is what PostgreSQL says of a catalogue row that somebody else has just
// changed ("tuple concurrently updated").
const concurrentUpdate = "XX000"

// CreateFault says what is missing when the login may not create or alter tables.
func CreateFault(conn *pgx.Conn, doing string, err error) error {
	if err == nil {
		return nil
	}
	if State(err) != InsufficientPrivilege {
		return fmt.Errorf("%s: %w", doing, err)
	}
	config := conn.Config()
	if owner := tableOwner(conn); owner != "" {
		return fault.Wrap(err, fault.Denied, "数据库结构需要更新，而登录用户 %s 不是表的所有者（%s），无权更新：请用 --db-owner 或 DATABASE_OWNER_URL 写明所有者的地址，再执行一次",
			config.User, owner)
	}
	return fault.Wrap(err, fault.Denied, "数据库登录用户无权在库中建表，请用 --db-owner 或 DATABASE_OWNER_URL 写明库的所有者的地址，或请数据库管理员执行一次：ALTER DATABASE %s OWNER TO %s;",
		pgx.Identifier{config.Database}.Sanitize(), pgx.Identifier{config.User}.Sanitize())
}

// tableOwner is who owns the program's tables; empty: there are none, or the login does.
func tableOwner(conn *pgx.Conn) (owner string) {
	// The failed statement's context may have ended; this is one more look at the catalogue.
	err := conn.QueryRow(context.Background(), `
		SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('schema_migration') AND relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)`).Scan(&owner)
	if err != nil {
		return ""
	}
	return owner
}

// Alone runs fn on a connection of its own that works as the login. Errors are explained.
func Alone(ctx context.Context, url string, fn func(*pgx.Conn) error) error {
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
