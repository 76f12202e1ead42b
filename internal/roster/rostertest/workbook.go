package rostertest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/xlsx/xlsxtest"
)

// RawCell is a row of 人员 of which one cell is raw XML.
func RawCell(cell string) xlsxtest.Book {
	text := func(ref, s string) string { return `<c r="` + ref + `" t="str"><v>` + s + `</v></c>` }
	head := text("A1", "姓名") + text("B1", "身份证号") + text("C1", "街道") + text("D1", "银行账号") + text("E1", "死亡日期") + text("F1", "住址")
	return xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: "人员", Rows: `<row r="1">` + head + `</row><row r="2">` + text("A2", "甲") + text("B2", IDA) + text("C2", "永泰") + cell + `</row>`}}}
}

// Made-up people.
var (
	IDA = roster.MakeID("140213", month.DateOf(1940, 5, 6), 1)
	IDB = roster.MakeID("140213", month.DateOf(1950, 7, 8), 2)
)

// PeopleSheet is a 人员 sheet with these columns.
func PeopleSheet(headings string, rows ...[]any) Sheet {
	return Sheet{"人员", append([][]any{Cells(headings)}, rows...)}
}

// FactsSheet is a 情况 sheet.
func FactsSheet(rows ...[]any) Sheet {
	return Sheet{"情况", append([][]any{Cells("身份证号 情况 值 起 止 依据")}, rows...)}
}

// AwardsSheet is a 核定金额 sheet.
func AwardsSheet(rows ...[]any) Sheet {
	return Sheet{"核定金额", append([][]any{Cells("身份证号 项目 金额 起始月 终止月 收款单位 依据")}, rows...)}
}

// PayeesSheet is a 收款单位 sheet.
func PayeesSheet(rows ...[]any) Sheet {
	return Sheet{"收款单位", append([][]any{Cells("名称 开户银行 银行账号 账户户名")}, rows...)}
}

// Cells is a row of words, one a cell.
func Cells(words string) []any {
	var out []any
	for _, w := range strings.Fields(words) {
		out = append(out, w)
	}
	return out
}

// Day is the day on which tests read workbooks.
var Day = month.DateOf(2026, 12, 20)

// Sheet is a sheet of a test workbook. A nil cell is absent.
type Sheet struct {
	Name string
	Rows [][]any
}

// Words is a small vocabulary with every type of fact.
func Words() *roster.Vocabulary {
	return &roster.Vocabulary{
		Title:   "测试清单",
		Streets: []string{"永泰", "古城", "新旺"},
		Facts: []roster.FactKind{
			{Name: "低保", Type: roster.Flag, Note: "最低生活保障对象"},
			{Name: "特困", Type: roster.Choice, Values: []string{"分散", "集中"}},
			{Name: "残疾类别", Type: roster.Choices, Values: []string{"视力", "听力", "言语", "肢体", "智力", "精神"}},
			{Name: "入住机构", Type: roster.Text},
			{Name: "机构月收费", Type: roster.Amount},
		},
		Items: []roster.ItemName{{Code: "17", Name: "最低生活保障"}, {Code: "18-4", Name: "丧葬补贴"}, {Code: "24", Name: "社会救助"}},
	}
}

// Workbook writes the sheets with excelize and returns the file's path. edit, which may
// be nil, does what rows of values cannot say.
func Workbook(t testing.TB, edit func(*excelize.File), sheets ...Sheet) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		if i == 0 {
			Must(t, f.SetSheetName("Sheet1", s.Name))
		} else if _, err := f.NewSheet(s.Name); err != nil {
			t.Fatal(err)
		}
		for n, row := range s.Rows {
			Must(t, f.SetSheetRow(s.Name, fmt.Sprintf("A%d", n+1), &row))
		}
	}
	if edit != nil {
		edit(f)
	}
	path := filepath.Join(t.TempDir(), "花名册.xlsx")
	Must(t, f.SaveAs(path))
	return path
}

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
