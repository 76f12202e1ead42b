package read

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
)

// TestFormsOfDates: everything docs/interface.md §4.3 allows, as text, as number and as date cell.
func TestFormsOfDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	forms := []any{at, "2026-11-03", "2026/11/3", "2026.11.3", "2026年11月3日", "20261103", 20261103, 20261103.0,
		"2026-11-3", "2026/11/03", "２０２６年１１月３日", "２０２６－１１－０３", " 2026 - 11 - 03 ", "\u00a02026.11.03\u200b"}
	rows := [][]any{}
	for i, form := range forms {
		rows = append(rows, []any{roster.MakeID("140213", month.DateOf(1940, 1, 1), i), "低保", "是", form})
	}
	imp := read(t, rostertest.Workbook(t, nil, rostertest.FactsSheet(rows...)))
	rostertest.WantRefused(t, imp.Problems)
	for i, h := range imp.Facts {
		if h.Facts[0].Since != month.DateOf(2026, 11, 3) {
			t.Errorf("%v reads as %s", forms[i], h.Facts[0].Since)
		}
	}
}

func TestFormsOfMonths(t *testing.T) {
	t.Parallel()
	forms := []any{"2026-11", "2026/11", "202611", 202611, 202611.0, "2026年11月", "2026-11 ", "２０２６１１", "2026 年 11 月",
		time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	rows := [][]any{}
	for i, form := range forms {
		rows = append(rows, []any{roster.MakeID("140213", month.DateOf(1940, 1, 1), i), "17", 1, form, form})
	}
	imp := read(t, rostertest.Workbook(t, nil, rostertest.AwardsSheet(rows...)))
	rostertest.WantRefused(t, imp.Problems)
	for i, h := range imp.Awards {
		if a := h.Awards[0]; a.First != month.Of(2026, 11) || a.Last != a.First {
			t.Errorf("%v reads as %s to %s", forms[i], a.First, a.Last)
		}
	}
}

// TestAmountsAsNumbers: a number counts as Excel shows it, with 15 digits, and what has
// more than two decimals then is refused, never rounded.
func TestAmountsAsNumbers(t *testing.T) {
	t.Parallel()
	tenth, fifth := 0.1, 0.2
	rows, want := [][]any{}, []money.Fen{}
	for i, c := range []struct {
		cell any
		fen  money.Fen
	}{
		{70, 7000}, {1234.5, 123450}, {tenth + fifth, 30}, {0.07 * 100, 700}, {1.1 * 3, 330}, {100.1, 10010}, {33.33, 3333},
		{float32(70.5), 7050}, {1e6, 100_000_000}, {9_999_999_999.99, 999_999_999_999}, {"1,234.50", 123450}, {"70元", 7000}, {"７０．５", 7050},
	} {
		rows = append(rows, []any{roster.MakeID("140213", month.DateOf(1940, 1, 1), i), "17", c.cell, "2026-11"})
		want = append(want, c.fen)
	}
	good := read(t, rostertest.Workbook(t, nil, rostertest.AwardsSheet(rows...)))
	rostertest.WantRefused(t, good.Problems)
	var got []money.Fen
	for _, h := range good.Awards {
		got = append(got, h.Awards[0].Amount)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("amounts (-want +got):\n%s", diff)
	}
	bad := read(t, rostertest.Workbook(t, nil, rostertest.AwardsSheet([]any{rostertest.IDA, "17", 0.305, "2026-11"}, []any{rostertest.IDB, "17", 0.3000000001, "2026-11"})))
	rostertest.WantRefused(t, bad.Problems, "核定金额!2 金额=0.305：最多两位小数", "核定金额!3 金额=0.3000000001：最多两位小数")
}

// TestNumbersInTextColumns: telephone and account typed as numbers are the digits that
// Excel shows, up to the 15 that it keeps.
func TestNumbersInTextColumns(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号 电话 银行账号",
		[]any{"甲", rostertest.IDA, 13900000000, 622202020000001},
		[]any{"乙", rostertest.IDB, 13900000000.0, 6.22202e14},
		[]any{"丙", 140213194001010017, "1", "2"},
		[]any{"丁", roster.MakeID("140213", month.DateOf(1940, 1, 1), 5), nil, 6222020200000012},
	)))
	rostertest.WantRefused(t, imp.Problems, "人员!4 身份证号=1.4021319400101E+17：超过 15 位", "人员!5 银行账号=6.22202020000001E+15：超过 15 位")
	if a, b := imp.People[0].Person, imp.People[1].Person; a.Phone != "13900000000" || b.Phone != a.Phone ||
		a.Account.Number != "622202020000001" || b.Account.Number != "622202000000000" {
		t.Errorf("read %+v and %+v", a, b)
	}
}

