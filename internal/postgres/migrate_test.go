package postgres_test

import (
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/migrations"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func two() fstest.MapFS {
	return files(
		"0001_first.sql", "CREATE TABLE a (n int); GRANT SELECT, INSERT ON a TO disburse_app;",
		"0002_second.sql", "INSERT INTO a VALUES (1); -- 数据\nCREATE TABLE b (n int);")
}

func tables(t *testing.T, address string) string {
	t.Helper()
	var names string
	err := connect(t, address).QueryRow(t.Context(),
		"SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = 'public'").Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestMigrateGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	first := files("0001_first.sql", string(two()["0001_first.sql"].Data))
	var said []string
	log := func(s string) { said = append(said, s) }
	for _, fsys := range []fs.FS{first, first, two(), two()} {
		if err := postgres.Migrate(t.Context(), address, fsys, log); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"正在更新数据库结构：0001_first（1/1）…", "正在更新数据库结构：0002_second（2/2）…"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if got := tables(t, address); got != "a b schema_migration" {
		t.Errorf("tables %q", got)
	}
}

func TestMigrateRefuses(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	if err := postgres.Migrate(t.Context(), address, two(), nil); err != nil {
		t.Fatal(err)
	}
	older := files("0001_first.sql", string(two()["0001_first.sql"].Data))
	wantFault(t, postgres.Migrate(t.Context(), address, older, nil), fault.Refused, "请升级本程序")

	changed := maps.Clone(two())
	changed["0001_first.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE a (n bigint);")}
	wantFault(t, postgres.Migrate(t.Context(), address, changed, nil), fault.Refused, "0001_first")

	exec(t, address, "DELETE FROM schema_migration WHERE version = 1")
	wantFault(t, postgres.Migrate(t.Context(), address, two(), nil), fault.Internal, "缺第 1 号")
}

func TestMigrationsWithoutGaps(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	for _, bad := range []fstest.MapFS{
		files("0002_second.sql", ""),
		files("0001_a.sql", "", "0003_c.sql", ""),
		files("0001_a.sql", "", "0001_b.sql", ""),
		files("1_a.sql", ""),
		files("0001_A.sql", ""),
	} {
		if err := postgres.Migrate(t.Context(), address, bad, nil); err == nil || !strings.Contains(err.Error(), "read migration") {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if got := tables(t, address); got != "" {
		t.Errorf("tables %q", got)
	}
}

func TestAFailedMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"CREATE TABLE b (n int); SELECT 1/0;",
		"CREATE TABLE b (n int); ROLLBACK; BEGIN; ROLLBACK;",
	} {
		address := pgtest.Empty(t)
		fsys := two()
		fsys["0002_second.sql"] = &fstest.MapFile{Data: []byte(bad)}
		if err := postgres.Migrate(t.Context(), address, fsys, nil); err == nil {
			t.Errorf("%s: no error", bad)
		}
		if got := tables(t, address); got != "a schema_migration" {
			t.Errorf("%s: tables %q", bad, got)
		}
		if err := postgres.Migrate(t.Context(), address, two(), nil); err != nil {
			t.Errorf("after %s: %v", bad, err)
		}
	}
}

func TestManyMigrateAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := postgres.Migrate(t.Context(), address, two(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := tables(t, address); got != "a b schema_migration" {
		t.Errorf("tables %q", got)
	}
}

// A login without rights is told what an administrator must run, runs after it
// has been run, and needs nothing on a finished schema.
func TestMigrateAsAnOrdinaryLogin(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	mine := withUser(t, address, "migrate_clerk")
	// The role is there already, as other tests made it.
	if err := postgres.Migrate(t.Context(), pgtest.Empty(t), two(), nil); err != nil {
		t.Fatal(err)
	}
	wantFault(t, postgres.Migrate(t.Context(), mine, two(), nil), fault.Denied, `GRANT disburse_app TO "migrate_clerk"`)
	exec(t, address, `GRANT disburse_app TO "migrate_clerk"`)
	err := postgres.Migrate(t.Context(), mine, two(), nil)
	wantFault(t, err, fault.Denied, `OWNER TO "migrate_clerk"`)

	if err := postgres.Migrate(t.Context(), address, two(), nil); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), mine, two(), nil); err != nil {
		t.Errorf("on a finished schema: %v", err)
	}
	db, err := postgres.Open(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
}

// The program's own migrations, on a database whose owner is no superuser.
func TestProgramsMigrationsByAnOwnerWithoutPrivileges(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	mine := withUser(t, address, "migrate_owner")
	exec(t, address, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO migrate_owner', current_database()); END $$;
		ALTER ROLE migrate_owner CREATEROLE; GRANT disburse_app TO migrate_owner`)
	t.Cleanup(func() {
		restore(t, address, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO disburse', current_database()); END $$;
			REASSIGN OWNED BY migrate_owner TO disburse`)
	})
	if err := postgres.Migrate(t.Context(), mine, migrations.FS, nil); err != nil {
		t.Fatal(err)
	}
}
