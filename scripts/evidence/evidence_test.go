package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const printed = `goos: linux
pkg: disburse/internal/x
=== RUN   BenchmarkX
BenchmarkX
运行 2.0 秒
BenchmarkX-2   	       1	 2000000000 ns/op	         1.25 x/y	   1000000 people
BenchmarkX-2   	       1	 1000000000 ns/op	         1.75 x/y	   1000000 people
BenchmarkX-2   	       1	 1000000000 ns/op	         1.5 x/y	   1000000 people
PASS
`

const source = `package x

import "testing"

// BenchmarkX times x.
func BenchmarkX(b *testing.B) { b.ReportMetric(1, "x/y") }
`

// project is a module's root with one measured benchmark and both papers.
func project(t *testing.T) (root string, kept record) {
	t.Helper()
	root = t.TempDir()
	put(t, root, "internal/x/x_test.go", source)
	kept, err := parse(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	r := kept["BenchmarkX"]
	r.origin = origin{Date: "2026-12-01", Commit: "abc", Machine: "m"}
	if r.Source, err = sourceHash(root, r.Package, "BenchmarkX"); err != nil || r.Source == "" {
		t.Fatalf("source hash %q: %v", r.Source, err)
	}
	kept["BenchmarkX"] = r
	put(t, root, "docs/evidence.json", "")
	if err := kept.write(filepath.Join(root, recordPath)); err != nil {
		t.Fatal(err)
	}
	for name := range papers {
		put(t, root, name, "before\n"+begin+end+"after\n")
	}
	return root, kept
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTablesComeFromTheRecord(t *testing.T) {
	root, _ := project(t)
	if err := eachPaper(root, compare); err == nil {
		t.Error("an empty table passed for the record's")
	}
	if err := eachPaper(root, write); err != nil {
		t.Fatal(err)
	}
	text := read(t, root, "docs/evidence.md")
	for _, want := range []string{"before\n", "after\n", "BenchmarkX\n", "| x/y | 1.50 (1.25–1.75) | 3 |", "commit abc", "2026-12-01"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if err := eachPaper(root, compare); err != nil {
		t.Errorf("what was just written: %v", err)
	}
	put(t, root, "docs/evidence.md", strings.Replace(text, "1.50", "1.20", 1))
	if err := eachPaper(root, compare); err == nil {
		t.Error("a figure typed by hand passed")
	}
}

func TestChangedBenchmarkIsStale(t *testing.T) {
	root, kept := project(t)
	if err := eachPaper(root, write); err != nil {
		t.Fatal(err)
	}
	put(t, root, "internal/x/x_test.go", strings.Replace(source, "times x.", "times x, and says so.", 1))
	if err := eachPaper(root, compare); err != nil {
		t.Errorf("a comment made a figure stale: %v", err)
	}
	put(t, root, "internal/x/bench_fixture_test.go", "package x\n\nconst size = 2\n")
	if err := eachPaper(root, compare); err == nil {
		t.Error("a changed fixture left the figure as it was")
	}
	if err := eachPaper(root, write); err != nil {
		t.Fatal(err)
	}
	if text := read(t, root, "docs/evidence.md"); !strings.Contains(text, "BenchmarkX (stale") {
		t.Errorf("not marked:\n%s", text)
	}
	if err := eachPaper(root, compare); err != nil {
		t.Errorf("marked as stale, and still refused: %v", err)
	}
	if err := os.Remove(filepath.Join(root, "internal/x/x_test.go")); err != nil {
		t.Fatal(err)
	}
	if stale, err := kept.stale(root); err != nil || !stale["BenchmarkX"] {
		t.Errorf("a benchmark that went is not stale: %v", err)
	}
}

func TestParse(t *testing.T) {
	r, err := parse(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	x := r["BenchmarkX"]
	if x.Package != "disburse/internal/x" || len(x.Metrics["x/y"]) != 3 || x.Metrics["people"][2] != 1e6 || people(x) != "1,000,000" {
		t.Errorf("read %+v", x)
	}
	if _, err := parse(strings.NewReader(printed + strings.ReplaceAll(printed, "internal/x", "internal/z"))); err == nil {
		t.Error("one name in two packages was read as one benchmark")
	}
}

// What comes first is a benchmark that is there, and prints the unit.
func TestFiguresHaveBenchmarks(t *testing.T) {
	root := filepath.Join("..", "..")
	var tests []string
	for _, dir := range []string{"internal", "reports", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, "_test.go") {
				tests = append(tests, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range figures {
		printed := slices.ContainsFunc(tests, func(path string) bool {
			text := read(t, "", path)
			return strings.Contains(text, "func "+f.benchmark+"(") && strings.Contains(text, `"`+f.unit+`"`)
		})
		if !printed {
			t.Errorf("no %s prints %s", f.benchmark, f.unit)
		}
	}
}
