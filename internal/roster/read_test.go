package roster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster/xlsx/xlsxtest"
)

// Made-up people.
var (
	idA = MakeID("140213", month.DateOf(1940, 5, 6), 1)
	idB = MakeID("140213", month.DateOf(1950, 7, 8), 2)
)

// peopleSheet is a 人员 sheet with these columns.
func peopleSheet(headings string, rows ...[]any) sheetOf {
	return sheetOf{"人员", append([][]any{anys(headings)}, rows...)}
}

func factsSheet(rows ...[]any) sheetOf {
	return sheetOf{"情况", append([][]any{anys("身份证号 情况 值 起 止 依据")}, rows...)}
}

func awardsSheet(rows ...[]any) sheetOf {
	return sheetOf{"核定金额", append([][]any{anys("身份证号 项目 金额 起始月 终止月 收款单位 依据")}, rows...)}
}

func payeesSheet(rows ...[]any) sheetOf {
	return sheetOf{"收款单位", append([][]any{anys("名称 开户银行 银行账号 账户户名")}, rows...)}
}

func anys(words string) []any {
	var out []any
	for _, w := range strings.Fields(words) {
		out = append(out, w)
	}
	return out
}

// refused writes problems as 表!行 列 原因, the reasons cut at the first of the words.
func refused(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%s!%d %s=%s：%s", p.Place.Sheet, p.Place.Row, p.Column, p.Value, p.Reason))
	}
	return out
}

// wantRefused compares problems with prefixes of what refused writes.
func wantRefused(t *testing.T, problems []Problem, want ...string) {
	t.Helper()
	got := refused(problems)
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		place, reason, _ := strings.Cut(want[i], "：")
		if !strings.HasPrefix(got[i], place+"：") || !strings.Contains(got[i], reason) {
			t.Errorf("problem %d is\n%s, want\n%s", i, got[i], want[i])
		}
	}
}

func TestReadPerson(t *testing.T) {
	t.Parallel()
	path := workbook(t, nil, sheetOf{"人员", [][]any{
		{"平城区老年人花名册"},
		{},
		anys("社区 姓名* 身份证号＊ 街道 住址 电话 迁入日期 迁出日期 死亡日期 开户银行 银行账号 账户户名 代领人 代领关系 代领原因 原身份证号 出生日期"),
		{" 第一社区", "张　试", " " + strings.ToLower(idA), "永 泰", "某路  1 号\n2 楼", 13900000000, time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC),
			"2002/3/4", 20031231, "某行", "６２２２ 0200 0000 0001", "", "王 试", "子女", "行动不便", idB, "1940年5月6日"},
	}})
	imp := read(t, path)
	wantRefused(t, imp.Problems)
	want := []PersonRow{{Place: Place{"人员", 4}, Former: idB, Person: Person{
		ID: idA, Name: "张试", Street: "永泰", Community: "第一社区", Address: "某路 1 号 2 楼", Phone: "13900000000",
		Birth: month.DateOf(1940, 5, 6), MovedIn: month.DateOf(2001, 2, 3), MovedOut: month.DateOf(2002, 3, 4), Died: month.DateOf(2003, 12, 31),
		Account: Account{Bank: "某行", Number: "6222020000000001"},
		Deputy:  Deputy{"王试", "子女", "行动不便"},
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
	imp := read(t, workbook(t, nil, peopleSheet("身份证号 死亡日期 银行账号", []any{idA, nil, "123"})))
	wantRefused(t, imp.Problems)
	if diff := cmp.Diff(Columns{Died: true, Number: true}, imp.Columns); diff != "" {
		t.Errorf("columns:\n%s", diff)
	}
}

func TestRefusedPeople(t *testing.T) {
	t.Parallel()
	const columns = "姓名 身份证号 街道 死亡日期 迁入日期 银行账号 出生日期 原身份证号 住址"
	ok := func(n int) string { return MakeID("140213", month.DateOf(1945, 1, 2), n) }
	bad := ok(7)[:17] + string("0123456789X"[(strings.IndexByte("0123456789X", ok(7)[17])+1)%11])
	imp := read(t, workbook(t, nil, peopleSheet(columns,
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
		[]any{strings.Repeat("长", 61), ok(8), "永泰", nil, nil, nil, nil, nil, strings.Repeat("长", 201)},
		[]any{"甲\uFFFD", ok(9), "永泰", "2026-11-03 10:00"},
		[]any{"", "  ", "　"},
		[]any{"好人", ok(10), "永泰", nil, nil, nil, "1945-01-02"},
		[]any{"好人", "临-2", "永泰", nil, nil, nil, "1945-01-02"},
	)))
	wantRefused(t, imp.Problems,
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
		"人员!12 住址="+strings.Repeat("长", 60)+"…：太长",
		"人员!13 姓名=甲\uFFFD：乱码",
		"人员!13 死亡日期=2026-11-03 10:00：带有时间",
	)
	if len(imp.People) != 2 || imp.People[1].Person.ID != "临-2" || imp.People[1].Person.Birth != month.DateOf(1945, 1, 2) {
		t.Errorf("people are %+v", imp.People)
	}
}

func TestTemporaryNumberWithoutBirthColumn(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil, peopleSheet("姓名 身份证号 街道", []any{"甲", "临-1", "永泰"})))
	wantRefused(t, imp.Problems) // whether the person is new is for the merge to know
	if imp.Columns.Birth || imp.People[0].Person.Birth != 0 {
		t.Errorf("birth is %v", imp.People[0].Person.Birth)
	}
}

