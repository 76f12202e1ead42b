package postgres

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	firstBuffer = 64 << 10 // bytes
	maxRow      = 64 << 20 // bytes; far above any real row, bounds memory on a corrupt stream
)

// RowReader decodes a binary COPY stream row by row. Reading a row does not allocate once
// the buffer has grown to the largest row. A corrupt stream gives an error, never a panic,
// and memory is bounded by the bytes received and one row's limit (fuzzed).
//
//	for r.Next() {
//		person, died := r.Int64(0), r.Date(1)
//	}
//	if err := r.Err(); err != nil { … }
//
// A missing field or one of the wrong size gives the zero value and stops the reader: Next
// returns false and Err names the field.
type RowReader struct {
	from io.Reader
	err  error
	done bool // the trailer was read

	buf        []byte
	start, end int // the unread part of buf; the current row begins at start
	size       int // of the current row
	header     bool
	columns    int    // of the first row; -1 before it
	fields     []span // of the current row, relative to start
}

// span is the position of a field's value within its row; a length of -1 is NULL.
type span struct{ at, len int }

// NewRowReader returns a reader of the stream that a COPY … TO STDOUT (FORMAT
// binary) gives.
func NewRowReader(from io.Reader) *RowReader {
	return &RowReader{from: from, columns: -1}
}

// Next reads the next row and reports whether there was one. It invalidates what Bytes and
// Raw returned for the previous row.
func (r *RowReader) Next() bool {
	if r.err != nil || r.done {
		return false
	}
	if !r.header {
		if r.err = r.readHeader(); r.err != nil {
			return false
		}
	}
	r.start += r.size
	r.size = 0
	if r.err = r.readRow(); r.err != nil {
		r.fields = r.fields[:0]
		return false
	}
	return !r.done
}

// Err returns why Next returned false; nil at the regular end of the stream.
func (r *RowReader) Err() error { return r.err }

// fill buffers at least the first n bytes of the current row.
func (r *RowReader) fill(n int) error {
	if n > maxRow {
		return fmt.Errorf("read COPY: row of over %d bytes", maxRow)
	}
	for r.end-r.start < n {
		if r.end == len(r.buf) {
			r.grow()
		}
		got, err := r.from.Read(r.buf[r.end:])
		r.end += got
		if r.end-r.start >= n {
			return nil
		}
		if err == io.EOF {
			return errTruncated
		}
		if err != nil {
			return fmt.Errorf("read COPY: %w", err)
		}
	}
	return nil
}

// errTruncated: the stream ended within a row or without a trailer.
var errTruncated = fmt.Errorf("read COPY: %w", io.ErrUnexpectedEOF)

// grow moves the current row to the front of the buffer, and doubles the buffer when the
// row fills half of it, so that copying stays linear in the stream's size.
func (r *RowReader) grow() {
	to := r.buf
	if r.end-r.start >= len(r.buf)/2 {
		to = make([]byte, max(firstBuffer, 2*len(r.buf)))
	}
	copy(to, r.buf[r.start:r.end])
	r.buf, r.start, r.end = to, 0, r.end-r.start
}

// readHeader checks the signature and flags, and skips the extension.
func (r *RowReader) readHeader() error {
	const signature = 11
	if err := r.fill(len(copyHeader)); err != nil {
		return err
	}
	head := r.buf[r.start : r.start+len(copyHeader)]
	if !bytes.Equal(head[:signature], copyHeader[:signature]) {
		return errors.New("read COPY: not a binary COPY stream")
	}
	if flags := binary.BigEndian.Uint32(head[signature:]); flags>>16 != 0 {
		return fmt.Errorf("read COPY: unknown flags %#x", flags)
	}
	extension := binary.BigEndian.Uint32(head[signature+4:])
	if extension > maxRow {
		return fmt.Errorf("read COPY: header of %d bytes", extension)
	}
	r.size = len(copyHeader) + int(extension)
	r.header = true
	return r.fill(r.size)
}

// readRow locates the fields of the row that begins at start.
func (r *RowReader) readRow() error {
	if err := r.fill(2); err != nil {
		return err
	}
	columns := int(int16(binary.BigEndian.Uint16(r.buf[r.start:])))
	if columns == -1 {
		return r.readTrailer()
	}
	if r.columns == -1 {
		r.columns = columns
	}
	if columns < 0 || columns != r.columns {
		return fmt.Errorf("read COPY: row of %d fields among rows of %d", columns, r.columns)
	}
	r.fields = r.fields[:0]
	at := 2
	for range columns {
		if err := r.fill(at + 4); err != nil {
			return err
		}
		length := int(int32(binary.BigEndian.Uint32(r.buf[r.start+at:])))
		at += 4
		if length < -1 {
			return fmt.Errorf("read COPY: field of %d bytes", length)
		}
		r.fields = append(r.fields, span{at, length})
		if length > 0 {
			at += length
			if err := r.fill(at); err != nil {
				return err
			}
		}
	}
	r.size = at
	return nil
}

// readTrailer refuses bytes after the trailer: a digest of the rows would not cover them.
func (r *RowReader) readTrailer() error {
	r.fields = r.fields[:0]
	r.start += len(copyTrailer)
	err := r.fill(1)
	if err == nil {
		return errors.New("read COPY: bytes after the end")
	}
	if err != errTruncated {
		return err // the source failed, so the stream may be incomplete
	}
	r.done = true
	return nil
}
