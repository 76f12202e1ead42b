package storetest

import (
	"context"
	"net/url"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// WithUser returns the connection string for another login, created for the test.
// Roles are the whole cluster's, hence one name a test.
func WithUser(t *testing.T, address, name string) string {
	t.Helper()
	conn := Connect(t, address)
	if _, err := conn.Exec(t.Context(), "CREATE ROLE "+name+" LOGIN"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Restore(t, address, "DROP OWNED BY "+name+"; DROP ROLE "+name) })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(name)
	return u.String()
}

// Connect opens a connection as the database's owner, closed at the end of the test.
func Connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.WithoutCancel(t.Context()), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Exec executes SQL as the database's owner.
func Exec(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := Connect(t, address).Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Restore is Exec for a test's cleanup, when its context has ended.
func Restore(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := Connect(t, address).Exec(context.Background(), sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
}

// AsProgram returns a function that executes a statement under the program's role and returns the
// SQLSTATE with which it fails, empty where it succeeds.
func (d *Desk) AsProgram() func(sql string) string {
	d.T.Helper()
	conn, err := pgx.Connect(d.T.Context(), d.Url)
	if err != nil {
		d.T.Fatal(err)
	}
	d.T.Cleanup(func() { _ = conn.Close(d.T.Context()) })
	if _, err := conn.Exec(d.T.Context(), `SET ROLE disburse_app`); err != nil {
		d.T.Fatal(err)
	}
	return func(sql string) string {
		d.T.Helper()
		tx, err := conn.Begin(d.T.Context())
		if err != nil {
			d.T.Fatal(err)
		}
		defer func() { _ = tx.Rollback(d.T.Context()) }()
		if _, err := tx.Exec(d.T.Context(), sql); err != nil {
			return postgres.SQLState(err)
		}
		return postgres.SQLState(tx.Commit(d.T.Context()))
	}
}

func (d *Desk) Columns(table string) []string {
	d.T.Helper()
	rows, err := d.Owner.Query(d.T.Context(), `SELECT attname FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, table)
	if err != nil {
		d.T.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.T.Fatal(err)
	}
	return all
}

func Files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func Two() fstest.MapFS {
	return Files(
		"0001_first.sql", "CREATE TABLE a (n int); GRANT SELECT, INSERT ON a TO disburse_app;",
		"0002_second.sql", "INSERT INTO a VALUES (1); -- 数据\nCREATE TABLE b (n int);")
}
