package audit_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
	"disburse/internal/store/audit"
	"disburse/internal/store/storetest"
)

// What the program may add to and not change is audited: a migration that adds such a
// table, or a column to one, has to say so in the one list.
func TestEveryGrowingTableIsAudited(t *testing.T) {
	t.Parallel()
	owner := storetest.Connect(t, pgtest.New(t))
	tables, otherwise := audit.AuditedTables()
	known := map[string]audit.AuditedTable{}
	last := ""
	for _, x := range tables {
		known[x.Name] = x
		if x.Name <= last {
			t.Errorf("%s stands behind %s in the list", x.Name, last)
		}
		last = x.Name
	}
	rows, err := owner.Query(t.Context(), `
		SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attname)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND has_table_privilege('disburse_app', c.oid, 'INSERT')
		  AND NOT has_any_column_privilege('disburse_app', c.oid, 'UPDATE') AND NOT has_table_privilege('disburse_app', c.oid, 'DELETE')
		GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var table string
	var columns []string
	found := map[string]bool{}
	_, err = pgx.ForEachRow(rows, []any{&table, &columns}, func() error {
		found[table] = true
		x, listed := known[table]
		if _, proven := otherwise[table]; !listed && !proven {
			t.Errorf("table %s only grows and is not audited: add it to growing", table)
		}
		for _, c := range columns {
			if listed && c != "region" && c != "rev" && !slices.Contains(x.Columns, c) {
				t.Errorf("column %s of %s is not audited", c, table)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range known {
		if !found[name] {
			t.Errorf("%s is audited as a table that only grows, and the program's role may do more with it", name)
		}
	}
}

// history is a district to which all kinds of things have happened.
func history(t *testing.T, r *rand.Rand) *storetest.District {
	t.Helper()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944), "").Person(storetest.Resident(1935), "").Fact(storetest.IdIn(1935), "残疾等级", storetest.Since("一级", storetest.LongAgo)).
		Payee(storetest.House("甲院", "2001")))
	if r.IntN(2) == 0 {
		d.Learn(storetest.NewSheet(roster.Columns{Name: true, Street: true}).Person(storetest.Resident(1930), ""))
	}
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	for range r.IntN(3) {
		d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1944, func(p *roster.Person) { p.Phone = fmt.Sprint(r.IntN(1 << 30)) }), ""))
	}
	seal(d, 1+r.IntN(3))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Person(storetest.Resident(1935, storetest.DiedOn(storetest.Day(2026, 9, 20))), ""))
	d.Run(storetest.At(11))
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Reviewed)
	seal(d, r.IntN(2))
	return d
}

// seal logs some looking at numbers, and seals it.
func seal(d *storetest.District, n int) {
	d.T.Helper()
	for i := range n {
		err := audit.LogAccess(d.T.Context(), d.Db, storetest.DeskRegion, storetest.RunBy, journal.Access{Action: journal.Viewed, Subject: "待遇说明", Person: int64(i + 1), Scope: "2026-10"})
		if err != nil {
			d.T.Fatal(err)
		}
	}
	if _, count, err := audit.SealAccess(d.T.Context(), d.Db, storetest.DeskRegion, storetest.RunBy); err != nil || count != int64(n) {
		d.T.Fatalf("sealed %d of %d, %v", count, n, err)
	}
}

// Whatever single row of whatever table is altered, taken out or slipped in past the
// program, the audit names it: table, revision and key.
func TestAuditNamesAnyRow(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 9))
	d := history(t, r)
	if report := d.Clean(); report.Rows < 20 || report.Old != 0 || report.Unsealed != 0 {
		t.Fatalf("report %+v", report)
	}
	tables, _ := audit.AuditedTables()
	names := []string{"journal", "row_digest", "row_mark"}
	keys := map[string][]string{"journal": nil, "row_digest": {"name"}, "row_mark": {"name"}}
	for _, x := range tables {
		names, keys[x.Name] = append(names, x.Name), x.Key
	}
	tried := 0
	for _, table := range names {
		if d.Number(`SELECT count(*) FROM `+table) == 0 {
			continue
		}
		for range 4 {
			s := spoil(d, r, table, keys[table])
			if s.sql == "" {
				continue
			}
			tried++
			if !s.named(d.Audit(nil)) {
				t.Errorf("seed %d: %s: not named in %v", seed, s.sql, d.Audit(nil).Problems)
			}
			d.Exec(s.restore)
		}
	}
	d.Clean()
	if tried < 40 {
		t.Errorf("only %d rows were spoilt", tried)
	}
}

// spoilt is a row that was altered, taken out or slipped in, and what puts it back.
type spoilt struct {
	sql, restore string
	table        string
	rev          int64    // -1: that of the batch or seal
	key          []string // words of the key
}

// named reports whether the audit names the row.
func (s *spoilt) named(report *audit.Report) bool {
	for _, p := range report.Problems {
		if (p.Table != s.table && p.Table != shownBy[s.table]) || (s.rev >= 0 && p.Rev != s.rev && s.table != "journal") {
			continue
		}
		if !slices.ContainsFunc(s.key, func(w string) bool { return !strings.Contains(p.Key, w) }) {
			return true
		}
	}
	return false
}

// spoil does one thing to one random row of a table, past foreign keys as a superuser can.
func spoil(d *storetest.District, r *rand.Rand, table string, keys []string) *spoilt {
	d.T.Helper()
	var columns []string
	err := d.Owner.QueryRow(d.T.Context(), `SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, table).Scan(&columns)
	if err != nil {
		d.T.Fatal(err)
	}
	list := strings.Join(columns, ", ")
	d.Exec(`DROP TABLE IF EXISTS kept_row; CREATE TABLE kept_row AS SELECT ` + list + ` FROM ` + table)
	n := d.Number(`SELECT count(*) FROM kept_row`)
	var ctid string
	if err := d.Owner.QueryRow(d.T.Context(), fmt.Sprintf(`SELECT ctid::text FROM %s ORDER BY ctid OFFSET %d LIMIT 1`, table, r.Int64N(n))).Scan(&ctid); err != nil {
		d.T.Fatal(err)
	}
	s := &spoilt{table: table, rev: -1}
	if slices.Contains(columns, "rev") {
		s.rev = d.Number(`SELECT rev FROM ` + table + ` WHERE ctid = '` + ctid + `'`)
	}
	for _, k := range keys {
		var word string
		if err := d.Owner.QueryRow(d.T.Context(), `SELECT `+k+`::text FROM `+table+` WHERE ctid = '`+ctid+`'`).Scan(&word); err != nil {
			d.T.Fatal(err)
		}
		s.key = append(s.key, word)
	}
	put := fmt.Sprintf(`DELETE FROM %[1]s; INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM kept_row`, table, list)
	s.restore = `SET session_replication_role = replica; ` + put + `; RESET session_replication_role`
	change := ""
	switch what := r.IntN(3); {
	case what == 0:
		change = fmt.Sprintf(`DELETE FROM %s WHERE ctid = '%s'`, table, ctid)
	case what == 1 && len(keys) > 0 && !strings.HasPrefix(table, "row_"):
		// The same row under another key.
		k := keys[r.IntN(len(keys))]
		change = fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM %[1]s WHERE ctid = '%[4]s'`, table, list,
			strings.Join(swapped(columns, k, other(kind(d, table, k), k)), ", "), ctid)
		s.key = nil
	default:
		c := columns[r.IntN(len(columns))]
		if c == "region" || c == "rev" || slices.Contains(keys, c) || strings.HasPrefix(table, "row_") && c == "part" {
			return &spoilt{}
		}
		change = fmt.Sprintf(`UPDATE %s SET %s = %s WHERE ctid = '%s'`, table, c, other(kind(d, table, c), c), ctid)
	}
	tx, err := d.Owner.Begin(d.T.Context())
	if err != nil {
		d.T.Fatal(err)
	}
	_, err = tx.Exec(d.T.Context(), `SET LOCAL session_replication_role = replica`)
	if err == nil {
		_, err = tx.Exec(d.T.Context(), change)
	}
	if err != nil { // a CHECK stands in the way
		_ = tx.Rollback(d.T.Context())
		return &spoilt{}
	}
	if err := tx.Commit(d.T.Context()); err != nil {
		d.T.Fatal(err)
	}
	s.sql = change
	return s
}

func kind(d *storetest.District, table, column string) (kind string) {
	d.T.Helper()
	err := d.Owner.QueryRow(d.T.Context(), `SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2`, table, column).Scan(&kind)
	if err != nil {
		d.T.Fatal(err)
	}
	return kind
}

// other is an SQL expression of a value that a column of a type does not have.
func other(kind, column string) string {
	switch kind {
	case "text":
		return column + ` || '改'`
	case "boolean":
		return "NOT " + column
	case "bytea":
		return column + ` || '\x00'`
	case "jsonb":
		return `coalesce(` + column + `, '{}') || '{"job": "改", "post": "改", "name": "改"}'`
	case "smallint[]":
		return column + ` || 7::smallint`
	case "timestamp with time zone":
		return column + ` + interval '1 microsecond'`
	case "date":
		return "coalesce(" + column + " + 31, '2020-01-01')"
	}
	return "coalesce(" + column + ", 0) + 1000"
}

func swapped(columns []string, column, expression string) []string {
	all := slices.Clone(columns)
	all[slices.Index(all, column)] = expression
	return all
}

// Every single field of a journal entry is under its hash.
func TestAuditNamesJournalFields(t *testing.T) {
	t.Parallel()
	d := history(t, rand.New(rand.NewPCG(1, 2)))
	last := d.Number(`SELECT max(rev) FROM journal`)
	for _, column := range []string{"at", "actor", "origin", "action", "subject", "reason", "digest", "summary", "algorithm", "previous", "hash",
		"rows_digest", "before_digest", "after_digest"} {
		for _, rev := range []int64{1, last / 2, last} {
			d.Exec(`DROP TABLE IF EXISTS kept_journal; CREATE TABLE kept_journal AS TABLE journal`)
			d.Exec(fmt.Sprintf(`UPDATE journal SET %s = %s WHERE rev = %d`, column, other(kind(d, "journal", column), column), rev))
			named := slices.ContainsFunc(d.Audit(nil).Problems, func(p audit.Problem) bool {
				// An entry whose own hash is altered may show at the next one, which no longer follows it.
				return p.Table == "journal" && (p.Rev == rev || (column == "hash" && p.Rev == rev+1))
			})
			if !named {
				t.Errorf("%s of revision %d: %v", column, rev, d.Audit(nil).Problems)
			}
			d.Exec(`DELETE FROM journal; INSERT INTO journal TABLE kept_journal`)
		}
	}
	d.Clean()
}

// A head on paper proves the chain as far as that entry, and a chain that was written
// anew from its beginning does not have it.
func TestAuditAnchor(t *testing.T) {
	t.Parallel()
	d := history(t, rand.New(rand.NewPCG(3, 4)))
	rev, hash, err := d.Db.Head(t.Context(), storetest.DeskRegion)
	if err != nil {
		t.Fatal(err)
	}
	paper := hex.EncodeToString(hash)
	for _, a := range []audit.Anchor{{Hash: paper}, {Rev: rev, Hash: paper}, {Rev: rev, Hash: paper[:16]}} {
		if p := d.Audit(&a).Problems; len(p) > 0 {
			t.Errorf("%+v: %v", a, p)
		}
	}
	for _, a := range []audit.Anchor{{Hash: strings.Repeat("0", 64)}, {Rev: rev - 1, Hash: paper}, {Rev: rev + 1, Hash: paper}} {
		if p := d.Audit(&a).Problems; len(p) != 1 || !strings.Contains(p[0].String(), "纸面") {
			t.Errorf("%+v: %v", a, p)
		}
	}
}