func TestSameNumberTwice(t *testing.T) {
	t.Parallel()
	sheet := peopleSheet("姓名 身份证号 原身份证号", []any{"甲", idA}, []any{"乙", idB, "临-X"}, []any{"丙", strings.ToLower(idA)}, []any{"丁", "临-3", "临-X"})
	more := sheetOf{"人员2", [][]any{anys("姓名 原身份证号 身份证号"), {"戊", nil, idA}}}
	imp := read(t, workbook(t, nil, sheet, more))
	wantRefused(t, imp.Problems,
		"人员!2 身份证号="+idA+"：与第 4 行重复",
		"人员!3 原身份证号=临-X：与第 5 行重复",
		"人员!4 身份证号="+idA+"：与第 2 行重复",
		"人员!5 原身份证号=临-X：与第 3 行重复",
		"人员2!2 身份证号="+idA+"：与工作表“人员”第 2 行重复",
	)
	if len(imp.People) != 0 {
		t.Errorf("people are %+v", imp.People)
	}
}

func TestReadHistories(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil, factsSheet(
		[]any{idA, "低保", "是", "2022-01-01", "", "新证"},
		[]any{idB, "残疾类别", "精神 , 肢体／精神", "2020-01-01"},
		[]any{idA, "低保", "是", "2020-01-01", time.Date(2021, 12, 31, 0, 0, 0, 0, time.UTC)},
		[]any{idB, "残疾类别", "视力", "2020-01-01", "2020-01-01"},
		[]any{idB, "机构月收费", 70.1, "2020.1.1"},
		[]any{idA, "特困", "无"},
		[]any{idA, "入住机构", "某 养老院", "20200101"},
		[]any{idA, "机构月收费", "￥1，409.5", "2020年1月1日"},
	), awardsSheet(
		[]any{idA, 17, 300, "2025-01", "2025-01"},
		[]any{idA, "１７", "0.5", time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC), nil, "某院", "依据"},
		[]any{idB, "18-4", 0},
	)))
	wantRefused(t, imp.Problems)
	d := month.DateOf
	want := []FactHistory{
		{Place: Place{"情况", 2}, Rows: []int{2, 4}, ID: idA, Fact: "低保", Facts: []Fact{
			{Name: "低保", Since: d(2020, 1, 1), Until: d(2021, 12, 31), Value: "是"}, {Name: "低保", Since: d(2022, 1, 1), Value: "是", Basis: "新证"}}},
		{Place: Place{"情况", 7}, Rows: []int{7}, ID: idA, Fact: "特困", Facts: []Fact{}},
		{Place: Place{"情况", 8}, Rows: []int{8}, ID: idA, Fact: "入住机构", Facts: []Fact{{Name: "入住机构", Since: d(2020, 1, 1), Value: "某 养老院"}}},
		{Place: Place{"情况", 9}, Rows: []int{9}, ID: idA, Fact: "机构月收费", Facts: []Fact{{Name: "机构月收费", Since: d(2020, 1, 1), Value: "1409.50"}}},
		{Place: Place{"情况", 3}, Rows: []int{3, 5}, ID: idB, Fact: "残疾类别", Facts: []Fact{
			{Name: "残疾类别", Since: d(2020, 1, 1), Until: d(2020, 1, 1), Value: "视力"}, {Name: "残疾类别", Since: d(2020, 1, 1), Value: "肢体、精神"}}},
		{Place: Place{"情况", 6}, Rows: []int{6}, ID: idB, Fact: "机构月收费", Facts: []Fact{{Name: "机构月收费", Since: d(2020, 1, 1), Value: "70.10"}}},
	}
	if diff := cmp.Diff(want, imp.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	awards := []AwardHistory{
		{Place: Place{"核定金额", 2}, Rows: []int{2, 3}, ID: idA, Item: "17", Awards: []Award{
			{Item: "17", Amount: 30000, First: month.Of(2025, 1), Last: month.Of(2025, 1)},
			{Item: "17", Amount: 50, First: month.Of(2025, 2), Payee: "某院", Basis: "依据"}}},
		{Place: Place{"核定金额", 4}, Rows: []int{4}, ID: idB, Item: "18-4", Awards: []Award{}},
	}
	if diff := cmp.Diff(awards, imp.Awards); diff != "" {
		t.Errorf("awards (-want +got):\n%s", diff)
	}
}

