package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSurvives has what needs a whole undisturbed history to compare with. Each part has a
// database of its own; where one uses that of the undisturbed history, it says so.
func TestSurvives(t *testing.T) {
	t.Parallel()
	calm := undisturbed(t)
	s, expected := calm.scene, calm.expected
	for name, survives := range map[string]func(*testing.T){
		"time zones":        func(t *testing.T) { s.zones(t, expected) },
		"clock set back":    func(t *testing.T) { s.clockBack(t, expected) },
		"two at once":       func(t *testing.T) { s.twoAtOnce(t, expected) },
		"database gone":     func(t *testing.T) { s.databaseGone(t, expected) },
		"import during run": s.importDuringRun,
		"backup":            calm.backup,
		"disk full":         calm.diskFull,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			survives(t)
		})
	}
}

func (w *world) compare(t *testing.T, expected map[string]string, only ...string) {
	t.Helper()
	found, err := w.everything()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences(expected, found) {
		if name, _, _ := strings.Cut(d, ":"); len(only) == 0 || slices.Contains(only, name) {
			t.Error(d)
		}
	}
	if err := w.sound(); err != nil {
		t.Error(err)
	}
}

// zones: each command in another time zone and another language, and nothing differs.
func (s *scene) zones(t *testing.T, expected map[string]string) {
	w := s.world(t)
	w.hold(t)
	zones := []string{"America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu", "UTC"}
	for i := range s.steps {
		cmd, said := w.command(i)
		cmd.Env = append(cmd.Env, "TZ="+zones[i%len(zones)], "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8")
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", s.steps[i].args, err, said)
		}
	}
	w.compare(t, expected)
}

// clockBack: the machine's clock runs backwards, a day a command. Order is the revision's
// business: the money is the same, and the journal has the times as they were told.
func (s *scene) clockBack(t *testing.T, expected map[string]string) {
	w := s.world(t)
	w.hold(t)
	start, err := time.Parse(time.RFC3339, sceneStart)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.steps {
		cmd, said := w.prepare(start.AddDate(0, 0, -i).Format(time.RFC3339), s.steps[i].args...)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", s.steps[i].args, err, said)
		}
	}
	w.compare(t, expected, "ledger", "line", "draft_line", "debt", "payment", "payment_file", "payment_result", "batch")
	rows, err := w.query(`SELECT count(*) FROM (SELECT at < lag(at) OVER (ORDER BY rev) AS earlier FROM journal) j WHERE earlier`)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0] != fmt.Sprint(s.steps[len(s.steps)-1].to-1) {
		t.Errorf("entries earlier than the one before: %v", rows)
	}
}

// twoAtOnce gives every command twice at the same moment: one does it, the other says so or
// changes nothing. Only of run both may do it, one after the other: it computes anew.
func (s *scene) twoAtOnce(t *testing.T, expected map[string]string) {
	w := s.world(t)
	w.hold(t)
	head := int64(0)
	for i := range s.steps {
		st := &s.steps[i]
		var cmds [2]*exec.Cmd
		var said [2]*bytes.Buffer
		for n := range cmds {
			cmds[n], said[n] = w.command(i)
			if err := cmds[n].Start(); err != nil {
				t.Fatal(err)
			}
		}
		done := 0
		for n := range cmds {
			_ = cmds[n].Wait()
			o := outcome{code: cmds[n].ProcessState.ExitCode(), said: said[n].String()}
			if o.code == exitDone {
				done++
			}
			if wrong := o.proper(); wrong != "" {
				t.Errorf("%v: %s", st.args, wrong)
			}
		}
		now := w.mustHead(t)
		grown, want := now-head, st.to-st.from
		if done == 0 || (grown != want && (st.name != "run" || grown != int64(done)*want)) {
			t.Fatalf("%v twice: %d done, %d revisions, alone %d\n%s%s", st.args, done, grown, want, said[0], said[1])
		}
		if done == 2 && !mayBothDo(st.name, said[0].String()+said[1].String()) {
			t.Errorf("%v twice: both say that they did it\n%s%s", st.args, said[0], said[1])
		}
		head = now
	}
	w.compare(t, expected, "line", "payment", "payment_file")
}

// mayBothDo reports whether both of two equal commands may end well: a run computes anew,
// an export writes the same files, and whoever finds nothing new says so.
func mayBothDo(command, said string) bool {
	switch command {
	case "run", "export":
		return true
	case "import":
		return strings.Contains(said, "没有变化")
	case "result":
		return strings.Contains(said, "没有新的结果")
	}
	return false
}

