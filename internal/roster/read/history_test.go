package read

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
)

func TestReadHistories(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.FactsSheet(
		[]any{rostertest.IDA, "低保", "是", "2022-01-01", "", "新证"},
		[]any{rostertest.IDB, "残疾类别", "精神 , 肢体／精神", "2020-01-01"},
		[]any{rostertest.IDA, "低保", "是", "2020-01-01", time.Date(2021, 12, 31, 0, 0, 0, 0, time.UTC)},
		[]any{rostertest.IDB, "残疾类别", "视力", "2020-01-01", "2020-01-01"},
		[]any{rostertest.IDB, "机构月收费", 70.1, "2020.1.1"},
		[]any{rostertest.IDA, "特困", "无"},
		[]any{rostertest.IDA, "入住机构", "某 养老院", "20200101"},
		[]any{rostertest.IDA, "机构月收费", "￥1，409.5", "2020年1月1日"},
	), rostertest.AwardsSheet(
		[]any{rostertest.IDA, 17, 300, "2025-01", "2025-01"},
		[]any{rostertest.IDA, "１７", "0.5", time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC), nil, "某院", "依据"},
		[]any{rostertest.IDB, "18-4", 0},
	)))
	rostertest.WantRefused(t, imp.Problems)
	d := month.DateOf
	want := []roster.FactHistory{
		{Place: roster.Place{Sheet: "情况", Row: 2}, Rows: []int{2, 4}, ID: rostertest.IDA, Fact: "低保", Facts: []roster.Fact{
			{Name: "低保", Since: d(2020, 1, 1), Until: d(2021, 12, 31), Value: "是"}, {Name: "低保", Since: d(2022, 1, 1), Value: "是", Basis: "新证"}}},
		{Place: roster.Place{Sheet: "情况", Row: 7}, Rows: []int{7}, ID: rostertest.IDA, Fact: "特困", Facts: []roster.Fact{}},
		{Place: roster.Place{Sheet: "情况", Row: 8}, Rows: []int{8}, ID: rostertest.IDA, Fact: "入住机构", Facts: []roster.Fact{{Name: "入住机构", Since: d(2020, 1, 1), Value: "某 养老院"}}},
		{Place: roster.Place{Sheet: "情况", Row: 9}, Rows: []int{9}, ID: rostertest.IDA, Fact: "机构月收费", Facts: []roster.Fact{{Name: "机构月收费", Since: d(2020, 1, 1), Value: "1409.50"}}},
		{Place: roster.Place{Sheet: "情况", Row: 3}, Rows: []int{3, 5}, ID: rostertest.IDB, Fact: "残疾类别", Facts: []roster.Fact{
			{Name: "残疾类别", Since: d(2020, 1, 1), Until: d(2020, 1, 1), Value: "视力"}, {Name: "残疾类别", Since: d(2020, 1, 1), Value: "肢体、精神"}}},
		{Place: roster.Place{Sheet: "情况", Row: 6}, Rows: []int{6}, ID: rostertest.IDB, Fact: "机构月收费", Facts: []roster.Fact{{Name: "机构月收费", Since: d(2020, 1, 1), Value: "70.10"}}},
	}
	if diff := cmp.Diff(want, imp.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	awards := []roster.AwardHistory{
		{Place: roster.Place{Sheet: "核定金额", Row: 2}, Rows: []int{2, 3}, ID: rostertest.IDA, Item: "17", Awards: []roster.Award{
			{Item: "17", Amount: 30000, First: month.Of(2025, 1), Last: month.Of(2025, 1)},
			{Item: "17", Amount: 50, First: month.Of(2025, 2), Payee: "某院", Basis: "依据"}}},
		{Place: roster.Place{Sheet: "核定金额", Row: 4}, Rows: []int{4}, ID: rostertest.IDB, Item: "18-4", Awards: []roster.Award{}},
	}
	if diff := cmp.Diff(awards, imp.Awards); diff != "" {
		t.Errorf("awards (-want +got):\n%s", diff)
	}
}

