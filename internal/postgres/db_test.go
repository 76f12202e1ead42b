package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/embedded"
	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
)

func TestConnectionsWorkUnderTheRole(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	err := db.Read(t.Context(), func(tx pgx.Tx) error {
		for _, c := range []struct{ ask, want string }{
			{"SELECT current_user::text", postgres.AppRole},
			{"SHOW TimeZone", "Asia/Shanghai"},
			{"SHOW application_name", "disburse"},
			{"SHOW transaction_isolation", "repeatable read"},
			{"SHOW transaction_read_only", "on"},
		} {
			var got string
			if err := tx.QueryRow(t.Context(), c.ask).Scan(&got); err != nil {
				return err
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.ask, got, c.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withUser returns the connection string for another login, created for the test.
// Roles are the whole cluster's, hence one name a test.
func withUser(t *testing.T, address, name string) string {
	t.Helper()
	conn := connect(t, address)
	if _, err := conn.Exec(t.Context(), "CREATE ROLE "+name+" LOGIN"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { restore(t, address, "DROP OWNED BY "+name+"; DROP ROLE "+name) })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(name)
	return u.String()
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.WithoutCancel(t.Context()), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := connect(t, address).Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// restore is exec for a test's cleanup, when its context has ended.
func restore(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := connect(t, address).Exec(context.Background(), sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
}

func wantFault(t *testing.T, err error, code fault.Code, part string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Sentence, part) {
		t.Errorf("got %v, want a %s fault with %q", err, code, part)
	}
}

func TestOpenFaults(t *testing.T) {
	t.Parallel()
	address := pgtest.New(t)
	_, err := postgres.Open(t.Context(), withUser(t, address, "open_stranger"))
	wantFault(t, err, fault.Denied, `GRANT disburse_app TO "open_stranger"`)

	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/nowhere"
	_, err = postgres.Open(t.Context(), u.String())
	wantFault(t, err, fault.Refused, "没有这个库")

	_, err = postgres.Open(t.Context(), "postgres://x@127.0.0.1:1/x?sslmode=disable&connect_timeout=5")
	wantFault(t, err, fault.Internal, "连接中断或无法建立")

	_, err = postgres.Open(t.Context(), "")
	wantFault(t, err, fault.Invalid, "没有写明数据库的地址")

	_, err = postgres.Open(t.Context(), "postgres://who:se%cret@[/")
	wantFault(t, err, fault.Invalid, "数据库地址无法识别")
	if strings.Contains(err.Error(), "se") {
		t.Errorf("the password shows: %v", err)
	}
}

func TestOpenRefusesADatabaseThatCannotKeepChinese(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	exec(t, address, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
	t.Cleanup(func() { restore(t, address, "DROP DATABASE latin WITH (FORCE)") })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/latin"
	_, err = postgres.Open(t.Context(), u.String())
	wantFault(t, err, fault.Refused, "编码是 LATIN1")
}

// The server goes away in the middle of a transaction, and comes back.
func TestServerGone(t *testing.T) {
	t.Parallel()
	server, err := embedded.Open(t.Context(), t.TempDir(), embedded.Options{Settings: map[string]string{"fsync": "off"}, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	db, err := postgres.Open(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.InTx(t.Context(), func(tx pgx.Tx) error {
		other := connect(t, server.URL())
		if _, err := other.Exec(t.Context(), "SELECT pg_terminate_backend($1)", tx.Conn().PgConn().PID()); err != nil {
			t.Error(err)
		}
		_, err := tx.Exec(t.Context(), "SELECT pg_sleep(5)")
		return err
	})
	wantFault(t, err, fault.Internal, "连接中断")
	if err := db.InTx(t.Context(), func(pgx.Tx) error { return nil }); err != nil {
		t.Errorf("not usable afterwards: %v", err)
	}
}

func TestNoClusterOnDiskIsShared(t *testing.T) {
	t.Parallel()
	host := connect(t, pgtest.New(t)).Config().Host
	if info, err := os.Stat(filepath.Dir(host)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("test cluster's directory %s: %v %v", filepath.Dir(host), info, err)
	}
}
