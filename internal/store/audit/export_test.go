package audit

import (
	"context"

	"disburse/internal/postgres"
)

// AuditedTable is a table of the one list of growing tables, for tests of the list.
type AuditedTable struct {
	Name, Title string
	Columns     []string // that are hashed
	Key         []string // the first of them
}

// AuditedTables returns the list, and the tables that something else vouches for.
func AuditedTables() (tables []AuditedTable, otherwise map[string]string) {
	for _, g := range postgres.AppendOnlyTables {
		t := AuditedTable{Name: g.Name, Title: g.Title}
		for _, k := range g.Key {
			t.Key = append(t.Key, k.Name)
		}
		t.Columns = append(t.Columns, postgres.SplitColumns(g.Columns(""))...)
		tables = append(tables, t)
	}
	return tables, postgres.VerifiedElsewhere
}

// VerifyIn is AuditVerify as a transaction sees the database, with what it has not committed.
func VerifyIn(ctx context.Context, scope postgres.Scope) (*Report, error) {
	return verify(ctx, scope, nil, nil)
}
