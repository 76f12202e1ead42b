package xlsx

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"disburse/internal/roster/xlsx/xlsxtest"
)

// readAll reads every sheet of a workbook.
func readAll(path string) (map[string][]Row, error) {
	b, err := Open(path, DefaultLimits)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	out := map[string][]Row{}
	for _, sheet := range b.Sheets {
		if out[sheet.Name], err = readSheet(b, sheet); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readSheet(b *Book, sheet Sheet) ([]Row, error) {
	rows, err := b.Rows(sheet, MaxColumns)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		row := rows.Row()
		row.Cells = append([]Cell(nil), row.Cells...)
		out = append(out, row)
	}
	return out, rows.Err()
}

// oneRow reads the cells of a sheet that has one row.
func oneRow(t *testing.T, book xlsxtest.Book) []Cell {
	t.Helper()
	all, err := readAll(book.Write(t))
	if err != nil {
		t.Fatal(err)
	}
	rows := all[book.Sheets[0].Name]
	if len(rows) != 1 {
		t.Fatalf("%d rows: %v", len(rows), rows)
	}
	return rows[0].Cells
}

func TestCellKinds(t *testing.T) {
	t.Parallel()
	const shared = `<si><t>共享</t></si><si><r><rPr><b/></rPr><t>富</t></r><r><t xml:space="preserve"> 文本</t></r><rPh sb="0" eb="1"><t>ふ</t></rPh></si><si><t/></si>`
	tests := []struct {
		name, cell string
		want       []Cell
	}{
		{"shared", `<c r="A1" t="s"><v>0</v></c>`, []Cell{{Text: "共享"}}},
		{"rich without phonetic guide", `<c r="A1" t="s"><v>1</v></c>`, []Cell{{Text: "富 文本"}}},
		{"shared and empty", `<c r="A1" t="s"><v>2</v></c>`, nil},
		{"inline", `<c r="B1" t="inlineStr"><is><t>甲&amp;乙&#x4E19;</t></is></c>`, []Cell{{Col: 1, Text: "甲&乙丙"}}},
		{"literal", `<c r="A1" t="inlineStr"><is><t><![CDATA[<a&b>]]></t></is></c>`, []Cell{{Text: "<a&b>"}}},
		{"escaped control", `<c r="A1" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c>`, []Cell{{Text: "a\rb_x0041_"}}},
		{"line ends", "<c r=\"A1\" t=\"inlineStr\"><is><t>a\r\nb\rc</t></is></c>", []Cell{{Text: "a\nb\nc"}}},
		{"number", `<c r="AA1"><v>70.099999999999994</v></c>`, []Cell{{Col: 26, Kind: Number, Text: "70.099999999999994"}}},
		{"date", `<c r="A1" s="1"><v>46329</v></c>`, []Cell{{Kind: Number, Date: true, Text: "46329"}}},
		{"Chinese date", `<c r="A1" s="2"><v>46329</v></c>`, []Cell{{Kind: Number, Date: true, Text: "46329"}}},
		{"month", `<c r="A1" s="5"><v>46327</v></c>`, []Cell{{Kind: Number, Date: true, Text: "46327"}}},
		{"time is no date", `<c r="A1" s="3"><v>0.5</v></c>`, []Cell{{Kind: Number, Text: "0.5"}}},
		{"amount is no date", `<c r="A1" s="4"><v>70</v></c>`, []Cell{{Kind: Number, Text: "70"}}},
		{"style that does not exist", `<c r="A1" s="99"><v>70</v></c>`, []Cell{{Kind: Number, Text: "70"}}},
		{"ISO date", `<c r="A1" t="d"><v>2026-11-03T00:00:00</v></c>`, []Cell{{Text: "2026-11-03"}}},
		{"true", `<c r="A1" t="b"><v>1</v></c>`, []Cell{{Kind: Bool, Text: "TRUE"}}},
		{"error", `<c r="A1" t="e"><v>#N/A</v></c>`, []Cell{{Kind: Error, Text: "#N/A"}}},
		{"formula", `<c r="A1"><f>1+1</f><v>2</v></c>`, []Cell{{Kind: Number, Formula: true, Text: "2"}}},
		{"formula of text", `<c r="A1" t="str"><f>"a"</f><v>a</v></c>`, []Cell{{Formula: true, Text: "a"}}},
		{"formula of empty text", `<c r="A1" t="str"><f>""</f><v></v></c>`, nil},
		{"formula without result", `<c r="A1"><f>1+1</f></c>`, []Cell{{Kind: Broken, Formula: true}}},
		{"formula with an empty result", `<c r="A1"><f>1+1</f><v></v></c><c r="B1"><f>1+1</f><v/></c>`, []Cell{{Kind: Broken, Formula: true}, {Col: 1, Kind: Broken, Formula: true}}},
		{"shared formula without result", `<c r="A1"><f t="shared" si="0"/></c>`, []Cell{{Kind: Broken, Formula: true}}},
		{"no references", `<c t="inlineStr"><is><t>a</t></is></c><c/><c><v>1</v></c>`, []Cell{{Text: "a"}, {Col: 2, Kind: Number, Text: "1"}}},
		{"single quotes and spaces", "<c  r = 'B1'\n t='inlineStr' ><is ><t >a</t ></is ></c >", []Cell{{Col: 1, Text: "a"}}},
		{"only style", `<c r="A1" s="1"/><c r="B1" s="1"></c>`, nil},
		{"unknown child", `<c r="A1"><extLst><ext><v>9</v></ext></extLst><v>1</v></c>`, []Cell{{Kind: Number, Text: "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			last := `<c r="XFD1"><v>1</v></c>`
			got := oneRow(t, xlsxtest.Book{Strings: shared, Sheets: []xlsxtest.Sheet{{Name: "甲", Rows: `<row r="1">` + tt.cell + last + `</row>`}}})
			want := append(tt.want, Cell{Col: MaxColumns - 1, Kind: Number, Text: "1"})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowNumbersAndEmptyRows(t *testing.T) {
	t.Parallel()
	cell := `<c><v>1</v></c>`
	rows := `<row/><row>` + cell + `</row><row r="7"><c r="A7" s="1"/></row><row r="9">` + cell + `</row>` +
		strings.Repeat(`<row><c s="1"/></row>`, 100_000) + `<row>` + cell + `</row>`
	all, err := readAll(xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: "甲", Rows: rows}}}.Write(t))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, row := range all["甲"] {
		numbers = append(numbers, row.Number)
	}
	if diff := cmp.Diff([]int{2, 9, 100_010}, numbers); diff != "" {
		t.Errorf("row numbers:\n%s", diff)
	}
}

func TestNamespacePrefixesAndUTF16(t *testing.T) {
	t.Parallel()
	sheet := `<?xml version="1.0" encoding="utf-16"?><!-- 注 --><x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row></x:sheetData><x:mergeCells/></x:worksheet>`
	utf16 := "\xFF\xFE"
	for _, r := range sheet {
		utf16 += string([]byte{byte(r), byte(r >> 8)})
	}
	for name, text := range map[string]string{"UTF-8": "\xEF\xBB\xBF" + strings.Replace(sheet, "utf-16", "UTF-8", 1), "UTF-16": utf16} {
		got := oneRow(t, xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: "甲"}}, Parts: map[string]string{"xl/worksheets/sheet1.xml": text}})
		if diff := cmp.Diff([]Cell{{Kind: Number, Text: "5"}}, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestDamagedSheets(t *testing.T) {
	t.Parallel()
	whole := func(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }
	tests := []struct {
		name, sheet string
		want        error
	}{
		{"breaks off", `<worksheet><sheetData><row><c><v>1</v></c></row><row><c><v>2`, errTruncated},
		{"breaks off in a tag", `<worksheet><sheetData><row`, errTruncated},
		{"breaks off after the rows", `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData>`, errTruncated},
		{"tags that do not match", whole(`<row></c>`), errSyntax},
		{"two roots", whole("") + `<worksheet/>`, errSyntax},
		{"text outside", whole("") + `x`, errSyntax},
		{"empty", ``, errTruncated},
		{"no sheetData", `<worksheet/>`, errSyntax},
		{"two sheetData", `<worksheet><sheetData/><sheetData/></worksheet>`, errSyntax},
		{"document type", `<!DOCTYPE a [<!ENTITY b "c">]>` + whole(""), errDoctype},
		{"unknown entity", whole(`<row><c t="str"><v>&b;</v></c></row>`), errSyntax},
		{"other encoding", `<?xml version="1.0" encoding="GBK"?>` + whole(""), errEncoding},
		{"rows backwards", whole(`<row r="5"/><row r="4"/>`), errOrder},
		{"row twice", whole(`<row r="5"/><row r="5"/>`), errOrder},
		{"row beyond the last", whole(`<row r="1048577"/>`), errOrder},
		{"row that is no number", whole(`<row r="x"/>`), errOrder},
		{"cells backwards", whole(`<row><c r="B1"/><c r="A1"/></row>`), errOrder},
		{"column beyond the last", whole(`<row><c r="XFE1"/></row>`), errOrder},
		{"bad reference", whole(`<row><c r="1"/></row>`), errCell},
		{"bad kind", whole(`<row><c t="x"><v>1</v></c></row>`), errCell},
		{"bad style", whole(`<row><c s="-1"><v>1</v></c></row>`), errCell},
		{"shared string that is not there", whole(`<row><c t="s"><v>7</v></c></row>`), errCell},
		{"shared string without number", whole(`<row><c t="s"><v>a</v></c></row>`), errCell},
		{"element in a value", whole(`<row><c><v><a/></v></c></row>`), errCell},
		{"endless text", whole(`<row><c><v>` + strings.Repeat("1", 2*maxToken) + `</v></c></row>`), errTooLong},
		{"endless tag", `<worksheet ` + strings.Repeat(" ", 2*maxToken) + `>`, errTooLong},
		{"deep", strings.Repeat(`<a>`, 1000), errTooDeep},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			book := xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: "甲"}}, Parts: map[string]string{"xl/worksheets/sheet1.xml": tt.sheet}}
			if _, err := readAll(book.Write(t)); !errors.Is(err, tt.want) {
				t.Errorf("error is %v (%v), want %v", err, errors.Unwrap(err), tt.want)
			}
		})
	}
}

