package users_test

import (
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/approval"
	"disburse/internal/backup"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/audit"
	"disburse/internal/store/backups"
	"disburse/internal/store/storetest"
	"disburse/internal/store/users"
	"disburse/migrations"
)

// twoLogins is a database that is owned by a login without any privilege of the server, and
// a daily login beside it.
func twoLogins(t *testing.T, owner, daily string) (super, own, day string) {
	t.Helper()
	super = pgtest.Empty(t)
	// The role is there already, as other tests made it.
	if err := postgres.Migrate(t.Context(), pgtest.Empty(t), storetest.Two(), nil); err != nil {
		t.Fatal(err)
	}
	own, day = storetest.WithUser(t, super, owner), storetest.WithUser(t, super, daily)
	storetest.Exec(t, super, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO `+owner+`', current_database()); END $$; GRANT disburse_app TO `+owner)
	t.Cleanup(func() {
		storetest.Restore(t, super, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO disburse', current_database()); END $$; REASSIGN OWNED BY `+owner+` TO disburse`)
	})
	return super, own, day
}

// TestTwoLogins: all daily work is done by a login that owns nothing, cannot become who
// does, and cannot migrate; the audit says which login can do more.
func TestTwoLogins(t *testing.T) {
	t.Parallel()
	super, own, day := twoLogins(t, "logins_owner", "logins_daily")
	storetest.WantFault(t, postgres.Admit(t.Context(), super, asLogin(t, super, "logins_nobody"), false), fault.NotFound, "CREATE ROLE")
	if err := postgres.Migrate(t.Context(), own, migrations.FS, nil); err != nil {
		t.Fatal(err)
	}
	storetest.WantFault(t, postgres.Admit(t.Context(), own, day, false), fault.Denied, `GRANT disburse_app TO "logins_daily"`)
	storetest.Exec(t, super, `GRANT disburse_app TO logins_daily`)
	if err := postgres.Admit(t.Context(), own, day, false); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), day, migrations.FS, nil); err != nil {
		t.Errorf("nothing is due, and: %v", err)
	}
	for _, sql := range []string{`RESET ROLE; UPDATE region SET name = '别的区'`, `RESET ROLE; DELETE FROM access_log`, `SET ROLE logins_owner`,
		`RESET ROLE; ALTER TABLE journal DISABLE TRIGGER ALL`, `RESET ROLE; SET session_replication_role = replica`} {
		if _, err := storetest.Connect(t, day).Exec(t.Context(), sql); postgres.SQLState(err) != postgres.InsufficientPrivilege {
			t.Errorf("%s: %v", sql, err)
		}
	}
	works(t, day)
	for address, want := range map[string][]audit.Privilege{super: {audit.Superuser}, own: {audit.OwnsTables, audit.OwnsSchema}, day: nil} {
		report := auditAs(t, address)
		if !slices.Equal(report.Powers, want) || len(report.Problems) > 0 || report.Rows == 0 {
			t.Errorf("%s: powers %v, want %v; %v", address, report.Powers, want, report.Problems)
		}
	}
	storetest.Exec(t, super, `GRANT logins_owner TO logins_daily`)
	if p := auditAs(t, day).Powers; !slices.Contains(p, audit.OwnsTables) {
		t.Errorf("a login that may become the owner: %v", p)
	}
}

// asLogin is the address for a login that need not be there.
func asLogin(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(name)
	return u.String()
}

// works does some of what a daily login must be able to do.
func works(t *testing.T, day string) {
	t.Helper()
	db, err := postgres.Open(t.Context(), day)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const long = "又一个相当长的口令字句"
	if err := db.EnsureRegion(t.Context(), 140213, "平城区"); err != nil {
		t.Fatal(err)
	}
	if err := users.Add(t.Context(), db, 140213, storetest.Manager, long, storetest.RunBy); err != nil {
		t.Fatal(err)
	}
	if err := users.Add(t.Context(), db, 140213, approval.User{Name: "戊审计", Post: approval.Auditor}, long, storetest.RunBy); err != nil {
		t.Fatal(err)
	}
	if err := audit.LogAccess(t.Context(), db, 140213, storetest.RunBy, journal.Access{Action: journal.Viewed, Subject: "待遇说明"}); err != nil {
		t.Fatal(err)
	}
}

