package postgres

import (
	"encoding/binary"

	"disburse/internal/month"
)

// Epoch is 2000-01-01, day 0 of PostgreSQL's dates, as a month.Date.
var Epoch = month.DateOf(2000, 1, 1)

// RowWriter encodes rows for a binary COPY into a buffer that is reused after Reset. The
// zero value is ready. Several goroutines may each fill their own and pass the bytes to
// CopyIn in any order, whole rows at a time.
//
// The caller begins each row with Row and its number of fields, and then writes exactly
// that many, in the order and of the types of the COPY statement's columns; PostgreSQL
// refuses the COPY otherwise.
type RowWriter struct {
	buf []byte
}

// Row begins a row of n fields.
func (w *RowWriter) Row(n int) { w.buf = binary.BigEndian.AppendUint16(w.buf, uint16(n)) }

// Null writes NULL for a column of any type.
func (w *RowWriter) Null() { w.buf = append(w.buf, 0xff, 0xff, 0xff, 0xff) }

// Int16 writes a smallint.
func (w *RowWriter) Int16(v int16) {
	w.buf = binary.BigEndian.AppendUint16(append(w.buf, 0, 0, 0, 2), uint16(v))
}

// Int32 writes an integer.
func (w *RowWriter) Int32(v int32) {
	w.buf = binary.BigEndian.AppendUint32(append(w.buf, 0, 0, 0, 4), uint32(v))
}

// Int64 writes a bigint, such as an amount in 分.
func (w *RowWriter) Int64(v int64) {
	w.buf = binary.BigEndian.AppendUint64(append(w.buf, 0, 0, 0, 8), uint64(v))
}

// Text writes a text; "" is an empty text, not NULL. It must be UTF-8 without
// zero bytes, or PostgreSQL refuses the COPY.
func (w *RowWriter) Text(v string) {
	w.buf = append(binary.BigEndian.AppendUint32(w.buf, uint32(len(v))), v...)
}

// Bytes writes a bytea, or a text given as UTF-8 bytes.
func (w *RowWriter) Bytes(v []byte) {
	w.buf = append(binary.BigEndian.AppendUint32(w.buf, uint32(len(v))), v...)
}

// Date writes a date; the zero Date is NULL.
func (w *RowWriter) Date(d month.Date) {
	if d == 0 {
		w.Null()
		return
	}
	w.Int32(int32(d - Epoch))
}

// Month writes a month as its first day; the zero Month is NULL.
func (w *RowWriter) Month(m month.Month) {
	if m == 0 {
		w.Null()
		return
	}
	w.Date(m.First())
}

// Encoded returns the rows written since Reset. They are valid until the next
// call of Reset.
func (w *RowWriter) Encoded() []byte { return w.buf }

// Len returns the size of the rows written since Reset, in bytes.
func (w *RowWriter) Len() int { return len(w.buf) }

// Reset discards the rows and reuses the buffer.
func (w *RowWriter) Reset() { w.buf = w.buf[:0] }

// Append adds the rows of another writer.
func (w *RowWriter) Append(o *RowWriter) { w.buf = append(w.buf, o.buf...) }
