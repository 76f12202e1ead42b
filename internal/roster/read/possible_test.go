package read

import (
	"testing"

	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/rostertest"
)

// TestImpossibleDays: nobody was born or has died after the day of reading (2026-12-20),
// nothing begins more than twelve months ahead or before birth; the days at the edges are
// good. Each is refused with its row and value.
func TestImpossibleDays(t *testing.T) {
	t.Parallel()
	born := roster.MakeID("140213", month.DateOf(1944, 3, 5), 7)
	unborn := roster.MakeID("140213", month.DateOf(2026, 12, 21), 7)
	today := roster.MakeID("140213", month.DateOf(2026, 12, 20), 7)
	tests := []struct {
		name  string
		sheet rostertest.Sheet
		want  []string
	}{
		{"death in 2031", rostertest.PeopleSheet("姓名 身份证号 死亡日期", []any{"甲", born, "2031-01-01"}), []string{"人员!2 死亡日期=2031-01-01：在今天（2026-12-20）以后"}},
		{"death in 9999", rostertest.PeopleSheet("姓名 身份证号 死亡日期", []any{"甲", born, "9999-12-31"}), []string{"人员!2 死亡日期=9999-12-31：在今天（2026-12-20）以后"}},
		{"death tomorrow", rostertest.PeopleSheet("姓名 身份证号 死亡日期", []any{"甲", born, "2026-12-21"}), []string{"人员!2 死亡日期=2026-12-21：在今天（2026-12-20）以后"}},
		{"death today", rostertest.PeopleSheet("姓名 身份证号 死亡日期", []any{"甲", born, "2026-12-20"}), nil},
		{"death before birth", rostertest.PeopleSheet("姓名 身份证号 死亡日期", []any{"甲", born, "1944-03-04"}), []string{"人员!2 死亡日期=1944-03-04：早于出生日期 1944-03-05"}},
		{"born tomorrow", rostertest.PeopleSheet("姓名 身份证号", []any{"甲", unborn}), []string{"人员!2 身份证号=" + unborn + "：出生日期 2026-12-21 在今天（2026-12-20）以后"}},
		{"born today", rostertest.PeopleSheet("姓名 身份证号", []any{"甲", today}), nil},
		{"a temporary number born in 2031", rostertest.PeopleSheet("姓名 身份证号 出生日期", []any{"甲", "临-A1", "2031-05-01"}), []string{"人员!2 出生日期=2031-05-01：出生日期 2031-05-01 在今天"}},
		{"moves out in 2029", rostertest.PeopleSheet("姓名 身份证号 迁出日期", []any{"甲", born, "2029-01-01"}), []string{"人员!2 迁出日期=2029-01-01：比今天（2026-12-20）晚 12 个月以上"}},
		{"moves in the day after twelve months", rostertest.PeopleSheet("姓名 身份证号 迁入日期", []any{"甲", born, "2027-12-21"}), []string{"人员!2 迁入日期=2027-12-21：比今天（2026-12-20）晚 12 个月以上"}},
		{"moves out in twelve months", rostertest.PeopleSheet("姓名 身份证号 迁出日期", []any{"甲", born, "2027-12-20"}), nil},
		{"a fact of 9999", rostertest.FactsSheet([]any{born, "低保", "是", "9999-01-01"}), []string{"情况!2 起=9999-01-01：比今天（2026-12-20）晚 12 个月以上"}},
		{"a fact in twelve months", rostertest.FactsSheet([]any{born, "低保", "是", "2027-12-20", "9999-12-31"}), nil},
		{"a fact before birth", rostertest.FactsSheet([]any{born, "低保", "是", "1944-03-04"}), []string{"情况!2 起=1944-03-04：早于出生日期 1944-03-05"}},
		{"a history with one", rostertest.FactsSheet([]any{born, "特困", "分散", "2020-01-01", "2020-12-31"}, []any{born, "特困", "集中", "2028-01-01"}),
			[]string{"情况!2 =：第 3 行有误", "情况!3 起=2028-01-01：比今天（2026-12-20）晚 12 个月以上"}},
		{"an award from 2028 on", rostertest.AwardsSheet([]any{born, "17", 300, "2028-01"}), []string{"核定金额!2 起始月=2028-01：比本月（2026-12）晚 12 个月以上"}},
		{"an award in twelve months", rostertest.AwardsSheet([]any{born, "17", 300, "2027-12"}), nil},
		{"an award before birth", rostertest.AwardsSheet([]any{born, "17", 300, "1944-02", "2026-12"}), []string{"核定金额!2 起始月=1944-02：早于出生日期"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rostertest.WantRefused(t, read(t, rostertest.Workbook(t, nil, tt.sheet)).Problems, tt.want...)
		})
	}
}

// TestLater: a day that the month lacks is its last.
func TestLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, want month.Date }{
		{month.DateOf(2026, 12, 20), month.DateOf(2027, 12, 20)},
		{month.DateOf(2028, 2, 29), month.DateOf(2029, 2, 28)},
	} {
		if got := c.from.Later(12); got != c.want {
			t.Errorf("twelve months after %s is %s, want %s", c.from, got, c.want)
		}
	}
}
