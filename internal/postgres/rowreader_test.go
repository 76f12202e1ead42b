package postgres

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// stream is a whole binary COPY of two rows.
func stream() []byte {
	var w RowWriter
	for i := range int64(2) {
		w.Row(3)
		w.Int64(i)
		w.Text("张三丰")
		w.Date(Epoch)
	}
	return bytes.Join([][]byte{copyHeader, w.Encoded(), copyTrailer}, nil)
}

func readAll(from io.Reader) (rows int, err error) {
	r := NewRowReader(from)
	for r.Next() {
		rows++
		for i := range r.Len() {
			_ = r.Raw()
			_, _ = r.Text(i), r.Null(i)
		}
	}
	return rows, r.Err()
}

func TestReaderTakesAnyPieces(t *testing.T) {
	t.Parallel()
	for _, from := range []io.Reader{
		bytes.NewReader(stream()), iotest.OneByteReader(bytes.NewReader(stream())),
		iotest.DataErrReader(bytes.NewReader(stream())), iotest.HalfReader(bytes.NewReader(stream())),
	} {
		if rows, err := readAll(from); rows != 2 || err != nil {
			t.Errorf("%T: %d rows, %v", from, rows, err)
		}
	}
}

func TestReaderSkipsAnExtension(t *testing.T) {
	t.Parallel()
	text := stream()
	text[18] = 4
	text = bytes.Join([][]byte{text[:19], []byte("more"), text[19:]}, nil)
	if rows, err := readAll(bytes.NewReader(text)); rows != 2 || err != nil {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestReaderWantsTheWholeStream(t *testing.T) {
	t.Parallel()
	whole := stream()
	for n := range whole {
		if _, err := readAll(bytes.NewReader(whole[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	if _, err := readAll(bytes.NewReader(append(whole, 0))); err == nil {
		t.Error("bytes after the end were not noticed")
	}
	lost := io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := readAll(lost); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("connection lost after the end: %v", err)
	}
	broken := errors.New("broken")
	if _, err := readAll(io.MultiReader(bytes.NewReader(whole[:30]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("source's error: %v", err)
	}
}

func TestReaderRefusesHostileStreams(t *testing.T) {
	t.Parallel()
	length := func(n int32) []byte {
		return binary.BigEndian.AppendUint32(append(bytes.Clone(copyHeader), 0, 1), uint32(n))
	}
	header := func(flags, extension uint32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(bytes.Clone(copyHeader[:11]), flags), extension)
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"text COPY":           {[]byte(strings.Repeat("1\t2\n", 8)), "not a binary COPY"},
		"with oids":           {header(1<<16, 0), "unknown flags"},
		"huge header":         {header(0, 1<<31), "header of"},
		"long header":         {header(0, 1<<20), "unexpected EOF"},
		"negative length":     {length(-2), "field of -2 bytes"},
		"huge length":         {length(1<<31 - 1), "row of over"},
		"length without data": {length(maxRow - 100), "unexpected EOF"},
		"negative count":      {append(bytes.Clone(copyHeader), 0xff, 0xfe), "row of -2 fields"},
		"uneven rows":         {append(bytes.Clone(copyHeader), 0, 0, 0, 1, 0, 0, 0, 0), "row of 1 fields among rows of 0"},
	} {
		if _, err := readAll(bytes.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestReaderFieldsOfAnotherKind(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*RowReader){
		"smallint of 8 bytes": func(r *RowReader) { r.Int16(0) },
		"integer of 8 bytes":  func(r *RowReader) { r.Int32(0) },
		"bigint of 9 bytes":   func(r *RowReader) { r.Int64(1) },
		"date of 9 bytes":     func(r *RowReader) { r.Date(1) },
		"a fourth of three":   func(r *RowReader) { r.Bytes(3) },
		"field −1":            func(r *RowReader) { r.Null(-1) },
	} {
		r := NewRowReader(bytes.NewReader(stream()))
		if !r.Next() {
			t.Fatal(r.Err())
		}
		read(r)
		if r.Err() == nil || r.Next() {
			t.Errorf("%s: was not noticed", name)
		}
	}
}

func TestReaderDatesOutOfRange(t *testing.T) {
	t.Parallel()
	for _, days := range []int32{1<<31 - 1, -1 << 31, int32(lastDate-Epoch) + 1, -int32(Epoch)} {
		var w RowWriter
		w.Row(1)
		w.Int32(days)
		r := NewRowReader(bytes.NewReader(bytes.Join([][]byte{copyHeader, w.Encoded(), copyTrailer}, nil)))
		if !r.Next() {
			t.Fatal(r.Err())
		}
		if d := r.Date(0); d != 0 || r.Err() == nil {
			t.Errorf("day %d read as %s", days, d)
		}
	}
}

func TestReaderAllocatesNothingPerRow(t *testing.T) {
	var w RowWriter
	for range 20000 {
		w.Row(2)
		w.Int64(1)
		w.Text("张三丰")
	}
	text := bytes.Join([][]byte{copyHeader, w.Encoded(), copyTrailer}, nil)
	allocs := testing.AllocsPerRun(3, func() {
		r := NewRowReader(bytes.NewReader(text))
		var sum int64
		for r.Next() {
			sum += r.Int64(0) + int64(len(r.Bytes(1)))
		}
		if r.Err() != nil || sum != 20000*10 {
			t.Fatal(sum, r.Err())
		}
	})
	if allocs > 20 {
		t.Errorf("%.0f allocations for 20000 rows", allocs)
	}
}

func BenchmarkRowReader(b *testing.B) {
	var w RowWriter
	for i := range int64(1000) {
		w.Row(4)
		w.Int64(i)
		w.Text("140213194611030021")
		w.Text("张三丰")
		w.Date(Epoch)
	}
	text := bytes.Join([][]byte{copyHeader, w.Encoded(), copyTrailer}, nil)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r := NewRowReader(bytes.NewReader(text))
		for r.Next() {
			_, _ = r.Int64(0), r.Date(3)
		}
		if r.Err() != nil {
			b.Fatal(r.Err())
		}
	}
}

func FuzzRowReader(f *testing.F) {
	whole := stream()
	f.Add(whole)
	f.Add(whole[:len(whole)-7])
	f.Add(append(bytes.Clone(copyHeader), 0x7f, 0xff, 0x7f, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewRowReader(iotest.HalfReader(bytes.NewReader(text)))
		seen := 0
		for r.Next() {
			seen += len(r.Raw())
			for i := range r.Len() {
				_, _, _ = r.Bytes(i), r.Int64(i), r.Date(i)
			}
		}
		if seen > len(text) {
			t.Fatalf("%d bytes of rows in a stream of %d", seen, len(text))
		}
		if len(r.buf) > max(firstBuffer, 4*len(text)) {
			t.Fatalf("a buffer of %d bytes for a stream of %d", len(r.buf), len(text))
		}
		if r.Err() == nil && !bytes.HasSuffix(text, copyTrailer) {
			t.Fatal("an unfinished stream ended well")
		}
	})
}
