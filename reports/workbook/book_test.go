package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
)

var props = Properties{Title: "试", Creator: "disburse", Date: month.DateOf(2026, 11, 25)}

// write makes a book and returns its bytes.
func write(t *testing.T, fill func(*Book)) []byte {
	t.Helper()
	b, err := New(t.TempDir(), props)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	fill(b)
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func style(t *testing.T, b *Book, l Look) Style {
	t.Helper()
	s, err := b.Style(l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rows(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	got, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRowsComeBack(t *testing.T) {
	t.Parallel()
	data := write(t, func(b *Book) {
		text, amount := style(t, b, Look{Format: Text, Border: true}), style(t, b, Look{Format: Money})
		s := b.Sheet("11 高龄津贴", Layout{Widths: []float64{10, 20}, Frozen: 1, Header: "草稿 & 其他"})
		s.Row(24)
		s.Text(text, "标题")
		s.Merge(1, 3)
		top := s.Reserve(2)
		s.Row(0)
		s.Text(text, "140213194501010013")
		s.Amount(amount, -5)
		s.Int(amount, 12)
		top.Row(0)
		top.Text(text, "后写")
	})
	f := read(t, data)
	want := [][]string{{"标题"}, {"后写"}, nil, {"140213194501010013", "-0.05", "12"}}
	if diff := cmp.Diff(want, rows(t, f, "11 高龄津贴")); diff != "" {
		t.Error(diff)
	}
	if dim, _ := f.GetSheetDimension("11 高龄津贴"); dim != "A1:C4" {
		t.Errorf("dimension %s", dim)
	}
	if kind, _ := f.GetCellType("11 高龄津贴", "A4"); kind != excelize.CellTypeInlineString {
		t.Errorf("ID number is a cell of type %v", kind)
	}
	merged, err := f.GetMergeCells("11 高龄津贴")
	if err != nil || len(merged) != 1 || merged[0].GetEndAxis() != "C1" {
		t.Errorf("merged %v %v", merged, err)
	}
}

// A cell holds the decimal itself, and what reads it as a float shows it unchanged.
func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Fen(rapid.Int64Range(int64(-exact), int64(exact)).Draw(t, "fen"))
		text := string(appendAmount(nil, a))
		if text != a.String() {
			t.Fatalf("%d is written %s, not %s", a, text, a)
		}
		back, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if shown := strconv.FormatFloat(back, 'f', 2, 64); shown != text {
			t.Fatalf("%s is read as %s", text, shown)
		}
	})
}

func TestAmountBeyondCellFails(t *testing.T) {
	t.Parallel()
	b, err := New(t.TempDir(), props)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Sheet("甲", Layout{})
	s.Row(0)
	s.Amount(0, exact+1)
	if err := b.Write(io.Discard); err == nil {
		t.Error("written")
	}
}

func TestTextIsNeutralised(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"=1+1": "'=1+1", "+86": "'+86", "-": "'-", "@A1": "'@A1", " =1": "' =1", "\t=1": "'\t=1",
		"＝1": "'＝1", "　=1": "'　=1", "张三": "张三", "1402": "1402", "临-A1": "临-A1", "（=": "（=", "a=b": "a=b",
		"<&>\"'": "<&>\"'", "_x0041_": "_x0041_", "a_b": "a_b", "㐂㐱𠮷": "㐂㐱𠮷", "a\x01b": "a\ufffdb", "x\xffy": "x\ufffdy",
		" 两 ": " 两 ", "行\n行": "行\n行",
	}
	var keys []string
	for k := range cases {
		keys = append(keys, k)
	}
	data := write(t, func(b *Book) {
		s := b.Sheet("甲", Layout{})
		for _, k := range keys {
			s.Row(0)
			s.Text(0, k)
		}
	})
	got := rows(t, read(t, data), "甲")
	for i, k := range keys {
		if got[i][0] != cases[k] {
			t.Errorf("%q is read as %q, want %q", k, got[i][0], cases[k])
		}
	}
}

