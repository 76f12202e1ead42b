package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
	"golang.org/x/text/encoding/unicode"

	"disburse/internal/fault"
)

var (
	errDirectory = errors.New("xlsx: zip directory too large")
	errNoPart    = errors.New("xlsx: part missing")
	errTwice     = errors.New("xlsx: part twice in the archive")
)

// index lists the archive's parts and turns away other kinds of zip file.
func (b *Book) index(archive *zip.Reader) error {
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	b.parts = make(map[string]*zip.File, len(archive.File))
	for _, f := range archive.File {
		name := partName(f.Name)
		if _, twice := b.parts[name]; twice && !strings.HasSuffix(name, "/") {
			return b.damaged(fmt.Errorf("%w: %s", errTwice, name))
		}
		b.parts[name] = f
	}
	switch {
	case b.parts["xl/workbook.bin"] != nil:
		return fault.New(fault.Invalid, "文件“%s”是二进制工作簿（.xlsb），请另存为 .xlsx", b.name)
	case b.parts["mimetype"] != nil:
		return fault.New(fault.Invalid, "文件“%s”是 OpenDocument 表格，请另存为 .xlsx", b.name)
	case b.parts["[content_types].xml"] == nil:
		return fault.New(fault.Invalid, "文件“%s”是压缩包而不是 .xlsx 工作簿，请给出其中的工作簿", b.name)
	}
	return nil
}

// partName makes names of parts comparable: some writers use backslashes or other case.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// resolve returns the part that a relation of another part points to.
func resolve(from, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return partName(path.Clean(target))
	}
	return partName(path.Join(path.Dir(from), target))
}

// open opens a part as UTF-8 text, within the limits.
func (b *Book) open(name string, limit int64) (opened *part, err error) {
	defer b.recovered(&err)
	f := b.parts[name]
	if f == nil {
		return nil, b.damaged(fmt.Errorf("%w: %s", errNoPart, name))
	}
	const encryptedFlag = 0x1
	if f.Flags&encryptedFlag != 0 {
		return nil, fault.New(fault.Invalid, "工作簿“%s”设有打开密码，请在 Excel 或 WPS 里取消密码后再导入", b.name)
	}
	packed, err := f.Open()
	if err != nil {
		return nil, b.damaged(err)
	}
	p := &part{book: b, packed: packed, size: int64(f.CompressedSize64), limit: limit}
	if err := p.decode(); err != nil {
		packed.Close()
		return nil, err
	}
	return p, nil
}

// part is the unpacked text of a part. Read counts against the limits.
type part struct {
	book   *Book
	packed io.ReadCloser
	text   io.Reader
	size   int64 // packed
	limit  int64
	read   int64
}

// decode finds the text's encoding by its first bytes: UTF-8, or UTF-16 with a mark.
func (p *part) decode() error {
	mark := make([]byte, 2)
	n, err := io.ReadFull(counted{p}, mark)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return p.fault(err)
	}
	all := io.MultiReader(bytes.NewReader(mark[:n]), counted{p})
	switch string(mark[:n]) {
	case "\xFF\xFE", "\xFE\xFF":
		all = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Reader(all)
	}
	p.text = all
	return nil
}

// Read implements io.Reader; its errors are faults.
func (p *part) Read(buf []byte) (int, error) {
	n, err := p.text.Read(buf)
	if err != nil && err != io.EOF {
		err = p.fault(err)
	}
	return n, err
}

// Close closes the part.
func (p *part) Close() error { return p.packed.Close() }

// drain reads the rest, so that the checksum of the whole part has been compared.
func (p *part) drain() error {
	_, err := io.Copy(io.Discard, p)
	return err
}

func (p *part) fault(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	return p.book.damaged(err)
}

// counted reads the unpacked bytes and stops at the limits.
type counted struct{ p *part }

func (c counted) Read(buf []byte) (int, error) {
	n, err := c.p.packed.Read(buf)
	p, b := c.p, c.p.book
	p.read += int64(n)
	b.left -= int64(n)
	const harmless = 64 << 20
	if p.read > p.limit || b.left < 0 || (p.read > harmless && p.read > b.limits.Ratio*max(p.size, 1)) {
		return 0, fault.New(fault.Invalid, "工作簿“%s”解开后大得不正常，已停止读取；请删去多余的空行、格式和工作表后另存一份再试", b.name)
	}
	return n, err
}
