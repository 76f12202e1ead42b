// Package textfile reads text files that come from outside (csv, txt) as a stream: in UTF-8
// or GBK, which it finds out itself, and never a large file at once.
package textfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// Why a file is not read as text, besides errors of the system.
var (
	ErrEmpty   = errors.New("textfile: nothing in the file")
	ErrNotText = errors.New("textfile: neither UTF-8 nor GBK")
	ErrTooBig  = errors.New("textfile: file larger than its limit")
)

// mark may stand at the beginning of a text in UTF-8.
const mark = "\xEF\xBB\xBF"

// File is an open text file. Read gives its text as UTF-8, without the mark; bytes that
// do not decode are ErrNotText: a name or account with a hole in it must not be compared.
type File struct {
	Encoding string // UTF-8 or GBK

	file *os.File
	sum  hash.Hash
	text io.Reader
}

// Open opens a regular file of at most limit bytes and goes through it once for its
// encoding: UTF-8 where all of it is valid as that, else GBK, read as its superset
// GB18030. GBK text of a few Chinese characters is never valid UTF-8 by accident.
func Open(path string, limit int64) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: in, sum: sha256.New()}
	if err := f.begin(limit); err != nil {
		in.Close()
		return nil, err
	}
	return f, nil
}

func (f *File) begin(limit int64) error {
	info, err := f.file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return ErrNotText
	case info.Size() > limit:
		return ErrTooBig
	}
	gbk, err := isGBK(f.file)
	if err != nil {
		return err
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read again: %w", err)
	}
	// What is hashed is what the text comes from, whatever happens to the file meanwhile.
	hashed := bufio.NewReader(io.TeeReader(f.file, f.sum))
	if head, err := hashed.Peek(len(mark)); err == nil && string(head) == mark {
		_, _ = hashed.Discard(len(mark)) // they are there
	}
	f.Encoding, f.text = "UTF-8", transform.NewReader(hashed, encoding.UTF8Validator)
	if gbk {
		f.Encoding = "GBK"
		f.text = transform.NewReader(hashed, transform.Chain(simplifiedchinese.GB18030.NewDecoder(), whole{}))
	}
	return nil
}

// Read implements io.Reader.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.text.Read(p)
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		err = ErrNotText
	}
	return n, err
}

// SHA256 returns the hash of what was read, in hex: of the whole file once Read is at its end.
func (f *File) SHA256() string { return hex.EncodeToString(f.sum.Sum(nil)) }

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

func isGBK(in io.Reader) (bool, error) {
	look := &looked{}
	_, err := io.Copy(io.Discard, transform.NewReader(io.TeeReader(in, look), encoding.UTF8Validator))
	gbk := errors.Is(err, encoding.ErrInvalidUTF8)
	if gbk {
		_, err = io.Copy(look, in) // what is left to look at
	}
	switch {
	case err != nil:
		return false, fmt.Errorf("look through text: %w", err)
	case !look.some:
		return false, ErrEmpty
	case look.zero:
		return false, ErrNotText
	}
	return gbk, nil
}

// looked notes what kind of bytes a file has.
type looked struct {
	some bool // something besides blanks and the mark
	zero bool // a NUL, which no text has
}

func (l *looked) Write(p []byte) (int, error) {
	l.some = l.some || len(bytes.TrimSpace(bytes.TrimPrefix(p, []byte(mark)))) > 0
	l.zero = l.zero || bytes.IndexByte(p, 0) >= 0
	return len(p), nil
}

// whole is a transform.Transformer that lets text through and fails at the character by
// which decoders replace what they cannot read.
type whole struct{ transform.NopResetter }

var hole = []byte(string(utf8.RuneError))

func (whole) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	n := len(src)
	if !atEOF {
		for held := 1; held < len(hole) && held <= n; held++ {
			if bytes.HasSuffix(src, hole[:held]) {
				n -= held // what follows decides
				break
			}
		}
	}
	if i := bytes.Index(src[:n], hole); i >= 0 {
		return 0, 0, ErrNotText
	}
	n = min(n, len(dst))
	copy(dst, src[:n])
	switch {
	case n < len(src) && n == len(dst):
		err = transform.ErrShortDst
	case n < len(src):
		err = transform.ErrShortSrc
	}
	return n, n, err
}