func TestTextTooLongFails(t *testing.T) {
	t.Parallel()
	b, err := New(t.TempDir(), props)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Sheet("甲", Layout{})
	s.Row(0)
	s.Text(0, strings.Repeat("长", maxText))
	if err := b.Write(io.Discard); err == nil || !strings.Contains(err.Error(), "甲") {
		t.Errorf("error %v", err)
	}
}

// big writes several blocks and several sheets.
func big(t *testing.T) func(*Book) {
	return func(b *Book) {
		text, amount := style(t, b, Look{Format: Text}), style(t, b, Look{Format: Money})
		for n := range 3 {
			s := b.Sheet(fmt.Sprintf("表%d", n), Layout{})
			for i := range 20000 {
				s.Row(0)
				s.Text(text, fmt.Sprintf("1402131940%08d", i*7919%100000000))
				s.Amount(amount, money.Fen(i*i*31))
				s.Text(text, "平城区某某街道")
			}
		}
	}
}

func TestManyBlocks(t *testing.T) {
	data := write(t, big(t))
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range zr.File {
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, in); err != nil { // checks length and CRC
			t.Errorf("%s: %v", part.Name, err)
		}
	}
	got := rows(t, read(t, data), "表2")
	if len(got) != 20000 || got[19999][1] != money.Fen(19999*19999*31).String() {
		t.Errorf("%d rows, last %v", len(got), got[len(got)-1])
	}
}

func TestSameBytesTwice(t *testing.T) {
	first := write(t, big(t))
	// What other books leave behind in the shared compressors must not show.
	write(t, func(b *Book) {
		s := b.Sheet("别的", Layout{})
		r := rand.New(rand.NewPCG(1, 2))
		for range 30000 {
			s.Row(0)
			s.Amount(0, money.Fen(r.Int64N(1e9)))
		}
	})
	for range 3 {
		if !bytes.Equal(first, write(t, big(t))) {
			t.Fatal("bytes differ")
		}
	}
}

// A book that memory does not hold goes to disk and comes back, and leaves nothing.
func TestSpill(t *testing.T) {
	dir := t.TempDir()
	b, err := New(dir, props)
	if err != nil {
		t.Fatal(err)
	}
	b.spool.held = inMemory
	big(t)(b)
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b.spool.end == 0 {
		t.Error("nothing went to disk")
	}
	if !bytes.Equal(out.Bytes(), write(t, big(t))) {
		t.Error("bytes differ from those of a book in memory")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRowBeyondSheetFails(t *testing.T) {
	t.Parallel()
	b, err := New(t.TempDir(), props)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.Sheet("甲", Layout{})
	s.next = MaxRows
	s.Row(0)
	s.Text(0, "末")
	if s.Row(0); s.Err() == nil {
		t.Error("a row beyond the last one was taken")
	}
	if err := b.Write(io.Discard); err == nil {
		t.Error("written")
	}
}

func TestSheetsAfter(t *testing.T) {
	t.Parallel()
	data := write(t, func(b *Book) {
		first := b.Sheet("甲", Layout{})
		b.Sheet("丙", Layout{})
		b.After(first, "乙", Layout{})
	})
	if diff := cmp.Diff([]string{"甲", "乙", "丙"}, read(t, data).GetSheetList()); diff != "" {
		t.Error(diff)
	}
}

func TestSameNameTwiceFails(t *testing.T) {
	t.Parallel()
	b, err := New(t.TempDir(), props)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	b.Sheet("甲", Layout{})
	b.Sheet("甲", Layout{})
	if err := b.Write(io.Discard); err == nil {
		t.Error("written")
	}
}

func TestSheetName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"11 高龄津贴": "11 高龄津贴", "a/b:c": "a-b-c", "'": "表", strings.Repeat("长", 40): strings.Repeat("长", 31),
		strings.Repeat("𠮷", 16): strings.Repeat("𠮷", 15),
	} {
		if got := SheetName(in); got != want {
			t.Errorf("SheetName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJoinCRC(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOf(rapid.Byte()).Draw(t, "a")
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		got := joinCRC(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), int64(len(b)))
		if want := crc32.ChecksumIEEE(append(a, b...)); got != want {
			t.Fatalf("%08x, want %08x", got, want)
		}
	})
}
