package admin

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
)

// Only what 备份 wrote for the region is removed, the oldest first.
func TestPruneBackups(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	names := []string{"disburse-140213-20261108-003000.dbk", "disburse-140213-20261109-003000.dbk", "disburse-140213-20261110-003000.dbk",
		"disburse-140202-20261101-003000.dbk", "disburse-140213-20261101-003000.dbk.part", "手工备份.dbk", "说明.txt"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := PruneBackups(folder, 140213, 2); n != 1 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	if n, err := PruneBackups(folder, 140213, 2); n != 0 || err != nil {
		t.Errorf("removed %d more, %v", n, err)
	}
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range left {
		got = append(got, f.Name())
	}
	want := []string{"disburse-140202-20261101-003000.dbk", "disburse-140213-20261101-003000.dbk.part", "disburse-140213-20261109-003000.dbk",
		"disburse-140213-20261110-003000.dbk", "手工备份.dbk", "说明.txt"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if name := BackupName(140213, time.Date(2026, 11, 10, 16, 30, 0, 0, time.UTC)); name != "disburse-140213-20261111-003000.dbk" {
		t.Errorf("name %s", name)
	}
	if _, err := PruneBackups(filepath.Join(folder, "没有"), 140213, 2); !fault.Is(err, fault.Refused) {
		t.Errorf("no folder: %v", err)
	}
}
