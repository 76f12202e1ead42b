package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"disburse/internal/money"
)

// TestDemo goes the whole way on a private database of its own: two months with changes
// between them, all files, a summary, what to open next. It takes the place of an
// earlier demo.
func TestDemo(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none") // the demo keeps to its own
	dir := t.TempDir()
	for _, parent := range []string{dir, filepath.Dir(dir)} { // the server's own user must get through
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out")
	args := []string{"demo", "--people", "300", "--month", "2026-11", "--out", out}
	stale := []string{filepath.Join(out, "demo-data", "旧"), filepath.Join(out, "2026-11", "旧", "发放清册.xlsx")}
	for _, file := range stale {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, file, "上次的")
	}
	code, printed, errors := execIn(t, "", args...)
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, printed, errors)
	}
	for _, part := range []string{"300 名", "2026年10月", "2026年11月", "独立复算一致", "补发", "扣回", "暂缓", "接下来可以打开", "发放清册.xlsx", "disburse --data"} {
		if !strings.Contains(printed, part) {
			t.Errorf("%q is not in:\n%s", part, printed)
		}
	}
	for _, file := range stale {
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s of an earlier demo is still there", file)
		}
	}
	o := &desk{t: t, dir: dir}
	for _, m := range []string{"2026-10", "2026-11"} {
		found := o.manifest(out, m)
		if len(found.Batches) != 10 {
			t.Errorf("%s: %d batches", m, len(found.Batches))
		}
		for _, b := range found.Batches {
			if b.State != "approved" {
				t.Errorf("%s: %+v", m, b)
			}
		}
		for _, f := range found.Files {
			if _, err := os.Stat(filepath.Join(out, m, f.Path)); err != nil {
				t.Errorf("%s: %v", m, err)
			}
		}
		pays, err := money.Parse(found.Batches[0].Pays)
		if err != nil || pays <= 0 {
			t.Errorf("%s pays %s", m, found.Batches[0].Pays)
		}
	}
	// Another command attaches to what the demo has left.
	data := []string{"--data", filepath.Join(out, "demo-data")}
	t.Setenv("DATABASE_URL", "")
	if code, printed, errors := execIn(t, "", append([]string{"verify", "2026-11"}, data...)...); code != exitDone {
		t.Errorf("verify: exit %d\n%s%s", code, printed, errors)
	}
	if code, printed, _ := execIn(t, "", append([]string{"recovery", "--format", "csv"}, data...)...); code != exitDone || strings.Count(printed, "\n") < 2 {
		t.Errorf("recovery: exit %d\n%s", code, printed)
	}
	if code, _, errors := execIn(t, "", "demo", "--db", "postgres://x@y/z"); code != exitUsage || !strings.Contains(errors, "--db") {
		t.Errorf("a demo on somebody's database: exit %d, %s", code, errors)
	}
	if code, _, _ := execIn(t, "", "demo", "--people", "0", "--out", out); code != exitFailed {
		t.Errorf("a demo of nobody: exit %d", code)
	}
	if _, err := os.Stat(data[1]); err != nil {
		t.Errorf("a refused demo took the last one's data: %v", err)
	}
}
