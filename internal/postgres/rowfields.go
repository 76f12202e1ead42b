package postgres

import (
	"encoding/binary"
	"fmt"

	"disburse/internal/month"
)

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
