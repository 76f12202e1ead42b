package backups_test

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/backup"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/audit"
	"disburse/internal/store/backups"
	"disburse/internal/store/storetest"
	"disburse/migrations"
)

var (
	backupBy  = journal.By{Actor: "os:甲", Origin: "旧机", At: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	restoreBy = journal.By{Actor: "os:乙", Origin: "新机", At: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
)

// withMigration returns the program's migrations and one more: those of a newer program.
func withMigration(t *testing.T, sql string) fs.FS {
	t.Helper()
	newer := fstest.MapFS{}
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		body, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		newer[name] = &fstest.MapFile{Data: body}
	}
	last := names[len(names)-1]
	next := last[:2] + string([]byte{last[2] + (last[3]-'0'+1)/10, '0' + (last[3]-'0'+1)%10}) + "_next.sql"
	newer[next] = &fstest.MapFile{Data: []byte(sql)}
	return newer
}

// kept makes a database with a region, a revision, and one more change of the schema; it
// returns a backup of it.
func kept(t *testing.T, schema fs.FS, more string) (file string) {
	t.Helper()
	url := pgtest.Empty(t)
	if err := postgres.Migrate(t.Context(), url, schema, nil); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.EnsureRegion(t.Context(), 140213, "平城区"); err != nil {
		t.Fatal(err)
	}
	_, err = db.Change(t.Context(), 140213, journal.By{Actor: "os:a", Origin: "b", At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)},
		func(pgx.Tx, int64) (journal.Entry, error) { return journal.Entry{Action: "试", Subject: "试"}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storetest.Connect(t, url).Exec(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "备份.dbk")
	w, err := backup.Create(file, "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	_, trailer, err := backups.Backup(t.Context(), url, w, backupBy, "备份.dbk", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Finish(trailer); err != nil {
		t.Fatal(err)
	}
	return file
}

func restoreInto(t *testing.T, url string, schema fs.FS, file string) error {
	t.Helper()
	in, err := backup.Open(file, "")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	_, err = backups.Restore(t.Context(), url, schema, in, restoreBy, "备份.dbk", func(string) {})
	return err
}

// tableCount counts those of a database.
func tableCount(t *testing.T, url string) (n int) {
	t.Helper()
	err := storetest.Connect(t, url).QueryRow(t.Context(), `SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func says(t *testing.T, err error, code fault.Code, words ...string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("%v, want a fault %s", err, code)
	}
	for _, w := range words {
		if !strings.Contains(f.Sentence, w) {
			t.Errorf("%q does not say %q", f.Sentence, w)
		}
	}
}

// TestRestoreIntoANewerProgram: the schema is brought to the program's, and tables that
// only the catalogue knows come back, generated columns, number series and all.
func TestRestoreIntoANewerProgram(t *testing.T) {
	t.Parallel()
	file := kept(t, migrations.FS, "SELECT 1")
	newer := withMigration(t, `CREATE TABLE later (region integer REFERENCES region, n bigint GENERATED ALWAYS AS IDENTITY, word text,
		twice text GENERATED ALWAYS AS (word || word) STORED, PRIMARY KEY (region, n));
		INSERT INTO later (region, word) SELECT region, '甲' FROM region`)
	url := pgtest.Empty(t)
	if err := restoreInto(t, url, newer, file); err != nil {
		t.Fatal(err)
	}
	var word string
	if err := storetest.Connect(t, url).QueryRow(t.Context(), `SELECT twice FROM later`).Scan(&word); err != nil || word != "甲甲" {
		t.Errorf("the newer schema: %q, %v", word, err)
	}
	if err := postgres.Migrate(t.Context(), url, newer, nil); err != nil {
		t.Error(err)
	}

	// And a backup of the newer one: refused by the older program, whole in its own.
	file = kept(t, newer, `INSERT INTO later (region, word) SELECT 140213, repeat('乙', n) FROM generate_series(1, 3) n`)
	url = pgtest.Empty(t)
	says(t, restoreInto(t, url, migrations.FS, file), fault.Refused, "更新版本", "升级本程序")
	if n := tableCount(t, url); n != 0 {
		t.Errorf("%d tables after a refused restore", n)
	}
	if err := restoreInto(t, url, newer, file); err != nil {
		t.Fatal(err)
	}
	conn := storetest.Connect(t, url)
	if _, err := conn.Exec(t.Context(), `INSERT INTO later (region, word) VALUES (140213, '丙')`); err != nil {
		t.Fatal(err)
	}
	var rows, last int
	if err := conn.QueryRow(t.Context(), `SELECT count(*), max(n) FROM later`).Scan(&rows, &last); err != nil || rows != 4 || last != 4 {
		t.Errorf("%d rows, the last %d, %v", rows, last, err)
	}
}

func TestRestoreWantsAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	file := kept(t, migrations.FS, "SELECT 1")
	foreign := pgtest.Empty(t)
	if _, err := storetest.Connect(t, foreign).Exec(t.Context(), `CREATE TABLE theirs (a integer)`); err != nil {
		t.Fatal(err)
	}
	says(t, restoreInto(t, foreign, migrations.FS, file), fault.Refused, "theirs")
	fresh := pgtest.New(t)
	if err := restoreInto(t, fresh, migrations.FS, file); err != nil {
		t.Errorf("a schema that was never used: %v", err)
	}
	says(t, restoreInto(t, fresh, migrations.FS, file), fault.Refused, "已有数据")
	db, err := postgres.Open(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := storetest.VerifyChain(t.Context(), db, 140213); err != nil {
		t.Error(err)
	}
}

// TestBackupAndRestoreLeaveATrace: the access log says who took the backup, within it, and
// who restored it, beside it; the chain is the one that was backed up.
func TestBackupAndRestoreLeaveATrace(t *testing.T) {
	t.Parallel()
	file := kept(t, migrations.FS, "SELECT 1")
	url := pgtest.Empty(t)
	if err := restoreInto(t, url, migrations.FS, file); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var said []string
	err = audit.AccessLog(t.Context(), db, 140213, time.Time{}, time.Time{}, func(a journal.Access) error {
		said = append(said, strings.Join([]string{a.Actor, a.Origin, a.At.UTC().Format("15:04"), a.Action, a.Subject, a.Scope}, " "))
		return nil
	})
	want := "os:甲 旧机 10:00 导出 备份 备份.dbk;os:乙 新机 08:00 恢复 备份 备份.dbk（2026-11-23 10:00 备份）"
	if got := strings.Join(said, ";"); err != nil || got != want {
		t.Errorf("access log %q, %v", got, err)
	}
	if rev, _, err := db.Head(t.Context(), 140213); err != nil || rev != 1 {
		t.Errorf("head %d, %v", rev, err)
	}
	report, err := audit.Verify(t.Context(), db, 140213, nil, nil)
	if err != nil || len(report.Problems) > 0 || report.Unsealed != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestRestoreChecksWhatArrived: a file whose tags are right and whose content is not what
// it says leaves the database empty.
func TestRestoreChecksWhatArrived(t *testing.T) {
	t.Parallel()
	file := kept(t, migrations.FS, "SELECT 1")
	for name, c := range map[string]struct {
		header  func(*backup.Header)
		trailer func(*backup.Trailer)
		words   string
	}{
		"head":     {header: func(h *backup.Header) { h.Regions[0].Head++ }, words: "链头"},
		"hash":     {header: func(h *backup.Header) { h.Regions[0].Hash = "00" }, words: "链头"},
		"columns":  {header: func(h *backup.Header) { h.Tables[0].Columns[0].Type = "text" }, words: "不符"},
		"schema":   {header: func(h *backup.Header) { h.Schema[0].SHA256 = "00" }, words: "结构第 1 号"},
		"rows":     {trailer: func(t *backup.Trailer) { t.Tables[0].Rows++ }, words: "行"},
		"settled":  {trailer: func(t *backup.Trailer) { t.Controls[0].Settled = "1" }, words: "控制总数"},
		"balances": {trailer: func(t *backup.Trailer) { t.Controls[0].Balances = "00" }, words: "控制总数"},
	} {
		url := pgtest.Empty(t)
		err := restoreInto(t, url, migrations.FS, rewritten(t, file, c.header, c.trailer))
		if err == nil || !strings.Contains(err.Error(), c.words) || fault.CodeOf(err) == fault.Internal {
			t.Errorf("%s: %v, want %q", name, err, c.words)
		}
		if n := tableCount(t, url); n != 0 {
			t.Errorf("%s: %d tables are left", name, n)
		}
	}
}

// rewritten writes a backup anew with something else in its header or trailer.
func rewritten(t *testing.T, file string, header func(*backup.Header), trailer func(*backup.Trailer)) string {
	t.Helper()
	in, err := backup.Open(file, "")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	path := filepath.Join(t.TempDir(), "改.dbk")
	out, err := backup.Create(path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Discard()
	if header != nil {
		header(in.Header())
	}
	if err := out.Header(in.Header()); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		more, err = in.Table(func(table backup.Table, rows io.Reader) error {
			_, err := out.Table(table.Name, func(w io.Writer) (int64, error) { return io.Copy(w, rows) })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	end, err := in.Trailer()
	if err != nil {
		t.Fatal(err)
	}
	if trailer != nil {
		trailer(end)
	}
	if _, _, err := out.Finish(end); err != nil {
		t.Fatal(err)
	}
	return path
}
