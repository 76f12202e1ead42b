package pgtest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres/pgtest"
)

const childEnv = "PGTEST_CHILD"

// child is what the test does in the process that it starts and kills.
func child(t *testing.T) {
	config, err := pgx.ParseConfig(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("socket", config.Host)
	select {}
}

func TestNothingIsLeft(t *testing.T) {
	if os.Getenv(childEnv) != "" {
		child(t)
	}
	t.Parallel()
	// As its parent we are another `go test` to it: it gets a cluster of its own.
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	socket, ok := strings.CutPrefix(strings.TrimSpace(line), "socket ")
	if !ok {
		t.Fatalf("child says %q, %v", line, err)
	}
	dir := filepath.Dir(socket)
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for range 6000 { // a minute
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s is still there", dir)
}

func TestDatabasesAreSeparate(t *testing.T) {
	t.Parallel()
	for range 3 {
		conn, err := pgx.Connect(t.Context(), pgtest.New(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "CREATE TABLE once (n int)"); err != nil {
			t.Error(err)
		}
		var migrated int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM schema_migration").Scan(&migrated); err != nil || migrated == 0 {
			t.Errorf("%d migrations, %v", migrated, err)
		}
	}
}
