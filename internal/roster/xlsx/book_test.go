package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/roster/xlsx/xlsxtest"
)

func goodBook() xlsxtest.Book {
	return xlsxtest.Book{
		Strings: `<si><t>共享</t></si>`,
		Sheets:  []xlsxtest.Sheet{{Name: "甲", Rows: `<row><c t="s"><v>0</v></c><c><v>1</v></c></row>`}},
	}
}

// sentence reads a workbook that cannot be read and returns what staff are told.
func sentence(t *testing.T, path string, limits Limits) string {
	t.Helper()
	b, err := Open(path, limits)
	if err == nil {
		defer b.Close()
		for _, sheet := range b.Sheets {
			if _, err = readSheet(b, sheet); err != nil {
				break
			}
		}
	}
	var f *fault.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error is %v, want a fault", err)
	}
	return f.Sentence
}

func encrypted(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	var out bytes.Buffer
	if err := f.Write(&out, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, name := range names {
		if _, err := zw.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := goodBook().Bytes(t)
	broken := bytes.Clone(good)
	broken[bytes.Index(broken, []byte("sheet1.xml"))+14] ^= 0x55 // in the packed sheet
	without := func(part string) []byte {
		b := goodBook()
		b.Parts = map[string]string{part: "-"}
		return b.Bytes(t)
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "是空的"},
		{"csv", []byte("姓名,身份证号\n"), "不是 .xlsx 工作簿"},
		{"html", []byte("<html><table>"), "不是 .xlsx 工作簿"},
		{"xls", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 5000)), "旧式 .xls"},
		{"encrypted", encrypted(t), "设有打开密码"},
		{"xlsb", zipOf(t, "[Content_Types].xml", "xl/workbook.bin"), ".xlsb"},
		{"ods", zipOf(t, "mimetype", "content.xml"), "OpenDocument"},
		{"zip", zipOf(t, "花名册.xlsx"), "是压缩包"},
		{"part twice", zipOf(t, "[Content_Types].xml", "xl/workbook.xml", "xl/Workbook.xml"), "已损坏或没有传完整"},
		{"truncated", good[:len(good)*2/3], "已损坏或没有传完整"},
		{"only the magic", []byte("PK\x03\x04"), "已损坏或没有传完整"},
		{"broken bytes", broken, "已损坏或没有传完整"},
		{"no workbook", without("xl/workbook.xml"), "已损坏或没有传完整"},
		{"no relations", without("xl/_rels/workbook.xml.rels"), "已损坏或没有传完整"},
		{"no sheet", without("xl/worksheets/sheet1.xml"), "已损坏或没有传完整"},
		{"no shared strings", without("xl/sharedStrings.xml"), "已损坏或没有传完整"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := sentence(t, xlsxtest.File(t, "花名册.xlsx", tt.content), DefaultLimits)
			if !strings.Contains(got, tt.want) || !strings.Contains(got, "花名册.xlsx") {
				t.Errorf("sentence is %q, want one with %q", got, tt.want)
			}
		})
	}
}

func TestOpenNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "没有.xlsx"), DefaultLimits); !fault.Is(err, fault.NotFound) {
		t.Errorf("missing file: %v", err)
	}
	if got := sentence(t, dir, DefaultLimits); !strings.Contains(got, "不是文件") {
		t.Errorf("directory: %s", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	path := goodBook().Write(t)
	for name, limits := range map[string]Limits{
		"太大":    {File: 10, Part: 1 << 20, Total: 1 << 20, Strings: 1 << 20, Ratio: 100},
		"大得不正常": {File: 1 << 20, Part: 1 << 20, Total: 1000, Strings: 1 << 20, Ratio: 100},
		"文字太多":  {File: 1 << 20, Part: 1 << 20, Total: 1 << 20, Strings: 2, Ratio: 100},
	} {
		if got := sentence(t, path, limits); !strings.Contains(got, name) {
			t.Errorf("sentence is %q, want %q", got, name)
		}
	}
}

// TestZipBomb: reading stops soon after the first 64 MiB, and memory does not grow with
// what comes out. Not parallel, because it measures what is allocated.
func TestZipBomb(t *testing.T) {
	for name, row := range map[string]string{
		"empty rows": strings.Repeat(`<row></row>`, 1000),
		"one text":   strings.Repeat(" ", 10_000),
	} {
		var before, after runtime.MemStats
		path := xlsxtest.File(t, "炸弹.xlsx", bomb(t, row, 8_000))
		runtime.ReadMemStats(&before)
		got := sentence(t, path, DefaultLimits)
		runtime.ReadMemStats(&after)
		if !strings.Contains(got, "大得不正常") && !strings.Contains(got, "已损坏") {
			t.Errorf("%s: %s", name, got)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
			t.Errorf("%s: %d bytes allocated", name, grown)
		}
	}
}

func bomb(t *testing.T, row string, times int) []byte {
	t.Helper()
	var out bytes.Buffer
	in, err := zip.NewReader(bytes.NewReader(goodBook().Bytes(t)), int64(len(goodBook().Bytes(t))))
	if err != nil {
		t.Fatal(err)
	}
	zw := zip.NewWriter(&out)
	for _, f := range in.File {
		if f.Name == "xl/worksheets/sheet1.xml" {
			continue
		}
		if err := zw.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	w, err := zw.Create("xl/worksheets/sheet1.xml")
	if err == nil {
		fmt.Fprint(w, `<worksheet><sheetData>`)
		for range times {
			fmt.Fprint(w, row)
		}
		err = zw.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestDirectoryBomb: a made-up zip directory of very many parts is not kept in memory.
func TestDirectoryBomb(t *testing.T) {
	t.Parallel()
	names := make([]string, 200_000)
	for i := range names {
		names[i] = fmt.Sprintf("xl/%d", i)
	}
	got := sentence(t, xlsxtest.File(t, "目录.xlsx", zipOf(t, names...)), DefaultLimits)
	if !strings.Contains(got, "已损坏") {
		t.Error(got)
	}
}

func TestStoredPartsAndOddNames(t *testing.T) {
	t.Parallel()
	b := goodBook()
	b.Method = zip.Store
	b.Parts = map[string]string{
		"xl/sharedStrings.xml":       "-",
		`XL\SharedStrings.XML`:       `<sst><si><t>共享</t></si></sst>`,
		"xl/worksheets/sheet1.xml":   "-",
		"xl/Worksheets/Sheet1.xml":   `<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/worksheets/../worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
	}
	all, err := readAll(b.Write(t))
	if err != nil {
		t.Fatal(err)
	}
	if rows := all["甲"]; len(rows) != 1 || rows[0].Cells[0].Text != "共享" {
		t.Errorf("rows are %v", rows)
	}
}

func TestChartSheetsAreNoWorksheets(t *testing.T) {
	t.Parallel()
	b := goodBook()
	b.Parts = map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/chartsheet" Target="worksheets/sheet1.xml"/></Relationships>`}
	if got := sentence(t, b.Write(t), DefaultLimits); !strings.Contains(got, "已损坏") {
		t.Error(got)
	}
}

// TestPanicIsADamagedFile: wherever the libraries below panic on a workbook, its reader gets
// a fault that names the file, and the program goes on.
func TestPanicIsADamagedFile(t *testing.T) {
	t.Parallel()
	open := func() *Book {
		b, err := Open(goodBook().Write(t), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		return b
	}
	says := func(what string, b *Book, err error) {
		t.Helper()
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "工作簿“"+b.name+"”无法读取") {
			t.Errorf("%s: %v", what, err)
		}
	}
	b := open()
	rows, err := b.Rows(b.Sheets[0], MaxColumns)
	if err != nil {
		t.Fatal(err)
	}
	rows.scan = nil // the next row panics
	if rows.Next() {
		t.Error("a row after a panic")
	}
	says("a row", b, rows.Err())
	if rows.Next() {
		t.Error("a row after an error")
	}

	b = open()
	b.parts[b.Sheets[0].part] = &zip.File{} // opening it panics
	_, err = b.Rows(b.Sheets[0], MaxColumns)
	says("a sheet", b, err)

	b = open()
	b.target.properties, b.parts["broken"] = "broken", &zip.File{}
	if got := b.Title(); got != "" {
		t.Errorf("title %q", got)
	}

	err = func() (err error) { defer b.recovered(&err); panic("oh") }()
	says("anything else", b, err)
}

func TestSHA256(t *testing.T) {
	t.Parallel()
	b, err := Open(goodBook().Write(t), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got, err := b.SHA256()
	if err != nil || len(got) != 64 {
		t.Errorf("SHA256 = %q, %v", got, err)
	}
}

// FuzzWorksheet feeds the reader sheets and shared strings of any kind: it must come to
// an end without panic, with rows in order or with a fault.
func FuzzWorksheet(f *testing.F) {
	for _, sheet := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><r><t>&#65;</t></r></is></c></row></sheetData></worksheet>`,
		`<?xml version="1.0"?><!-- --><x:worksheet><x:sheetData><x:row><x:c s="1"><x:f/><x:v><![CDATA[1]]></x:v></x:c></x:row></x:sheetData></x:worksheet>`,
		"<worksheet><sheetData><row r='9'><c r='ZZ9' t='d'><v>2026-11-03T00:00:00</v></c>", "\xFF\xFE<\x00a\x00/\x00>\x00", "<a b='>'/>",
	} {
		f.Add(sheet, `<sst><si><t>_x000D_</t></si></sst>`)
	}
	f.Fuzz(func(t *testing.T, sheet, shared string) {
		book := xlsxtest.Book{
			Sheets: []xlsxtest.Sheet{{Name: "甲"}}, Strings: "<si/>", Method: zip.Store,
			Parts: map[string]string{"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": shared},
		}
		checkRead(t, book.Bytes(t))
	})
}

// FuzzOpen feeds the reader files of any kind.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		var out bytes.Buffer
		zw := zip.NewWriter(&out)
		for name, text := range map[string]string{
			"[Content_Types].xml": `<a/>`, "_rels/.rels": `<a><Relationship Id="1" Type="/officeDocument" Target="w"/></a>`,
			"w": `<a><sheet name="甲" r:id="1"/></a>`, "_rels/w.rels": `<a><Relationship Id="1" Type="/worksheet" Target="s"/></a>`,
			"s": `<a><sheetData><row><c><v>1</v></c></row></sheetData></a>`,
		} {
			w, err := zw.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			if err == nil {
				_, err = w.Write([]byte(text))
			}
			if err != nil {
				f.Fatal(err)
			}
		}
		if err := zw.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, content []byte) { checkRead(t, content) })
}

func checkRead(t *testing.T, content []byte) {
	path := filepath.Join(t.TempDir(), "模糊.xlsx")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := readAll(path)
	switch {
	case err != nil && fault.CodeOf(err) != fault.Invalid:
		t.Fatalf("error without a sentence: %v", err)
	case errors.Is(err, errPanic):
		t.Fatal(errors.Unwrap(err))
	}
	for _, rows := range all {
		last := 0
		for _, row := range rows {
			if row.Number <= last || len(row.Cells) == 0 {
				t.Fatalf("row %d after %d, %d cells", row.Number, last, len(row.Cells))
			}
			last = row.Number
		}
	}
}
