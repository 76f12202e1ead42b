package backups

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/backup"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/store/audit"
)

// Restore fills an empty database from a backup, in one transaction: it creates the schema of the
// backup, loads every table, compares chain heads and control totals, migrates to the newest
// schema in fsys, and verifies every region's audit chain. Any difference rolls all of it back.
// log is called with the current step in Chinese. Who restored which file, and when, is added to
// each region's access log.
//
// Errors: fault.Refused where the database is not empty, or the backup is of a newer version;
// fault.Invalid where the restored data differ from what was backed up; in's own.
func Restore(ctx context.Context, url string, fsys fs.FS, in *backup.Reader, by journal.By, file string, log func(string)) (*backup.Trailer, error) {
	files, err := postgres.ReadMigrations(fsys)
	if err != nil {
		return nil, err
	}
	if err := sameSchema(files, in.Header()); err != nil {
		return nil, err
	}
	var trailer *backup.Trailer
	err = postgres.WithLoginConn(ctx, url, func(conn *pgx.Conn) error {
		if err := postgres.EnsureRole(ctx, conn); err != nil {
			return err
		}
		return postgres.InTx(ctx, conn, pgx.TxOptions{}, func(tx pgx.Tx) error {
			r := &restore{ctx, tx, in.Header(), log}
			if trailer, err = r.run(files, in); err != nil {
				return err
			}
			return r.logAccess(by, file)
		})
	})
	return trailer, err
}

// sameSchema refuses a backup whose migrations are not the first ones of this program, compared
// by hash.
func sameSchema(files []postgres.Migration, h *backup.Header) error {
	if h.SchemaVersion() > len(files) {
		return fault.New(fault.Refused, "备份是更新版本的程序写的（结构第 %d 号，本程序到第 %d 号），请升级本程序后再恢复", h.SchemaVersion(), len(files))
	}
	for i, m := range h.Schema {
		if m.Version != i+1 || m.SHA256 != files[i].Sha256 {
			return fault.New(fault.Refused, "备份里的数据库结构第 %d 号（%s）与本程序中的不同，请使用写这份备份的程序版本", m.Version, m.Name)
		}
	}
	return nil
}

// restore is the state of one restore in progress.
type restore struct {
	ctx    context.Context
	tx     pgx.Tx
	header *backup.Header
	log    func(string)
}

func (r *restore) run(files []postgres.Migration, in *backup.Reader) (*backup.Trailer, error) {
	if _, err := r.tx.Exec(r.ctx, `SELECT pg_advisory_xact_lock($1)`, int64(postgres.MigrationLock)); err != nil {
		return nil, fmt.Errorf("lock for migration: %w", err)
	}
	if err := r.dropUnused(); err != nil {
		return nil, err
	}
	if err := postgres.CreateMigrationTable(r.ctx, r.tx); err != nil {
		return nil, err
	}
	version := r.header.SchemaVersion()
	if err := r.migrate(files[:version]); err != nil {
		return nil, err
	}
	rows, err := r.load(in)
	if err != nil {
		return nil, err
	}
	trailer, err := in.Trailer()
	if err != nil {
		return nil, err
	}
	if err := r.verify(trailer, rows); err != nil {
		return nil, err
	}
	if err := r.migrate(files[version:]); err != nil {
		return nil, err
	}
	r.log("正在核对审计链…")
	for _, region := range r.header.Regions {
		if err := audit.VerifyChainIn(r.ctx, postgres.In(r.tx, region.Region)); err != nil {
			return nil, err
		}
	}
	_, err = r.tx.Exec(r.ctx, `ANALYZE`)
	return trailer, err
}

// logAccess adds to every region's access log who restored what, after everything was compared, in
// the same transaction. It is not in the journal, because an entry there would change the chain's
// head: the restored chain would no longer end as the backup's did and as printed on paper, and
// two restores of one file would differ. The next run seals the entry into the chain.
func (r *restore) logAccess(by journal.By, file string) error {
	scope := fmt.Sprintf("%s（%s 备份）", file, r.header.Written.Format("2006-01-02 15:04"))
	for _, region := range r.header.Regions {
		added, err := audit.AddAccess(r.ctx, postgres.In(r.tx, region.Region), by, journal.Access{Action: journal.Restored, Subject: "备份", Scope: scope})
		if err != nil {
			return err
		}
		if !added {
			return fmt.Errorf("log restoring of region %d: not added", region.Region)
		}
	}
	return nil
}