// backup: what is restored is the same to the last row, writes the same files, and goes on.
func (c *calmly) backup(t *testing.T) {
	s, calm := c.scene, c.world
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	file, locked, password := in("全部.dbk"), in("加密.dbk"), in("备份口令.txt")
	writeFile(t, password, "另一个相当长的口令字\n")
	at := s.at(len(s.steps))
	ok := func(w *world, args ...string) string {
		t.Helper()
		cmd, said := w.prepare(at, args...)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, said)
		}
		return said.String()
	}
	no := func(w *world, words []string, args ...string) {
		t.Helper()
		cmd, said := w.prepare(at, args...)
		_ = cmd.Run()
		for _, word := range words {
			if cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(said.String(), word) {
				t.Errorf("%v: exit %d, %s, want %q", args, cmd.ProcessState.ExitCode(), said, word)
			}
		}
	}
	plain := func() string {
		c.mu.Lock() // an export between the two would be a row more in the log of who looked at what
		defer c.mu.Unlock()
		ok(calm, "backup", locked, "--encrypt-with", password)
		return ok(calm, "backup", file)
	}()
	if !strings.Contains(plain, "未加密") || !strings.Contains(plain, "链头 ") {
		t.Errorf("backup says %s", plain)
	}
	w := s.world(t)
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, in("半个.dbk"), string(body[:len(body)/2]))
	body[len(body)/2] ^= 1
	writeFile(t, in("坏.dbk"), string(body))
	no(w, []string{"不完整", "没有恢复任何内容"}, "restore", in("半个.dbk"))
	no(w, []string{"被改动", "没有恢复任何内容"}, "restore", in("坏.dbk"))
	no(w, []string{"--decrypt-with"}, "restore", locked)
	no(w, []string{"口令不对"}, "restore", locked, "--decrypt-with", s.in("口令.txt"))
	no(w, []string{"没有单机数据库"}, "backup", in("无.dbk"))
	if _, err := os.Stat(w.data()); err == nil {
		t.Error("a refused restore has made a database")
	}
	ok(w, "user", "list") // leaves a schema without anything in it
	restored := ok(w, "restore", locked, "--decrypt-with", password)
	if _, tail, _ := strings.Cut(plain, "平城区"); !strings.HasSuffix(restored, tail) {
		t.Errorf("restored %s, backed up %s", restored, plain)
	}
	no(w, []string{"已有数据", "什么都没有改动"}, "restore", file)
	no(calm, []string{"已有数据"}, "restore", file)
	for _, m := range []string{"2026-10", "2026-11"} {
		ok(w, "export", m, "--out", "out")
	}
	w.compare(t, c.expected)
	if diff := cmp.Diff(ok(calm, "lines", "2026-12", "--format", "csv"), ok(w, "lines", "2026-12", "--format", "csv")); diff != "" {
		t.Error(diff)
	}
}

// diskFull: exporting and computing on a disk without room end in a sentence, and nothing
// half done stays. The export's limit is one on the size of files, which needs no rights;
// the database's is a small file system, which needs the right to mount one.
func (c *calmly) diskFull(t *testing.T) {
	s, calm := c.scene, c.world
	before := contents(t, filepath.Join(calm.dir, "out"))
	export := func(limit string, out string) outcome {
		cmd, said := calm.prepare(s.at(len(s.steps)), "export", "2026-11", "--out", out)
		limited := exec.Command("sh", append([]string{"-c", `ulimit -f "$0"; exec "$@"`, limit}, cmd.Args...)...)
		limited.Dir, limited.Env, limited.Stdout, limited.Stderr = cmd.Dir, cmd.Env, said, said
		c.mu.Lock() // see backup
		_ = limited.Run()
		c.mu.Unlock()
		return outcome{code: limited.ProcessState.ExitCode(), said: said.String()}
	}
	other := filepath.Join(t.TempDir(), "other")
	for _, out := range []string{"out", other} {
		o := export("4", out) // blocks of 512 or 1024 bytes
		if o.code != exitFailed || !strings.Contains(o.said, "磁盘空间") || o.proper() != "" {
			t.Errorf("export: exit %d, %s", o.code, o.said)
		}
	}
	if diff := cmp.Diff(before, contents(t, filepath.Join(calm.dir, "out"))); diff != "" {
		t.Errorf("earlier files changed:\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(other, "2026-11")); err == nil {
		t.Error("a failed export leaves a folder")
	}
	if o := export("unlimited", other); o.code != exitDone {
		t.Errorf("export with room again: %s", o.said)
	}
	w := s.world(t)
	small := filepath.Join(w.dir, "small")
	if err := mountSmall(t, small, "size=32k"); err != nil {
		t.Logf("full disks are not tried: no small file system can be mounted here (%v)", err)
		return
	}
	if o := export("unlimited", small); o.code != exitFailed || !strings.Contains(o.said, "磁盘空间") || o.proper() != "" {
		t.Errorf("export to a full disk: exit %d, %s", o.code, o.said)
	}
	if left := contents(t, small); len(left) > 0 {
		t.Errorf("an export to a full disk leaves %v", left)
	}
	if err := mountSmall(t, w.data(), "size=600m,mode=0700"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.settle(t) })
	w.fullDatabase(t)
}

// mountSmall mounts a small file system until the test ends.
func mountSmall(t *testing.T, dir, options string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, options); err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return nil
}

// fullDatabase fills the disk of the database before a run.
func (w *world) fullDatabase(t *testing.T) {
	t.Helper()
	do := func(i int) outcome {
		o, err := w.attempt(i, "", 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	i := 0
	for ; w.steps[i].name != "run"; i++ {
		if o := do(i); o.code != exitDone {
			t.Fatalf("%v: %s", w.steps[i].args, o.said)
		}
	}
	w.hold(t)
	head := w.mustHead(t)
	filler := filepath.Join(w.data(), "filler")
	var free syscall.Statfs_t
	if err := syscall.Statfs(w.data(), &free); err != nil {
		t.Fatal(err)
	}
	const left = 48 << 10
	if err := os.WriteFile(filler, make([]byte, int64(free.Bavail)*int64(free.Bsize)-left), 0o600); err != nil {
		t.Fatal(err)
	}
	o := do(i)
	if o.code != exitFailed || !strings.Contains(o.said, "磁盘已满") || o.proper() != "" {
		t.Errorf("run on a full disk: exit %d, %s", o.code, o.said)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if now := w.mustHead(t); now != head {
		t.Errorf("revision %d, before %d", now, head)
	}
	if o := do(i); o.code != exitDone {
		t.Errorf("with room again: %s", o.said)
	}
}
