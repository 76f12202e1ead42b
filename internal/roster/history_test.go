package roster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
)

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
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2020-12-31：与第 2 行的起止时间重叠"}},
		{"next day", factsSheet([]any{idA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{idA, "低保", "是", "2021-01-01"}), nil},
		{"open", factsSheet([]any{idA, "特困", "分散", "2020-01-01"}, []any{idA, "特困", "集中", "2027-06-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2027-06-01：与第 2 行的"}},
		{"within, and after it", factsSheet([]any{idA, "低保", "是", "2020-01-01", "2025-12-31"}, []any{idA, "低保", "是", "2021-01-01", "2021-01-02"}, []any{idA, "低保", "是", "2022-01-01", "2022-01-02"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2021-01-01：与第 2 行的", "情况!4 起=2022-01-01：与第 2 行的"}},
		{"same row twice", factsSheet([]any{idA, "低保", "是", "2020-01-01"}, []any{idA, "低保", "是", "2020-01-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2020-01-01：与第 2 行的"}},
		{"several values", factsSheet([]any{idA, "残疾类别", "视力", "2020-01-01"}, []any{idA, "残疾类别", "听力", "2020-01-01"}), nil},
		{"none beside others", factsSheet([]any{idA, "低保", "无"}, []any{idA, "低保", "是", "2020-01-01"}),
			[]string{"情况!2 值=无：“无”表示从未有过，不能再有同一人同一情况的其他行（第 3 行）", "情况!3 =：第 2 行有误"}},
		{"none twice", factsSheet([]any{idA, "低保", "无"}, []any{idA, "低保", "无", "2020-01-01"}),
			[]string{"情况!2 值=无：（第 3 行）", "情况!3 值=无：（第 2 行）"}},
		{"awards of one month", awardsSheet([]any{idA, "17", 1, "2025-01", "2025-03"}, []any{idA, "17", 2, "2025-03"}),
			[]string{"核定金额!2 =：第 3 行有误", "核定金额!3 起始月=2025-03：与第 2 行的"}},
		{"awards of two items", awardsSheet([]any{idA, "17", 1, "2025-01"}, []any{idA, "24", 2, "2025-01"}), nil},
		{"award of 0 beside others", awardsSheet([]any{idA, "17", 0, "2025-01"}, []any{idA, "17", 2, "2026-01"}),
			[]string{"核定金额!2 金额=0：“0”表示从未有过", "核定金额!3 =：第 2 行有误"}},
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
