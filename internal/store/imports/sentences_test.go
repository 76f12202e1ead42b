package imports_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/roster"
	"disburse/internal/roster/read"
	"disburse/internal/roster/write"
	"disburse/internal/store/storetest"
)

// saveBook writes sheets, each a heading row and rows, and returns the workbook's path.
func saveBook(t testing.TB, sheets map[string][][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range sheets[name] {
			if err := f.SetSheetRow(name, fmt.Sprint("A", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "花名册.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func readBook(t testing.TB, path string) *storetest.Sheet {
	t.Helper()
	in, err := read.Roster(t.Context(), path, words, storetest.Day(2026, 11, 20), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &storetest.Sheet{In: *in}
}

// bookOf writes sheets and reads them as a roster.
func bookOf(t testing.TB, sheets map[string][][]any) *storetest.Sheet {
	t.Helper()
	return readBook(t, saveBook(t, sheets))
}

// What an import means, sentence by sentence of docs/interface.md §4.4, through real workbooks.
func TestWhatAnImportMeans(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	a, b := storetest.IdOf(1940), storetest.IdOf(1941)
	first := bookOf(t, map[string][][]any{
		"人员":   {{"街道", "备注", "身份证号*", "姓 名", "电话", "银行账号"}, {"永泰", "x", a, "张　甲", 13900000000, "6222 01"}, {"古城", nil, b, "李乙", "1", "2"}},
		"情况":   {{"起", "止", "值", "情况", "身份证号", "依据"}, {"2020-01-01", "2020-12-31", "是", "低保", a}, {"2022/1/1", nil, "是", "低保", a}, {20240101, nil, "空巢", "居住状况", b}},
		"核定金额": {{"身份证号", "项目", "金额", "起始月", "终止月"}, {a, 17, 0.1 + 0.2, 202611, "2026年12月"}, {b, "17", 70, "2026/11"}},
	})
	if report := r.accept(first); report.NewPeople != 2 || report.ChangedFacts != 2 || report.ChangedAwards != 2 || len(report.Warnings) != 1 {
		t.Errorf("report %+v", report)
	}
	if report := r.accept(first); report.Rev != 0 {
		t.Errorf("the same file twice: %+v", report)
	}
	// A column that is absent leaves what is known; a present column's empty cell says none.
	r.accept(bookOf(t, map[string][][]any{"人员": {{"身份证号", "电话"}, {a, nil}}}))
	if p := r.find(a); p.Phone != "" || p.Account.Number != "622201" || p.Name != "张甲" {
		t.Errorf("left is %+v", p.Person)
	}
	// Facts that are mentioned are replaced as a whole, others stay; 无 and 0 say none.
	r.accept(bookOf(t, map[string][][]any{
		"情况":   {{"身份证号", "情况", "值", "起"}, {a, "低保", "是", "2022-01-01"}, {b, "居住状况", "无", nil}},
		"核定金额": {{"身份证号", "项目", "金额", "起始月"}, {a, "17", 0, nil}},
	}))
	p, q := r.find(a), r.find(b)
	if len(p.Facts) != 1 || p.Facts[0].Since != storetest.Day(2022, 1, 1) || len(q.Facts) != 0 || len(p.Awards) != 0 || len(q.Awards) != 1 {
		t.Errorf("left are %+v and %+v", p, q)
	}
	// Nothing known before is lost.
	sameDossiers(t, r.all(1), []*roster.Dossier{
		{Person: roster.Person{ID: a, Name: "张甲", Street: "永泰", Phone: "13900000000", Birth: storetest.Day(1940, 6, 15), Account: roster.Account{Number: "622201"}},
			Facts:  []roster.Fact{{Name: "低保", Since: storetest.Day(2020, 1, 1), Until: storetest.Day(2020, 12, 31), Value: "是"}, {Name: "低保", Since: storetest.Day(2022, 1, 1), Value: "是"}},
			Awards: []roster.Award{{Item: "17", Amount: 30, First: storetest.Day(2026, 11, 1).Month(), Last: storetest.Day(2026, 12, 1).Month()}}},
		{Person: roster.Person{ID: b, Name: "李乙", Street: "古城", Phone: "1", Birth: storetest.Day(1941, 6, 15), Account: roster.Account{Number: "2"}},
			Facts:  []roster.Fact{{Name: "居住状况", Since: storetest.Day(2024, 1, 1), Value: "空巢"}},
			Awards: []roster.Award{{Item: "17", Amount: 7000, First: storetest.Day(2026, 11, 1).Month()}}},
	})
}

// Good rows go in, bad rows come out; mended in the errors workbook they go in as well,
// the facts of somebody new together with the person.
func TestMendedErrorsGoIn(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	a, b := storetest.IdOf(1940), storetest.IdOf(1941)
	path := saveBook(t, map[string][][]any{
		"人员": {{"姓名", "身份证号", "街道", "死亡日期"}, {"张甲", a, "永泰", nil}, {"李乙", b, "永泰", "昨天"}},
		"情况": {{"身份证号", "情况", "值", "起", "止"}, {a, "低保", "是", "2020-01-01", "2021-01-01"}, {a, "低保", "是", "2021-01-01"},
			{b, "低保", "是", "2020-01-01"}, {a, "居住状况", "空巢", "2020-01-01"}},
	})
	report := r.load(readBook(t, path))
	wantRefused(t, report, "人员 3 死亡日期: 不是日期", "情况 2 : 第 3 行有误", "情况 3 起: 两端都算在内", "情况 4 身份证号: “人员”第 3 行未被接受")
	if report.NewPeople != 1 || report.ChangedFacts != 1 {
		t.Errorf("report %+v", report)
	}
	mended := filepath.Join(t.TempDir(), "错误.xlsx")
	if err := write.Errors(mended, path, report.Problems); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(mended)
	if err != nil {
		t.Fatal(err)
	}
	for cell, value := range map[string]string{"人员!D2": "2026-11-01", "情况!E2": "2020-12-31"} {
		if err := f.SetCellStr(cell[:len("人员")], cell[len("人员!"):], value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	report = r.accept(readBook(t, mended))
	if report.NewPeople != 1 || report.ChangedFacts != 2 || len(report.Warnings) > 0 {
		t.Errorf("report %+v", report)
	}
	if p, q := r.find(a), r.find(b); len(p.Facts) != 3 || len(q.Facts) != 1 || q.Died != storetest.Day(2026, 11, 1) {
		t.Errorf("%+v\n%+v", p, q)
	}
	if report = r.accept(readBook(t, mended)); report.Rev != 0 {
		t.Errorf("the mended file again: %+v", report)
	}
}

// TestRefusedRowsAreNotReadIn: only of rows that come in does the report say that they were
// read in as they are written, whether the reader refuses the others or the merge does.
func TestRefusedRowsAreNotReadIn(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	report := r.load(bookOf(t, map[string][][]any{"人员": {
		{"身份证号", "姓名", "街道", "死亡日期", "原身份证号"},
		{storetest.IdOf(1940), "张#", "某街道"},
		{storetest.IdOf(1941), "李#", "某街道", "1930-01-01"},              // died before birth: the reader
		{storetest.IdOf(1942), "王#", "某街道", nil, storetest.IdOf(1943)}, // nobody has the former number: the merge
		{storetest.IdOf(1944), "赵#", "另一街道", "昨天"},
	}}))
	if report.NewPeople != 1 || report.Refused != 3 {
		t.Fatalf("report %+v", report)
	}
	var read []string
	for _, w := range report.Warnings {
		read = append(read, fmt.Sprintf("%d %s %s", w.Place.Row, w.Column, w.Value))
		if strings.Contains(w.Reason, "行），") && !strings.Contains(w.Reason, "共 1 行") {
			t.Errorf("%+v", w)
		}
	}
	if diff := cmp.Diff([]string{"2 姓名 张#", "2 街道 某街道"}, read); diff != "" {
		t.Error(diff)
	}
}
