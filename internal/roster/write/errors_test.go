package write

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/rostertest"
	"disburse/internal/roster/xlsx/xlsxtest"
)

// errorsOf imports a workbook and writes its errors workbook.
func errorsOf(t *testing.T, src string) string {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "错误.xlsx")
	rostertest.Must(t, Errors(dst, src, readBack(t, src).Problems))
	return dst
}

// rowsOf returns the raw cells of a sheet.
func rowsOf(t *testing.T, path, sheet string) [][]string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	rostertest.Must(t, err)
	defer f.Close()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	rostertest.Must(t, err)
	return rows
}

func TestErrorsWorkbook(t *testing.T) {
	t.Parallel()
	src := rostertest.Workbook(t, nil,
		rostertest.Sheet{Name: "人员", Rows: [][]any{{"花名册"}, rostertest.Cells("姓名* 民族 身份证号 死亡日期 住址 银行账号 电话"),
			{"好人", "汉", rostertest.IDA, nil, "某路", "1", "2"},
			{"坏人", "汉", "123", time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), "=A1", 6222020000000000001, 139}}},
		rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{rostertest.IDB, "低保", "是", "2020-01-01"}, []any{rostertest.IDA, "低保", "否", "2021-01-01"}),
		rostertest.AwardsSheet([]any{rostertest.IDA, "17", 70.5, "2025-01"}),
	)
	dst := errorsOf(t, src)
	want := [][]string{
		anyStrings("姓名 民族 身份证号 死亡日期 住址 银行账号 电话 原行号 错误列 错误值 错误原因"),
		{"坏人", "汉", "123", "46329", "'=A1", "6.22202E+18", "139", "4", "身份证号；银行账号", "123；6.22202E+18"},
	}
	got := rowsOf(t, dst, "人员")
	if !strings.Contains(got[1][10], "身份证号：身份证号应为 18 位") || !strings.Contains(got[1][10], "；银行账号：") {
		t.Errorf("reason is %q", got[1][10])
	}
	got[1] = got[1][:10]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("人员 (-want +got):\n%s", diff)
	}
	facts := rowsOf(t, dst, "情况")
	if len(facts) != 3 || facts[1][6] != "2" || facts[2][6] != "4" || !strings.Contains(facts[1][9], "第 4 行有误") {
		t.Errorf("情况 is %v", facts)
	}
	f, err := excelize.OpenFile(dst)
	rostertest.Must(t, err)
	defer f.Close()
	if diff := cmp.Diff([]string{"人员", "情况"}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets:\n%s", diff)
	}
	shown, err := f.GetCellValue("人员", "D2")
	rostertest.Must(t, err)
	if shown != "2026-11-03" {
		t.Errorf("the date shows as %q", shown)
	}
	info, err := os.Stat(dst)
	rostertest.Must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
}

func anyStrings(words string) []string { return strings.Fields(words) }

// TestUnmendedErrorsStayErrors: importing the errors workbook as it is refuses the same
// cells for the same reasons, and warns of nothing new.
func TestUnmendedErrorsStayErrors(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{
		`<c r="D2"><v>6222021234567890123</v></c>`,
		`<c r="D2"><f>A1</f></c>`,
		`<c r="F2"><f>A1</f></c>`,
		`<c r="F2"><f>A1</f><v></v></c>`,
		`<c r="F2" t="b"><v>1</v></c>`,
		`<c r="F2" t="e"><v>#REF!</v></c>`,
		`<c r="F2" s="1"><v>46329</v></c>`,
		`<c r="E2" s="1"><v>46329.5</v></c>`,
		`<c r="E2" s="1"><v>60</v></c>`,
		`<c r="E2" s="1"><v>100</v></c>`, // before birth
		`<c r="F2" t="str"><v>a_x0007_</v></c>`,
		`<c r="E2" t="str"><v>'=昨天</v></c>`,
		`<c r="E2" t="str"><v>=昨天</v></c>`,
	} {
		src := rostertest.RawCell(cell).Write(t)
		first := readBack(t, src)
		again := readBack(t, errorsOf(t, src))
		if len(first.Problems) != 1 || len(again.Problems) != 1 || len(again.Warnings) > 0 {
			t.Errorf("%s: %v, then %v, %v", cell, rostertest.Said(first.Problems), rostertest.Said(again.Problems), rostertest.Said(again.Warnings))
			continue
		}
		if first.Problems[0].Column != again.Problems[0].Column {
			t.Errorf("%s: %v, then %v", cell, rostertest.Said(first.Problems), rostertest.Said(again.Problems))
		}
	}
}

