package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/klauspost/compress/zstd"

	"disburse/internal/fault"
)

// Writer writes one backup. It goes to a temporary name beside the file's own, and takes
// that name only when it is whole and has been read back.
type Writer struct {
	path, tmp, password string

	file      *os.File
	sum       hash.Hash // of the file
	buffer    *bufio.Writer
	encrypted io.WriteCloser // changes nothing where there is no password
	chunks    *chunkWriter
	zip       *zstd.Encoder
}

// partSuffix ends the temporary name. The name is always the same, so what a killed
// program leaves is taken over by the next backup.
const partSuffix = ".part"

// Create begins a backup at path, encrypted where password is not empty. An earlier
// backup there is replaced in the end; another file is not (fault.Refused), nor is one that
// another program is writing. The caller ends it with Finish or Discard.
func Create(path, password string) (*Writer, error) {
	if err := replaceable(path); err != nil {
		return nil, err
	}
	w := &Writer{path: path, tmp: path + partSuffix, password: password, sum: sha256.New()}
	var err error
	if w.file, err = lockPart(w.tmp); err != nil {
		return nil, w.failed(err)
	}
	if err := w.begin(); err != nil {
		w.Discard()
		return nil, w.failed(err)
	}
	return w, nil
}

// begin puts the layers together that rows pass on their way into the file.
func (w *Writer) begin() (err error) {
	w.buffer = bufio.NewWriterSize(io.MultiWriter(w.file, w.sum), 256<<10)
	if w.encrypted, err = encrypt(w.buffer, w.password); err != nil {
		return err
	}
	if w.chunks, err = newChunkWriter(w.encrypted); err != nil {
		return err
	}
	w.zip, err = zstd.NewWriter(w.chunks, zstd.WithEncoderConcurrency(1))
	return err
}

// replaceable refuses to write over something that is not a backup.
func replaceable(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.Refused, "备份文件“%s”打不开，请检查权限，或换一个文件名", path)
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != magic {
		return fault.New(fault.Refused, "“%s”已经存在，而且不是备份文件，请换一个文件名", path)
	}
	return nil
}

// lockPart opens the temporary file for this process alone. A program that has just
// finished may have renamed it between opening and locking: then it is opened anew.
func lockPart(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, fault.New(fault.Refused, "另一个程序正在写这个备份（%s），请等它结束后再试", path)
			}
			return nil, err
		}
		mine, err1 := f.Stat()
		there, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return f, f.Truncate(0)
		}
		f.Close()
	}
}

// Header writes what the file holds. It comes first.
func (w *Writer) Header(h *Header) error { return w.failed(writeJSON(w.zip, recordHeader, h)) }

// Table writes one table: copy writes its rows and returns how many there were.
func (w *Writer) Table(name string, copy func(io.Writer) (int64, error)) (Copied, error) {
	if err := writeRecord(w.zip, recordTable, []byte(name)); err != nil {
		return Copied{}, w.failed(err)
	}
	sum := sha256.New()
	records := &rowsWriter{w: w.zip, failed: w.failed}
	rows := bufio.NewWriterSize(io.MultiWriter(records, sum), rowsSize)
	n, err := copy(rows)
	if err == nil {
		err = rows.Flush()
	}
	if records.err != nil {
		err = records.err // rather than the database's complaint that we stopped
	}
	if err != nil {
		return Copied{}, err
	}
	err = writeRecord(w.zip, recordEnd, nil)
	return Copied{Name: name, Rows: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, w.failed(err)
}

// rowsWriter makes a record of each piece.
type rowsWriter struct {
	w      io.Writer
	failed func(error) error
	err    error
}

func (r *rowsWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), rowsSize)
		if err := writeRecord(r.w, recordRows, rest[:n]); err != nil {
			r.err = r.failed(err)
			return 0, r.err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// Finish writes the trailer, reads the whole file back, and gives it its name. It returns
// the file's size in bytes and its SHA-256 in hex. After an error there is nothing.
func (w *Writer) Finish(t *Trailer) (size int64, sum string, err error) {
	defer w.Discard()
	steps := []func() error{
		func() error { return writeJSON(w.zip, recordTrailer, t) },
		w.zip.Close, w.chunks.Close, w.encrypted.Close, w.buffer.Flush, w.file.Sync,
		func() error { _, _, err := Check(w.tmp, w.password); return err },
		func() error { return os.Rename(w.tmp, w.path) },
		func() error { return syncFolder(filepath.Dir(w.path)) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return 0, "", w.failed(err)
		}
	}
	info, err := w.file.Stat()
	if err != nil {
		return 0, "", w.failed(err)
	}
	return info.Size(), hex.EncodeToString(w.sum.Sum(nil)), nil
}

// Discard gives up: nothing of an unfinished backup stays. After Finish it does nothing.
func (w *Writer) Discard() {
	if w.file == nil {
		return
	}
	mine, err1 := w.file.Stat()
	there, err2 := os.Stat(w.tmp)
	if err1 == nil && err2 == nil && os.SameFile(mine, there) {
		_ = os.Remove(w.tmp)
	}
	_ = w.file.Close()
	w.file = nil
}

func (w *Writer) failed(err error) error {
	var f *fault.Fault
	if err == nil || errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Internal, "备份文件“%s”写不完，什么都没有留下，请检查磁盘空间和目录权限后重试", w.path)
}

func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
