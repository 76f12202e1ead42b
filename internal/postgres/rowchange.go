package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Changing is a table whose rows the program changes, so that no digest of what a revision
// wrote can vouch for them. row_change has what each revision made of them.
type Changing struct {
	Name  string
	Title string // for people
	key   string // SQL of what tells its rows apart within a region
	What  string // of the key, for people
	// omitted are columns, besides region, that are not stated: docs/audit.md says why.
	omitted []string
}

// Stated is the one list of these tables. Their columns come from the catalogue, so one
// that a migration adds is stated from the row's next change on. All of them are changed
// within Change or at the end of a run, under the region's lock.
var Stated = []Changing{
	{"account_user", "用户", "name", "用户", []string{"failures"}},
	{"batch", "批次", "batch::text", "批次", nil},
	{"holiday", "节假日", "day::text", "日期", nil},
	{"job_setting", "定时任务设置", "job", "任务", nil},
	{"region", "区划", "''", "", []string{"head", "head_hash"}},
}

func StatedTable(name string) *Changing {
	for i := range Stated {
		if Stated[i].Name == name {
			return &Stated[i]
		}
	}
	return nil
}

// query reads the table's name, key and content. Of a password only its digest is kept:
// what has been replaced must not live on in a table that only grows.
func (c *Changing) query() string {
	content := "to_jsonb(t) - 'region'"
	for _, column := range c.omitted {
		content += " - '" + column + "'"
	}
	if c.Name == "account_user" {
		content += ` || jsonb_build_object('password', encode(sha256(convert_to(E'account_user.password\n' || password, 'UTF8')), 'hex'))`
	}
	return fmt.Sprintf("SELECT '%s', %s, (%s)::text FROM %s t WHERE t.region = $1", c.Name, c.key, content, c.Name)
}

// RowRef is a row of a stated table.
type RowRef struct{ Table, Key string }

// states are rows of stated tables as they are, as JSON.
type states map[RowRef]string

// ReadStates reads the region's rows of the tables.
func ReadStates(ctx context.Context, scope Scope, tables ...Changing) (states, error) {
	queries := make([]string, len(tables))
	for i := range tables {
		queries[i] = tables[i].query()
	}
	rows, err := scope.Tx.Query(ctx, strings.Join(queries, " UNION ALL "), scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read rows that change: %w", err)
	}
	all := states{}
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

// StatesBefore reads what a change begins with. It comes behind the region's lock.
// Nothing where no change of the region was ever stated: then this one states everything.
func StatesBefore(ctx context.Context, scope Scope) (states, error) {
	var begun bool
	if err := scope.Tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM row_change WHERE region = $1)`, scope.Region).Scan(&begun); err != nil {
		return nil, fmt.Errorf("look for stated rows: %w", err)
	}
	if !begun {
		return states{}, nil
	}
	return ReadStates(ctx, scope, Stated...)
}

// keepChanges states what the revision has made of the rows since before was read.
func keepChanges(ctx context.Context, scope Scope, before states) error {
	after, err := ReadStates(ctx, scope, Stated...)
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

func (s states) at(ref RowRef) *string {
	if content, there := s[ref]; there {
		return &content
	}
	return nil
}

// Statement is one row of row_change.
type Statement struct {
	Rev           int64
	Ref           RowRef
	Before, After string // JSON; empty: not there
}

// Statements reads what was stated of a region's rows, each row's in their order.
func Statements(ctx context.Context, scope Scope) ([]Statement, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT rev, name, key, coalesce(before::text, ''), coalesce(after::text, '')
		FROM row_change WHERE region = $1 ORDER BY name, key, rev`, scope.Region)
	if err != nil {
		return nil, fmt.Errorf("read stated rows: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Statement, err error) {
		err = row.Scan(&s.Rev, &s.Ref.Table, &s.Ref.Key, &s.Before, &s.After)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read stated rows: %w", err)
	}
	return all, nil
}
