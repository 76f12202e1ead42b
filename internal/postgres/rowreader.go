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
	maxRow      = 64 << 20 // bytes; no row of ours comes near
)

// RowReader decodes a binary COPY stream row by row. Reading a row allocates
// nothing once the buffer has grown to the largest row. Whatever the stream
// holds, the reader answers with an error, never a panic, and never takes more
// memory than the bytes it was given and one row's limit.
//
//	for r.Next() {
//		person, died := r.Int64(0), r.Date(1)
//	}
//	if err := r.Err(); err != nil { … }
//
// A field of another size or a missing one gives the zero value and ends the
// reading: Next returns false and Err says which field.
type RowReader struct {
	from io.Reader
	err  error
	done bool // the trailer was read

	buf        []byte
	start, end int // the unread part of buf; start is where the present row begins
	size       int // of the present row
	header     bool
	columns    int    // of the first row; -1 before it
	fields     []view // of the present row, relative to start
}

// view is where a field's value lies within its row; a length of -1 is NULL.
type view struct{ at, len int }

// NewRowReader returns a reader of the stream that a COPY … TO STDOUT (FORMAT
// binary) gives.
func NewRowReader(from io.Reader) *RowReader {
	return &RowReader{from: from, columns: -1}
}

// Next reads the next row and reports whether there was one. What Bytes and Raw
// returned for the row before is no longer valid.
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

// need makes the first n bytes of the present row available.
func (r *RowReader) need(n int) error {
	if n > maxRow {
		return fmt.Errorf("read COPY: row of over %d bytes", maxRow)
	}
	for r.end-r.start < n {
		if r.end == len(r.buf) {
			r.makeRoom()
		}
		got, err := r.from.Read(r.buf[r.end:])
		r.end += got
		if r.end-r.start >= n {
			return nil
		}
		if err == io.EOF {
			return errCut
		}
		if err != nil {
			return fmt.Errorf("read COPY: %w", err)
		}
	}
	return nil
}

// errCut says that the stream ended where it should not.
var errCut = fmt.Errorf("read COPY: %w", io.ErrUnexpectedEOF)

// makeRoom moves the present row to the front of the buffer, and doubles the
// buffer when the row fills half of it.
func (r *RowReader) makeRoom() {
	to := r.buf
	if r.end-r.start >= len(r.buf)/2 {
		to = make([]byte, max(firstBuffer, 2*len(r.buf)))
	}
	copy(to, r.buf[r.start:r.end])
	r.buf, r.start, r.end = to, 0, r.end-r.start
}

// readHeader reads the signature, the flags, and an extension that it skips.
func (r *RowReader) readHeader() error {
	const signature = 11
	if err := r.need(len(copyHeader)); err != nil {
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
	return r.need(r.size)
}

// readRow finds the fields of the row that begins at start.
func (r *RowReader) readRow() error {
	if err := r.need(2); err != nil {
		return err
	}
	columns := int(int16(binary.BigEndian.Uint16(r.buf[r.start:])))
	if columns == -1 {
		return r.readEnd()
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
		if err := r.need(at + 4); err != nil {
			return err
		}
		length := int(int32(binary.BigEndian.Uint32(r.buf[r.start+at:])))
		at += 4
		if length < -1 {
			return fmt.Errorf("read COPY: field of %d bytes", length)
		}
		r.fields = append(r.fields, view{at, length})
		if length > 0 {
			at += length
			if err := r.need(at); err != nil {
				return err
			}
		}
	}
	r.size = at
	return nil
}

// readEnd insists that nothing follows the trailer.
func (r *RowReader) readEnd() error {
	r.fields = r.fields[:0]
	r.start += len(copyTrailer)
	err := r.need(1)
	if err == nil {
		return errors.New("read COPY: bytes after the end")
	}
	if err != errCut {
		return err // the source failed after its last byte, so it may not have been the last
	}
	r.done = true
	return nil
}

// Len returns the number of fields of the present row.
func (r *RowReader) Len() int { return len(r.fields) }

// Raw returns the whole row as it is encoded, valid until Next.
func (r *RowReader) Raw() []byte { return r.buf[r.start : r.start+r.size] }

// Null reports whether field i is NULL.
func (r *RowReader) Null(i int) bool {
	v, ok := r.view(i)
	return ok && v.len < 0
}

// Bytes returns field i as it is encoded, for a text its UTF-8, valid until
// Next; nil for NULL.
func (r *RowReader) Bytes(i int) []byte {
	v, ok := r.view(i)
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

// Date returns date field i; the zero Date for NULL. A date outside the years 1
// to 9999, and so "infinity" too, is an error.
func (r *RowReader) Date(i int) month.Date {
	b := r.sized(i, 4)
	if b == nil {
		return 0
	}
	days := int64(int32(binary.BigEndian.Uint32(b))) + int64(PostgresEpoch)
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

// view finds field i.
func (r *RowReader) view(i int) (view, bool) {
	if i < 0 || i >= len(r.fields) {
		r.fail("read COPY: no field %d in a row of %d", i, len(r.fields))
		return view{}, false
	}
	return r.fields[i], true
}

// sized returns field i when it has the size; nil for NULL.
func (r *RowReader) sized(i, size int) []byte {
	b := r.Bytes(i)
	if b != nil && len(b) != size {
		r.fail("read COPY: field %d has %d bytes instead of %d", i, len(b), size)
		return nil
	}
	return b
}

// fail keeps the first error.
func (r *RowReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// Substring returns text field i of a row whose bytes are also the string row:
// one allocation a row instead of one a field.
func (r *RowReader) Substring(row string, i int) string {
	v, ok := r.view(i)
	if !ok || v.len <= 0 {
		return ""
	}
	return row[v.at : v.at+v.len]
}
