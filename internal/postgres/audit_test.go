package postgres_test

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
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
)

// What the program may add to and not change is audited: a migration that adds such a
// table, or a column to one, has to say so in the one list.
func TestEveryGrowingTableIsAudited(t *testing.T) {
	t.Parallel()
	owner := connect(t, pgtest.New(t))
	tables, otherwise := postgres.AuditedTables()
	known := map[string]postgres.AuditedTable{}
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
func history(t *testing.T, r *rand.Rand) *district {
	t.Helper()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).person(resident(1944), "").person(resident(1935), "").fact(idIn(1935), "残疾等级", since("一级", longAgo)).
		payee(house("甲院", "2001")))
	if r.IntN(2) == 0 {
		d.learn(newSheet(roster.Columns{Name: true, Street: true}).person(resident(1930), ""))
	}
	d.run(at(10))
	d.approve(at(10))
	for range r.IntN(3) {
		d.learn(newSheet(everyColumn).person(resident(1944, func(p *roster.Person) { p.Phone = fmt.Sprint(r.IntN(1 << 30)) }), ""))
	}
	d.seal(1 + r.IntN(3))
	d.learn(newSheet(everyColumn).person(resident(1935, diedOn(day(2026, 9, 20))), ""))
	d.run(at(11))
	d.signTo(at(11), deskBureau, payrun.Reviewed)
	d.seal(r.IntN(2))
	return d
}

func idIn(year int) string { return somebody(year, "").ID }

// seal logs some looking at numbers, and seals it.
func (d *district) seal(n int) {
	d.t.Helper()
	for i := range n {
		err := d.db.LogAccess(d.t.Context(), deskRegion, runBy, journal.Access{Action: journal.Viewed, Subject: "待遇说明", Person: int64(i + 1), Scope: "2026-10"})
		if err != nil {
			d.t.Fatal(err)
		}
	}
	if _, count, err := d.db.SealAccess(d.t.Context(), deskRegion, runBy); err != nil || count != int64(n) {
		d.t.Fatalf("sealed %d of %d, %v", count, n, err)
	}
}