// TestBasisThatBecameADate: a house number that became a date is lost, a basis is not.
func TestBasisThatBecameADate(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号 住址", []any{"甲", rostertest.IDA, at}),
		rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", at, nil, at}), rostertest.AwardsSheet([]any{rostertest.IDA, "17", 1, "2024-05", nil, nil, at})))
	rostertest.WantRefused(t, imp.Problems, "人员!2 住址=2024-05-01：被 Excel 当成了日期")
	if imp.Facts[0].Facts[0].Basis != "2024-05-01" || imp.Awards[0].Awards[0].Basis != "2024-05-01" {
		t.Errorf("facts %+v, awards %+v", imp.Facts, imp.Awards)
	}
}

// TestRosterInPracticalDress: titles in merged cells above, columns in another order,
// styled empty columns behind, rich text, formulas with results, notes, filters, a hidden
// sheet, and an .xlsm.
func TestRosterInPracticalDress(t *testing.T) {
	t.Parallel()
	dress := func(f *excelize.File) {
		rostertest.Must(t, f.MergeCell("人员", "A1", "H1"))
		rostertest.Must(t, f.MergeCell("人员", "A2", "B2"))
		bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
		rostertest.Must(t, err)
		rostertest.Must(t, f.SetCellStyle("人员", "G1", "Z60", bold))
		rostertest.Must(t, f.SetCellRichText("人员", "B4", []excelize.RichTextRun{{Text: "欧"}, {Text: "阳", Font: &excelize.Font{Bold: true}}, {Text: " 修"}}))
		rostertest.Must(t, f.SetCellFormula("人员", "F4", "100+39"))
		rostertest.Must(t, f.AddComment("人员", excelize.Comment{Cell: "A4", Author: "x", Text: "住址不详"}))
		rostertest.Must(t, f.AutoFilter("人员", "A3:F4", nil))
		rostertest.Must(t, f.SetSheetVisible("情况", false))
	}
	path := rostertest.Workbook(t, dress,
		rostertest.Sheet{Name: "人员", Rows: [][]any{{"平城区 2026 年 11 月老年人花名册"}, {"填报单位", nil, "某街道", "2026-11-03"},
			rostertest.Cells("死亡日期 姓名 备注 身份证号 街道 电话"), {nil, "", "x", rostertest.IDA, "永泰", 139}}},
		rostertest.Sheet{Name: "情况", Rows: [][]any{rostertest.Cells("起 值 依据 情况 身份证号 止"), {"2020-01-01", "是", nil, "低保", rostertest.IDA, nil}}})
	xlsm := strings.TrimSuffix(path, "x") + "m"
	f, err := excelize.OpenFile(path)
	rostertest.Must(t, err)
	rostertest.Must(t, f.SaveAs(xlsm))
	rostertest.Must(t, f.Close())
	for _, path := range []string{path, xlsm} {
		imp := read(t, path)
		rostertest.WantRefused(t, imp.Problems)
		rostertest.WantRefused(t, imp.Warnings, "人员!3 备注=：不认识的列")
		if p := imp.People[0].Person; p.Name != "欧阳修" || p.Street != "永泰" || p.Phone != "139" || imp.Columns.Address {
			t.Errorf("person is %+v", p)
		}
		if len(imp.Facts) != 1 || imp.Facts[0].Facts[0].Value != "是" {
			t.Errorf("facts are %+v", imp.Facts)
		}
	}
}
