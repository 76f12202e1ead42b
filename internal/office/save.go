package office

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/roster/xlsx"
)

// SaveWhole writes a file beside its place and moves it there whole.
func SaveWhole(file string, write func(io.Writer) error) error {
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

// TitleTest says whether a workbook's title is one that a command writes.
type TitleTest func(title string) bool

// TitleEnds says of titles whether they end with words.
func TitleEnds(with string) TitleTest {
	return func(t string) bool { return strings.HasSuffix(t, with) }
}

// TitleBegins says of titles whether they begin with words.
func TitleBegins(with string) TitleTest {
	return func(t string) bool { return strings.HasPrefix(t, with) }
}

// Replaceable refuses to write over a file that is not what would be written: no workbook
// of this program, or one of another kind. Somebody's work would be gone without a word.
func Replaceable(file string, same TitleTest) error {
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode().IsRegular() {
		if book, err := xlsx.Open(file, xlsx.UploadLimits); err == nil {
			defer book.Close()
			if same(book.Title()) {
				return nil
			}
		}
	}
	return taken(file)
}

func taken(file string) error {
	return fault.New(fault.Refused, "“%s”已经存在，而且不是这个命令写出的文件，没有覆盖；请换一个文件名，或先把它移走", file)
}

// SaveTemplate is saveWhole for an empty workbook: what is there and differs may have been
// filled in.
func SaveTemplate(file string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	there, err := os.Stat(file)
	switch {
	case err == nil && (!there.Mode().IsRegular() || there.Size() != int64(b.Len())):
		return taken(file)
	case err == nil:
		content, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(content, b.Bytes()) {
			return taken(file)
		}
	}
	return SaveWhole(file, func(w io.Writer) error { _, err := b.WriteTo(w); return err })
}

// PlaceFor makes sure that a file can be made at its place, before anybody is recorded to
// have been handed it.
func PlaceFor(file string) error {
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
