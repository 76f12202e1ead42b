// Package internal_test checks the rules of the layout (docs: internal packages
// import one way) that no compiler checks.
package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "disburse"

// layers are the parts of the program from bottom to top. A package may import
// those of the lines above its own, and, where a line names only one part, that
// part's own sub-packages; parts that share a line do not import one another.
// The words are the exception: month and money may use fault.
var layers = [][]string{
	{"internal/fault"},
	{"internal/money", "internal/month", "migrations"},
	{"internal/journal"},
	{"internal/roster/clean", "internal/roster/textfile", "internal/roster/xlsx"},
	{"internal/roster/layout"},
	{"internal/roster"},
	{"internal/roster/read"},
	{"internal/roster/write"},
	{"internal/roster/rostertest"},
	{"internal/bank/field"}, // the pack's forms are checked by it
	{"internal/policy/charset", "internal/policy/lang", "internal/policy/cache"},
	{"internal/policy/packfile"},
	{"internal/policy"}, // and internal/policy/diff
	{"internal/ledger"},
	{"internal/payrun"},
	{"internal/payrun/engine"},
	{"internal/payrun/explain"},
	{"internal/payrun/payruntest"},
	{"internal/approval"},
	{"internal/bank"},
	{"internal/judge"},
	{"internal/population"},
	{"internal/embedded", "internal/backup"},
	{"internal/postgres"},
	{"internal/store/packs"},
	{"internal/store/users"},
	{"internal/store/people"},
	{"internal/store/batches"},
	{"internal/store/requests"},
	{"internal/store/imports"},
	{"internal/store/payments"},
	{"internal/store/recovery"},
	{"internal/store/runs"},
	{"internal/store/signing"},
	{"internal/store/merging"},
	{"internal/store/rules"},
	{"internal/store/books"},
	{"internal/store/second"},
	{"internal/store/calendar"},
	{"internal/store/work"},
	{"internal/store/audit"},
	{"internal/store/backups"},
	{"reports/workbook"},
	{"reports/source"},
	{"reports/control", "reports/filing"},
	{"reports/sheet"},
	{"reports/bankfiles", "reports/register", "reports/lists", "reports/letters", "reports/worklists", "reports/reconcile", "reports/yearly"},
	{"reports/reporttest"},
	{"reports"},
	{"internal/office"},
	{"internal/office/monthly"},
	{"internal/office/export", "internal/office/explain", "internal/office/rosters", "internal/office/finance", "internal/office/policies", "internal/office/admin"},
	{"jobs"},
	{"internal/store/storetest"},
	{"internal/console/web"},
	{"internal/console/imports"},
	{"internal/console/people"},
	{"internal/console/recovery"},
	{"internal/console/bank"},
	{"internal/console/batch"},
	{"internal/console/rules"},
	{"internal/console/system"},
	{"internal/console/month"},
	{"internal/console"},
	{"cmd/disburse/kit"},
	{"cmd/disburse/monthly", "cmd/disburse/export", "cmd/disburse/rosters", "cmd/disburse/finance", "cmd/disburse/policies", "cmd/disburse/admin", "cmd/disburse/demo"},
	{"cmd/disburse/server"},
	{"cmd"},
	{"scripts"},
}

// only says who may use a library, an import path or what is below it.
var only = map[string][]string{
	module + "/internal/postgres":             {"internal/postgres", "internal/store", "internal/office", "jobs", "internal/console", "cmd"},
	module + "/internal/store":                {"internal/store", "internal/office", "jobs", "internal/console", "cmd"},
	module + "/internal/store/storetest":      {"internal/store/storetest"},
	"github.com/jackc/pgx":                    {"internal/postgres", "internal/store"},
	"github.com/xuri/excelize":                {"reports", "internal/roster/write", "internal/roster/rostertest", "internal/roster/xlsx", "internal/population"},
	"github.com/spf13/cobra":                  {"cmd"},
	"github.com/expr-lang/expr":               {"internal/policy", "internal/judge"},
	"github.com/riverqueue/river":             {"internal/postgres", "internal/store/calendar", "jobs"},
	"github.com/riverqueue/river/riverdriver": {"internal/postgres"},
	"github.com/robfig/cron":                  {"jobs"},
	"github.com/wneessen/go-mail":             {"jobs"},
	"filippo.io/age":                          {"internal/backup"},
}

// judged are what the judge computes anew (docs/decisions/0013-judge.md), so that it may
// share the pack's file and stored structs with the engine, but none of its code.
var judged = []string{module + "/internal/policy", module + "/internal/policy/diff", module + "/internal/payrun/engine", module + "/internal/payrun/explain"}

// clock says who may ask what time it is; all others are told.
var clock = []string{"cmd", "jobs"}

// file is one Go file that is not a test.
type file struct {
	name string // from the module's root
	dir  string
	ast  *ast.File
	pos  *token.FileSet
}

func TestLayout(t *testing.T) {
	t.Parallel()
	files := sources(t)
	if len(files) < 10 {
		t.Fatalf("only %d files found", len(files))
	}
	for _, f := range files {
		for _, complaint := range slices.Concat(badImports(f), clockUses(f), weakened(f)) {
			t.Error(complaint)
		}
	}
}

