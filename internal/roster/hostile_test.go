package roster

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
)

func TestWorkbooksRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	row := []any{"甲", idA, "永泰"}
	late := sheetOf{"人员", make([][]any, headingRows)}
	late.rows = append(late.rows, anys("姓名 身份证号 街道"), row)
	merge := func(f *excelize.File) { must(t, f.MergeCell("人员", "C1", "D1")) }
	tests := []struct {
		name   string
		edit   func(*excelize.File)
		sheets []sheetOf
		want   string
	}{
		{"no roster sheet", nil, []sheetOf{{"Sheet1", [][]any{row}}}, "里没有花名册的工作表"},
		{"empty sheet", nil, []sheetOf{{"人员", nil}}, "工作表“人员”里没有内容"},
		{"no headings", nil, []sheetOf{{"人员", [][]any{row, row}}}, "工作表“人员”的前 10 行里找不到标题行"},
		{"headings too far down", nil, []sheetOf{late}, "找不到标题行"},
		{"heading missing", nil, []sheetOf{{"情况", [][]any{anys("身份证号 情况 起"), row}}}, "工作表“情况”第 1 行的标题缺少“值”列"},
		{"number missing", nil, []sheetOf{peopleSheet("姓名 街道", row)}, "缺少“身份证号”列"},
		{"heading twice", nil, []sheetOf{peopleSheet("姓名 身份证号 电话 电话*", row)}, "第 1 行有两列的标题都是“电话”"},
		{"headings in two rows", merge, []sheetOf{{"人员", [][]any{{"姓名", "身份证号", "账户"}, {nil, nil, "开户银行", "银行账号"}, row}}}, "标题分在第 1 行和第 2 行"},
		{"headings in two rows, upside down", nil, []sheetOf{{"人员", [][]any{{"姓名", nil}, {nil, "身份证号", "街道"}, row}}}, "标题分在第 1 行和第 2 行"},
		{"continuation with other columns", nil, []sheetOf{peopleSheet("姓名 身份证号 街道", row), {"人员2", [][]any{anys("姓名 身份证号"), row}}}, "工作表“人员2”与“人员”的列不一致"},
		{"sheet twice", nil, []sheetOf{peopleSheet("姓名 身份证号", row), {" 人员 ", [][]any{anys("姓名 身份证号"), row}}}, "两个名为"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(t.Context(), workbook(t, tt.edit, tt.sheets...), testWords(), testDay, nil)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestDamagedRowsRefuseTheWorkbook: rows before the damage must not pass for all there are.
func TestDamagedRowsRefuseTheWorkbook(t *testing.T) {
	t.Parallel()
	book := rawCell(`<c r="F2" t="str"><v>某路</v></c>`)
	book.Parts = map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + book.Sheets[0].Rows + `<row r="3"><c r="A3"`}
	if imp, err := Read(t.Context(), book.Write(t), testWords(), testDay, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("read %+v, %v", imp, err)
	}
}
