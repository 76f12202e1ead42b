package audit_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
	"disburse/internal/store/audit"
	"disburse/internal/store/storetest"
)

// TestAuditNamesEveryColumn: whatever column of whatever table somebody alters who may do
// everything, whatever row they take out or slip in, the audit names the table. Tables and
// columns are the catalogue's; what need not be named stands in docs/audit.md.
//
// Most tables are compared each with digests of its own rows, so one alteration of each is
// tried in one audit: some 180 audits instead of 640. Every table is once left alone in
// such a round and must then not be named, or the alteration of another could hide that
// its own is not seen. The others (alone), and a random sample of these, are altered one
// thing at a time.
func TestAuditNamesEveryColumn(t *testing.T) {
	t.Parallel()
	d := lived(t)
	d.Clean()
	s := newSaboteur(d)
	var rounds [][]alteration // of each table that is altered together with others
	for _, table := range tables(d) {
		all := s.alterations(table)
		if alone[table] == "" && len(all) > 0 {
			rounds = append(rounds, all)
			continue
		}
		s.oneByOne(all)
	}
	s.inRounds(rounds)
	seed := rand.Uint64()
	t.Logf("seed of the sample: %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range sampled {
		all := rounds[random.IntN(len(rounds))]
		s.oneByOne(all[random.IntN(len(all)):][:1])
	}
	for name := range s.excepted {
		if !s.met[name] {
			t.Errorf("docs/audit.md excepts %s, which is not there", name)
		}
	}
	t.Logf("%d alterations", s.tried)
	d.Clean()
}

// sampled is how many of the alterations that are tried together are also tried singly.
const sampled = 30

// alone are the tables whose alteration may be named with another table, or another's
// with them, with the reason. What is altered together with them could hide behind them.
var alone = map[string]string{
	"region":         "the head of the chain; every row is of a region",
	"journal":        "vouches for all digests",
	"row_digest":     "vouches for all tables that only grow",
	"row_mark":       "names the rows of all tables that only grow",
	"row_change":     "vouches for batch, account_user, holiday, job_setting and region",
	"part_seal":      "vouches for finding, debt, batch_item and later_register",
	"batch":          "its lines, signatures and seals are compared with it",
	"signature":      "says which revision acknowledgement is of",
	"access_seal":    "says which revision access_log is of",
	"recovery_plan":  "says which revision recovery_plan_debt is of",
	"answer_sum":     "is compared with the answers added up",
	"later_register": "shows later_debt",
	"later_debt":     "shown by later_register",
	"access_log":     "shows access_link",
	"access_link":    "shown by access_log",
}

var exceptionLine = regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| .+ \\|$")

// readExceptions reads the second table of docs/audit.md.
func readExceptions(t testing.TB) map[string]bool {
	t.Helper()
	body, err := os.ReadFile("../../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(body), "## What is not compared")
	all := map[string]bool{}
	for _, m := range exceptionLine.FindAllStringSubmatch(list, -1) {
		all[m[1]] = true
	}
	if len(all) < 5 {
		t.Fatalf("only %d exceptions read", len(all))
	}
	return all
}

// tables are all of the program's.
func tables(d *storetest.District) []string {
	d.T.Helper()
	rows, err := d.Owner.Query(d.T.Context(), `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		d.T.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.T.Fatal(err)
	}
	return all
}

// saboteur alters the database as a superuser, one thing at a time, and takes it back.
type saboteur struct {
	*storetest.District
	excepted map[string]bool
	met      map[string]bool
	tried    int
	known    []audit.Problem // before anything was altered: accounts of the fixture
}

func newSaboteur(d *storetest.District) *saboteur {
	d.T.Helper()
	report, err := audit.Verify(d.T.Context(), d.Db, storetest.DeskRegion, nil, nil)
	d.Must(err)
	return &saboteur{District: d, excepted: readExceptions(d.T), met: map[string]bool{}, known: report.Problems}
}

// shownBy are tables and columns whose problems are reported with another table.
var shownBy = map[string]string{"later_debt": "later_register", "access_link": "access_log", "region.head": "journal", "region.head_hash": "journal"}

// alteration is one statement that an audit must name, with the table by which it does.
type alteration struct{ table, named, sql string }

// alterations are what can be done to the rows of a table that are tried: every column,
// the row taken out, another slipped in.
func (s *saboteur) alterations(table string) (all []alteration) {
	s.T.Helper()
	if s.met[table] = s.excepted[table]; s.excepted[table] {
		return nil
	}
	if s.Number(`SELECT count(*) FROM `+table) == 0 {
		s.T.Errorf("%s has no row: let lived leave one, or except it with its reason in docs/audit.md", table)
		return nil
	}
	columns := s.Columns(table)
	for _, row := range s.rowsOf(table) {
		for _, c := range columns {
			if name := table + "." + c; s.excepted[name] {
				s.met[name] = true
				continue
			}
			all = append(all, alteration{table, cmp.Or(shownBy[table+"."+c], table),
				fmt.Sprintf(`UPDATE %s SET %s = %s WHERE ctid = '%s'`, table, c, other(kind(s.District, table, c), c), row)})
		}
		all = append(all, alteration{table, table, fmt.Sprintf(`DELETE FROM %s WHERE ctid = '%s'`, table, row)})
		if table == "region" { // another region, with nothing in it
			continue
		}
		key := s.keyColumn(table)
		all = append(all, alteration{table, table, fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM %[1]s WHERE ctid = '%[4]s'`, table, strings.Join(columns, ", "),
			strings.Join(swapped(columns, key, other(kind(s.District, table, key), key)), ", "), row)})
	}
	return all
}

