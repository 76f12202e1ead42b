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
	"disburse/internal/store/storetest"
	"disburse/migrations"
)

func tables(t *testing.T, address string) string {
	t.Helper()
	var names string
	err := storetest.Connect(t, address).QueryRow(t.Context(),
		"SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables WHERE schemaname = 'public'").Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestMigrateGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	first := storetest.Files("0001_first.sql", string(storetest.Two()["0001_first.sql"].Data))
	var said []string
	log := func(s string) { said = append(said, s) }
	for _, fsys := range []fs.FS{first, first, storetest.Two(), storetest.Two()} {
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
	if err := postgres.Migrate(t.Context(), address, storetest.Two(), nil); err != nil {
		t.Fatal(err)
	}
	older := storetest.Files("0001_first.sql", string(storetest.Two()["0001_first.sql"].Data))
	storetest.WantFault(t, postgres.Migrate(t.Context(), address, older, nil), fault.Refused, "请升级本程序")

	changed := maps.Clone(storetest.Two())
	changed["0001_first.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE a (n bigint);")}
	storetest.WantFault(t, postgres.Migrate(t.Context(), address, changed, nil), fault.Refused, "0001_first")

	storetest.Exec(t, address, "DELETE FROM schema_migration WHERE version = 1")
	storetest.WantFault(t, postgres.Migrate(t.Context(), address, storetest.Two(), nil), fault.Internal, "缺第 1 号")
}

func TestMigrationsWithoutGaps(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	for _, bad := range []fstest.MapFS{
		storetest.Files("0002_second.sql", ""),
		storetest.Files("0001_a.sql", "", "0003_c.sql", ""),
		storetest.Files("0001_a.sql", "", "0001_b.sql", ""),
		storetest.Files("1_a.sql", ""),
		storetest.Files("0001_A.sql", ""),
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
		fsys := storetest.Two()
		fsys["0002_second.sql"] = &fstest.MapFile{Data: []byte(bad)}
		if err := postgres.Migrate(t.Context(), address, fsys, nil); err == nil {
			t.Errorf("%s: no error", bad)
		}
		if got := tables(t, address); got != "a schema_migration" {
			t.Errorf("%s: tables %q", bad, got)
		}
		if err := postgres.Migrate(t.Context(), address, storetest.Two(), nil); err != nil {
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
			if err := postgres.Migrate(t.Context(), address, storetest.Two(), nil); err != nil {
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
	mine := storetest.WithUser(t, address, "migrate_clerk")
	// The role is there already, as other tests made it.
	if err := postgres.Migrate(t.Context(), pgtest.Empty(t), storetest.Two(), nil); err != nil {
		t.Fatal(err)
	}
	storetest.WantFault(t, postgres.Migrate(t.Context(), mine, storetest.Two(), nil), fault.Denied, `GRANT disburse_app TO "migrate_clerk"`)
	storetest.Exec(t, address, `GRANT disburse_app TO "migrate_clerk"`)
	err := postgres.Migrate(t.Context(), mine, storetest.Two(), nil)
	storetest.WantFault(t, err, fault.Denied, `OWNER TO "migrate_clerk"`)

	if err := postgres.Migrate(t.Context(), address, storetest.Two(), nil); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), mine, storetest.Two(), nil); err != nil {
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
	mine := storetest.WithUser(t, address, "migrate_owner")
	storetest.Exec(t, address, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO migrate_owner', current_database()); END $$;
		ALTER ROLE migrate_owner CREATEROLE; GRANT disburse_app TO migrate_owner`)
	t.Cleanup(func() {
		storetest.Restore(t, address, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO disburse', current_database()); END $$;
			REASSIGN OWNED BY migrate_owner TO disburse`)
	})
	if err := postgres.Migrate(t.Context(), mine, migrations.FS, nil); err != nil {
		t.Fatal(err)
	}
}
