package postgres_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/storetest"
	"disburse/migrations"
)

var update = flag.Bool("update", false, "write docs/schema.sql anew")

const schemaFile = "../../docs/schema.sql"

const schemaHead = `-- The schema as all migrations leave it: what a reader wants to see in one place instead
-- of adding up CREATE and ALTER of twenty files. Written by ` + "`make schema`" + ` from the
-- catalogue of a migrated database and compared with it by the tests; for reading only,
-- the program runs migrations/. Reasons stand there, and under "also" where later files
-- changed a table. The schema "river" is the job queue's and comes from its library.
`

// TestSchemaIsDocumented: docs/schema.sql is what the migrations make. It is read from
// the catalogue and not by pg_dump, whose text differs between versions of PostgreSQL and
// puts keys and indexes far from their table.
func TestSchemaIsDocumented(t *testing.T) {
	t.Parallel()
	conn := storetest.Connect(t, pgtest.New(t))
	is := schemaHead + dumpSchema(t, conn)
	if *update {
		if err := os.WriteFile(schemaFile, []byte(is), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	was, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.Split(string(was), "\n"), strings.Split(is, "\n")); diff != "" {
		t.Errorf("docs/schema.sql is not what the migrations make. Run `make schema` and commit the file.\n%s", diff)
	}
}

// TestSchemaDumpIsComplete: the schema has no object of a kind that dumpSchema leaves out.
func TestSchemaDumpIsComplete(t *testing.T) {
	t.Parallel()
	conn := storetest.Connect(t, pgtest.New(t))
	if left := lines(t, conn, unknownObjects); len(left) > 0 {
		t.Errorf("dumpSchema in schema_test.go does not write these; teach it to:\n%s", strings.Join(left, "\n"))
	}
	for _, sql := range []string{
		`CREATE VIEW seen AS SELECT 1`,
		`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
		`CREATE TYPE mood AS ENUM ('ok')`,
		`CREATE SEQUENCE apart`,
		`CREATE RULE r AS ON DELETE TO region DO INSTEAD NOTHING`,
		`CREATE TRIGGER t BEFORE UPDATE ON region FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
		`ALTER TABLE region ENABLE ROW LEVEL SECURITY`,
		`CREATE UNLOGGED TABLE fleeting (n int)`,
		`CREATE TABLE child () INHERITS (region)`,
		`ALTER TABLE region SET (fillfactor = 50)`,
	} {
		if len(undone(t, conn, sql)) == 0 {
			t.Errorf("not noticed: %s", sql)
		}
	}
}

// undone returns what unknownObjects says after a statement that is taken back.
func undone(t *testing.T, conn *pgx.Conn, sql string) []string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}()
	if _, err := tx.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return lines(t, tx, unknownObjects)
}

// unknownObjects lists what of the schema dumpSchema does not write.
const unknownObjects = `
	SELECT 'relation ' || relname || ' of kind ' || relkind::text FROM pg_class c
	WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i')
	  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i') -- sequences of identity columns
	UNION ALL SELECT 'table ' || relname || ' is unlogged, inherits, has storage parameters or row security' FROM pg_class c
	WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
	  AND (relpersistence <> 'p' OR relrowsecurity OR reloptions IS NOT NULL OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid))
	UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
	UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typrelid = 0 AND typelem = 0
	UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
	UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE relnamespace = 'public'::regnamespace AND rulename <> '_RETURN'
	ORDER BY 1`

// tableParts are the lines of each table, in the order in which they are written. $1 is
// the table.
const tableParts = `
	SELECT format('    %I %s', attname, format_type(atttypid, atttypmod))
	    || CASE WHEN attcollation <> 0 AND attcollation <> (SELECT typcollation FROM pg_type WHERE oid = atttypid)
	           THEN (SELECT format(' COLLATE %I', collname) FROM pg_collation WHERE oid = attcollation) ELSE '' END
	    || CASE WHEN attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(adbin, adrelid))
	           WHEN adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(adbin, adrelid)
	           WHEN attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
	           WHEN attidentity = 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' ELSE '' END
	    || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
	FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
	WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`

const tableConstraints = `
	SELECT format('    CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
	WHERE conrelid = $1::text::regclass AND contype <> 'n' -- NOT NULL, which stands at its column; a constraint from PostgreSQL 18 on
	ORDER BY array_position(ARRAY['p', 'u', 'f', 'c'], contype::text), conname COLLATE "C"`