func auditAs(t *testing.T, address string) *audit.Report {
	t.Helper()
	db, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	report, err := audit.Verify(t.Context(), db, 140213, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestDailyLoginNamesTheOwner: where a migration is due, the daily login says whose it is.
func TestDailyLoginNamesTheOwner(t *testing.T) {
	t.Parallel()
	super, own, day := twoLogins(t, "due_owner", "due_daily")
	storetest.Exec(t, super, `GRANT disburse_app TO due_daily`)
	storetest.WantFault(t, postgres.Migrate(t.Context(), day, migrations.FS, nil), fault.Denied, "--db-owner")
	if err := postgres.Migrate(t.Context(), own, allButTheLast(t), nil); err != nil {
		t.Fatal(err)
	}
	storetest.WantFault(t, postgres.Migrate(t.Context(), day, migrations.FS, nil), fault.Denied, "--db-owner")
	storetest.WantFault(t, postgres.Migrate(t.Context(), day, migrations.FS, nil), fault.Denied, "（due_owner）")
	if err := postgres.Migrate(t.Context(), own, migrations.FS, nil); err != nil {
		t.Fatal(err)
	}
}

func allButTheLast(t *testing.T) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	older := fstest.MapFS{}
	for _, name := range names[:len(names)-1] {
		body, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		older[name] = &fstest.MapFile{Data: body}
	}
	return older
}

// TestDailyLoginBacksUpTheSame: a backup by the daily login has all that one by the owner
// has, where the number series stand included; whatever a migration adds, it can read.
func TestDailyLoginBacksUpTheSame(t *testing.T) {
	t.Parallel()
	super, own, day := twoLogins(t, "backup_owner", "backup_daily")
	storetest.Exec(t, super, `GRANT disburse_app TO backup_daily`)
	if err := postgres.Migrate(t.Context(), own, migrations.FS, nil); err != nil {
		t.Fatal(err)
	}
	works(t, day)
	storetest.Exec(t, super, `INSERT INTO job_occurrence (region, job, due, planned, actor) VALUES (140213, 'x', now(), now(), '');
		INSERT INTO notice (region, job, due, k, kind, bureau, post, title, body, link, created)
		SELECT region, job, due, 1, '', '', '', 'x', '', '', due FROM job_occurrence`)
	take := func(address string) (*backup.Header, *backup.Trailer) {
		w, err := backup.Create(filepath.Join(t.TempDir(), "备份.dbk"), "")
		if err != nil {
			t.Fatal(err)
		}
		defer w.Discard()
		h, trailer, err := backups.Backup(t.Context(), address, w, storetest.RunBy, "备份.dbk", func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		return h, trailer
	}
	byOwner, _ := take(own)
	byDaily, trailer := take(day)
	if diff := cmp.Diff(byOwner.Sequences, byDaily.Sequences); diff != "" || len(byDaily.Sequences) == 0 {
		t.Errorf("number series (-owner +daily):\n%s", diff)
	}
	if diff := cmp.Diff(byOwner.Tables, byDaily.Tables); diff != "" || trailer.Rows() == 0 {
		t.Errorf("tables (-owner +daily):\n%s", diff)
	}
	var unread []string
	err := storetest.Connect(t, super).QueryRow(t.Context(), `
		SELECT coalesce(array_agg(relname::text), '{}') FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND NOT CASE relkind WHEN 'r' THEN has_table_privilege('disburse_app', oid, 'SELECT') WHEN 'S' THEN has_sequence_privilege('disburse_app', oid, 'SELECT') ELSE true END`).Scan(&unread)
	if err != nil || len(unread) > 0 {
		t.Errorf("the program's role cannot read %v, %v", unread, err)
	}
}
