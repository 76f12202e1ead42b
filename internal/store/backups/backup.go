package backups

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"disburse/internal/backup"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/store/audit"
)

// Backup writes all tables of the database to w in one snapshot, with control totals in the
// trailer. It migrates nothing and, except for the access log, changes nothing, so a database of
// an earlier version can be backed up before it is upgraded. It reads as the login, not as
// AppRole, so that no table is left out for lack of a grant. by.At is written into the header. log
// is called with the current step in Chinese.
//
// A backup contains everybody's ID and account numbers, so who made it, when, and the file's name
// are added to every region's access log before the first row is read; if that fails, there is no
// backup. The entry is part of the backup. A database older than the access log has none.
//
// Errors: fault.NotFound where the program has never used the database; w's own; those of Open.
func Backup(ctx context.Context, url string, w *backup.Writer, by journal.By, file string, log func(string)) (*backup.Header, *backup.Trailer, error) {
	var header *backup.Header
	var trailer *backup.Trailer
	err := postgres.WithLoginConn(ctx, url, func(conn *pgx.Conn) error {
		if err := logBackup(ctx, conn, by, file); err != nil {
			return err
		}
		options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
		return postgres.InTx(ctx, conn, options, func(tx pgx.Tx) error {
			// Shared lock against a migration, which would change tables while they are copied.
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1)`, int64(postgres.MigrationLock)); err != nil {
				return fmt.Errorf("lock against migration: %w", err)
			}
			var err error
			if header, err = readHeader(ctx, tx); err != nil {
				return err
			}
			header.Written = by.At
			if err := w.Header(header); err != nil {
				return err
			}
			trailer, err = copyTables(ctx, tx, w, header, log)
			return err
		})
	})
	return header, trailer, err
}

func logBackup(ctx context.Context, conn *pgx.Conn, by journal.By, file string) error {
	in := func(ctx context.Context, fn func(pgx.Tx) error) error {
		return postgres.InTx(ctx, conn, pgx.TxOptions{}, fn)
	}
	var regions []backup.Region
	err := in(ctx, func(tx pgx.Tx) error {
		var kept bool
		err := tx.QueryRow(ctx, `SELECT to_regclass('access_log') IS NOT NULL`).Scan(&kept)
		if err == nil && kept {
			regions, err = listRegions(ctx, tx)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("look for the access log: %w", err)
	}
	for _, r := range regions {
		if err := audit.LogAccessIn(ctx, in, r.Region, by, journal.Access{Action: journal.Exported, Subject: "备份", Scope: file}); err != nil {
			return err
		}
	}
	return nil
}

// readHeader reads from PostgreSQL's catalogue which tables and sequences there are to copy.
func readHeader(ctx context.Context, tx pgx.Tx) (*backup.Header, error) {
	h := &backup.Header{}
	var used bool
	err := tx.QueryRow(ctx, `SELECT current_setting('server_version'), to_regclass('schema_migration') IS NOT NULL`).Scan(&h.Server, &used)
	if err != nil {
		return nil, fmt.Errorf("look for schema_migration: %w", err)
	}
	if !used {
		return nil, fault.New(fault.NotFound, "数据库里还没有本程序的数据，没有可以备份的内容，请检查 --db 或 --data")
	}
	done, err := postgres.AppliedMigrations(ctx, tx.Conn())
	if err != nil {
		return nil, err
	}
	for _, m := range done {
		h.Schema = append(h.Schema, backup.Migration{Version: m.Version, Name: m.Name, SHA256: m.Sha256})
	}
	if h.Tables, err = listTables(ctx, tx); err != nil {
		return nil, err
	}
	if h.Sequences, err = listSequences(ctx, tx); err != nil {
		return nil, err
	}
	if h.Regions, err = listRegions(ctx, tx); err != nil {
		return nil, err
	}
	if len(h.Regions) == 0 {
		return nil, fault.New(fault.NotFound, "数据库里还没有任何区划的数据，没有可以备份的内容，请检查 --db 或 --data")
	}
	return h, nil
}

func copyTables(ctx context.Context, tx pgx.Tx, w *backup.Writer, h *backup.Header, log func(string)) (*backup.Trailer, error) {
	trailer := &backup.Trailer{}
	for i, t := range h.Tables {
		log(fmt.Sprintf("正在备份：第 %d/%d 张表", i+1, len(h.Tables)))
		done, err := w.Table(t.Name, func(rows io.Writer) (int64, error) {
			tag, err := tx.Conn().PgConn().CopyTo(ctx, rows, "COPY "+tableAndColumns(t)+" TO STDOUT (FORMAT binary)")
			return tag.RowsAffected(), err
		})
		if err != nil {
			return nil, fmt.Errorf("back up %s: %w", t.Name, err)
		}
		trailer.Tables = append(trailer.Tables, done)
	}
	var err error
	trailer.Controls, err = controlTotals(ctx, tx)
	return trailer, err
}

func tableAndColumns(t backup.Table) string {
	columns := ""
	for i, c := range t.Columns {
		if i > 0 {
			columns += ", "
		}
		columns += pgx.Identifier{c.Name}.Sanitize()
	}
	return pgx.Identifier{t.Name}.Sanitize() + " (" + columns + ")"
}

// controlTotals computes, by region, the totals that a restored database must have.
func controlTotals(ctx context.Context, tx pgx.Tx) ([]backup.Control, error) {
	rows, err := tx.Query(ctx, `
		SELECT region, (SELECT count(DISTINCT person) FROM person p WHERE p.region = r.region), l.entries, l.settled, '', p.payments, p.paid
		FROM region r,
		     LATERAL (SELECT count(*) entries, coalesce(sum(amount), 0)::text settled FROM ledger WHERE region = r.region) l,
		     LATERAL (SELECT count(*) payments, coalesce(sum(amount), 0)::text paid FROM payment WHERE region = r.region) p
		ORDER BY region`)
	if err != nil {
		return nil, fmt.Errorf("sum up: %w", err)
	}
	controls, err := pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Control])
	if err != nil {
		return nil, fmt.Errorf("sum up: %w", err)
	}
	for i := range controls {
		if controls[i].Balances, err = balances(ctx, postgres.In(tx, controls[i].Region)); err != nil {
			return nil, err
		}
	}
	return controls, nil
}

// balances is the hex SHA-256 over what is settled for every person, item, payee and month.
func balances(ctx context.Context, scope postgres.Scope) (string, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT person || '|' || item || '|' || payee || '|' || to_char(month, 'YYYY-MM') || '|' || sum(amount)
		FROM ledger WHERE region = $1 GROUP BY person, item, payee, month ORDER BY person, item, payee, month`, scope.Region)
	if err != nil {
		return "", fmt.Errorf("read balances: %w", err)
	}
	defer rows.Close()
	sum := sha256.New()
	var line string
	for rows.Next() {
		if err := rows.Scan(&line); err != nil {
			return "", fmt.Errorf("read balances: %w", err)
		}
		fmt.Fprintln(sum, line)
	}
	if err := rows.Err(); err != nil {
		return "", fmt.Errorf("read balances: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