func TestRefusedFacts(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.FactsSheet(
		[]any{rostertest.IDA, "低保", "否", "2020-01-01"},
		[]any{rostertest.IDA, "低保户", "是", "2020-01-01"},
		[]any{rostertest.IDA, "特困", "散居", "2020-01-01"},
		[]any{rostertest.IDA, "残疾类别", "肢体、脚", "2020-01-01"},
		[]any{rostertest.IDA, "机构月收费", "1.234", "2020-01-01"},
		[]any{rostertest.IDA, "入住机构", nil, nil},
		[]any{nil, "低保", "是", "2020-01-01"},
		[]any{rostertest.IDB, nil, "是", "2020-01-01"},
		[]any{rostertest.IDB, "低保", "是", "2020-01-02", "2020-01-01"},
		[]any{rostertest.IDB, "机构月收费", -5, "2020-01-01"},
		[]any{rostertest.IDB, "残疾类别", "、", 43831},
		[]any{rostertest.IDB, "特困", "分散", "9999-99-99"},
	)))
	rostertest.WantRefused(t, imp.Problems,
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
	imp := read(t, rostertest.Workbook(t, nil, rostertest.FactsSheet(
		[]any{rostertest.IDA, "低保", "是", "2020-01-01", "2020-12-31"},
		[]any{rostertest.IDB, "低保", "是", "2020-01-01"},
		[]any{rostertest.IDA, "低保", "是", "2022-01-01", "不详"},
		[]any{rostertest.IDA, "特困", "分散", "2020-01-01"},
	), rostertest.Sheet{Name: "情况2", Rows: [][]any{rostertest.Cells("身份证号 情况 值 起 止 依据"), {rostertest.IDA, "低保", "是", "2021-01-01", "2021-12-31"}}},
		rostertest.AwardsSheet([]any{rostertest.IDA, "17", 1, "2025-13"}, []any{rostertest.IDA, "17", 1, "2025-01", "2025-02"}, []any{rostertest.IDA, "24", 1, "2025-01"})))
	rostertest.WantRefused(t, imp.Problems,
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
		sheet rostertest.Sheet
		want  []string
	}{
		{"both ends count", rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{rostertest.IDA, "低保", "是", "2020-12-31"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2020-12-31：与第 2 行的起止时间重叠"}},
		{"next day", rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", "2020-01-01", "2020-12-31"}, []any{rostertest.IDA, "低保", "是", "2021-01-01"}), nil},
		{"open", rostertest.FactsSheet([]any{rostertest.IDA, "特困", "分散", "2020-01-01"}, []any{rostertest.IDA, "特困", "集中", "2027-06-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2027-06-01：与第 2 行的"}},
		{"within, and after it", rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", "2020-01-01", "2025-12-31"}, []any{rostertest.IDA, "低保", "是", "2021-01-01", "2021-01-02"}, []any{rostertest.IDA, "低保", "是", "2022-01-01", "2022-01-02"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2021-01-01：与第 2 行的", "情况!4 起=2022-01-01：与第 2 行的"}},
		{"same row twice", rostertest.FactsSheet([]any{rostertest.IDA, "低保", "是", "2020-01-01"}, []any{rostertest.IDA, "低保", "是", "2020-01-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2020-01-01：与第 2 行的"}},
		{"several values", rostertest.FactsSheet([]any{rostertest.IDA, "残疾类别", "视力", "2020-01-01"}, []any{rostertest.IDA, "残疾类别", "听力", "2020-01-01"}), nil},
		{"none beside others", rostertest.FactsSheet([]any{rostertest.IDA, "低保", "无"}, []any{rostertest.IDA, "低保", "是", "2020-01-01"}),
			[]string{"情况!2 值=无：“无”表示从未有过，不能再有同一人同一情况的其他行（第 3 行）", "情况!3 =：第 2 行有误"}},
		{"none twice", rostertest.FactsSheet([]any{rostertest.IDA, "低保", "无"}, []any{rostertest.IDA, "低保", "无", "2020-01-01"}),
			[]string{"情况!2 值=无：（第 3 行）", "情况!3 值=无：（第 2 行）"}},
		{"awards of one month", rostertest.AwardsSheet([]any{rostertest.IDA, "17", 1, "2025-01", "2025-03"}, []any{rostertest.IDA, "17", 2, "2025-03"}),
			[]string{"核定金额!2 =：第 3 行有误", "核定金额!3 起始月=2025-03：与第 2 行的"}},
		{"awards of two items", rostertest.AwardsSheet([]any{rostertest.IDA, "17", 1, "2025-01"}, []any{rostertest.IDA, "24", 2, "2025-01"}), nil},
		{"award of 0 beside others", rostertest.AwardsSheet([]any{rostertest.IDA, "17", 0, "2025-01"}, []any{rostertest.IDA, "17", 2, "2026-01"}),
			[]string{"核定金额!2 金额=0：“0”表示从未有过", "核定金额!3 =：第 2 行有误"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rostertest.WantRefused(t, read(t, rostertest.Workbook(t, nil, tt.sheet)).Problems, tt.want...)
		})
	}
}

func TestRefusedAwards(t *testing.T) {
	t.Parallel()
	imp := read(t, rostertest.Workbook(t, nil, rostertest.AwardsSheet(
		[]any{rostertest.IDA, "99", 1, "2025-01"},
		[]any{rostertest.IDA, "17", nil, "2025-01"},
		[]any{rostertest.IDB, "17", 1, nil},
		[]any{rostertest.IDB, "24", 1, "2025-02", "2025-01"},
		[]any{rostertest.IDA, "24", "一百", "2025-01"},
		[]any{rostertest.IDA, time.Date(2018, 4, 1, 0, 0, 0, 0, time.UTC), 1, 2025.1},
		[]any{rostertest.IDA, "18-4", "99999999999999", "2025-01-15"},
	)))
	rostertest.WantRefused(t, imp.Problems,
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
