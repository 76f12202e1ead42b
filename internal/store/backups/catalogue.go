package backups

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"disburse/internal/backup"
	"disburse/internal/fault"
)

// migrationTable is not backed up: the header lists the applied migrations, and restoring applies
// them.
const migrationTable = "schema_migration"

// excludedTables are not backed up: the console's short-lived state is neither data nor money,
// restored sessions would let former users in, and the search index is derived again.
var excludedTables = []string{migrationTable, "console_session", "console_work", "console_upload", "console_upload_part", "login_delay", "person_now", "people_mark"}

// listTables returns the tables of the program's schema with the columns that can be
// copied, each table after those it refers to.
func listTables(ctx context.Context, tx pgx.Tx) ([]backup.Table, error) {
	rows, err := tx.Query(ctx, `
		SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)
		  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		ORDER BY c.relname COLLATE "C", a.attnum`, excludedTables)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer rows.Close()
	var tables []backup.Table
	for rows.Next() {
		var table string
		var c backup.Column
		if err := rows.Scan(&table, &c.Name, &c.Type); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != table {
			tables = append(tables, backup.Table{Name: table})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	refers, err := references(ctx, tx)
	if err != nil {
		return nil, err
	}
	return sortByReference(tables, refers)
}

// references returns which tables each table's foreign keys lead to, itself left out.
func references(ctx context.Context, tx pgx.Tx) (map[string][]string, error) {
	rows, err := tx.Query(ctx, `
		SELECT a.relname, b.relname FROM pg_constraint f JOIN pg_class a ON a.oid = f.conrelid JOIN pg_class b ON b.oid = f.confrelid
		WHERE f.contype = 'f' AND a.relnamespace = current_schema()::regnamespace AND a.oid <> b.oid`)
	if err != nil {
		return nil, fmt.Errorf("list foreign keys: %w", err)
	}
	defer rows.Close()
	refers := map[string][]string{}
	for rows.Next() {
		var from, to string
		if err := rows.Scan(&from, &to); err != nil {
			return nil, fmt.Errorf("list foreign keys: %w", err)
		}
		refers[from] = append(refers[from], to)
	}
	return refers, rows.Err()
}

// sortByReference sorts tables topologically by foreign keys, so that they can be loaded one after
// the other.
func sortByReference(tables []backup.Table, refers map[string][]string) ([]backup.Table, error) {
	var sorted []backup.Table
	placed := map[string]bool{}
	for len(sorted) < len(tables) {
		before := len(sorted)
		for _, t := range tables {
			waits := slices.ContainsFunc(refers[t.Name], func(to string) bool { return !placed[to] })
			if !placed[t.Name] && !waits {
				sorted, placed[t.Name] = append(sorted, t), true
			}
		}
		if len(sorted) == before {
			return nil, fmt.Errorf("list tables: foreign keys lead round in a circle")
		}
	}
	return sorted, nil
}

// listSequences returns the last values of the sequences. Sequences are not transactional: the
// values may be higher than in the snapshot, which only leaves gaps.
func listSequences(ctx context.Context, tx pgx.Tx) ([]backup.Sequence, error) {
	// For a sequence without SELECT privilege the catalogue shows NULL, as if it was never used.
	var hidden bool
	err := tx.QueryRow(ctx, `SELECT coalesce(bool_or(NOT has_sequence_privilege(oid, 'SELECT')), false) FROM pg_class
		WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace`).Scan(&hidden)
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	if hidden {
		return nil, fault.New(fault.Denied, "登录用户无权读取全部编号序列，备份会不完整；请用 --db-owner 或 DATABASE_OWNER_URL 写明所有者的地址，再备份一次")
	}
	rows, err := tx.Query(ctx, `
		SELECT sequencename::text, coalesce(last_value, start_value), last_value IS NOT NULL
		FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Sequence])
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	return found, nil
}

func listRegions(ctx context.Context, tx pgx.Tx) ([]backup.Region, error) {
	rows, err := tx.Query(ctx, `SELECT region, name, head, head_hash FROM region ORDER BY region`)
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", err)
	}
	regions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (backup.Region, error) {
		var r backup.Region
		var hash []byte
		err := row.Scan(&r.Region, &r.Name, &r.Head, &hash)
		r.Hash = hex.EncodeToString(hash)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", err)
	}
	return regions, nil
}
