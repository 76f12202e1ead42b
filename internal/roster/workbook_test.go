package roster

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/month"
)

// testDay is the day on which tests read workbooks.
var testDay = month.DateOf(2026, 12, 20)

// sheetOf is a sheet of a test workbook. A nil cell is absent.
type sheetOf struct {
	name string
	rows [][]any
}

// testWords is a small vocabulary with every type of fact.
func testWords() *Vocabulary {
	return &Vocabulary{
		Title:   "测试清单",
		Streets: []string{"永泰", "古城", "新旺"},
		Facts: []FactKind{
			{Name: "低保", Type: Flag, Note: "最低生活保障对象"},
			{Name: "特困", Type: Choice, Values: []string{"分散", "集中"}},
			{Name: "残疾类别", Type: Choices, Values: []string{"视力", "听力", "言语", "肢体", "智力", "精神"}},
			{Name: "入住机构", Type: Text},
			{Name: "机构月收费", Type: Amount},
		},
		Items: []ItemName{{"17", "最低生活保障"}, {"18-4", "丧葬补贴"}, {"24", "社会救助"}},
	}
}

// workbook writes the sheets with excelize and returns the file's path. edit, which may
// be nil, does what rows of values cannot say.
func workbook(t testing.TB, edit func(*excelize.File), sheets ...sheetOf) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		if i == 0 {
			must(t, f.SetSheetName("Sheet1", s.name))
		} else if _, err := f.NewSheet(s.name); err != nil {
			t.Fatal(err)
		}
		for n, row := range s.rows {
			must(t, f.SetSheetRow(s.name, fmt.Sprintf("A%d", n+1), &row))
		}
	}
	if edit != nil {
		edit(f)
	}
	path := filepath.Join(t.TempDir(), "花名册.xlsx")
	must(t, f.SaveAs(path))
	return path
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read reads a workbook that as a whole is fine.
func read(t testing.TB, path string) *Import {
	t.Helper()
	imp, err := Read(t.Context(), path, testWords(), testDay, nil)
	must(t, err)
	return imp
}

// slicesHave reports whether all are among the names.
func slicesHave(names []string, all ...string) bool {
	return !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(names, name) })
}
