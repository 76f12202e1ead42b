package read

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
)

func TestReadPerson(t *testing.T) {
	t.Parallel()
	path := rostertest.Workbook(t, nil, rostertest.Sheet{Name: "人员", Rows: [][]any{
		{"平城区老年人花名册"},
		{},
		rostertest.Cells("社区 姓名* 身份证号＊ 街道 住址 电话 迁入日期 迁出日期 死亡日期 开户银行 银行账号 账户户名 代领人 代领关系 代领原因 原身份证号 出生日期"),
		{" 第一社区", "张　试", " " + strings.ToLower(rostertest.IDA), "永 泰", "某路  1 号\n2 楼", 13900000000, time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC),
			"2002/3/4", 20031231, "某行", "６２２２ 0200 0000 0001", "", "王 试", "子女", "行动不便", rostertest.IDB, "1940年5月6日"},
	}})
	imp := read(t, path)
	rostertest.WantRefused(t, imp.Problems)
	want := []roster.PersonRow{{Place: roster.Place{Sheet: "人员", Row: 4}, Former: rostertest.IDB, Person: roster.Person{
		ID: rostertest.IDA, Name: "张试", Street: "永泰", Community: "第一社区", Address: "某路 1 号 2 楼", Phone: "13900000000",
		Birth: month.DateOf(1940, 5, 6), MovedIn: month.DateOf(2001, 2, 3), MovedOut: month.DateOf(2002, 3, 4), Died: month.DateOf(2003, 12, 31),
		Account: roster.Account{Bank: "某行", Number: "6222020000000001"},
		Deputy:  roster.Deputy{Name: "王试", Relation: "子女", Reason: "行动不便"},
	}}}
	if diff := cmp.Diff(want, imp.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if imp.File != "花名册.xlsx" || len(imp.SHA256) != 64 {
		t.Errorf("file %q, hash %q", imp.File, imp.SHA256)
	}
}

func TestReadPersonWithFewColumns(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet("身份证号 死亡日期 银行账号", []any{rostertest.IDA, nil, "123"})))
	rostertest.WantRefused(t, imp.Problems)
	if diff := cmp.Diff(roster.Columns{Died: true, Number: true}, imp.Columns); diff != "" {
		t.Errorf("columns:\n%s", diff)
	}
}

func TestRefusedPeople(t *testing.T) {
	t.Parallel()
	const columns = "姓名 身份证号 街道 死亡日期 迁入日期 银行账号 出生日期 原身份证号 住址"
	ok := func(n int) string { return roster.MakeID("140213", month.DateOf(1945, 1, 2), n) }
	bad := ok(7)[:17] + string("0123456789X"[(strings.IndexByte("0123456789X", ok(7)[17])+1)%11])
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet(columns,
		[]any{"甲", bad, "永泰"},
		[]any{"", ok(1), "永泰"},
		[]any{"甲", ok(2), nil},
		[]any{"甲", nil, "永泰"},
		[]any{"甲", ok(3), "永泰", "1944-12-31", "1900-01-01"},
		[]any{"甲", ok(4), "永泰", "昨天", "2026-02-30", "6222-01"},
		[]any{"甲", ok(5), "永泰", nil, nil, nil, "1945-01-03"},
		[]any{"甲", "临-1", "永泰"},
		[]any{"甲", ok(6), "永泰", nil, nil, 6222020000000000001, nil, ok(6)},
		[]any{"甲", "1.4021319450102E+17", "永泰", nil, nil, "6.2E+18"},
		[]any{strings.Repeat("长", 61), ok(8), "永泰", nil, nil, nil, nil, nil, strings.Repeat("长", 1001)},
		[]any{"甲\uFFFD", ok(9), "永泰", "2026-11-03 10:00"},
		[]any{"", "  ", "　"},
		[]any{"好人", ok(10), "永泰", nil, nil, nil, "1945-01-02"},
		[]any{"好人", "临-2", "永泰", nil, nil, nil, "1945-01-02"},
	)))
	rostertest.WantRefused(t, imp.Problems,
		"人员!2 身份证号="+bad+"：校验码",
		"人员!3 姓名=：不能为空",
		"人员!4 街道=：不能为空",
		"人员!5 身份证号=：合并单元格",
		"人员!6 迁入日期=1900-01-01：早于出生日期 1945-01-02",
		"人员!6 死亡日期=1944-12-31：早于出生日期",
		"人员!7 银行账号=6222-01：只能是数字",
		"人员!7 迁入日期=2026-02-30：不存在",
		"人员!7 死亡日期=昨天：不是日期",
		"人员!8 出生日期=1945-01-03：不一致",
		"人员!9 出生日期=：必须填出生日期",
		"人员!10 银行账号=6.22202E+18：超过 15 位",
		"人员!10 原身份证号="+ok(6)+"：相同",
		"人员!11 身份证号=1.4021319450102E+17：超过 15 位",
		"人员!11 银行账号=6.2E+18：超过 15 位",
		"人员!12 姓名="+strings.Repeat("长", 60)+"…：太长",
		"人员!12 住址="+strings.Repeat("长", 60)+"…：太长（1001 个字），最多 1000 个字",
		"人员!13 姓名=甲\uFFFD：乱码",
		"人员!13 死亡日期=2026-11-03 10:00：带有时间",
	)
	if len(imp.People) != 2 || imp.People[1].Person.ID != "临-2" || imp.People[1].Person.Birth != month.DateOf(1945, 1, 2) {
		t.Errorf("people are %+v", imp.People)
	}
}

