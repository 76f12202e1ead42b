package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"disburse/internal/fault"
)

// Reader reads one backup from front to back: Header, then Table until it says that there
// are no more, then Trailer.
type Reader struct {
	name   string
	file   *os.File
	zip    *zstd.Decoder
	rec    record
	header *Header
	seen   []Copied
}

// maxWindow bounds what a file can make its reader hold in memory.
const maxWindow = 64 << 20

// Open opens a backup and reads its header. Errors: fault.NotFound, fault.Invalid (not a
// backup, cut off, altered), fault.Refused (a newer program's, or encrypted by one before
// age), fault.Denied (the password is missing, wrong, or one too many).
func Open(path, password string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "读不到备份文件“%s”，请核对路径和权限", path)
	}
	r := &Reader{name: filepath.Base(path), file: f}
	if err := r.begin(password); err != nil {
		r.Close()
		return nil, r.failed(err)
	}
	return r, nil
}

func (r *Reader) begin(password string) error {
	in, err := r.plain(bufio.NewReaderSize(r.file, 256<<10), password)
	if err != nil {
		return err
	}
	r.zip, err = zstd.NewReader(&chunkReader{r: in}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return err
	}
	if err := r.rec.read(r.zip); err != nil {
		return err
	}
	r.header = &Header{}
	return r.rec.json(recordHeader, r.header)
}

// plain returns the chunks, decrypted and without what precedes them.
func (r *Reader) plain(in io.Reader, password string) (io.Reader, error) {
	mode, err := readPreamble(in)
	if err != nil {
		return nil, err
	}
	switch encrypted := mode == modeAge; {
	case encrypted && password == "":
		return nil, fault.New(fault.Denied, "“%s”是加密的备份，请用 --decrypt-with 给出存有口令的文件", r.name)
	case !encrypted && password != "":
		return nil, fault.New(fault.Denied, "“%s”没有加密，请核对是不是要恢复的那一份；是的话请去掉 --decrypt-with", r.name)
	case !encrypted:
		return in, nil
	}
	if in, err = decrypt(in, password); err != nil {
		return nil, err
	}
	if mode, err = readPreamble(in); err == nil && mode != modePlain {
		err = errRecord
	}
	return in, err
}

// Close ends reading.
func (r *Reader) Close() {
	if r.zip != nil {
		r.zip.Close()
	}
	_ = r.file.Close()
}

// Header says what the file holds.
func (r *Reader) Header() *Header { return r.header }

// Table calls load with the next table's rows, in the order of the header, and makes sure
// that load has read them all. It returns false when there are no more.
func (r *Reader) Table(load func(t Table, rows io.Reader) error) (bool, error) {
	if len(r.seen) == len(r.header.Tables) {
		return false, nil
	}
	t := r.header.Tables[len(r.seen)]
	if err := r.rec.read(r.zip); err != nil {
		return false, r.failed(err)
	}
	if r.rec.kind != recordTable || string(r.rec.body) != t.Name {
		return false, r.failed(errRecord)
	}
	rows := &rowsReader{r: r, sum: sha256.New()}
	err := load(t, rows)
	if err == nil {
		_, err = io.Copy(io.Discard, rows)
	}
	if rows.err != nil && !errors.Is(rows.err, io.EOF) {
		err = rows.err // rather than the database's answer to it
	}
	if err != nil {
		return false, r.failed(err)
	}
	r.seen = append(r.seen, Copied{Name: t.Name, SHA256: hex.EncodeToString(rows.sum.Sum(nil))})
	return true, nil
}

// rowsReader gives the rows of one table.
type rowsReader struct {
	r    *Reader
	rest []byte
	sum  hash.Hash
	err  error
}

func (t *rowsReader) Read(p []byte) (int, error) {
	for len(t.rest) == 0 {
		if t.err == nil {
			t.err = t.next()
		}
		if t.err != nil {
			return 0, t.err
		}
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

func (t *rowsReader) next() error {
	rec := &t.r.rec
	if err := rec.read(t.r.zip); err != nil {
		return t.r.failed(err)
	}
	switch rec.kind {
	case recordRows:
		t.rest = rec.body
		t.sum.Write(rec.body)
		return nil
	case recordEnd:
		return io.EOF
	}
	return t.r.failed(errRecord)
}

// Trailer says what must have arrived; it comes when there are no more tables, and has
// been compared with what did.
func (r *Reader) Trailer() (*Trailer, error) {
	if err := r.rec.read(r.zip); err != nil {
		return nil, r.failed(err)
	}
	t := &Trailer{}
	if err := r.rec.json(recordTrailer, t); err != nil {
		return nil, r.failed(err)
	}
	same := slices.EqualFunc(t.Tables, r.seen, func(a, b Copied) bool { return a.Name == b.Name && a.SHA256 == b.SHA256 })
	if !same {
		return nil, r.failed(errRecord)
	}
	// The last chunk's tag too, and that nothing follows it.
	if n, err := io.Copy(io.Discard, r.zip); err != nil || n > 0 {
		return nil, r.failed(errors.Join(err, errRecord))
	}
	return t, nil
}

// Check reads a whole backup without a database. Errors as Open.
func Check(path, password string) (*Header, *Trailer, error) {
	r, err := Open(path, password)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for more := true; more; {
		if more, err = r.Table(func(Table, io.Reader) error { return nil }); err != nil {
			return nil, nil, err
		}
	}
	t, err := r.Trailer()
	return r.header, t, err
}

// failed makes a sentence of what is wrong with the file; errors of others stay.
func (r *Reader) failed(err error) error {
	var f *fault.Fault
	var d damage
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, errNotBackup):
		return fault.New(fault.Invalid, "“%s”不是本程序的备份文件，请核对文件", r.name)
	case errors.Is(err, errNewer):
		return fault.New(fault.Refused, "备份“%s”是更新版本的程序写的，请升级本程序后再恢复", r.name)
	case errors.Is(err, errOldEncryption):
		return fault.New(fault.Refused, "备份“%s”是用以前的加密格式写的，本程序不再读取；请用写它的那一版程序恢复，再用本程序重新备份", r.name)
	case errors.Is(err, errPassword):
		return fault.New(fault.Denied, "备份“%s”的口令不对（或者文件开头被改动），请核对 --decrypt-with 的口令文件", r.name)
	case errors.As(err, &d):
	case isZip(err):
		d = errRecord
	default:
		return err
	}
	return fault.Wrap(err, fault.Invalid, "备份“%s”%s，没有恢复任何内容，请换一份备份", r.name, d.what)
}

// isZip reports whether the compressed stream is not one.
func isZip(err error) bool {
	for _, e := range []error{zstd.ErrMagicMismatch, zstd.ErrCRCMismatch, zstd.ErrUnexpectedBlockSize, zstd.ErrReservedBlockType,
		zstd.ErrWindowSizeExceeded, zstd.ErrDecoderSizeExceeded, zstd.ErrBlockTooSmall, zstd.ErrCompressedSizeTooBig} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