func TestMendedErrorsImport(t *testing.T) {
	t.Parallel()
	src := rostertest.Workbook(t, nil, rostertest.FactsSheet(
		[]any{rostertest.IDA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{rostertest.IDA, "低保", "否", "2021-01-01"}, []any{rostertest.IDB, "低保", "是", "2021-01-01"}))
	dst := errorsOf(t, src)
	f, err := excelize.OpenFile(dst)
	rostertest.Must(t, err)
	rostertest.Must(t, f.SetCellStr("情况", "C3", "是"))
	rostertest.Must(t, f.Save())
	rostertest.Must(t, f.Close())
	imp := readBack(t, dst)
	rostertest.WantRefused(t, imp.Problems)
	rostertest.WantRefused(t, imp.Warnings)
	if len(imp.Facts) != 1 || len(imp.Facts[0].Facts) != 2 {
		t.Errorf("facts are %+v", imp.Facts)
	}
	again := errorsOf(t, src) // and an errors workbook of an errors workbook has its columns once
	if heads := rowsOf(t, errorsOf(t, again), "情况")[0]; len(heads) != 10 {
		t.Errorf("headings are %v", heads)
	}
}

func TestWriteErrorsRefuses(t *testing.T) {
	t.Parallel()
	src := rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号", []any{"甲", "1"}))
	problems := readBack(t, src).Problems
	if err := Errors(src, src, problems); !fault.Is(err, fault.Refused) {
		t.Errorf("writing over the source: %v", err)
	}
	if err := Errors(filepath.Join(t.TempDir(), "a", "b.xlsx"), src, problems); !fault.Is(err, fault.Refused) {
		t.Errorf("writing to no directory: %v", err)
	}
	if err := Errors(filepath.Join(t.TempDir(), "b.xlsx"), src+"x", problems); !fault.Is(err, fault.NotFound) {
		t.Errorf("reading nothing: %v", err)
	}
	dst := filepath.Join(t.TempDir(), "b.xlsx")
	rostertest.Must(t, Errors(dst, src, nil))
	if _, err := os.Stat(dst); !os.IsNotExist(err) {
		t.Errorf("no problems, and yet a file: %v", err)
	}
	good := xlsxtest.File(t, "b.xlsx", []byte("PK"))
	if err := Errors(dst, good, problems); !fault.Is(err, fault.Invalid) {
		t.Errorf("reading a damaged file: %v", err)
	}
}

// TestErrorsAreSeen: every wrong cell is red and has the reason as a note, one that is
// missing too; what is no date is told although the ID number is wrong as well.
func TestErrorsAreSeen(t *testing.T) {
	t.Parallel()
	src := rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号 街道 死亡日期", []any{nil, "123", "永泰", "2026-13-45"}))
	f, err := excelize.OpenFile(errorsOf(t, src))
	rostertest.Must(t, err)
	defer f.Close()
	notes, err := f.GetComments("人员")
	rostertest.Must(t, err)
	got := map[string]bool{}
	for _, n := range notes {
		got[n.Cell] = n.Text != ""
		style, err := f.GetCellStyle("人员", n.Cell)
		rostertest.Must(t, err)
		if s, err := f.GetStyle(style); err != nil || len(s.Fill.Color) == 0 || s.Fill.Color[0] != "F8CBAD" {
			t.Errorf("%s is not marked: %+v, %v", n.Cell, s, err)
		}
	}
	if diff := cmp.Diff(map[string]bool{"A2": true, "B2": true, "D2": true}, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// TestErrorsCanBeReadOnPaper: print of 8 points at least, the headings and who it is about
// on every page, and what is wrong together on one page.
func TestErrorsCanBeReadOnPaper(t *testing.T) {
	t.Parallel()
	narrow := rostertest.Workbook(t, nil, rostertest.FactsSheet([]any{rostertest.IDA, "低保", "否", "2020-01-01"}))
	for name, c := range map[string]struct{ src, sheet, titles string }{
		"wide":   {manyErrors(t), "人员", "'人员'!$A:$B,'人员'!$1:$1"},
		"narrow": {narrow, "情况", "'情况'!$A:$A,'情况'!$1:$1"},
	} {
		path := errorsOf(t, c.src)
		f, err := excelize.OpenFile(path)
		rostertest.Must(t, err)
		defer f.Close()
		page, err := f.GetPageLayout(c.sheet)
		rostertest.Must(t, err)
		props, err := f.GetSheetProps(c.sheet)
		rostertest.Must(t, err)
		if *page.Orientation != "landscape" || *page.AdjustTo*11 < 800 || *props.FitToPage {
			t.Errorf("%s: page %+v, %v", name, page, *props.FitToPage)
		}
		titles := ""
		for _, d := range f.GetDefinedName() {
			if d.Scope == c.sheet && d.Name == "_xlnm.Print_Titles" {
				titles = d.RefersTo
			}
		}
		if titles != c.titles {
			t.Errorf("%s: repeats %q", name, titles)
		}
		heads := rowsOf(t, path, c.sheet)[0]
		width := 0.0
		for i, h := range heads {
			w, err := f.GetColWidth(c.sheet, layout.Letters(i))
			rostertest.Must(t, err)
			if i < 2 || slices.Contains(layout.ErrorHeadings, h) {
				width += w
			}
		}
		if width > paperWidth*100/leastScale {
			t.Errorf("%s: what is wrong takes %v characters", name, width)
		}
	}
}

// manyErrors is a workbook of many columns, known and not, with something wrong in most rows.
func manyErrors(t *testing.T) string {
	t.Helper()
	heads := rostertest.Cells("姓名 身份证号 街道 社区 住址 电话 迁入日期 迁出日期 死亡日期 开户银行 银行账号 账户户名 代领人 代领关系 代领原因 原身份证号 出生日期 备注一 备注二 备注三")
	rows := [][]any{{"平城区花名册"}, heads}
	for i := range 60 {
		rows = append(rows, []any{"坏人", "14020219440312101X", "永泰", "某某路第一社区", "平城区某某路某某小区 12 号楼 3 单元 402", "0352-1234567",
			"2024年13月1日", "2024-01-01", "去年", "中国工商银行大同分行", 6222020000000000001, "坏人", "其子", "子女", "行动不便", "", "", i, "未核", "老系统的备注，写得很长很长，一行放不下"})
	}
	return rostertest.Workbook(t, nil, rostertest.Sheet{Name: "人员", Rows: rows}, rostertest.FactsSheet([]any{rostertest.IDA, "低保", "否", "2020-01-01"}, []any{rostertest.IDA, "不知道", "是", "2020-01-01"}))
}

// TestCopiedTextReadsAsTheOriginal: whatever a refused cell said, its copy says too.
func TestCopiedTextReadsAsTheOriginal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("'=+-@a张"))).Draw(t, "text")
		if a, b := clean.Original(copiedText(s)), clean.Original(s); a != b {
			t.Fatalf("a copy of %q reads as %q, not %q", s, a, b)
		}
	})
}