// TestReadsWhatExcelizeReads compares the cells of random workbooks with what the
// library that wrote them makes of them.
func TestReadsWhatExcelizeReads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		f := excelize.NewFile()
		defer f.Close()
		text := rapid.StringOfN(rapid.RuneFrom([]rune("甲乙 a_x0041_<>&\"'\n\t=𠮷")), 1, 20, -1)
		for range rapid.IntRange(0, 30).Draw(t, "cells") {
			cell := fmt.Sprintf("%c%d", 'A'+rapid.IntRange(0, 9).Draw(t, "col"), rapid.IntRange(1, 40).Draw(t, "row"))
			var value any = text.Draw(t, "text")
			if rapid.Bool().Draw(t, "numeric") {
				value = rapid.Int64Range(-1e14, 1e14).Draw(t, "number")
			}
			if err := f.SetCellValue("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
		}
		path := dir + "/随机.xlsx"
		if err := f.SaveAs(path); err != nil {
			t.Fatal(err)
		}
		want, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		all, err := readAll(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(filledCells(want), cellTexts(all["Sheet1"])); diff != "" {
			t.Fatalf("cells (-excelize +ours):\n%s", diff)
		}
	})
}

func filledCells(rows [][]string) map[[2]int]string {
	out := map[[2]int]string{}
	for r, row := range rows {
		for c, text := range row {
			if text != "" {
				out[[2]int{r + 1, c}] = text
			}
		}
	}
	return out
}

func cellTexts(rows []Row) map[[2]int]string {
	out := map[[2]int]string{}
	for _, row := range rows {
		for _, c := range row.Cells {
			out[[2]int{row.Number, c.Col}] = c.Text
		}
	}
	return out
}
