// Package xlsx reads the cells of a workbook as a stream, strictly.
//
// Workbooks are written with excelize everywhere in this program; a roster, though,
// comes from outside and must be read exactly, and excelize's streaming reader leaves
// out what that needs: it gives every cell as a string, so a text cell, a number that
// lost digits, a date, a formula and an error look the same; and where a part breaks off
// in the middle it takes the rows it got for all there are. This reader knows each cell's
// kind, checks every byte it relies on (checksums, well-formed XML, order of rows), and
// works within fixed limits without temporary files. It also takes a fraction of the time.
package xlsx

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/fault"
)

// Limits bound what a workbook may unpack to, in bytes.
type Limits struct {
	File    int64 // the file itself
	Part    int64 // one part (a sheet)
	Total   int64 // all parts that are read
	Strings int   // the shared strings, which stay in memory
	Ratio   int64 // unpacked ÷ packed of a part, beyond the first 64 MiB
}

// DefaultLimits hold a roster of several million people and stop a zip bomb early:
// sheets of real people shrink to a tenth, a bomb to a thousandth.
var DefaultLimits = Limits{File: 1 << 30, Part: 4 << 30, Total: 8 << 30, Strings: 256 << 20, Ratio: 200}

// UploadLimits hold what people send to a server that others use at the same time.
var UploadLimits = Limits{File: 128 << 20, Part: 2 << 30, Total: 4 << 30, Strings: 64 << 20, Ratio: 200}

// smallPart is the limit of parts that are kept in memory: workbook, relations, styles.
const smallPart = 16 << 20

// Book is an open workbook. Its sheets may be read one after the other, not at once.
type Book struct {
	Sheets   []Sheet  // in the workbook's order
	Unseen   []string // names of sheets that no menu shows (veryHidden): people cannot know what is in them, and they are not read
	Date1904 bool     // day 0 of date cells is 1904-01-01

	name    string
	file    *os.File
	limits  Limits
	parts   map[string]*zip.File // by lower-case name
	left    int64                // of Limits.Total
	strings *sharedStrings
	dates   []bool // by cell style: shows a date
	target  struct{ strings, styles, properties string }
}

// Sheet is a worksheet of the workbook.
type Sheet struct {
	Name string // as it stands in the workbook
	part string
}

// Open opens a workbook and reads everything but its sheets. Errors are faults with a
// sentence that names the file: NotFound, or Invalid for what is not a whole workbook.
func Open(path string, limits Limits) (*Book, error) {
	name := filepath.Base(path)
	file, err := os.Open(path)
	if err != nil {
		return nil, openFault(err, name)
	}
	b := &Book{name: name, file: file, limits: limits, left: limits.Total}
	if err := b.load(); err != nil {
		file.Close()
		return nil, err
	}
	return b, nil
}

// SHA256 returns the hash of the file as it was opened, in hex.
func (b *Book) SHA256() (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(b.file, 0, math.MaxInt64)); err != nil {
		return "", openFault(err, b.name)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Macros reports whether programs are in the workbook.
func (b *Book) Macros() bool {
	for name := range b.parts {
		if strings.HasSuffix(name, "vbaproject.bin") {
			return true
		}
	}
	return false
}

// Close closes the file.
func (b *Book) Close() error { return b.file.Close() }

func openFault(err error, name string) error {
	if os.IsNotExist(err) {
		return fault.Wrap(err, fault.NotFound, "找不到文件“%s”，请核对路径和文件名", name)
	}
	return fault.Wrap(err, fault.Invalid, "文件“%s”打不开，请检查权限，或先在其他程序里关闭它", name)
}

var errPanic = errors.New("panic")

// recovered makes a fault of a panic; it is deferred by everything that unpacks or parses.
// A file that makes the libraries below panic is a damaged file to whoever brought it, and
// must end neither the program nor a command without a sentence.
func (b *Book) recovered(err *error) {
	if p := recover(); p != nil {
		*err = fault.Wrap(fmt.Errorf("%w: %v", errPanic, p), fault.Invalid, "工作簿“%s”无法读取，请用 Excel 或 WPS 打开后另存一份再试", b.name)
	}
}

func (b *Book) load() (err error) {
	defer b.recovered(&err)
	size, err := b.checkFile()
	if err != nil {
		return err
	}
	reader := &directoryReader{file: b.file, budget: 8 << 20}
	archive, err := zip.NewReader(reader, size)
	if err != nil {
		return b.damaged(err)
	}
	reader.opened = true
	if err := b.index(archive); err != nil {
		return err
	}
	if err := b.readWorkbook(); err != nil {
		return err
	}
	if err := b.readStyles(); err != nil {
		return err
	}
	return b.readStrings()
}

// checkFile tells workbooks from what is often named like one.
func (b *Book) checkFile() (int64, error) {
	info, err := b.file.Stat()
	if err != nil {
		return 0, openFault(err, b.name)
	}
	switch {
	case !info.Mode().IsRegular():
		return 0, fault.New(fault.Invalid, "“%s”不是文件，请给出 .xlsx 工作簿", b.name)
	case info.Size() == 0:
		return 0, fault.New(fault.Invalid, "文件“%s”是空的，请重新取得文件", b.name)
	case info.Size() > b.limits.File:
		return 0, fault.New(fault.Invalid, "文件“%s”太大（超过 %d MB），请分成几个工作簿导入", b.name, b.limits.File>>20)
	}
	head := make([]byte, 8)
	n, err := b.file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return 0, openFault(err, b.name)
	}
	switch head := string(head[:n]); {
	case head == "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1":
		return 0, b.oleFault(info.Size())
	case !strings.HasPrefix(head, "PK"):
		return 0, fault.New(fault.Invalid, "文件“%s”不是 .xlsx 工作簿（只改扩展名不行），请用 Excel 或 WPS 打开后另存为 .xlsx", b.name)
	}
	return info.Size(), nil
}

// oleFault says which of the two files with an OLE header this is: an encrypted
// workbook has a stream of that name in its directory, an old .xls has not.
func (b *Book) oleFault(size int64) error {
	const window = 1 << 20
	marker := "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
	buf := make([]byte, window+len(marker))
	for at := int64(0); at < size; at += window {
		n, err := b.file.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return openFault(err, b.name)
		}
		if strings.Contains(string(buf[:n]), marker) {
			return fault.New(fault.Invalid, "工作簿“%s”设有打开密码，请在 Excel 或 WPS 里取消密码后再导入", b.name)
		}
	}
	return fault.New(fault.Invalid, "文件“%s”是旧式 .xls 工作簿，请用 Excel 或 WPS 另存为 .xlsx", b.name)
}

// directoryReader lets zip.NewReader read so much of the file and no more: it would
// otherwise keep a directory of millions of made-up entries in memory.
type directoryReader struct {
	file   *os.File
	budget int64
	opened bool // the directory is read; parts have limits of their own
}

func (d *directoryReader) ReadAt(p []byte, off int64) (int, error) {
	if !d.opened {
		if d.budget -= int64(len(p)); d.budget < 0 {
			return 0, errDirectory
		}
	}
	return d.file.ReadAt(p, off)
}

// damaged is the fault for everything that a whole workbook does not have.
func (b *Book) damaged(cause error) error {
	return fault.Wrap(cause, fault.Invalid, "工作簿“%s”已损坏或没有传完整，请重新取得文件，或用 Excel、WPS 打开后另存一份再试", b.name)
}
