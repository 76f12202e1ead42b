package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// MutableTable is a table whose rows the program updates or deletes, so that a digest of
// what a revision wrote cannot protect them. Instead row_change, which is append-only,
// records each row before and after every revision that changed it.
type MutableTable struct {
	Name  string
	Title string // for people
	key   string // SQL expression that identifies a row within a region
	What  string // what the key is, for people
	// omitted are columns, besides region, that are not recorded: docs/audit.md says why.
	omitted []string
}

// MutableTables lists them all. Columns are read from the catalogue, so one that a migration
// adds is recorded from the row's next change on. They are written only within Change or
// at the end of a run, under the region's lock, so before and after cannot race.
var MutableTables = []MutableTable{
	{"account_user", "用户", "name", "用户", []string{"failures"}},
	{"batch", "批次", "batch::text", "批次", nil},
	{"holiday", "节假日", "day::text", "日期", nil},
	{"job_setting", "定时任务设置", "job", "任务", nil},
	{"region", "区划", "''", "", []string{"head", "head_hash"}},
}

// MutableTableByName returns a table of MutableTables; nil: it is not one.
func MutableTableByName(name string) *MutableTable {
	for i := range MutableTables {
		if MutableTables[i].Name == name {
			return &MutableTables[i]
		}
	}
	return nil
}

// query selects the table's name, key and content. A password hash is replaced by its
// digest: a replaced hash must not stay readable in an append-only table.
func (c *MutableTable) query() string {
	content := "to_jsonb(t) - 'region'"
	for _, column := range c.omitted {
		content += " - '" + column + "'"
	}
	if c.Name == "account_user" {
		content += ` || jsonb_build_object('password', encode(sha256(convert_to(E'account_user.password\n' || password, 'UTF8')), 'hex'))`
	}
	return fmt.Sprintf("SELECT '%s', %s, (%s)::text FROM %s t WHERE t.region = $1", c.Name, c.key, content, c.Name)
}

// RowRef identifies a row of a mutable table within a region.
type RowRef struct{ Table, Key string }

// rowStates are the present contents of mutable rows, as JSON.
type rowStates map[RowRef]string

// ReadRowStates reads the region's rows of the tables.
func ReadRowStates(ctx context.Context, scope Scope, tables ...MutableTable) (rowStates, error) {
	queries := make([]string, len(tables))
	for i := range tables {
		queries[i] = tables[i].query()
	}
	rows, err := scope.Tx.Query(ctx, strings.Join(queries, " UNION ALL "), scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read rows that change: %w", err)
	}
	all := rowStates{}
	var ref RowRef
	var content string
	_, err = pgx.ForEachRow(rows, []any{&ref.Table, &ref.Key, &content}, func() error {
		all[ref] = content
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rows that change: %w", err)
	}
	return all, nil
}

// StatesBefore reads the rows at the start of a change; call it with the region locked. It
// returns nothing where the region has no row_change yet: the first change then records
// every row, which is the baseline for all later ones.
func StatesBefore(ctx context.Context, scope Scope) (rowStates, error) {
	var begun bool
	if err := scope.Tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM row_change WHERE region = $1)`, scope.Region).Scan(&begun); err != nil {
		return nil, fmt.Errorf("look for stated rows: %w", err)
	}
	if !begun {
		return rowStates{}, nil
	}
	return ReadRowStates(ctx, scope, MutableTables...)
}

// insertRowChanges compares the rows with before and records those that the revision changed.
func insertRowChanges(ctx context.Context, scope Scope, before rowStates) error {
	after, err := ReadRowStates(ctx, scope, MutableTables...)
	if err != nil {
		return err
	}
	var tables, keys []string
	var was, is []*string
	add := func(ref RowRef) {
		tables, keys = append(tables, ref.Table), append(keys, ref.Key)
		was, is = append(was, before.at(ref)), append(is, after.at(ref))
	}
	for ref, content := range after {
		if content != before[ref] {
			add(ref)
		}
	}
	for ref := range before {
		if _, there := after[ref]; !there {
			add(ref)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	_, err = scope.Tx.Exec(ctx, `INSERT INTO row_change (region, rev, name, key, before, after)
		SELECT $1, $2, t.name, t.key, t.before::jsonb, t.after::jsonb FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) t (name, key, before, after)`,
		scope.Region, scope.Rev, tables, keys, was, is)
	if err != nil {
		return fmt.Errorf("state changes: %w", err)
	}
	return nil
}

func (s rowStates) at(ref RowRef) *string {
	if content, there := s[ref]; there {
		return &content
	}
	return nil
}

// RowChange is one row of row_change.
type RowChange struct {
	Rev           int64
	Ref           RowRef
	Before, After string // JSON; empty: the row did not exist
}

// RowChanges reads all recorded changes of a region, by row and revision.
func RowChanges(ctx context.Context, scope Scope) ([]RowChange, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT rev, name, key, coalesce(before::text, ''), coalesce(after::text, '')
		FROM row_change WHERE region = $1 ORDER BY name, key, rev`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read stated rows: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s RowChange, err error) {
		err = row.Scan(&s.Rev, &s.Ref.Table, &s.Ref.Key, &s.Before, &s.After)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read stated rows: %w", err)
	}
	return all, nil
}
