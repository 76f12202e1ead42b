package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/cmd/disburse/kit"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
	"disburse/internal/roster/write"
)

// desk runs commands in this process against a database of its own.
type desk struct {
	t           *testing.T
	url         string
	dir         string
	password    string // a file
	environment map[string]string
}

func openOffice(t *testing.T) *desk {
	t.Helper()
	o := &desk{t: t, url: pgtest.New(t), dir: t.TempDir(), environment: map[string]string{}}
	o.password = o.file("口令.txt")
	if err := os.WriteFile(o.password, []byte("一个相当长的口令字2026\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *desk) file(name string) string { return filepath.Join(o.dir, name) }

// run executes a command on the desk's database.
func (o *desk) run(args ...string) (code int, out, errors string) {
	o.t.Helper()
	return execWith(o.t, o.environment, "", append(args, "--db", o.url)...)
}

// execIn executes a command with a standard input and returns what it wrote. It finds no
// environment.
func execIn(t *testing.T, input string, args ...string) (code int, out, errors string) {
	t.Helper()
	return execWith(t, nil, input, args...)
}

// execWith is execIn in an environment.
func execWith(t *testing.T, environment map[string]string, input string, args ...string) (code int, out, errors string) {
	t.Helper()
	var stdout, stderr buffer
	on := kit.Terminal{Stdin: strings.NewReader(input), Stdout: &stdout, Stderr: &stderr, Getenv: func(name string) string { return environment[name] }}
	code = execute(context.Background(), on, append([]string{}, args...)) // of nil it would make this process's own
	return code, stdout.String(), stderr.String()
}

// buffer may be written by several goroutines, as a file may.
type buffer struct {
	lock sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.text.String()
}

// ok insists on exit status 0 and returns what was printed.
func (o *desk) ok(args ...string) string {
	o.t.Helper()
	code, out, errors := o.run(args...)
	if code != exitDone {
		o.t.Fatalf("%v: exit %d\n%s%s", args, code, out, errors)
	}
	return out
}

// no insists on exit status 1 and one sentence at the end of standard error that says
// all the words.
func (o *desk) no(args []string, words ...string) {
	o.t.Helper()
	code, out, errors := o.run(args...)
	o.sentence(args, code, exitFailed, out, errors, words)
}

// wrong insists on exit status 2: a command that was written wrongly.
func (o *desk) wrong(args []string, words ...string) {
	o.t.Helper()
	code, out, errors := o.run(args...)
	o.sentence(args, code, exitUsage, out, errors, words)
	if strings.TrimSpace(out) != "" {
		o.t.Errorf("%v printed %q", args, out)
	}
}

func (o *desk) sentence(args []string, code, expected int, out, errors string, words []string) {
	o.t.Helper()
	if code != expected {
		o.t.Fatalf("%v: exit %d, want %d\n%s%s", args, code, expected, out, errors)
	}
	lines := strings.Split(strings.TrimRight(errors, "\n"), "\n")
	last := lines[len(lines)-1]
	for _, l := range lines[:len(lines)-1] {
		if !strings.Contains(l, "%") && !strings.Contains(l, "核对") && !strings.Contains(l, "写入") && !strings.Contains(l, "读取") {
			o.t.Errorf("%v: beside progress and the sentence: %q", args, l)
		}
	}
	for _, w := range words {
		if !strings.Contains(last, w) {
			o.t.Errorf("%v says %q, want %q", args, last, w)
		}
	}
	for _, never := range []string{"SQLSTATE", "panic", "内部错误", "ERROR"} {
		if strings.Contains(errors, never) {
			o.t.Errorf("%v shows staff %q", args, errors)
		}
	}
}

// as is who does it, with the password.
func (o *desk) as(user string, args ...string) []string {
	return append(args, "--as", user, "--password-file", o.password)
}

// table reads csv output: its rows without the heading, which must be the given one.
func (o *desk) table(out, heading string) [][]string {
	o.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		o.t.Fatalf("%v in %q", err, out)
	}
	if got := strings.Join(rows[0], ","); got != heading {
		o.t.Fatalf("heading %s, want %s", got, heading)
	}
	return rows[1:]
}

// objects reads json output.
func (o *desk) objects(out string) []map[string]any {
	o.t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		o.t.Fatalf("%v in %q", err, out)
	}
	return all
}

func (o *desk) want(what string, got, want []string) {
	o.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// joined writes rows as lines of words.
func joined(rows [][]string) []string {
	var all []string
	for _, r := range rows {
		all = append(all, strings.Join(r, " "))
	}
	return all
}

func vocabulary(t *testing.T) *roster.Vocabulary {
	t.Helper()
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	return pack.Vocabulary()
}

// workbook writes people and institutions as a roster workbook.
func (o *desk) workbook(name string, payees []roster.Payee, people ...*roster.Dossier) string {
	o.t.Helper()
	path := o.file(name)
	w, err := write.NewRoster(path, vocabulary(o.t))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, d := range people {
		if err := w.Person(d); err != nil {
			o.t.Fatal(err)
		}
	}
	for i := range payees {
		if err := w.Payee(&payees[i]); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// sheets writes a workbook cell by cell: sheet, then rows.
func (o *desk) sheets(name string, sheets map[string][][]any) string {
	o.t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for sheet, rows := range sheets {
		if _, err := f.NewSheet(sheet); err != nil {
			o.t.Fatal(err)
		}
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			if err == nil {
				err = f.SetSheetRow(sheet, cell, &row)
			}
			if err != nil {
				o.t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		o.t.Fatal(err)
	}
	if err := f.SaveAs(o.file(name)); err != nil {
		o.t.Fatal(err)
	}
	return o.file(name)
}

// idOf is the made-up number of somebody born in June of a year.
func idOf(year int) string { return roster.MakeID("140202", month.DateOf(year, 6, 15), 11) }

// resident is somebody born in June of a year, with an account of their own.
func resident(year int, with ...func(*roster.Dossier)) *roster.Dossier {
	d := &roster.Dossier{Person: roster.Person{ID: idOf(year), Name: "某" + idOf(year)[6:10], Street: "永泰", Community: "一社区", Phone: "13900000000",
		Account: roster.Account{Bank: "示例银行", Number: "62" + idOf(year)[6:10]}}}
	for _, f := range with {
		f(d)
	}
	slices.SortFunc(d.Facts, func(a, b roster.Fact) int { return strings.Compare(a.Name, b.Name) })
	return d
}

// has records a fact since 2020.
func has(name, value string) func(*roster.Dossier) {
	return func(d *roster.Dossier) {
		d.Facts = append(d.Facts, roster.Fact{Name: name, Since: month.DateOf(2020, 1, 1), Value: value})
	}
}

func livesIn(street string) func(*roster.Dossier) {
	return func(d *roster.Dossier) { d.Street = street }
}

func holder(name string) func(*roster.Dossier) {
	return func(d *roster.Dossier) { d.Account.Holder = name }
}

func noAccount(d *roster.Dossier) { d.Account = roster.Account{} }

var homes = []roster.Payee{{Name: "甲院", Account: roster.Account{Bank: "示例银行", Number: "2001"}}}

// The columns that other programs rely on (docs/interface.md §3).
const (
	linesHeading = "id_number,name,item,benefit_month,kind,amount,status,reason,payee,bureau,street,against"
	listsHeading = "id_number,name,item,bureau,street,community,detail,change"
)

func itoa(n int) string { return strconv.Itoa(n) }

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
