package office

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"disburse/internal/fault"
)

// saveWhole writes a file beside its place and moves it there whole.
func saveWhole(file string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".disburse-*")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查目录和权限", file)
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(write(tmp), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查磁盘空间和权限", file)
	}
	return nil
}

// placeFor makes sure that a file can be made at its place, before anybody is recorded to
// have been handed it.
func placeFor(file string) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".disburse-*")
	if err == nil {
		err = errors.Join(tmp.Close(), os.Remove(tmp.Name()))
	}
	if info, there := os.Stat(file); err == nil && there == nil && info.IsDir() {
		err = errors.New("is a directory")
	}
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查目录和权限", file)
	}
	return nil
}
