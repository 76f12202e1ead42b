package filing

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"disburse/internal/fault"
)

// Lock takes a month's folder, such as out/2026-11, for this process alone and makes it
// when missing: two exports into it at once would mix their files and lose each other's
// entries in the manifest. What an export that was killed left under temporary names is
// taken away. The returned function lets go; a folder that is still empty then goes too.
// Errors: fault.Refused where another program is writing there. On a file system without
// locks nobody is kept out.
func Lock(folder string) (unlock func(), err error) {
	for {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, CannotWrite(folder, err)
		}
		d, err := os.Open(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue // an export that failed has just removed it
		}
		if err != nil {
			return nil, CannotWrite(folder, err)
		}
		if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
			d.Close()
			return nil, fault.New(fault.Refused, "另一个程序正在往“%s”写文件，请等它结束后再试", folder)
		}
		mine, err1 := d.Stat()
		there, err2 := os.Stat(folder)
		if err1 != nil || err2 != nil || !os.SameFile(mine, there) {
			d.Close()
			continue
		}
		removeStale(folder)
		return func() {
			_ = os.Remove(folder) // fails, rightly, when something is in it
			d.Close()
		}, nil
	}
}

// removeStale takes away temporary files; whoever holds the lock is the only writer.
func removeStale(folder string) {
	_ = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err == nil && e.Type().IsRegular() && strings.HasSuffix(name, ".tmp") &&
			(strings.HasPrefix(name, ".disburse-") || strings.HasPrefix(name, ".rows-")) {
			_ = os.Remove(path)
		}
		return nil // what cannot be read stays
	})
}