// TestWhomRefusedRowsAreAbout: the merge must know whose rows are missing, as far as the
// rows themselves say.
func TestWhomRefusedRowsAreAbout(t *testing.T) {
	t.Parallel()
	idC := roster.MakeID("140213", month.DateOf(1960, 1, 2), 3)
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet("身份证号 原身份证号 死亡日期",
		[]any{rostertest.IDA, nil, "昨天"},
		[]any{strings.ToLower(rostertest.IDB), "临－X", "昨天"},
		[]any{"123", " " + idC + " "},
		[]any{nil, rostertest.IDA, nil},
		[]any{"临-1", 140213194005060011, nil},
		[]any{"临-2", "=临-2"},
		[]any{"临-3", "临-3"},
		[]any{"临-4", nil},
		[]any{"临-5", nil}, []any{"临-5", "　"},
	)))
	place := func(row int) roster.Place { return roster.Place{Sheet: "人员", Row: row} }
	want := []roster.RefusedPerson{
		{Place: place(2), ID: rostertest.IDA},
		{Place: place(3), ID: rostertest.IDB, Former: "临-X", Renumbers: true},
		{Place: place(4), Former: idC, Renumbers: true},
		{Place: place(5), Former: rostertest.IDA, Renumbers: true},
		{Place: place(6), ID: "临-1", Renumbers: true},
		{Place: place(8), ID: "临-3", Renumbers: true},
		{Place: place(10), ID: "临-5"},
		{Place: place(11), ID: "临-5"},
	}
	if diff := cmp.Diff(want, imp.RefusedPeople); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if len(imp.People) != 2 {
		t.Errorf("people are %+v", imp.People)
	}
}

func TestTemporaryNumberWithoutBirthColumn(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号 街道", []any{"甲", "临-1", "永泰"})))
	rostertest.WantRefused(t, imp.Problems) // whether the person is new is for the merge to know
	if imp.Columns.Birth || imp.People[0].Person.Birth != 0 {
		t.Errorf("birth is %v", imp.People[0].Person.Birth)
	}
}

func TestSameNumberTwice(t *testing.T) {
	t.Parallel()
	sheet := rostertest.PeopleSheet("姓名 身份证号 原身份证号", []any{"甲", rostertest.IDA}, []any{"乙", rostertest.IDB, "临-X"}, []any{"丙", strings.ToLower(rostertest.IDA)}, []any{"丁", "临-3", "临-X"})
	more := rostertest.Sheet{Name: "人员2", Rows: [][]any{rostertest.Cells("姓名 原身份证号 身份证号"), {"戊", nil, rostertest.IDA}}}
	imp := read(t, rostertest.Workbook(t, nil, sheet, more))
	rostertest.WantRefused(t, imp.Problems,
		"人员!2 身份证号="+rostertest.IDA+"：与第 4 行重复",
		"人员!3 原身份证号=临-X：与第 5 行重复",
		"人员!4 身份证号="+rostertest.IDA+"：与第 2 行重复",
		"人员!5 原身份证号=临-X：与第 3 行重复",
		"人员2!2 身份证号="+rostertest.IDA+"：与工作表“人员”第 2 行重复",
	)
	if len(imp.People) != 0 {
		t.Errorf("people are %+v", imp.People)
	}
}