// oneByOne tries alterations of one table, each with an audit of its own.
func (s *saboteur) oneByOne(all []alteration) {
	s.T.Helper()
	if len(all) == 0 {
		return
	}
	s.within(func(tx pgx.Tx) {
		for _, a := range all {
			s.named(tx, a.named, a.sql)
		}
	}, all[0].table)
}

// inRounds tries the next alteration of every table in one audit, until all are tried.
func (s *saboteur) inRounds(all [][]alteration) {
	s.T.Helper()
	var names []string
	rounds := 0
	for _, of := range all {
		names, rounds = append(names, of[0].table), max(rounds, len(of)+1)
	}
	s.within(func(tx pgx.Tx) {
		next := make([]int, len(all))
		for round := range rounds {
			var now []alteration
			var alone []string
			for i, of := range all {
				if i%rounds == round {
					alone = append(alone, of[0].table)
				} else if next[i] < len(of) {
					now = append(now, of[next[i]])
					next[i]++
				}
			}
			s.allNamed(tx, now, alone)
		}
	}, names...)
}

// allNamed does all of that behind a savepoint, and insists that an audit names each
// table, and none of those that were left alone.
func (s *saboteur) allNamed(tx pgx.Tx, all []alteration, alone []string) {
	s.T.Helper()
	ctx := s.T.Context()
	inner, err := tx.Begin(ctx)
	s.Must(err)
	defer func() { s.Must(inner.Rollback(ctx)) }()
	for _, a := range all {
		if _, err := inner.Exec(ctx, a.sql); err != nil {
			s.T.Errorf("%s: %v", a.sql, err)
			return
		}
	}
	s.tried += len(all)
	report, err := audit.VerifyIn(ctx, postgres.In(inner, storetest.DeskRegion))
	s.Must(err)
	named := map[string]bool{}
	for _, p := range report.Problems {
		if !slices.Contains(s.known, p) {
			named[p.Table] = true
		}
	}
	for _, a := range all {
		if !named[a.named] {
			s.T.Errorf("%s: not named in %v", a.sql, slices.Sorted(maps.Keys(named)))
		}
	}
	for _, table := range alone {
		if named[table] {
			s.T.Errorf("%s was left alone and is named: it must be tried alone (see alone)", table)
		}
	}
}

// within runs fn in a transaction that is undone, where neither foreign keys nor checks
// nor unique indexes of the tables stand in the way.
func (s *saboteur) within(fn func(tx pgx.Tx), tables ...string) {
	s.T.Helper()
	ctx := s.T.Context()
	tx, err := s.Owner.Begin(ctx)
	s.Must(err)
	defer func() { s.Must(tx.Rollback(ctx)) }()
	for _, table := range tables {
		rows, err := tx.Query(ctx, `
			SELECT format('ALTER TABLE %I DROP CONSTRAINT %I CASCADE', $1::text, conname) FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('c', 'u', 'f')
			UNION ALL SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
			WHERE confrelid = $1::regclass AND conrelid <> confrelid AND contype = 'f' AND NOT EXISTS (
			    SELECT FROM pg_constraint u WHERE u.conindid = pg_constraint.conindid AND u.contype = 'u')
			UNION ALL SELECT format('DROP INDEX %s', i.indexrelid::regclass) FROM pg_index i
			WHERE i.indrelid = $1::regclass AND i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`, table)
		s.Must(err)
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		s.Must(err)
		for _, sql := range all {
			_, err := tx.Exec(ctx, sql)
			s.Must(err)
		}
	}
	_, err = tx.Exec(ctx, `SET LOCAL session_replication_role = replica`)
	s.Must(err)
	fn(tx)
}

