package bank_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"disburse/internal/bank"
	"disburse/internal/roster/xlsx/xlsxtest"
)

// text is a row of text cells from column A on; numbers begins with # for number cells.
func cells(row int, values ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, row)
	for i, v := range values {
		if raw, ok := strings.CutPrefix(v, "#"); ok {
			fmt.Fprintf(&b, `<c r="%c%d"><v>%s</v></c>`, 'A'+i, row, raw)
			continue
		}
		fmt.Fprintf(&b, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, row, v)
	}
	b.WriteString(`</row>`)
	return b.String()
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	book := xlsxtest.Book{Sheets: []xlsxtest.Sheet{
		{Name: "说明", Rows: cells(1, "此表为代发结果")},
		{Name: "一", Rows: cells(1, "代发结果") + cells(3, "序号", "批次号", "户名", "账号", "金额", "结果码", "原因") +
			cells(4, "#1", number, "张某", "6222000000000000001", "#70", "0000", "成功") +
			cells(5, "#2", number, "李某", "#6222000000000000002", "#70", "0000", "成功") +
			cells(6, "合计", "", "", "", "#1304.5")},
		{Name: "二", Rows: cells(1, "结果码", "原因", "批次号", "序号", "账号", "金额", "户名") +
			cells(2, "失败", "户名不符", number, "2", "6222000000000000002", "#1234.5000000000002", "李某")},
	}}
	r := read(t, "回盘.dat", book.Bytes(t))
	if diff := cmp.Diff(twoRows, r.Rows, cmpopts.IgnoreFields(bank.ResultRow{}, "Place")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if r.Rows[1].Place != (bank.Place{Sheet: "二", Row: 2}) || r.Encoding != "" {
		t.Errorf("got %+v, %q", r.Rows[1].Place, r.Encoding)
	}
	if len(r.Problems) != 1 || r.Problems[0].Place != (bank.Place{Sheet: "一", Row: 5}) || !strings.Contains(r.Problems[0].Reason, "超过 15 位") {
		t.Errorf("problems: %+v", r.Problems)
	}
}
