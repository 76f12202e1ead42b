package write

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// compression is a level that costs a third of the best one's time for a few percent.
const compression = 5

// packer is the zip writer that excelize is given. It keeps the parts, compressed, and
// writes them in the order of their names and without times: excelize itself writes
// sheets in an order that differs from run to run. It also puts in what StreamWriter
// leaves out, the range of each sheet, without which some readers see a single cell, and
// mends what excelize writes and the schema does not allow.
type packer struct {
	parts map[string]*packedPart
	sizes map[string]string // range by part name
	cells int               // that name a shared string
}

// sharedStrings is the part whose count excelize writes wrongly, so it waits until all
// cells are known.
const sharedStrings = "xl/sharedStrings.xml"

// packedPart is one compressed part.
type packedPart struct {
	data  bytes.Buffer
	crc   uint32
	raw   uint64
	level *flate.Writer
	size  string // range to put in with the first bytes; empty: none
	of    *packer
	waits []byte // of sharedStrings
	shall bool   // it waits
}

func newPacker(sizes map[string]string) *packer {
	return &packer{parts: map[string]*packedPart{}, sizes: sizes}
}

// Create begins a part.
func (p *packer) Create(name string) (io.Writer, error) {
	part := &packedPart{size: p.sizes[name], of: p, shall: name == sharedStrings}
	level, err := flate.NewWriter(&part.data, compression)
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	part.level = level
	p.parts[name] = part
	return part, nil
}

// AddFS is part of excelize's interface; workbooks never need it.
func (p *packer) AddFS(fs.FS) error { return errors.New("roster: parts come one by one") }

// Close is called by excelize when all parts are there; writeTo writes them.
func (p *packer) Close() error { return nil }

// Write compresses bytes of the part. Sheets with shared strings come in one piece, for
// only what is not streamed has any.
func (p *packedPart) Write(b []byte) (int, error) {
	n := len(b)
	if p.shall {
		p.waits = append(p.waits, b...)
		return n, nil
	}
	p.of.cells += bytes.Count(b, []byte(` t="s"`))
	for _, empty := range []string{"<rowBreaks></rowBreaks>", "<colBreaks></colBreaks>"} { // which excelize puts beside breaks of the other kind
		b = bytes.Replace(b, []byte(empty), nil, 1)
	}
	if p.size != "" {
		const placeholder = `<dimension ref="A1">`
		b = bytes.Replace(b, []byte(placeholder), []byte(`<dimension ref="`+p.size+`">`), 1)
		p.size = ""
	}
	return n, p.compress(b)
}

func (p *packedPart) compress(b []byte) error {
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.raw += uint64(len(b))
	if _, err := p.level.Write(b); err != nil {
		return fmt.Errorf("compress part: %w", err)
	}
	return nil
}

var stringCount = regexp.MustCompile(`(<sst [^>]*?)count="[0-9]+"`)

// countStrings writes the shared strings with the number of cells that name one.
func (p *packer) countStrings() error {
	part := p.parts[sharedStrings]
	if part == nil {
		return nil
	}
	return part.compress(stringCount.ReplaceAll(part.waits, fmt.Appendf(nil, `${1}count="%d"`, p.cells)))
}

// writeTo writes the whole zip.
func (p *packer) writeTo(w io.Writer) error {
	if err := p.countStrings(); err != nil {
		return err
	}
	zw := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(p.parts)) {
		part := p.parts[name]
		if err := part.level.Close(); err != nil {
			return fmt.Errorf("compress %s: %w", name, err)
		}
		out, err := zw.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Deflate, CRC32: part.crc,
			UncompressedSize64: part.raw, CompressedSize64: uint64(part.data.Len()),
		})
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if _, err := out.Write(part.data.Bytes()); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return zw.Close()
}

// pack writes the workbook; sizes are the ranges of streamed sheets.
func pack(f *excelize.File, w io.Writer, sizes map[string]string) error {
	p := newPacker(sizes)
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return p })
	if err := f.Write(io.Discard); err != nil {
		return fmt.Errorf("make workbook: %w", err)
	}
	return p.writeTo(w)
}

// replaceFile writes a file that only its owner may read, and gives it its name when it
// is whole: nothing half-written is ever found under path.
func replaceFile(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".*.part") // mode 0600
	if err != nil {
		return saveFault(err, path)
	}
	err = write(tmp)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err == nil {
		return nil
	}
	os.Remove(tmp.Name())
	var onDisk *fs.PathError
	var onRename *os.LinkError
	if errors.As(err, &onDisk) || errors.As(err, &onRename) {
		return saveFault(err, path)
	}
	return err
}
