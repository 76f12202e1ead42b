package storetest

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
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

func Connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.WithoutCancel(t.Context()), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func Exec(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := Connect(t, address).Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Restore is exec for a test's cleanup, when its context has ended.
func Restore(t *testing.T, address, sql string) {
	t.Helper()
	if _, err := Connect(t, address).Exec(context.Background(), sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
}

func WantFault(t *testing.T, err error, code fault.Code, part string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Sentence, part) {
		t.Errorf("got %v, want a %s fault with %q", err, code, part)
	}
}
