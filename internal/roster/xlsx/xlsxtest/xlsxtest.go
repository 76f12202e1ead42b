// Package xlsxtest makes workbooks out of raw XML, for tests of what no library would
// write: numbers as Excel stores them, broken formulas, damaged parts.
package xlsxtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Sheet is a worksheet: its name and what stands inside <sheetData>.
type Sheet struct{ Name, Rows string }

// Book is a workbook. The zero values of its fields are the usual thing.
type Book struct {
	Sheets   []Sheet
	Date1904 bool
	Strings  string            // shared strings: the <si> elements
	Parts    map[string]string // parts that are added, or replaced; "-" takes one away
	Method   uint16            // zip method
}

const (
	head     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNS   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS    = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	pkgRelNS = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
)

// Styles of cells in these books: s="1" is a date, s="2" a Chinese date, s="3" a time,
// s="4" an amount, s="5" a month.
const styles = `<styleSheet ` + mainNS + `><numFmts count="3">` +
	`<numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>` +
	`<numFmt numFmtId="165" formatCode="#,##0.00&quot; 元/day&quot;;[Red]-0.00"/>` +
	`<numFmt numFmtId="166" formatCode="[$-804]yyyy\-mm"/></numFmts>` +
	`<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>` +
	`<cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="20"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`

// parts lists the parts of the workbook.
func (b Book) parts() map[string]string {
	var sheets, rels strings.Builder
	parts := map[string]string{}
	for i, s := range b.Sheets {
		n := i + 1
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, s.Name, n, n)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, n, relType, n)
		parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", n)] = head + `<worksheet ` + mainNS + `><sheetData>` + s.Rows + `</sheetData></worksheet>`
	}
	fmt.Fprintf(&rels, `<Relationship Id="rId100" Type="%sstyles" Target="/xl/styles.xml"/>`, relType)
	if b.Strings != "" {
		fmt.Fprintf(&rels, `<Relationship Id="rId101" Type="%ssharedStrings" Target="sharedStrings.xml"/>`, relType)
		parts["xl/sharedStrings.xml"] = head + `<sst ` + mainNS + `>` + b.Strings + `</sst>`
	}
	date1904 := ""
	if b.Date1904 {
		date1904 = `<workbookPr date1904="1"/>`
	}
	parts["[Content_Types].xml"] = head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	parts["_rels/.rels"] = head + `<Relationships ` + pkgRelNS + `><Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`
	parts["xl/workbook.xml"] = head + `<workbook ` + mainNS + ` ` + relNS + `>` + date1904 + `<sheets>` + sheets.String() + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = head + `<Relationships ` + pkgRelNS + `>` + rels.String() + `</Relationships>`
	parts["xl/styles.xml"] = head + styles
	for name, text := range b.Parts {
		parts[name] = text
		if text == "-" {
			delete(parts, name)
		}
	}
	return parts
}

// Bytes returns the workbook's file.
func (b Book) Bytes(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for name, text := range b.parts() {
		method := b.Method
		if method == 0 {
			method = zip.Deflate
		}
		w, err := zw.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Write writes the workbook to a file of the test's own and returns its path.
func (b Book) Write(t testing.TB) string {
	t.Helper()
	return File(t, "花名册.xlsx", b.Bytes(t))
}

// File writes a file of the test's own and returns its path.
func File(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
