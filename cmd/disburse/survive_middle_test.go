package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// halted is a command that waits in the middle of its work, for a table that another
// client holds.
type halted struct {
	cmd    *exec.Cmd
	said   *bytes.Buffer
	locker *exec.Cmd // the other client
}

// halt starts step i and returns when it has come to the table, which is locked in the
// mode: EXCLUSIVE lets others read it.
func (w *world) halt(t *testing.T, i int, table, mode string) *halted {
	t.Helper()
	locker := exec.Command("psql", "-XAtq", "-h", filepath.Join(w.data(), "run"), "-U", "disburse", "-d", "disburse",
		"-c", "BEGIN", "-c", "LOCK TABLE "+table+" IN "+mode+" MODE", "-c", "SELECT pg_sleep(600)")
	if err := locker.Start(); err != nil {
		t.Fatal(err)
	}
	w.until(t, "pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
	cmd, said := w.command(i)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &halted{cmd, said, locker}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), locker.Process.Kill() })
	w.until(t, "pid FROM pg_locks WHERE NOT granted AND relation = '"+table+"'::regclass")
	return h
}

// until waits until the database finds a row.
func (w *world) until(t *testing.T, sql string) {
	t.Helper()
	for range 600 {
		rows, err := w.query("SELECT " + sql)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("it never came to this: %s", sql)
}

// ended waits for the command, and for the client that held it up.
func (h *halted) ended() outcome {
	_ = h.cmd.Wait()
	_ = h.locker.Process.Kill()
	_ = h.locker.Wait()
	return outcome{code: h.cmd.ProcessState.ExitCode(), said: h.said.String()}
}

// databaseGone: the server dies when a command of each kind is in the middle of its work.
// It ends in a sentence and has done nothing; given again it does all, and in the end
// nothing differs from the undisturbed history.
func (s *scene) databaseGone(t *testing.T, expected map[string]string) {
	w := s.world(t)
	w.hold(t)
	out := filepath.Join(w.dir, "out")
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	tables := map[string]string{"import": "person", "run": "draft_line", "approve": "payment", "result": "payment_result", "export": "payment"}
	for i := range s.steps {
		st := &s.steps[i]
		if table := tables[st.name]; table != "" && w.mustHead(t) > 0 {
			delete(tables, st.name)
			h := w.halt(t, i, table, "ACCESS EXCLUSIVE")
			if !kill(pidIn(filepath.Join(w.data(), "pg", "postmaster.pid"))) {
				t.Fatal("no server to kill")
			}
			if o := h.ended(); o.code != exitFailed || !strings.Contains(o.said, "数据库连接中断") || o.proper() != "" {
				t.Errorf("%v without its database: exit %d, %s", st.args, o.code, o.said)
			}
			if head := w.mustHead(t); head != st.from {
				t.Errorf("%v without its database: revision %d, before %d", st.args, head, st.from)
			}
			// Bureaus written before that stay, whole; of the one in the middle there is nothing.
			for name, sum := range contents(t, out) {
				if expected["file "+name] != sum || strings.Contains(name, minzheng) {
					t.Errorf("%v without its database leaves %s", st.args, name)
				}
			}
		}
		if o, err := w.attempt(i, "", 0, nil); err != nil || o.code != exitDone {
			t.Fatalf("%v: %v %s", st.args, err, o.said)
		}
	}
	if len(tables) > 0 {
		t.Errorf("not tried: %v", tables)
	}
	w.compare(t, expected)
}

// importDuringRun: what is imported while a run computes is not in it, and is in the next.
func (s *scene) importDuringRun(t *testing.T) {
	w := s.world(t)
	w.hold(t)
	do := func(i int) {
		t.Helper()
		if o, err := w.attempt(i, "", 0, nil); err != nil || o.code != exitDone {
			t.Fatalf("%v: %v %s", s.steps[i].args, err, o.said)
		}
	}
	lines := func() string {
		t.Helper()
		cmd, said := w.prepare(s.at(len(s.steps)), "lines", "2026-11", "--format", "csv")
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		return said.String()
	}
	var runs, imports []int // of November, all
	for i, st := range s.steps {
		switch {
		case st.name == "run" && st.args[1] == "2026-11":
			runs = append(runs, i)
		case st.name == "import":
			imports = append(imports, i)
		}
	}
	do(imports[0])
	do(runs[0])
	alone := lines()
	h := w.halt(t, runs[0], "draft_line", "EXCLUSIVE")
	do(imports[1])
	// The other client's server process would sleep on without its client.
	if _, err := w.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"); err != nil {
		t.Fatal(err)
	}
	if o := h.ended(); o.code != exitDone {
		t.Fatalf("run with an import in its middle: %s", o.said)
	}
	if diff := cmp.Diff(alone, lines()); diff != "" {
		t.Errorf("the import is in the run that had begun:\n%s", diff)
	}
	do(runs[1])
	if lines() == alone {
		t.Error("the import is not in the next run")
	}
	cmd, said := w.prepare(s.at(len(s.steps)), "audit", "verify")
	if err := cmd.Run(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
