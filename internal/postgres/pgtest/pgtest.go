// Package pgtest gives tests a real PostgreSQL, each a database of its own.
//
// All test binaries of one `go test` share one private cluster (internal/embedded)
// in memory, with fsync off. The last of them to end stops and removes it,
// whichever way it ends: the cluster's keeper sees that nobody holds its lock.
// A database is a copy of a template with all migrations, which takes some
// 20 ms, so a test may have as many as it wants.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/embedded"
	"disburse/internal/postgres"
	"disburse/migrations"
)

// settings trade safety for speed: nothing of a test cluster outlives it.
var settings = map[string]string{
	"fsync":              "off",
	"synchronous_commit": "off",
	"full_page_writes":   "off",
	"max_connections":    "300", // tests run in parallel, each with a pool
	"max_wal_size":       "1GB",
}

// New returns the connection string of a new database with all migrations. It is
// dropped when the test ends. The test fails when PostgreSQL is not installed,
// with the sentence that says what to install.
func New(t testing.TB) string {
	t.Helper()
	return create(t, func(c *cluster) (string, error) { return c.template(t.Context(), migrations.FS) })
}

// Empty is New without any migration, for tests of migrations themselves.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, func(*cluster) (string, error) { return "template1", nil })
}

// Open is New, opened as the program opens it; closed when the test ends.
func Open(t testing.TB) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

var databases atomic.Int64

func create(t testing.TB, template func(*cluster) (string, error)) string {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	from, err := template(c)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))
	// FILE_COPY: one checkpoint is cheaper than logging every page of the schema.
	if err := c.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+from+" STRATEGY FILE_COPY"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// t's own context has ended by now.
		if err := c.exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return c.database(name)
}

// cluster is the shared one, as this process uses it.
type cluster struct {
	server *embedded.Server // in use as long as something refers to it

	mu        sync.Mutex
	templates map[string]bool // those known to be whole
}

// shared opens the cluster once a process. It is not closed: its keeper notices
// the end of the process.
var shared = sync.OnceValues(func() (*cluster, error) {
	// Test binaries of one `go test` have the same parent.
	name := fmt.Sprintf("disburse-test-%d-%d", os.Getuid(), os.Getppid())
	server, err := embedded.Open(context.Background(), filepath.Join(fastDirectory(), name),
		embedded.Options{Settings: settings, Ephemeral: true})
	if err != nil {
		return nil, err
	}
	return &cluster{server: server, templates: make(map[string]bool)}, nil
})

// fastDirectory is in memory where there is enough of it: containers often have
// a /dev/shm of 64 MB, too small for a cluster.
func fastDirectory() string {
	const memory, enough = "/dev/shm", 1 << 30
	var free syscall.Statfs_t
	if err := syscall.Statfs(memory, &free); err != nil || free.Bavail*uint64(free.Bsize) < enough {
		return os.TempDir()
	}
	return memory
}

// template returns the name of a database with the migrations, made by whichever
// process needs it first. Its name tells which migrations it has.
func (c *cluster) template(ctx context.Context, fsys fs.FS) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name, err := templateName(fsys)
	if err != nil || c.templates[name] {
		return name, err
	}
	conn, err := pgx.Connect(ctx, c.server.URL())
	if err != nil {
		return "", fmt.Errorf("connect to test cluster: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // frees the lock too
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(1)`); err != nil {
		return "", fmt.Errorf("lock test cluster: %w", err)
	}
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil {
		return "", fmt.Errorf("look for template: %w", err)
	}
	if !exists {
		if err := c.makeTemplate(ctx, conn, name, fsys); err != nil {
			return "", err
		}
	}
	c.templates[name] = true
	return name, nil
}

// makeTemplate gives the database its name only when it is whole.
func (c *cluster) makeTemplate(ctx context.Context, conn *pgx.Conn, name string, fsys fs.FS) error {
	const unfinished = "template_unfinished"
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + unfinished, "CREATE DATABASE " + unfinished} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make template: %w", err)
		}
	}
	if err := postgres.Migrate(ctx, c.database(unfinished), fsys, nil); err != nil {
		return err
	}
	// Closed to connections, so that autovacuum does not stand in the way of copying.
	for _, sql := range []string{
		"ALTER DATABASE " + unfinished + " ALLOW_CONNECTIONS false",
		"ALTER DATABASE " + unfinished + " RENAME TO " + name,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make template: %w", err)
		}
	}
	return nil
}

// templateName holds a checksum of all migrations.
func templateName(fsys fs.FS) (string, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return "", fmt.Errorf("list migrations: %w", err)
	}
	sum := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", fmt.Errorf("read migration: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(text))
		sum.Write(text)
	}
	return "template_" + hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// exec runs a statement that no transaction may hold, on a connection of its own.
func (c *cluster) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, c.server.URL())
	if err != nil {
		return fmt.Errorf("connect to test cluster: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// database returns the connection string of another database of the cluster.
func (c *cluster) database(name string) string {
	u, err := url.Parse(c.server.URL())
	if err != nil {
		panic(err) // written by embedded a moment ago
	}
	u.Path = "/" + name
	return u.String()
}