const tableRest = `
	(SELECT format('ALTER TABLE %I ALTER COLUMN %I SET STORAGE %s;', $1::text, attname,
	            CASE attstorage WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED' ELSE 'PLAIN' END)
	 FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attstorage <> typstorage ORDER BY attnum)
	UNION ALL
	(SELECT pg_get_indexdef(indexrelid) || ';' FROM pg_index i JOIN pg_class c ON c.oid = indexrelid
	 WHERE indrelid = $1::text::regclass AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = indexrelid AND k.contype IN ('p', 'u', 'x')) ORDER BY relname COLLATE "C")
	UNION ALL
	(SELECT format('COMMENT ON %s IS %L;', CASE objsubid WHEN 0 THEN format('TABLE %I', $1::text) ELSE format('COLUMN %I.%I', $1::text, attname) END, description)
	 FROM pg_description LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid
	 WHERE classoid = 'pg_class'::regclass AND objoid = $1::text::regclass ORDER BY objsubid)
	UNION ALL
	(SELECT format('GRANT %s ON %I TO disburse_app;', string_agg(privilege_type, ', ' ORDER BY array_position(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], privilege_type), privilege_type), $1::text)
	 FROM pg_class c, aclexplode(relacl) a WHERE c.oid = $1::text::regclass AND grantee = 'disburse_app'::regrole GROUP BY relname)
	UNION ALL
	(SELECT format('GRANT %s (%s) ON %I TO disburse_app;', privilege_type, string_agg(quote_ident(attname), ', ' ORDER BY attnum), $1::text)
	 FROM pg_attribute, aclexplode(attacl) WHERE attrelid = $1::text::regclass AND grantee = 'disburse_app'::regrole GROUP BY privilege_type ORDER BY privilege_type)
	UNION ALL
	(SELECT format('GRANT %s ON SEQUENCE %I TO disburse_app;', string_agg(privilege_type, ', ' ORDER BY privilege_type), relname)
	 FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S', aclexplode(relacl)
	 WHERE d.classid = 'pg_class'::regclass AND d.refobjid = $1::text::regclass AND d.deptype = 'i' AND grantee = 'disburse_app'::regrole GROUP BY relname)`

// dumpSchema writes the tables under the migrations that created them, in their order,
// which is the order in which they refer to one another.
func dumpSchema(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	made, touched := inMigrations(t)
	all := lines(t, conn, `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(made[a].at-made[b].at, strings.Compare(a, b)) })
	var out strings.Builder
	last := ""
	for _, table := range all {
		if file := cmp.Or(made[table].file, "by the program itself (internal/postgres/migrate.go)"); file != last {
			fmt.Fprintf(&out, "\n-- ==== %s\n", file)
			last = file
		}
		out.WriteString("\n")
		if also := touched[table]; len(also) > 0 {
			fmt.Fprintf(&out, "-- also %s\n", strings.Join(also, ", "))
		}
		body := slices.Concat(lines(t, conn, tableParts, table), lines(t, conn, tableConstraints, table))
		fmt.Fprintf(&out, "CREATE TABLE %s (\n%s\n);\n", table, strings.Join(body, ",\n"))
		for _, line := range lines(t, conn, tableRest, table) {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// madeBy is the migration that created a table, and its place among all tables.
type madeBy struct {
	file string
	at   int
}

var (
	creates = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)
	alters  = regexp.MustCompile(`(?m)^(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX \w+ ON) (\w+)`)
)

// inMigrations finds which migrations create tables, and which change them later.
func inMigrations(t *testing.T) (made map[string]madeBy, touched map[string][]string) {
	t.Helper()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	made, touched = map[string]madeBy{}, map[string][]string{}
	for _, name := range names {
		body, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range creates.FindAllStringSubmatch(string(body), -1) {
			made[m[1]] = madeBy{"migrations/" + name, len(made) + 1}
		}
		for _, m := range alters.FindAllStringSubmatch(string(body), -1) {
			if table := m[1]; made[table].file != "migrations/"+name && !slices.Contains(touched[table], name) {
				touched[table] = append(touched[table], name)
			}
		}
	}
	return made, touched
}

// lines runs a query of one text column.
func lines(t *testing.T, on interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, sql string, args ...any) []string {
	t.Helper()
	rows, err := on.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}