func TestReadPayees(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PayeesSheet(
		[]any{"某 养老院", "某行", 123456789012345, "某公司"},
		[]any{"区医保局"},
		[]any{nil, "某行"},
		[]any{"甲院", nil, "1a"},
		[]any{"乙院"}, []any{" 乙院 "},
		[]any{"本人"},
	)))
	want := []roster.PayeeRow{
		{Place: roster.Place{Sheet: "收款单位", Row: 2}, Payee: roster.Payee{Name: "某 养老院", Account: roster.Account{Bank: "某行", Number: "123456789012345", Holder: "某公司"}}},
		{Place: roster.Place{Sheet: "收款单位", Row: 3}, Payee: roster.Payee{Name: "区医保局"}},
	}
	if diff := cmp.Diff(want, imp.Payees); diff != "" {
		t.Errorf("payees (-want +got):\n%s", diff)
	}
	rostertest.WantRefused(t, imp.Problems,
		"收款单位!4 名称=：不能为空", "收款单位!5 银行账号=1a：只能是数字",
		"收款单位!6 名称=乙院：与第 7 行重复", "收款单位!7 名称=乙院：与第 6 行重复", "收款单位!8 名称=本人：不能用作")
	if diff := cmp.Diff(roster.Columns{PayeeBank: true, PayeeNumber: true, PayeeHolder: true}, imp.Columns); diff != "" {
		t.Errorf("columns:\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil,
		rostertest.Sheet{Name: "说明", Rows: [][]any{{"随便写"}}},
		rostertest.PeopleSheet("姓名 身份证号 街道 民族 原行号 错误原因", []any{"甲", rostertest.IDA, "某街道", "汉", 3, "x", "多出来的"}, []any{"乙", rostertest.IDB, "某街道", "", "", "", "也是"}),
		rostertest.Sheet{Name: "草稿", Rows: nil},
	))
	rostertest.WantRefused(t, imp.Problems)
	rostertest.WantRefused(t, imp.Warnings,
		"人员!1 民族=：不认识的列",
		"人员!2 G=：没有标题",
		"草稿!0 =：不认识的工作表",
	)
	rostertest.WantRefused(t, imp.PeopleWarnings(func(int) bool { return true }), "人员!2 街道=某街道：不在规则包的街道名单里（共 2 行），已照写读入")
	rostertest.WantRefused(t, imp.PeopleWarnings(func(i int) bool { return i == 1 }), "人员!3 街道=某街道：不在规则包的街道名单里（共 1 行），已照写读入")
	rostertest.WantRefused(t, imp.PeopleWarnings(func(int) bool { return false }))
	if imp.People[0].Person.Street != "某街道" {
		t.Errorf("street is %q", imp.People[0].Person.Street)
	}
}

// TestOddNamesComeIn: what names do not have comes in as it is written.
func TestOddNamesComeIn(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号 街道", []any{"<b>张</b>", rostertest.IDA, "永泰"}, []any{"李四", rostertest.IDB, "永泰"})))
	rostertest.WantRefused(t, imp.Problems)
	if len(imp.People) != 2 || imp.People[0].Person.Name != "<b>张</b>" {
		t.Fatalf("%d people", len(imp.People))
	}
}

func TestReadStopsWithItsContext(t *testing.T) {
	t.Parallel()
	rows := make([][]any, 6000)
	for n := range rows {
		rows[n] = []any{"某人", roster.MakeID("140213", month.DateOf(1930, 1, 1).Add(n), 1)}
	}
	path := rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号", rows...))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Roster(ctx, path, rostertest.Words(), rostertest.Day, func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestProgressCountsRows(t *testing.T) {
	t.Parallel()
	last := 0
	path := rostertest.Workbook(t, nil, rostertest.PeopleSheet("姓名 身份证号", []any{"甲", rostertest.IDA}), rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", "2020-01-01"}))
	_, err := Roster(t.Context(), path, rostertest.Words(), rostertest.Day, func(rows int) {
		if rows < last {
			t.Errorf("progress went from %d to %d", last, rows)
		}
		last = rows
	})
	rostertest.Must(t, err)
	if last != 4 {
		t.Errorf("progress ended at %d rows", last)
	}
}

// read reads a workbook that as a whole is fine.
func read(t testing.TB, path string) *roster.Import {
	t.Helper()
	imp, err := Roster(t.Context(), path, rostertest.Words(), rostertest.Day, nil)
	rostertest.Must(t, err)
	return imp
}
