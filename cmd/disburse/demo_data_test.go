package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemoElsewhere: --data and --policy are honoured, a demo takes the place of the one
// before it, and nothing that no demo has made is cleared.
func TestDemoElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, parent := range []string{dir, filepath.Dir(dir)} { // the server's own user must get through
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	o := &desk{t: t, dir: dir}
	pack, data := o.otherPack(), o.file("演示库")
	demo := func(data string) (int, string, string) {
		return execIn(t, "", "demo", "--people", "60", "--month", "2026-11", "--out", o.file("out"), "--data", data, "--policy", pack)
	}
	for range 2 {
		code, out, said := demo(data)
		if code != exitDone || !strings.Contains(out, data) {
			t.Fatalf("exit %d\n%s%s", code, out, said)
		}
	}
	if _, err := os.Stat(o.file("out/demo-data")); err == nil {
		t.Error("the demo made its usual database besides")
	}
	// The next command means the only region that is there.
	code, out, said := execIn(t, "", "verify", "2026-11", "--data", data)
	if code != exitDone {
		t.Errorf("verify: exit %d\n%s%s", code, out, said)
	}
	if code, out, said := execIn(t, "", "audit", "verify", "--region", "350503", "--data", data); code != exitDone || !strings.Contains(out, "审计链完整") {
		t.Errorf("audit: exit %d\n%s%s", code, out, said)
	}

	real := o.file("真库")
	if err := os.MkdirAll(real, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(real, "账"), "不能动")
	if code, _, said := demo(real); code != exitFailed || !strings.Contains(said, "不是演示留下的") {
		t.Errorf("over somebody's data: exit %d, %s", code, said)
	}
	if _, err := os.Stat(filepath.Join(real, "账")); err != nil {
		t.Errorf("the refused demo cleared it: %v", err)
	}
}
