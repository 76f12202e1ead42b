package backup

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Kinds of records. A record is its kind, the length of what it holds in four bytes, and
// that.
const (
	recordHeader  = 'H' // Header as JSON; first
	recordTable   = 'T' // a table's name; its rows follow
	recordRows    = 'R' // a part of a table's rows
	recordEnd     = 'E' // of a table
	recordTrailer = 'Z' // Trailer as JSON; last
)

const (
	rowsSize  = 256 << 10 // of a recordRows when writing
	maxRecord = 16 << 20
)

func writeRecord(w io.Writer, kind byte, body []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

func writeJSON(w io.Writer, kind byte, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode record: %w", err)
	}
	return writeRecord(w, kind, body)
}

// record is read into a buffer that the next one uses again.
type record struct {
	kind byte
	body []byte
}

func (rec *record) read(r io.Reader) error {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return cut(err)
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > maxRecord {
		return errRecord
	}
	if int(size) > cap(rec.body) {
		rec.body = make([]byte, size)
	}
	rec.kind, rec.body = head[0], rec.body[:size]
	if _, err := io.ReadFull(r, rec.body); err != nil {
		return cut(err)
	}
	return nil
}

// errRecord: the tags are right and yet it is not what this program writes.
var errRecord = damage{"内容不是本程序写的形式"}

func (rec *record) json(kind byte, v any) error {
	if rec.kind != kind || json.Unmarshal(rec.body, v) != nil {
		return errRecord
	}
	return nil
}