func TestRefusedFacts(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil, factsSheet(
		[]any{idA, "低保", "否", "2020-01-01"},
		[]any{idA, "低保户", "是", "2020-01-01"},
		[]any{idA, "特困", "散居", "2020-01-01"},
		[]any{idA, "残疾类别", "肢体、脚", "2020-01-01"},
		[]any{idA, "机构月收费", "1.234", "2020-01-01"},
		[]any{idA, "入住机构", nil, nil},
		[]any{nil, "低保", "是", "2020-01-01"},
		[]any{idB, nil, "是", "2020-01-01"},
		[]any{idB, "低保", "是", "2020-01-02", "2020-01-01"},
		[]any{idB, "机构月收费", -5, "2020-01-01"},
		[]any{idB, "残疾类别", "、", 43831},
		[]any{idB, "特困", "分散", "9999-99-99"},
	)))
	wantRefused(t, imp.Problems,
		"情况!2 值=否：从未有过的写“无”",
		"情况!3 情况=低保户：没有这种情况",
		"情况!4 值=散居：只能是 分散、集中 之一",
		"情况!5 值=肢体、脚：中的一个或几个",
		"情况!6 值=1.234：不是金额",
		"情况!7 值=：不能为空",
		"情况!7 起=：不能为空",
		"情况!8 身份证号=：合并单元格",
		"情况!9 情况=：不能为空",
		"情况!10 止=2020-01-01：早于起",
		"情况!11 值=-5：负数",
		"情况!12 值=、：不能为空",
		"情况!12 起=43831：是数字而不是日期",
		"情况!13 起=9999-99-99：不存在",
	)
	if len(imp.Facts) != 0 {
		t.Errorf("facts are %+v", imp.Facts)
	}
}

