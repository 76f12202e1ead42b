package jobs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/month"
)

// BackupName is the name of the file that a task of 备份 writes.
func BackupName(t *Task) string {
	return fmt.Sprintf("disburse-%d-%s.dbk", t.Region, t.Now.In(month.Shanghai).Format("20060102-150405"))
}

// PruneBackups removes the oldest of a folder's backups that 备份 wrote for the region, so
// that keep stay. Other files are not touched. It returns how many it removed.
func PruneBackups(folder string, region int32, keep int) (int, error) {
	ours := regexp.MustCompile(fmt.Sprintf(`^disburse-%d-[0-9]{8}-[0-9]{6}\.dbk$`, region))
	files, err := os.ReadDir(folder)
	if err != nil {
		return 0, fault.Wrap(err, fault.Refused, "读不到备份目录“%s”，请检查任务“备份”的目录", folder)
	}
	var names []string // as old as they sort
	for _, f := range files {
		if f.Type().IsRegular() && ours.MatchString(f.Name()) {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	old := names[:max(0, len(names)-keep)]
	for _, name := range old {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return 0, fault.Wrap(err, fault.Refused, "删不掉旧备份“%s”，请检查备份目录的权限", name)
		}
	}
	return len(old), nil
}
