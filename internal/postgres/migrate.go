package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
)

// MigrationLock is the advisory lock that one migrating program holds at a time
// ("disburse" in ASCII). Advisory locks belong to one database of a server.
const MigrationLock = 0x6469736275727365

// Migration is one numbered SQL file.
type Migration struct {
	Version int
	Name    string // of the file, without .sql
	Sql     string
	Sha256  string // hex
}

// Migrate brings the database's schema to the newest version in fsys, which
// holds files named 0001_name.sql and so on, without gaps. It connects as the
// login user, creates AppRole when there is none and makes the login a member.
// Each file is one transaction; an advisory lock serializes programs that migrate at the
// same time. The job queue's own tables follow (queue.go). log receives progress in
// Chinese and may be nil.
//
// Errors: fault.Refused when the database is newer than fsys or an applied file has changed
// since; fault.Denied when the login lacks a privilege: a daily login, which owns nothing,
// succeeds only where nothing is to be applied.
func Migrate(ctx context.Context, url string, fsys fs.FS, log func(string)) error {
	files, err := ReadMigrations(fsys)
	if err != nil {
		return err
	}
	if log == nil {
		log = func(string) {}
	}
	config, err := parseURL(url)
	if err != nil {
		return err
	}
	conn, err := connect(ctx, config.ConnConfig)
	if err != nil {
		return explain(ctx, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // releases the lock as well
	if err := checkServer(ctx, conn); err != nil {
		return explain(ctx, err)
	}
	return explain(ctx, migrate(ctx, conn, files, log))
}

func migrate(ctx context.Context, conn *pgx.Conn, files []Migration, log func(string)) error {
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(MigrationLock)); err != nil {
		return fmt.Errorf("lock for migration: %w", err)
	}
	if err := EnsureRole(ctx, conn); err != nil {
		return err
	}
	if err := ensureMigrationTable(ctx, conn); err != nil {
		return err
	}
	done, err := AppliedMigrations(ctx, conn)
	if err != nil {
		return err
	}
	if err := compareMigrations(files, done); err != nil {
		return err
	}
	for _, m := range files[len(done):] {
		log(fmt.Sprintf("正在更新数据库结构：%s（%d/%d）…", m.Name, m.Version, len(files)))
		if err := applyMigration(ctx, conn, m); err != nil {
			return err
		}
	}
	return migrateQueue(ctx, conn)
}

var migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// ReadMigrations reads the files in order. Numbers must be 1, 2, 3, … without gaps: two
// branches that add the same number must not both be applied.
func ReadMigrations(fsys fs.FS) ([]Migration, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	var files []Migration
	for i, name := range names {
		match := migrationName.FindStringSubmatch(name)
		if match == nil {
			return nil, fmt.Errorf("read migration: %s is not named 0001_name.sql", name)
		}
		version, _ := strconv.Atoi(match[1]) // four digits
		if version != i+1 {
			return nil, fmt.Errorf("read migration: %s is found where number %d is due", name, i+1)
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(text)
		files = append(files, Migration{version, name[:len(name)-len(".sql")], string(text), hex.EncodeToString(sum[:])})
	}
	return files, nil
}

// EnsureRole creates AppRole and makes the login a member; it is idempotent. Roles belong
// to the whole server, so a program on another database of it may create the role first.
// Errors: fault.Denied with the statement that an administrator must run.
func EnsureRole(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, AppRole).Scan(&exists)
	if err != nil {
		return fmt.Errorf("look for role: %w", err)
	}
	if !exists {
		_, err := conn.Exec(ctx, `CREATE ROLE `+AppRole+` NOLOGIN`)
		if state := SQLState(err); err != nil && state != DuplicateObject && state != UniqueViolation {
			return explainRole(conn, "create role", err)
		}
	}
	var member bool
	// From 16 on a role's creator is its member without the right to SET ROLE.
	err = conn.QueryRow(ctx, `
		SELECT pg_has_role($1, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)`,
		AppRole).Scan(&member)
	if err != nil {
		return fmt.Errorf("look at membership: %w", err)
	}
	if member {
		return nil
	}
	if _, err := conn.Exec(ctx, `GRANT `+AppRole+` TO CURRENT_USER`); err != nil {
		return explainRole(conn, "grant role", err)
	}
	return nil
}

// explainRole turns a missing privilege into the statement that an administrator must run once.
func explainRole(conn *pgx.Conn, doing string, err error) error {
	if SQLState(err) != InsufficientPrivilege {
		return fmt.Errorf("%s: %w", doing, err)
	}
	user := pgx.Identifier{conn.Config().User}.Sanitize()
	return fault.Wrap(err, fault.Denied, "数据库登录用户 %s 无权建立角色，请数据库管理员执行一次：CREATE ROLE %s NOLOGIN; GRANT %s TO %s;",
		user, AppRole, AppRole, user)
}

// ensureMigrationTable checks before it creates: CREATE TABLE IF NOT EXISTS would need the
// privilege to create, which a daily login on a finished schema does not have.
func ensureMigrationTable(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('schema_migration') IS NOT NULL`).Scan(&exists); err != nil {
		return fmt.Errorf("look for schema_migration: %w", err)
	}
	if exists {
		return nil
	}
	err := InTx(ctx, conn, pgx.TxOptions{}, func(tx pgx.Tx) error { return CreateMigrationTable(ctx, tx) })
	return ExplainCreate(conn, "create schema_migration", err)
}

// CreateMigrationTable creates schema_migration, which records the applied files.
func CreateMigrationTable(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		CREATE TABLE schema_migration (
		    version    integer     PRIMARY KEY,
		    name       text        NOT NULL,
		    sha256     text        NOT NULL, -- hex, of the file
		    applied_at timestamptz NOT NULL DEFAULT now(),
		    CONSTRAINT schema_migration_positive CHECK (version > 0)
		)`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `GRANT SELECT ON schema_migration TO `+AppRole)
	return err
}