func (d *district) audit(anchor *postgres.Anchor) *postgres.AuditReport {
	d.t.Helper()
	report, err := d.db.AuditVerify(d.t.Context(), deskRegion, anchor, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return opened(report)
}

// opened leaves out that fixtures have put accounts straight into the table, to save the
// cost of their passwords.
func opened(report *postgres.AuditReport) *postgres.AuditReport {
	report.Problems = slices.DeleteFunc(report.Problems, func(p postgres.AuditProblem) bool {
		return p.Table == "account_user" && strings.Contains(p.What, "多出，不是本程序")
	})
	return report
}

// clean insists that an audit finds nothing.
func (d *district) clean() *postgres.AuditReport {
	d.t.Helper()
	report := d.audit(nil)
	for _, p := range report.Problems {
		d.t.Errorf("nothing was touched, and: %s", p)
	}
	return report
}

// Whatever single row of whatever table is altered, taken out or slipped in past the
// program, the audit names it: table, revision and key.
func TestAuditNamesAnyRow(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 9))
	d := history(t, r)
	if report := d.clean(); report.Rows < 20 || report.Old != 0 || report.Unsealed != 0 {
		t.Fatalf("report %+v", report)
	}
	tables, _ := postgres.AuditedTables()
	names := []string{"journal", "row_digest", "row_mark"}
	keys := map[string][]string{"journal": nil, "row_digest": {"name"}, "row_mark": {"name"}}
	for _, x := range tables {
		names, keys[x.Name] = append(names, x.Name), x.Key
	}
	tried := 0
	for _, table := range names {
		if d.number(`SELECT count(*) FROM `+table) == 0 {
			continue
		}
		for range 4 {
			s := d.spoil(r, table, keys[table])
			if s.sql == "" {
				continue
			}
			tried++
			if !s.named(d.audit(nil)) {
				t.Errorf("seed %d: %s: not named in %v", seed, s.sql, d.audit(nil).Problems)
			}
			d.exec(s.restore)
		}
	}
	d.clean()
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
func (s *spoilt) named(report *postgres.AuditReport) bool {
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
func (d *district) spoil(r *rand.Rand, table string, keys []string) *spoilt {
	d.t.Helper()
	var columns []string
	err := d.owner.QueryRow(d.t.Context(), `SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, table).Scan(&columns)
	if err != nil {
		d.t.Fatal(err)
	}
	list := strings.Join(columns, ", ")
	d.exec(`DROP TABLE IF EXISTS kept_row; CREATE TABLE kept_row AS SELECT ` + list + ` FROM ` + table)
	n := d.number(`SELECT count(*) FROM kept_row`)
	var ctid string
	if err := d.owner.QueryRow(d.t.Context(), fmt.Sprintf(`SELECT ctid::text FROM %s ORDER BY ctid OFFSET %d LIMIT 1`, table, r.Int64N(n))).Scan(&ctid); err != nil {
		d.t.Fatal(err)
	}
	s := &spoilt{table: table, rev: -1}
	if slices.Contains(columns, "rev") {
		s.rev = d.number(`SELECT rev FROM ` + table + ` WHERE ctid = '` + ctid + `'`)
	}
	for _, k := range keys {
		var word string
		if err := d.owner.QueryRow(d.t.Context(), `SELECT `+k+`::text FROM `+table+` WHERE ctid = '`+ctid+`'`).Scan(&word); err != nil {
			d.t.Fatal(err)
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
			strings.Join(swapped(columns, k, other(d.kind(table, k), k)), ", "), ctid)
		s.key = nil
	default:
		c := columns[r.IntN(len(columns))]
		if c == "region" || c == "rev" || slices.Contains(keys, c) || strings.HasPrefix(table, "row_") && c == "part" {
			return &spoilt{}
		}
		change = fmt.Sprintf(`UPDATE %s SET %s = %s WHERE ctid = '%s'`, table, c, other(d.kind(table, c), c), ctid)
	}
	tx, err := d.owner.Begin(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = tx.Exec(d.t.Context(), `SET LOCAL session_replication_role = replica`)
	if err == nil {
		_, err = tx.Exec(d.t.Context(), change)
	}
	if err != nil { // a CHECK stands in the way
		_ = tx.Rollback(d.t.Context())
		return &spoilt{}
	}
	if err := tx.Commit(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	s.sql = change
	return s
}

func (d *district) kind(table, column string) (kind string) {
	d.t.Helper()
	err := d.owner.QueryRow(d.t.Context(), `SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2`, table, column).Scan(&kind)
	if err != nil {
		d.t.Fatal(err)
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
	last := d.number(`SELECT max(rev) FROM journal`)
	for _, column := range []string{"at", "actor", "origin", "action", "subject", "reason", "digest", "summary", "algorithm", "previous", "hash",
		"rows_digest", "before_digest", "after_digest"} {
		for _, rev := range []int64{1, last / 2, last} {
			d.exec(`DROP TABLE IF EXISTS kept_journal; CREATE TABLE kept_journal AS TABLE journal`)
			d.exec(fmt.Sprintf(`UPDATE journal SET %s = %s WHERE rev = %d`, column, other(d.kind("journal", column), column), rev))
			named := slices.ContainsFunc(d.audit(nil).Problems, func(p postgres.AuditProblem) bool {
				// An entry whose own hash is altered may show at the next one, which no longer follows it.
				return p.Table == "journal" && (p.Rev == rev || (column == "hash" && p.Rev == rev+1))
			})
			if !named {
				t.Errorf("%s of revision %d: %v", column, rev, d.audit(nil).Problems)
			}
			d.exec(`DELETE FROM journal; INSERT INTO journal TABLE kept_journal`)
		}
	}
	d.clean()
}

// A head on paper proves the chain as far as that entry, and a chain that was written
// anew from its beginning does not have it.
func TestAuditAnchor(t *testing.T) {
	t.Parallel()
	d := history(t, rand.New(rand.NewPCG(3, 4)))
	rev, hash, err := d.db.Head(t.Context(), deskRegion)
	if err != nil {
		t.Fatal(err)
	}
	paper := hex.EncodeToString(hash)
	for _, a := range []postgres.Anchor{{Hash: paper}, {Rev: rev, Hash: paper}, {Rev: rev, Hash: paper[:16]}} {
		if p := d.audit(&a).Problems; len(p) > 0 {
			t.Errorf("%+v: %v", a, p)
		}
	}
	for _, a := range []postgres.Anchor{{Hash: strings.Repeat("0", 64)}, {Rev: rev - 1, Hash: paper}, {Rev: rev + 1, Hash: paper}} {
		if p := d.audit(&a).Problems; len(p) != 1 || !strings.Contains(p[0].String(), "纸面") {
			t.Errorf("%+v: %v", a, p)
		}
	}
}