// TestOneBadRowRefusesTheHistory: the other rows of that person and fact go out too, and
// say why; other histories stay.
func TestOneBadRowRefusesTheHistory(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil, factsSheet(
		[]any{idA, "低保", "是", "2020-01-01", "2020-12-31"},
		[]any{idB, "低保", "是", "2020-01-01"},
		[]any{idA, "低保", "是", "2022-01-01", "不详"},
		[]any{idA, "特困", "分散", "2020-01-01"},
	), sheetOf{"情况2", [][]any{anys("身份证号 情况 值 起 止 依据"), {idA, "低保", "是", "2021-01-01", "2021-12-31"}}},
		awardsSheet([]any{idA, "17", 1, "2025-13"}, []any{idA, "17", 1, "2025-01", "2025-02"}, []any{idA, "24", 1, "2025-01"})))
	wantRefused(t, imp.Problems,
		"情况!2 =：第 4 行有误，同一人同一情况的全部记录都没有导入",
		"情况!4 止=不详：不是日期",
		"情况2!2 =：工作表“情况”第 4 行有误",
		"核定金额!2 起始月=2025-13：不存在",
		"核定金额!3 =：第 2 行有误，同一人同一项目的全部记录",
	)
	if len(imp.Facts) != 2 || len(imp.Awards) != 1 || imp.Awards[0].Item != "24" {
		t.Errorf("facts %+v, awards %+v", imp.Facts, imp.Awards)
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		sheet sheetOf
		want  []string
	}{
		{"both ends count", factsSheet([]any{idA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{idA, "低保", "是", "2020-12-31"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=：与第 2 行的起止时间重叠"}},
		{"next day", factsSheet([]any{idA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{idA, "低保", "是", "2021-01-01"}), nil},
		{"open", factsSheet([]any{idA, "特困", "分散", "2020-01-01"}, []any{idA, "特困", "集中", "2030-01-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=：与第 2 行的"}},
		{"within, and after it", factsSheet([]any{idA, "低保", "是", "2020-01-01", "2025-12-31"}, []any{idA, "低保", "是", "2021-01-01", "2021-01-02"}, []any{idA, "低保", "是", "2022-01-01", "2022-01-02"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=：与第 2 行的", "情况!4 起=：与第 2 行的"}},
		{"same row twice", factsSheet([]any{idA, "低保", "是", "2020-01-01"}, []any{idA, "低保", "是", "2020-01-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=：与第 2 行的"}},
		{"several values", factsSheet([]any{idA, "残疾类别", "视力", "2020-01-01"}, []any{idA, "残疾类别", "听力", "2020-01-01"}), nil},
		{"none beside others", factsSheet([]any{idA, "低保", "无"}, []any{idA, "低保", "是", "2020-01-01"}),
			[]string{"情况!2 =：值“无”表示从未有过，不能再有同一人同一情况的其他行（第 3 行）", "情况!3 =：第 2 行有误"}},
		{"none twice", factsSheet([]any{idA, "低保", "无"}, []any{idA, "低保", "无", "2020-01-01"}),
			[]string{"情况!2 =：（第 3 行）", "情况!3 =：（第 2 行）"}},
		{"awards of one month", awardsSheet([]any{idA, "17", 1, "2025-01", "2025-03"}, []any{idA, "17", 2, "2025-03"}),
			[]string{"核定金额!2 =：第 3 行有误", "核定金额!3 起始月=：与第 2 行的"}},
		{"awards of two items", awardsSheet([]any{idA, "17", 1, "2025-01"}, []any{idA, "24", 2, "2025-01"}), nil},
		{"award of 0 beside others", awardsSheet([]any{idA, "17", 0, "2025-01"}, []any{idA, "17", 2, "2026-01"}),
			[]string{"核定金额!2 =：金额 0 表示从未有过", "核定金额!3 =：第 2 行有误"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, read(t, workbook(t, nil, tt.sheet)).Problems, tt.want...)
		})
	}
}

func TestRefusedAwards(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil, awardsSheet(
		[]any{idA, "99", 1, "2025-01"},
		[]any{idA, "17", nil, "2025-01"},
		[]any{idB, "17", 1, nil},
		[]any{idB, "24", 1, "2025-02", "2025-01"},
		[]any{idA, "24", "一百", "2025-01"},
		[]any{idA, time.Date(2018, 4, 1, 0, 0, 0, 0, time.UTC), 1, 2025.1},
		[]any{idA, "18-4", "99999999999999", "2025-01-15"},
	)))
	wantRefused(t, imp.Problems,
		"核定金额!2 项目=99：没有编号为“99”的核定金额项目，可用的有 17、18-4、24",
		"核定金额!3 金额=：不能为空",
		"核定金额!4 起始月=：不能为空",
		"核定金额!5 终止月=2025-01：早于起始月",
		"核定金额!6 金额=一百：不是金额",
		"核定金额!7 项目=2018-04-01：被 Excel 当成了日期",
		"核定金额!7 起始月=2025.1：分不清是哪个月",
		"核定金额!8 金额=99999999999999：超出范围",
		"核定金额!8 起始月=2025-01-15：不是月份",
	)
}

func TestReadPayees(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil, payeesSheet(
		[]any{"某 养老院", "某行", 123456789012345, "某公司"},
		[]any{"区医保局"},
		[]any{nil, "某行"},
		[]any{"甲院", nil, "1a"},
		[]any{"乙院"}, []any{" 乙院 "},
		[]any{"本人"},
	)))
	want := []PayeeRow{
		{Place{"收款单位", 2}, Payee{Name: "某 养老院", Account: Account{"某行", "123456789012345", "某公司"}}},
		{Place{"收款单位", 3}, Payee{Name: "区医保局"}},
	}
	if diff := cmp.Diff(want, imp.Payees); diff != "" {
		t.Errorf("payees (-want +got):\n%s", diff)
	}
	wantRefused(t, imp.Problems,
		"收款单位!4 名称=：不能为空", "收款单位!5 银行账号=1a：只能是数字",
		"收款单位!6 名称=乙院：与第 7 行重复", "收款单位!7 名称=乙院：与第 6 行重复", "收款单位!8 名称=本人：不能用作")
	if diff := cmp.Diff(Columns{PayeeBank: true, PayeeNumber: true, PayeeHolder: true}, imp.Columns); diff != "" {
		t.Errorf("columns:\n%s", diff)
	}
}

// rawCell is a row of 人员 of which one cell is raw XML.
func rawCell(cell string) xlsxtest.Book {
	text := func(ref, s string) string { return `<c r="` + ref + `" t="str"><v>` + s + `</v></c>` }
	head := text("A1", "姓名") + text("B1", "身份证号") + text("C1", "街道") + text("D1", "银行账号") + text("E1", "死亡日期") + text("F1", "住址")
	return xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: "人员", Rows: `<row r="1">` + head + `</row><row r="2">` + text("A2", "甲") + text("B2", idA) + text("C2", "永泰") + cell + `</row>`}}}
}

func TestCellsAsExcelKeepsThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, cell string
		date1904   bool
		want       func(p Person) bool
		refused    string
	}{
		{"number that lost digits", `<c r="D2"><v>6.2220212345678902E+18</v></c>`, false, nil, "人员!2 银行账号=6.22202123456789E+18：超过 15 位"},
		{"number with all digits in the file", `<c r="D2"><v>6222021234567890123</v></c>`, false, nil, "人员!2 银行账号=6.22202123456789E+18：超过 15 位"},
		{"short number with an exponent", `<c r="D2"><v>1.23456789E8</v></c>`, false, func(p Person) bool { return p.Account.Number == "123456789" }, ""},
		{"broken number", `<c r="D2"><v>12x</v></c>`, false, nil, "人员!2 银行账号=12x：不是能识别的数字"},
		{"number with decimals", `<c r="D2"><v>12.5</v></c>`, false, nil, "人员!2 银行账号=12.5：只能是数字"},
		{"result of a formula", `<c r="D2" t="str"><f>A1</f><v>123</v></c>`, false, func(p Person) bool { return p.Account.Number == "123" }, ""},
		{"formula without result", `<c r="D2"><f>A1</f></c>`, false, nil, "人员!2 银行账号=（公式）：没有保存"},
		{"error", `<c r="D2" t="e"><f>X()</f><v>#NAME?</v></c>`, false, nil, "人员!2 银行账号=#NAME?：错误值"},
		{"error as text", `<c r="F2" t="str"><v>#N/A</v></c>`, false, nil, "人员!2 住址=#N/A：错误值"},
		{"date", `<c r="E2" s="2"><v>46329</v></c>`, false, func(p Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"date of 1904", `<c r="E2" s="1"><v>44867</v></c>`, true, func(p Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"date with a time", `<c r="E2" s="1"><v>46329.5</v></c>`, false, nil, "人员!2 死亡日期=2026-11-03 12:00:00：带有时间"},
		{"day that never was", `<c r="E2" s="1"><v>60</v></c>`, false, nil, "人员!2 死亡日期=60：日期不存在"},
		{"ISO date", `<c r="E2" t="d"><v>2026-11-03T00:00:00</v></c>`, false, func(p Person) bool { return p.Died == month.DateOf(2026, 11, 3) }, ""},
		{"serial without format", `<c r="E2"><v>46329</v></c>`, false, nil, "人员!2 死亡日期=46329：是数字而不是日期"},
		{"truth", `<c r="E2" t="b"><v>1</v></c>`, false, nil, "人员!2 死亡日期=TRUE：不是日期"},
		{"date in a text column", `<c r="F2" s="1"><v>46329</v></c>`, false, nil, "人员!2 住址=2026-11-03：被 Excel 当成了日期"},
		{"number in a text column", `<c r="F2"><v>70.099999999999994</v></c>`, false, func(p Person) bool { return p.Address == "70.1" }, ""},
		{"control character", `<c r="F2" t="str"><v>a_x0007_</v></c>`, false, nil, "人员!2 住址=a\a：控制字符"},
		{"line break", `<c r="F2" t="str"><v>a_x000D_` + "\n" + `b</v></c>`, false, func(p Person) bool { return p.Address == "a b" }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			book := rawCell(tt.cell)
			book.Date1904 = tt.date1904
			imp := read(t, book.Write(t))
			if tt.refused != "" {
				wantRefused(t, imp.Problems, tt.refused)
				return
			}
			wantRefused(t, imp.Problems)
			if !tt.want(imp.People[0].Person) {
				t.Errorf("person is %+v", imp.People[0].Person)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	imp := read(t, workbook(t, nil,
		sheetOf{"说明", [][]any{{"随便写"}}},
		peopleSheet("姓名 身份证号 街道 民族 原行号 错误原因", []any{"甲", idA, "某街道", "汉", 3, "x", "多出来的"}, []any{"乙", idB, "某街道", "", "", "", "也是"}),
		sheetOf{"草稿", nil},
	))
	wantRefused(t, imp.Problems)
	wantRefused(t, imp.Warnings,
		"人员!1 民族=：不认识的列",
		"人员!2 G=：没有标题",
		"人员!2 街道=某街道：不在规则包的街道名单里（共 2 行）",
		"草稿!0 =：不认识的工作表",
	)
	if imp.People[0].Person.Street != "某街道" {
		t.Errorf("street is %q", imp.People[0].Person.Street)
	}
}

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
			_, err := Read(t.Context(), workbook(t, tt.edit, tt.sheets...), testWords(), nil)
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
	if imp, err := Read(t.Context(), book.Write(t), testWords(), nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("read %+v, %v", imp, err)
	}
}

func TestReadStopsWithItsContext(t *testing.T) {
	t.Parallel()
	people := make([]*Dossier, 3000)
	for n := range people {
		people[n] = madeUpPerson(n)
	}
	path := written(t, fullSheet, people, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Read(ctx, path, testWords(), func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestProgressCountsRows(t *testing.T) {
	t.Parallel()
	last := 0
	path := workbook(t, nil, peopleSheet("姓名 身份证号", []any{"甲", idA}), factsSheet([]any{idA, "低保", "是", "2020-01-01"}))
	_, err := Read(t.Context(), path, testWords(), func(rows int) {
		if rows < last {
			t.Errorf("progress went from %d to %d", last, rows)
		}
		last = rows
	})
	must(t, err)
	if last != 4 {
		t.Errorf("progress ended at %d rows", last)
	}
}

// FuzzRead: whatever the file, an import or one sentence.
func FuzzRead(f *testing.F) {
	f.Add(rawCell(`<c r="E2" s="1"><v>46329</v></c>`).Bytes(f))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		checkImport(t, xlsxtest.File(t, "模糊.xlsx", content))
	})
}

// FuzzReadSheet: whatever stands in the rows of a sheet.
func FuzzReadSheet(f *testing.F) {
	for _, cell := range []string{`<c r="E2" s="1"><v>46329</v></c>`, `<c r="D2"><v>1E+20</v></c>`, `<c r="F2" t="inlineStr"><is><t>'=1</t></is></c>`} {
		f.Add(0, rawCell(cell).Sheets[0].Rows)
	}
	row := `<row><c t="str"><v>身份证号</v></c><c t="str"><v>情况</v></c><c t="str"><v>值</v></c><c t="str"><v>起</v></c></row>`
	f.Add(1, row+`<row><c t="str"><v>`+idA+`</v></c><c t="str"><v>低保</v></c><c t="str"><v>是</v></c><c s="1"><v>46329</v></c></row>`)
	f.Fuzz(func(t *testing.T, kind int, rows string) {
		name := layouts[uint(kind)%uint(len(layouts))].sheet
		checkImport(t, xlsxtest.Book{Sheets: []xlsxtest.Sheet{{Name: name, Rows: rows}}}.Write(t))
	})
}

func checkImport(t *testing.T, path string) {
	imp, err := Read(t.Context(), path, testWords(), nil)
	var f *fault.Fault
	switch {
	case err == nil:
	case !errors.As(err, &f) || f.Code != fault.Invalid:
		t.Fatalf("error without a sentence: %v", err)
	case f.Cause != nil && strings.HasPrefix(f.Cause.Error(), "panic"):
		t.Fatal(f.Cause)
	default:
		return
	}
	for _, p := range imp.People {
		if !ValidID(p.Person.ID) {
			t.Fatalf("accepted %+v", p)
		}
	}
	for _, h := range imp.Facts {
		if !ValidID(h.ID) || len(h.Rows)+len(h.More) == 0 {
			t.Fatalf("accepted %+v", h)
		}
	}
	if len(imp.Problems) > 0 {
		must(t, WriteErrors(path+".错误.xlsx", path, imp.Problems))
	}
}