func sources(t *testing.T) []file {
	t.Helper()
	root := ".."
	var files []file
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "out") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		pos := token.NewFileSet()
		parsed, err := parser.ParseFile(pos, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files = append(files, file{rel, path.Dir(filepath.ToSlash(rel)), parsed, pos})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// badImports says which imports of a file break the rules.
func badImports(f file) (complaints []string) {
	mine := layer(f.dir)
	if mine < 0 {
		return []string{fmt.Sprintf("%s: %s is in no layer; give it one in internal/layout_test.go", f.name, f.dir)}
	}
	for _, spec := range f.ast.Imports {
		imported := strings.Trim(spec.Path.Value, "`\"")
		for library, users := range only {
			if within(imported, library) && !belongs(f.dir, users) {
				complaints = append(complaints, fmt.Sprintf("%s imports %s, which only %s may", f.name, imported, strings.Join(users, " and ")))
			}
		}
		if within(f.dir, "internal/judge") && slices.Contains(judged, imported) {
			complaints = append(complaints, fmt.Sprintf("%s imports %s, which the judge computes anew", f.name, imported))
		}
		ours, ok := strings.CutPrefix(imported, module+"/")
		if ok && layer(ours) >= mine && part(ours) != part(f.dir) {
			complaints = append(complaints, fmt.Sprintf("%s imports %s, which is above it or beside it", f.name, imported))
		}
	}
	return complaints
}

// clockUses says where a file asks for the time, which must come from outside.
func clockUses(f file) (complaints []string) {
	if belongs(f.dir, clock) {
		return nil
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := selector.X.(*ast.Ident)
		if ok && from.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
			complaints = append(complaints, fmt.Sprintf("%s: time.%s outside %s", f.pos.Position(n.Pos()), selector.Sel.Name, strings.Join(clock, " and ")))
		}
		return true
	})
	return complaints
}

// weakened says where a file makes passwords easy to guess, which only the program that
// the tests build for themselves may.
func weakened(f file) (complaints []string) {
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			if c.Text == "//go:build fixedclock" && c.Pos() < f.ast.Package {
				return nil
			}
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := selector.X.(*ast.Ident)
		if ok && from.Name == "approval" && slices.Contains([]string{"Cheap", "Salts"}, selector.Sel.Name) {
			complaints = append(complaints, fmt.Sprintf("%s: approval.%s in the program", f.pos.Position(n.Pos()), selector.Sel.Name))
		}
		return true
	})
	return complaints
}

// layer returns the number of a package's layer, -1 for none.
func layer(dir string) int {
	mine := part(dir)
	return slices.IndexFunc(layers, func(parts []string) bool { return slices.Contains(parts, mine) })
}

// part returns the part of the program that a package belongs to: of two that it is in,
// the one further down, which has the longer name.
func part(dir string) string {
	found := ""
	for _, p := range slices.Concat(layers...) {
		if within(dir, p) && len(p) > len(found) {
			found = p
		}
	}
	return found
}

func belongs(dir string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return within(dir, p) })
}

func within(dir, parent string) bool { return dir == parent || strings.HasPrefix(dir, parent+"/") }

// The check itself notices what it is there for.
func TestLayoutNoticesViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dir, source string
		bad         bool
	}{
		{"internal/roster", `import _ "disburse/internal/policy"`, true},
		{"internal/policy", `import _ "disburse/internal/roster"`, false},
		{"internal/month", `import _ "disburse/internal/money"`, true},
		{"internal/policy/diff", `import _ "disburse/internal/policy"`, false},
		{"internal/policy/packfile", `import _ "disburse/internal/policy"`, true},
		{"reports", `import _ "disburse/internal/postgres"`, true},
		{"cmd/disburse", `import _ "disburse/internal/postgres"`, false},
		{"internal/postgres", `import _ "disburse/internal/office"`, true},
		{"internal/console", `import _ "disburse/jobs"`, false},
		{"internal/office", `import "time"; var _ = time.Now()`, true},
		{"jobs", `import _ "disburse/cmd/disburse"`, true},
		{"internal/judge", `import _ "disburse/internal/payrun/engine"`, true},
		{"internal/judge", `import _ "disburse/internal/policy"`, true},
		{"internal/judge", `import _ "disburse/internal/policy/packfile"`, false},
		{"internal/judge", `import _ "disburse/internal/payrun"`, false},
		{"internal/ledger", `import _ "github.com/jackc/pgx/v5/pgconn"`, true},
		{"internal/postgres/pgtest", `import _ "github.com/jackc/pgx/v5"`, false},
		{"jobs", `import _ "github.com/riverqueue/river/riverdriver/riverpgxv5"`, true},
		{"jobs", `import _ "github.com/riverqueue/river"`, false},
		{"cmd/disburse", `import _ "github.com/riverqueue/river"`, true},
		{"internal/new", `import _ "fmt"`, true},
		{"internal/ledger", `import "time"; var _ = time.Now()`, true},
		{"internal/ledger", `import "time"; var _ = time.Second`, false},
		{"cmd/disburse", `import "disburse/internal/approval"; func init() { approval.Cheap = true }`, true},
		{"cmd/disburse", `import "disburse/internal/approval"; var salts = &approval.Salts`, true},
	} {
		pos := token.NewFileSet()
		parsed, err := parser.ParseFile(pos, "x.go", "package x; "+c.source, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		f := file{"x.go", c.dir, parsed, pos}
		seen := len(badImports(f))+len(clockUses(f))+len(weakened(f)) > 0
		if seen != c.bad {
			t.Errorf("%s with %s: complained %v, want %v", c.dir, c.source, seen, c.bad)
		}
	}
}