// rowsOf is the place of the region's last row of a table; of batches the first too, which
// is final where the last is being signed.
func (s *saboteur) rowsOf(table string) []string {
	s.T.Helper()
	where := ""
	if slices.Contains(s.Columns(table), "region") {
		where = ` WHERE region = ` + storetest.Num64(int64(storetest.DeskRegion))
	}
	rows, err := s.Owner.Query(s.T.Context(), `SELECT ctid::text FROM `+table+where+` ORDER BY ctid DESC`)
	s.Must(err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	s.Must(err)
	switch {
	case len(all) == 0:
		s.T.Fatalf("%s has no row of the region", table)
	case table == "batch":
		return []string{all[0], all[len(all)-1]}
	}
	return all[:1]
}

// keyColumn is the last column of the primary key.
func (s *saboteur) keyColumn(table string) (key string) {
	s.T.Helper()
	s.Must(s.Owner.QueryRow(s.T.Context(), `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.indnatts - 1]
		WHERE i.indrelid = $1::regclass AND i.indisprimary`, table).Scan(&key))
	return key
}

// named does something behind a savepoint, and insists that an audit names the table, and
// others as well.
func (s *saboteur) named(tx pgx.Tx, table, sql string, also ...string) {
	s.T.Helper()
	ctx := s.T.Context()
	inner, err := tx.Begin(ctx)
	s.Must(err)
	defer func() { s.Must(inner.Rollback(ctx)) }()
	if _, err := inner.Exec(ctx, sql); err != nil {
		s.T.Errorf("%s: %v", sql, err)
		return
	}
	s.tried++
	report, err := audit.VerifyIn(ctx, postgres.In(inner, storetest.DeskRegion))
	s.Must(err)
	says := func(p audit.Problem) bool {
		return p.Table == table || p.Table == cmp.Or(shownBy[table], table)
	}
	for _, other := range also {
		if !slices.ContainsFunc(report.Problems, func(p audit.Problem) bool { return p.Table == other }) {
			s.T.Errorf("%s: %s is not named in %v", sql, other, report.Problems)
		}
	}
	report.Problems = slices.DeleteFunc(report.Problems, func(p audit.Problem) bool { return slices.Contains(s.known, p) })
	if !slices.ContainsFunc(report.Problems, says) {
		s.T.Errorf("%s: not named in %v", sql, report.Problems)
	}
}

// TestNothingStopsAnAudit: a table that is gone, a column of another type, nulls where the
// schema has none, times and dates without end, a digest of a revision that is not there:
// each is named, and so is what was altered elsewhere at the same time.
func TestNothingStopsAnAudit(t *testing.T) {
	t.Parallel()
	d := lived(t)
	s := newSaboteur(d)
	const elsewhere = `UPDATE payee SET holder = '别人'; `
	for _, table := range tables(d) {
		if s.excepted[table] || table == "payee" {
			continue
		}
		s.within(func(tx pgx.Tx) {
			s.named(tx, table, elsewhere+`DROP TABLE `+table+` CASCADE`, "payee")
			columns := slices.DeleteFunc(s.Columns(table), func(c string) bool { return s.excepted[table+"."+c] })
			last := columns[len(columns)-1]
			s.named(tx, table, elsewhere+fmt.Sprintf(`ALTER TABLE %[1]s ALTER %[2]s DROP DEFAULT, ALTER %[2]s TYPE text[] USING ARRAY[%[2]s::text]`, table, last), "payee")
			s.named(tx, table, elsewhere+s.nulls(table), "payee")
		}, table)
	}
	for table, sql := range map[string]string{
		"journal":    `UPDATE journal SET at = 'infinity' WHERE rev = 3`,
		"batch":      `UPDATE batch SET month = 'infinity' WHERE batch = 1`,
		"access_log": `UPDATE access_log SET at = '-infinity'`,
		"person":     `UPDATE person SET birth = 'infinity' WHERE person = 1`,
		"row_digest": `INSERT INTO row_digest SELECT region, 999999, name, rows, digest, marks FROM row_digest ORDER BY rev LIMIT 1`,
		"ledger":     `INSERT INTO ledger SELECT region, person, item, payee, month, 999999, against, kind, amount, batch FROM ledger LIMIT 1`,
		"payment":    `UPDATE payment SET amount = 9223372036854775807`,
		"draft_line": `UPDATE draft_line SET amount = 9223372036854775807, hold = 0`,
	} {
		s.within(func(tx pgx.Tx) { s.named(tx, table, elsewhere+sql, "payee") }, table)
	}
	d.Clean()
}

// nulls empties every column of a table that holds no key.
func (s *saboteur) nulls(table string) string {
	s.T.Helper()
	var free, set []string
	for _, c := range s.Columns(table) {
		if s.Number(`SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
			WHERE i.indrelid = $1::regclass AND i.indisprimary AND a.attname = $2`, table, c) == 0 {
			free, set = append(free, "ALTER "+c+" DROP NOT NULL"), append(set, c+" = NULL")
		}
	}
	if free == nil {
		return `DELETE FROM ` + table
	}
	return fmt.Sprintf(`ALTER TABLE %[1]s %[2]s; UPDATE %[1]s SET %[3]s`, table, strings.Join(free, ", "), strings.Join(set, ", "))
}

// TestProblemIsOneLine: what stands in a row cannot pass for a line of the report.
func TestProblemIsOneLine(t *testing.T) {
	t.Parallel()
	p := audit.Problem{Rev: 3, Table: "person", Key: "某\n审计链完整：94 条\x1b[2K\xff", What: "被改动"}
	if s := p.String(); strings.ContainsAny(s, "\n\x1b") || !utf8.ValidString(s) {
		t.Errorf("%q", s)
	}
}
