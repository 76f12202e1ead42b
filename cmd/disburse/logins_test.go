package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/embedded"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/migrations"
)

// TestPrivateServerHasTwoLogins: a data directory that an earlier program made, whose one
// login is the cluster's superuser, gets a daily login by the next command; what follows is
// done by that one, and it is no superuser.
func TestPrivateServerHasTwoLogins(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	earlier(t, dir)
	o := &private{t, dir}
	password := filepath.Join(dir, "..", "口令.txt")
	if err := os.WriteFile(password, []byte("一个相当长的口令字2026\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.ok("user", "add", "甲管理", "--post", "管理", "--password-file", password)
	if said := o.ok("audit", "verify"); strings.Contains(said, "注意") || !strings.Contains(said, "审计链完整") {
		t.Errorf("audit verify: %s", said)
	}
	file := filepath.Join(dir, "..", "备份.dbk")
	o.ok("backup", file)
	again := &private{t, filepath.Join(t.TempDir(), "data")}
	again.ok("restore", file)
	if said := again.ok("audit", "verify"); strings.Contains(said, "注意") {
		t.Errorf("audit verify after restoring: %s", said)
	}
	server, err := embedded.Open(t.Context(), dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := pgx.Connect(t.Context(), server.DailyURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `RESET ROLE; DELETE FROM journal`); postgres.SQLState(err) != postgres.InsufficientPrivilege {
		t.Errorf("the daily login empties the journal: %v", err)
	}
}

// earlier makes the directory as a program with one login did.
func earlier(t *testing.T, dir string) {
	t.Helper()
	server, err := embedded.Open(t.Context(), dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := postgres.Migrate(t.Context(), server.URL(), migrations.FS, nil); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.EnsureRegion(t.Context(), 140213, "平城区"); err != nil {
		t.Fatal(err)
	}
}

// private runs commands on a private server.
type private struct {
	t   *testing.T
	dir string
}

func (o *private) ok(args ...string) string {
	o.t.Helper()
	code, out, errors := execIn(o.t, "", append(args, "--data", o.dir)...)
	if code != exitDone {
		o.t.Fatalf("%v: exit %d\n%s%s", args, code, out, errors)
	}
	return out
}

// TestOwnerOfAServer: --db-owner migrates and lets the daily login in; without it a login
// that owns nothing says what is missing; one that owns the tables works, with a remark.
func TestOwnerOfAServer(t *testing.T) {
	t.Parallel()
	owner := pgtest.Empty(t)
	u, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("server_daily")
	daily := u.String()
	o := &desk{t: t, url: owner, dir: t.TempDir()}
	o.past(`CREATE ROLE server_daily LOGIN`)
	t.Cleanup(func() { o.past(`DROP OWNED BY server_daily; DROP ROLE server_daily`) })

	run := func(args ...string) (int, string) {
		code, out, errors := execIn(t, "", args...)
		return code, out + errors
	}
	if code, said := run("user", "list", "--db-owner", owner); code != exitUsage || !strings.Contains(said, "--db") {
		t.Errorf("an owner without a daily login: exit %d, %s", code, said)
	}
	if code, said := run("user", "list", "--db", daily, "--db-owner", owner); code != exitDone {
		t.Fatalf("exit %d, %s", code, said)
	}
	if code, said := run("user", "list", "--db", daily); code != exitDone {
		t.Errorf("nothing is due, and: exit %d, %s", code, said)
	}
	password := o.file("口令.txt")
	if err := os.WriteFile(password, []byte("一个相当长的口令字2026\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := run("user", "add", "甲管理", "--post", "管理", "--password-file", password, "--db", daily); code != exitDone {
		t.Fatalf("exit %d, %s", code, said)
	}
	if code, said := run("audit", "verify", "--db", daily); code != exitDone || strings.Contains(said, "注意") {
		t.Errorf("as the daily login: exit %d, %s", code, said)
	}
	if code, said := run("audit", "verify", "--db", owner); code != exitDone || !strings.Contains(said, "注意：日常使用的数据库登录用户是超级用户") {
		t.Errorf("as a superuser: exit %d, %s", code, said)
	}
	o.past(`UPDATE account_user SET post = '审计'; DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)`)
	if code, said := run("user", "list", "--db", daily); code != exitFailed || !strings.Contains(said, "--db-owner") {
		t.Errorf("a migration is due: exit %d, %s", code, said)
	}
	code, said := run("audit", "verify", "--db", daily)
	if code != exitFailed || !strings.Contains(said, "schema_migration") || !strings.Contains(said, "岗位（post）") {
		t.Errorf("an audit of a schema that is not the program's: exit %d, %s", code, said)
	}
}

// TestAuditVerifySurvivesADigestAboveTheHead: it printed nothing and ended in a panic.
func TestAuditVerifySurvivesADigestAboveTheHead(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.hire()
	o.past(`INSERT INTO row_digest SELECT region, 9000, name, rows, digest, marks FROM row_digest LIMIT 1`)
	o.past(`UPDATE account_user SET post = '审批', bureau = '区民政局' WHERE name = '甲经办'`)
	code, out, errors := o.run("audit", "verify")
	if code != exitFailed || !strings.Contains(out, "修订 9000") || !strings.Contains(out, "多出") || !strings.Contains(out, "岗位（post） 应为 \"经办\"，现为 \"审批\"") {
		t.Errorf("exit %d\n%s%s", code, out, errors)
	}
}
