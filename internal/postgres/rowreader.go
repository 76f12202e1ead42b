package postgres

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"disburse/internal/month"
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

// Len returns the number of fields of the current row.
func (r *RowReader) Len() int { return len(r.fields) }

// Raw returns the whole row in COPY's encoding, valid until Next.
func (r *RowReader) Raw() []byte { return r.buf[r.start : r.start+r.size] }

// Null reports whether field i is NULL.
func (r *RowReader) Null(i int) bool {
	v, ok := r.span(i)
	return ok && v.len < 0
}

// Bytes returns field i in COPY's encoding, for a text its UTF-8, valid until Next; nil for
// NULL.
func (r *RowReader) Bytes(i int) []byte {
	v, ok := r.span(i)
	if !ok || v.len < 0 {
		return nil
	}
	from := r.start + v.at
	return r.buf[from : from+v.len : from+v.len]
}

// Text returns a copy of text field i; "" for NULL.
func (r *RowReader) Text(i int) string { return string(r.Bytes(i)) }

// Int16 returns smallint field i; 0 for NULL.
func (r *RowReader) Int16(i int) int16 {
	if b := r.sized(i, 2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

// Int32 returns integer field i; 0 for NULL.
func (r *RowReader) Int32(i int) int32 {
	if b := r.sized(i, 4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

// Int64 returns bigint field i; 0 for NULL.
func (r *RowReader) Int64(i int) int64 {
	if b := r.sized(i, 8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// Bool returns boolean field i; false for NULL.
func (r *RowReader) Bool(i int) bool {
	b := r.sized(i, 1)
	return b != nil && b[0] != 0
}

// Date returns date field i; the zero Date for NULL. A date outside the years 1
// to 9999, and so "infinity" too, is an error.
func (r *RowReader) Date(i int) month.Date {
	b := r.sized(i, 4)
	if b == nil {
		return 0
	}
	days := int64(int32(binary.BigEndian.Uint32(b))) + int64(Epoch)
	if days < 1 || days > int64(lastDate) {
		r.fail("read COPY: field %d holds a date outside the years 1 to 9999", i)
		return 0
	}
	return month.Date(days)
}

var lastDate = month.DateOf(9999, 12, 31)

// Month returns the month of date field i; the zero Month for NULL.
func (r *RowReader) Month(i int) month.Month {
	d := r.Date(i)
	if d == 0 {
		return 0
	}
	return d.Month()
}

// span returns the position of field i.
func (r *RowReader) span(i int) (span, bool) {
	if i < 0 || i >= len(r.fields) {
		r.fail("read COPY: no field %d in a row of %d", i, len(r.fields))
		return span{}, false
	}
	return r.fields[i], true
}

// sized returns field i and fails the reader when it has another size; nil for NULL.
func (r *RowReader) sized(i, size int) []byte {
	b := r.Bytes(i)
	if b != nil && len(b) != size {
		r.fail("read COPY: field %d has %d bytes instead of %d", i, len(b), size)
		return nil
	}
	return b
}

// fail records an error; the first one wins, as later ones follow from it.
func (r *RowReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// Substring returns text field i of a row whose bytes are also the string row:
// one allocation a row instead of one a field.
func (r *RowReader) Substring(row string, i int) string {
	v, ok := r.span(i)
	if !ok || v.len <= 0 {
		return ""
	}
	return row[v.at : v.at+v.len]
}
