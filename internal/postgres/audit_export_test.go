package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// AuditedTable is a table of the one list of growing tables, for tests of the list.
type AuditedTable struct {
	Name, Title string
	Columns     []string // that are hashed
	Key         []string // the first of them
}

// AuditedTables returns the list, and the tables that something else vouches for.
func AuditedTables() (tables []AuditedTable, otherwise map[string]string) {
	for _, g := range growing {
		t := AuditedTable{Name: g.name, Title: g.title}
		for _, k := range g.key {
			t.Key = append(t.Key, k.name)
		}
		t.Columns = append(t.Columns, splitColumns(g.columns(""))...)
		tables = append(tables, t)
	}
	return tables, proven
}

// AuditIn is AuditVerify as a transaction sees the database, with what it has not committed.
func AuditIn(ctx context.Context, tx pgx.Tx, region int32) (*AuditReport, error) {
	return auditVerify(ctx, tx, region, nil, nil)
}