// dropUnused refuses a database with data or with tables of another program, and drops an unused
// schema of this one, which any command creates in a new database.
func (r *restore) dropUnused() error {
	tables, err := listTables(r.ctx, r.tx)
	if err != nil {
		return err
	}
	var known bool
	if err := r.tx.QueryRow(r.ctx, `SELECT to_regclass($1) IS NOT NULL`, migrationTable).Scan(&known); err != nil {
		return fmt.Errorf("look for schema_migration: %w", err)
	}
	if !known && len(tables) > 0 {
		return fault.New(fault.Refused, "数据库里已有别的程序的表（如 %s），恢复只能进空库，请另建一个库，或用 --data 另指定一个目录", tables[0].Name)
	}
	if !known {
		return nil
	}
	names := ""
	for _, t := range tables {
		names += pgx.Identifier{t.Name}.Sanitize() + ", "
	}
	names += strings.Join(excludedTables, ", ")
	if _, err := r.tx.Exec(r.ctx, `LOCK TABLE `+names+` IN ACCESS EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("lock tables: %w", err)
	}
	for _, t := range tables {
		if err := r.checkUnused(t.Name); err != nil {
			return err
		}
	}
	if _, err := r.tx.Exec(r.ctx, `DROP TABLE `+names); err != nil {
		return fmt.Errorf("clear unused schema: %w", err)
	}
	return nil
}

// checkUnused refuses a table with data. A region without revisions and its row in run_turn are none.
func (r *restore) checkUnused(table string) error {
	where := ""
	switch table {
	case "run_turn":
		return nil
	case "region":
		where = " WHERE head > 0"
	}
	var rows bool
	err := r.tx.QueryRow(r.ctx, `SELECT EXISTS (SELECT FROM `+pgx.Identifier{table}.Sanitize()+where+`)`).Scan(&rows)
	if err != nil {
		return fmt.Errorf("look into %s: %w", table, err)
	}
	if rows {
		return fault.New(fault.Refused, "数据库里已有数据，恢复只能进空库，什么都没有改动；请另建一个库，或用 --data 另指定一个目录")
	}
	return nil
}

// migrate applies migrations within the restore's own transaction.
func (r *restore) migrate(files []postgres.Migration) error {
	conn := r.tx.Conn()
	for _, m := range files {
		if err := conn.PgConn().Exec(r.ctx, m.Sql).Close(); err != nil {
			return postgres.ExplainCreate(conn, "apply migration "+m.Name, err)
		}
		_, err := r.tx.Exec(r.ctx, `INSERT INTO schema_migration (version, name, sha256) VALUES ($1, $2, $3)`, m.Version, m.Name, m.Sha256)
		if err != nil {
			return fmt.Errorf("record migration %s: %w", m.Name, err)
		}
	}
	return nil
}

// load copies the backup into the tables and returns how many rows each has.
func (r *restore) load(in *backup.Reader) ([]int64, error) {
	there, err := listTables(r.ctx, r.tx)
	if err != nil {
		return nil, err
	}
	same := func(a, b backup.Table) bool { return a.Name == b.Name && slices.Equal(a.Columns, b.Columns) }
	if !slices.EqualFunc(there, r.header.Tables, same) {
		return nil, fault.New(fault.Invalid, "备份里的表与它的结构版本（第 %d 号）不符，没有恢复任何内容；请换一份备份", r.header.SchemaVersion())
	}
	for _, t := range slices.Backward(there) { // rows that migrations inserted are in the backup too
		if _, err := r.tx.Exec(r.ctx, `DELETE FROM `+pgx.Identifier{t.Name}.Sanitize()); err != nil {
			return nil, fmt.Errorf("empty %s: %w", t.Name, err)
		}
	}
	var counts []int64
	for more := true; more; {
		more, err = in.Table(func(t backup.Table, rows io.Reader) error {
			r.log(fmt.Sprintf("正在恢复：第 %d/%d 张表", len(counts)+1, len(there)))
			tag, err := r.tx.Conn().PgConn().CopyFrom(r.ctx, rows, "COPY "+tableAndColumns(t)+" FROM STDIN (FORMAT binary)")
			if err != nil {
				return fmt.Errorf("restore %s: %w", t.Name, err)
			}
			counts = append(counts, tag.RowsAffected())
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return counts, r.sequences()
}

func (r *restore) sequences() error {
	for _, s := range r.header.Sequences {
		if _, err := r.tx.Exec(r.ctx, `SELECT setval($1::regclass, $2, $3)`, pgx.Identifier{s.Name}.Sanitize(), s.Last, s.Called); err != nil {
			return fmt.Errorf("set sequence %s: %w", s.Name, err)
		}
	}
	return nil
}

// verify compares row counts, chain heads and control totals with those of the backup.
func (r *restore) verify(t *backup.Trailer, rows []int64) error {
	for i, c := range t.Tables {
		if rows[i] != c.Rows {
			return fault.New(fault.Invalid, "恢复后的表 %s 有 %d 行，备份时有 %d 行，没有恢复任何内容；请换一份备份", c.Name, rows[i], c.Rows)
		}
	}
	regions, err := listRegions(r.ctx, r.tx)
	if err != nil {
		return err
	}
	if !slices.Equal(regions, r.header.Regions) {
		return fault.New(fault.Invalid, "恢复后的审计链链头与备份时不符，没有恢复任何内容；请换一份备份")
	}
	controls, err := controlTotals(r.ctx, r.tx)
	if err != nil {
		return err
	}
	if !slices.Equal(controls, t.Controls) {
		return fault.New(fault.Invalid, "恢复后的台账余额与备份时的控制总数不符，没有恢复任何内容；请换一份备份")
	}
	return nil
}