// AppliedMigrations reads the applied files by version, without their text.
func AppliedMigrations(ctx context.Context, conn *pgx.Conn) ([]Migration, error) {
	rows, err := conn.Query(ctx, `SELECT version, name, sha256 FROM schema_migration ORDER BY version`)
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	done, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Migration, error) {
		var m Migration
		err := row.Scan(&m.Version, &m.Name, &m.Sha256)
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	return done, nil
}

// compareMigrations refuses unless the applied migrations are a prefix of files: by number
// and by hash, so that an edited file is noticed.
func compareMigrations(files, done []Migration) error {
	for i, d := range done {
		if d.Version != i+1 {
			return fault.New(fault.Internal, "数据库的结构记录不完整（缺第 %d 号），请从备份恢复", i+1)
		}
		if i >= len(files) {
			newest := done[len(done)-1].Version
			return fault.New(fault.Refused, "数据库是更新版本的程序建立的（结构第 %d 号，本程序到第 %d 号），请升级本程序", newest, len(files))
		}
		if d.Sha256 != files[i].Sha256 {
			return fault.New(fault.Refused, "数据库结构第 %d 号（%s）与本程序中的不同，请使用建立这个数据库的程序版本", d.Version, d.Name)
		}
	}
	return nil
}

func applyMigration(ctx context.Context, conn *pgx.Conn, m Migration) error {
	err := InTx(ctx, conn, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := conn.PgConn().Exec(ctx, m.Sql).Close(); err != nil {
			return err
		}
		if conn.PgConn().TxStatus() != 'T' {
			return errors.New("the file ends the transaction it runs in")
		}
		_, err := tx.Exec(ctx, `INSERT INTO schema_migration (version, name, sha256) VALUES ($1, $2, $3)`, m.Version, m.Name, m.Sha256)
		return err
	})
	return ExplainCreate(conn, "apply migration "+m.Name, err)
}
