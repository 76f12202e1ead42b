package read_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/read"
)

// listDay is the day on which tests read lists.
var listDay = month.DateOf(2026, 12, 20)

// listFile writes a list as text and returns its path.
func listFile(t *testing.T, name, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readList(t *testing.T, path string) *roster.MatchList {
	t.Helper()
	l, err := read.MatchList(t.Context(), path, listDay, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func numberOf(year int) string {
	return roster.MakeID("140213", month.DateOf(year, 6, 15), 1)
}

// rowsOf writes rows and what was refused and warned, one a line.
func rowsOf(l *roster.MatchList) []string {
	var all []string
	for _, r := range l.Rows {
		all = append(all, fmt.Sprintf("%d %s %s %s %s %s %s", r.Place.Row, r.Name, r.ID, r.Birth, r.Date, r.Street, r.Note))
	}
	for _, p := range l.Problems {
		all = append(all, fmt.Sprintf("refused %d %s", p.Place.Row, p.Column))
	}
	for _, p := range l.Warnings {
		all = append(all, fmt.Sprintf("warned %d %s", p.Place.Row, p.Column))
	}
	return all
}

func TestReadMatchListCSV(t *testing.T) {
	t.Parallel()
	id := numberOf(1940)
	body := "九月死亡名单,,,\n备注,公民身份号码,姓 名,死亡日期,出生日期,编号\n" +
		"火化," + id + ",张　三,2026/9/3,,1\n" +
		",,李四,2026-09-04,1941年6月15日,2\n" +
		",14021319400615123X,王五,20260905,1940-06-15,3\n" + // a wrong check character
		",,赵六,2026-09-06,,4\n" +
		"," + id + ",张三,2026-13-01,,5\n" +
		"," + id + ",张三,2026-09-03,1941-06-15,6\n"
	want := []string{
		"3 张三 " + id + " 1940-06-15 2026-09-03  火化", "4 李四  1941-06-15 2026-09-04  ", "5 王五  1940-06-15 2026-09-05  ",
		"8 张三 " + id + " 1940-06-15 2026-09-03  ",
		"refused 6 身份证号", "refused 7 日期", "warned 2 编号", "warned 5 身份证号", "warned 8 出生日期",
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(body)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"utf8": body, "bom": "\uFEFF" + body, "gbk": gbk, "crlf": strings.ReplaceAll(body, "\n", "\r\n")} {
		if diff := cmp.Diff(want, rowsOf(readList(t, listFile(t, "名单.csv", text)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadMatchListWorkbook(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for cell, value := range map[string]any{
		"A1": "名单", "A2": "身份证号", "B2": "姓名", "C2": "日期", "D2": "街道",
		"A3": numberOf(1940), "B3": "甲", "C3": "2026-09-03", "D3": "永 泰",
		"A4": 140213194006151000, "B4": "乙", // a number cell: digits are lost
	} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.NewSheet("说明页"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellValue("说明页", "A1", "只是说明"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "名单.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	l := readList(t, path)
	want := []string{"3 甲 " + numberOf(1940) + " 1940-06-15 2026-09-03 永泰 ", "refused 4 身份证号", "warned 0 "}
	if diff := cmp.Diff(want, rowsOf(l)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if l.File != "名单.xlsx" || len(l.SHA256) != 64 {
		t.Errorf("file %q, hash %q", l.File, l.SHA256)
	}
}

func TestReadMatchListRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, say string }{
		"no headings": {"甲,乙\n1,2\n", "标题"},
		"empty":       {"", "标题"},
		"no rows":     {"姓名,身份证号\n", "没有一行"},
		"broken":      {"姓名,身份证号\n\"甲,1\n", "CSV"},
		"encoding":    {"姓名,身份证号\n\xff\xff\xff,1\n", "编码"},
		"twice":       {"姓名,身份证号,日期,死亡日期\n甲,1,,\n", "两列"},
	} {
		_, err := read.MatchList(t.Context(), listFile(t, "名单.csv", c.body), listDay, nil)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read.MatchList(t.Context(), filepath.Join(t.TempDir(), "无.csv"), listDay, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := read.MatchList(t.Context(), listFile(t, "名单.xlsx", "不是工作簿"), listDay, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("not a workbook: %v", err)
	}
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	born := month.DateOf(1940, 6, 15)
	rows := []roster.ListRow{
		{Listed: roster.Listed{ID: "A", Name: "甲", Birth: born}},   // the number of 1, the name of 1 and 2
		{Listed: roster.Listed{ID: "OLD", Name: "甲", Birth: born}}, // once the number of 3
		{Listed: roster.Listed{Name: "甲", Birth: born}},            // two such people
		{Listed: roster.Listed{ID: "X", Name: "丙", Birth: born}},   // another number, one such name
		{Listed: roster.Listed{ID: "Y", Name: "丁", Birth: born}},
		{Listed: roster.Listed{Name: "甲"}},
	}
	m := roster.NewMatcher(rows)
	for _, p := range []struct {
		person roster.Person
		past   []string
	}{
		{roster.Person{Number: 2, ID: "B", Name: "甲", Birth: born}, nil},
		{roster.Person{Number: 1, ID: "A", Name: "甲", Birth: born}, []string{"A0"}},
		{roster.Person{Number: 3, ID: "C", Name: "丙", Birth: born}, []string{"OLD"}},
	} {
		m.Person(&p.person, p.past)
	}
	matches, unmatched := m.Matches()
	var got []string
	for _, x := range matches {
		got = append(got, fmt.Sprintf("%d-%d %d", x.Row, x.Person.Number, x.How))
	}
	want := []string{"0-1 1", "1-3 2", "2-1 4", "2-2 4", "3-3 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]int{4, 5}, unmatched); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}

// TestImpossibleDaysOfLists: a list of what has been cannot speak of tomorrow.
func TestImpossibleDaysOfLists(t *testing.T) {
	t.Parallel()
	born, unborn := roster.MakeID("140213", month.DateOf(1944, 3, 5), 7), roster.MakeID("140213", month.DateOf(2031, 3, 5), 7)
	body := "姓名,身份证号,出生日期,死亡日期\n" +
		"甲," + born + ",,2031-01-01\n" +
		"乙," + born + ",,1944-03-04\n" +
		"丙," + unborn + ",,\n" +
		"丁,,2031-03-05,\n" +
		"戊," + born + ",,2026-12-20\n"
	l, err := read.MatchList(t.Context(), listFile(t, "名单.csv", body), listDay, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range l.Problems {
		got = append(got, fmt.Sprint(p.Place.Row, " ", p.Column, " ", p.Reason))
	}
	want := []string{"2 日期 在今天（2026-12-20）以后，不可能，请核对", "3 日期 早于出生日期 1944-03-05，请核对",
		"4 身份证号 出生日期 2031-03-05 在今天（2026-12-20）以后，不可能，请核对", "5 出生日期 在今天（2026-12-20）以后，不可能，请核对"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if len(l.Rows) != 1 || l.Rows[0].Name != "戊" {
		t.Errorf("rows %+v", l.Rows)
	}
}
