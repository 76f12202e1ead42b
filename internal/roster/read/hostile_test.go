package read

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/roster/rostertest"
)

func TestWorkbooksRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	row := []any{"甲", rostertest.IDA, "永泰"}
	late := rostertest.Sheet{Name: "人员", Rows: make([][]any, headingRows)}
	late.Rows = append(late.Rows, rostertest.Cells("姓名 身份证号 街道"), row)
	merge := func(f *excelize.File) { rostertest.Must(t, f.MergeCell("人员", "C1", "D1")) }
	tests := []struct {
		name   string
		edit   func(*excelize.File)
		sheets []rostertest.Sheet
		want   string
	}{
		{"no roster sheet", nil, []rostertest.Sheet{{Name: "Sheet1", Rows: [][]any{row}}}, "里没有花名册的工作表"},
		{"empty sheet", nil, []rostertest.Sheet{{Name: "人员", Rows: nil}}, "工作表“人员”里没有内容"},
		{"no headings", nil, []rostertest.Sheet{{Name: "人员", Rows: [][]any{row, row}}}, "工作表“人员”的前 10 行里找不到标题行"},
		{"headings too far down", nil, []rostertest.Sheet{late}, "找不到标题行"},
		{"heading missing", nil, []rostertest.Sheet{{Name: "情况", Rows: [][]any{rostertest.Cells("身份证号 情况 起"), row}}}, "工作表“情况”第 1 行的标题缺少“值”列"},
		{"number missing", nil, []rostertest.Sheet{rostertest.PeopleSheet("姓名 街道", row)}, "缺少“身份证号”列"},
		{"heading twice", nil, []rostertest.Sheet{rostertest.PeopleSheet("姓名 身份证号 电话 电话*", row)}, "第 1 行有两列的标题都是“电话”"},
		{"headings in two rows", merge, []rostertest.Sheet{{Name: "人员", Rows: [][]any{{"姓名", "身份证号", "账户"}, {nil, nil, "开户银行", "银行账号"}, row}}}, "标题分在第 1 行和第 2 行"},
		{"headings in two rows, upside down", nil, []rostertest.Sheet{{Name: "人员", Rows: [][]any{{"姓名", nil}, {nil, "身份证号", "街道"}, row}}}, "标题分在第 1 行和第 2 行"},
		{"continuation with other columns", nil, []rostertest.Sheet{rostertest.PeopleSheet("姓名 身份证号 街道", row), {Name: "人员2", Rows: [][]any{rostertest.Cells("姓名 身份证号"), row}}}, "工作表“人员2”与“人员”的列不一致"},
		{"sheet twice", nil, []rostertest.Sheet{rostertest.PeopleSheet("姓名 身份证号", row), {Name: " 人员 ", Rows: [][]any{rostertest.Cells("姓名 身份证号"), row}}}, "两个名为"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Roster(t.Context(), rostertest.Workbook(t, tt.edit, tt.sheets...), rostertest.Words(), rostertest.Day, nil)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestDamagedRowsRefuseTheWorkbook: rows before the damage must not pass for all there are.
func TestDamagedRowsRefuseTheWorkbook(t *testing.T) {
	t.Parallel()
	book := rostertest.RawCell(`<c r="F2" t="str"><v>某路</v></c>`)
	book.Parts = map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + book.Sheets[0].Rows + `<row r="3"><c r="A3"`}
	if imp, err := Roster(t.Context(), book.Write(t), rostertest.Words(), rostertest.Day, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("read %+v, %v", imp, err)
	}
}
