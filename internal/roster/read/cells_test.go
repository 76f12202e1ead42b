package read

import (
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
)

func TestCellsAsExcelKeepsThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, cell string
		date1904   bool
		want       func(p roster.Person) bool
		refused    string
	}{
		{"number that lost digits", `<c r="D2"><v>6.2220212345678902E+18</v></c>`, false, nil, "人员!2 银行账号=6.22202123456789E+18：超过 15 位"},
		{"number with all digits in the file", `<c r="D2"><v>6222021234567890123</v></c>`, false, nil, "人员!2 银行账号=6.22202123456789E+18：超过 15 位"},
		{"short number with an exponent", `<c r="D2"><v>1.23456789E8</v></c>`, false, func(p roster.Person) bool { return p.Account.Number == "123456789" }, ""},
		{"broken number", `<c r="D2"><v>12x</v></c>`, false, nil, "人员!2 银行账号=12x：不是能识别的数字"},
		{"number with decimals", `<c r="D2"><v>12.5</v></c>`, false, nil, "人员!2 银行账号=12.5：只能是数字"},
		{"result of a formula", `<c r="D2" t="str"><f>A1</f><v>123</v></c>`, false, func(p roster.Person) bool { return p.Account.Number == "123" }, ""},
		{"formula without result", `<c r="D2"><f>A1</f></c>`, false, nil, "人员!2 银行账号=（公式）：没有保存"},
		{"error", `<c r="D2" t="e"><f>X()</f><v>#NAME?</v></c>`, false, nil, "人员!2 银行账号=#NAME?：错误值"},
		{"error as text", `<c r="F2" t="str"><v>#N/A</v></c>`, false, nil, "人员!2 住址=#N/A：错误值"},
		{"date", `<c r="E2" s="2"><v>46329</v></c>`, false, func(p roster.Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"date of 1904", `<c r="E2" s="1"><v>44867</v></c>`, true, func(p roster.Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"date with a time", `<c r="E2" s="1"><v>46329.5</v></c>`, false, nil, "人员!2 死亡日期=2026-11-03 12:00:00：带有时间"},
		{"day that never was", `<c r="E2" s="1"><v>60</v></c>`, false, nil, "人员!2 死亡日期=60：日期不存在"},
		{"ISO date", `<c r="E2" t="d"><v>2026-11-03T00:00:00</v></c>`, false, func(p roster.Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"serial without format", `<c r="E2"><v>46329</v></c>`, false, nil, "人员!2 死亡日期=46329：是数字而不是日期"},
		{"truth", `<c r="E2" t="b"><v>1</v></c>`, false, nil, "人员!2 死亡日期=TRUE：是逻辑值"},
		{"date in a text column", `<c r="F2" s="1"><v>46329</v></c>`, false, nil, "人员!2 住址=2026-11-03：被 Excel 当成了日期"},
		{"number in a text column", `<c r="F2"><v>70.099999999999994</v></c>`, false, func(p roster.Person) bool { return p.Address == "70.1" }, ""},
		{"control character", `<c r="F2" t="str"><v>a_x0007_</v></c>`, false, nil, "人员!2 住址=a\a：控制字符"},
		{"date with the time of midnight", `<c r="E2" t="str"><v>2026-11-03 00:00:00</v></c>`, false, func(p roster.Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"the same, shorter", `<c r="E2" t="str"><v> 2026/11/3  0:00 </v></c>`, false, func(p roster.Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"the same, in ISO form", `<c r="E2" t="str"><v>2026-11-03T00:00:00</v></c>`, false, func(p roster.Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"ten o'clock is not midnight", `<c r="E2" t="str"><v>2026/10/3 10:00</v></c>`, false, nil, "人员!2 死亡日期=2026/10/3 10:00：带有时间"},
		{"formula that its program could not compute", `<c r="E2"><f>TODAY()</f><v></v></c>`, false, nil, "人员!2 死亡日期=（公式）：没有保存"},
		{"formula of empty text", `<c r="E2" t="str"><f>A9</f><v></v></c>`, false, func(p roster.Person) bool { return p.Died == 0 }, ""},
		{"truth as text", `<c r="F2" t="b"><v>0</v></c>`, false, nil, "人员!2 住址=FALSE：是逻辑值"},
		{"line break", `<c r="F2" t="str"><v>a_x000D_` + "\n" + `b</v></c>`, false, func(p roster.Person) bool { return p.Address == "a b" }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			book := rostertest.RawCell(tt.cell)
			book.Date1904 = tt.date1904
			imp := read(t, book.Write(t))
			if tt.refused != "" {
				rostertest.WantRefused(t, imp.Problems, tt.refused)
				return
			}
			rostertest.WantRefused(t, imp.Problems)
			if !tt.want(imp.People[0].Person) {
				t.Errorf("person is %+v", imp.People[0].Person)
			}
		})
	}
}
