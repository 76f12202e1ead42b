package postgres_test

import (
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
	"disburse/internal/store/storetest"
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

func TestOpenFaults(t *testing.T) {
	t.Parallel()
	address := pgtest.New(t)
	_, err := postgres.Open(t.Context(), storetest.WithUser(t, address, "open_stranger"))
	storetest.WantFault(t, err, fault.Denied, `GRANT disburse_app TO "open_stranger"`)

	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/nowhere"
	_, err = postgres.Open(t.Context(), u.String())
	storetest.WantFault(t, err, fault.Refused, "没有这个库")

	_, err = postgres.Open(t.Context(), "postgres://x@127.0.0.1:1/x?sslmode=disable&connect_timeout=5")
	storetest.WantFault(t, err, fault.Internal, "连接中断或无法建立")

	_, err = postgres.Open(t.Context(), "")
	storetest.WantFault(t, err, fault.Invalid, "没有写明数据库的地址")

	_, err = postgres.Open(t.Context(), "postgres://who:se%cret@[/")
	storetest.WantFault(t, err, fault.Invalid, "数据库地址无法识别")
	if strings.Contains(err.Error(), "se") {
		t.Errorf("the password shows: %v", err)
	}
}

func TestOpenRefusesADatabaseThatCannotKeepChinese(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	storetest.Exec(t, address, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
	t.Cleanup(func() { storetest.Restore(t, address, "DROP DATABASE latin WITH (FORCE)") })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/latin"
	_, err = postgres.Open(t.Context(), u.String())
	storetest.WantFault(t, err, fault.Refused, "编码是 LATIN1")
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
		other := storetest.Connect(t, server.URL())
		if _, err := other.Exec(t.Context(), "SELECT pg_terminate_backend($1)", tx.Conn().PgConn().PID()); err != nil {
			t.Error(err)
		}
		_, err := tx.Exec(t.Context(), "SELECT pg_sleep(5)")
		return err
	})
	storetest.WantFault(t, err, fault.Internal, "连接中断")
	if err := db.InTx(t.Context(), func(pgx.Tx) error { return nil }); err != nil {
		t.Errorf("not usable afterwards: %v", err)
	}
}

func TestNoClusterOnDiskIsShared(t *testing.T) {
	t.Parallel()
	host := storetest.Connect(t, pgtest.New(t)).Config().Host
	if info, err := os.Stat(filepath.Dir(host)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("test cluster's directory %s: %v %v", filepath.Dir(host), info, err)
	}
}
