package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLists asks for one item: its detail, or "-" when the person is not listed. The rules
// are those of docs/rules.md §4.
func TestLists(t *testing.T) {
	t.Parallel()
	family := fact("计划生育特殊家庭")
	for _, c := range []struct {
		rule  string
		item  string
		month string
		who   *Case
		want  string
	}{
		{"item 1 list", "1", "2026-11", someone("1980-01-01", fact("养老保险=职工")), ""},
		{"item 2 age ≥ 60", "2", "2026-11", someone("1966-11-30", fact("养老保险=居民")), ""},
		{"item 2 at 59", "2", "2026-11", someone("1966-12-01", fact("养老保险=居民")), "-"},
		{"item 3 医疗保险 = 职工", "3", "2026-11", someone(seventy, fact("医疗保险=职工")), ""},
		{"item 3 is exempt from 户籍", "3", "2026-11", someone(seventy, movedOut("2020-01-01"), fact("医疗保险=职工")), ""},
		{"item 4 医疗保险 = 居民", "4", "2026-11", someone(seventy, fact("医疗保险=居民")), ""},
		{"item 4 not 职工", "4", "2026-11", someone(seventy, fact("医疗保险=职工")), "-"},
		{"item 5 age ≥ 60", "5", "2026-11", someone("1966-11-30"), ""},
		{"item 5 not out of the district", "5", "2026-11", someone(seventy, movedOut("2026-10-31")), "-"},
		{"item 5 not with a temporary number", "5", "2026-11", someone(seventy, id("临-A0001")), "-"},
		{"item 6 at 64", "6", "2026-11", someone("1961-12-01"), "国有免费其他半价"},
		{"item 6 at 65", "6", "2026-11", someone("1961-11-30"), "免费"},
		{"item 6 at 65, born on 29 February", "6", "2025-02", someone("1960-02-29"), "免费"},
		{"item 7 行动不便", "7", "2026-11", someone(seventy, fact("行动不便")), ""},
		{"item 7 else", "7", "2026-11", someone(seventy), "-"},
		{"item 8 no 失能等级 in force", "8", "2026-11", someone(seventy, fact("失能等级=轻度失能", "2020-01-01", "2026-10-31")), ""},
		{"item 8 with one", "8", "2026-11", someone(seventy, fact("失能等级=能力完好")), "-"},
		{"item 8 at 64", "8", "2026-11", someone("1961-12-01"), "-"},
		{"item 9 age ≥ 65", "9", "2026-11", someone("1961-11-30"), ""},
		{"item 10 at 64", "10", "2026-11", someone("1961-12-01"), "-"},
		{"item 14 经济困难", "14", "2026-11", someone(seventy, fact("低保边缘")), ""},
		{"item 14 特困 = 分散", "14", "2026-11", someone(seventy, fact("特困=分散")), ""},
		{"item 14 not 特困 = 集中", "14", "2026-11", someone(seventy, fact("特困=集中")), "-"},
		{"item 14 unless 入住机构", "14", "2026-11", someone(seventy, fact("低保"), fact("入住机构=甲院")), "-"},
		{"item 14 unless 适老化改造完成", "14", "2026-11", someone(seventy, fact("低保"), fact("适老化改造完成")), "-"},
		{"item 15 is no list", "15", "2026-11", someone(seventy, fact("低保"), fact("失能等级=完全失能"), fact("入住机构=甲院")), "-"},
		{"item 17 低保", "17", "2026-11", someone(seventy, fact("低保")), ""},
		{"item 17 unless 特困", "17", "2026-11", someone(seventy, fact("低保"), fact("特困=分散")), "-"},
		{"item 19 the institution", "19", "2026-11", someone(seventy, fact("特困=集中"), fact("入住机构=甲院")), "甲院"},
		{"item 19 待安置", "19", "2026-11", someone(seventy, fact("特困=集中")), "待安置"},
		{"item 20 居住状况", "20", "2026-11", someone(seventy, fact("居住状况=独居、留守")), "1"},
		{"item 20 轻度失能", "20", "2026-11", someone(seventy, fact("失能等级=轻度失能")), "1"},
		{"item 20 not 能力完好", "20", "2026-11", someone(seventy, fact("失能等级=能力完好")), "-"},
		{"item 20 不能自理 twice", "20", "2026-11", someone(seventy, fact("生活不能自理")), "2"},
		{"item 20 重残 who looks after himself", "20", "2026-11", someone(seventy, fact("残疾等级=一级")), "1"},
		{"item 20 重残 and 全护理", "20", "2026-11", someone(seventy, fact("残疾等级=一级"), fact("自理能力=全护理")), "2"},
		{"item 20 not 三级", "20", "2026-11", someone(seventy, fact("残疾等级=三级")), "-"},
		{"item 20 计划生育特殊家庭", "20", "2026-11", someone(seventy, family), "1"},
		{"item 21 all three", "21", "2026-11", someone(seventy, fact("优抚身份=残疾军人"), fact("无赡养人"), fact("定期抚恤补助")), ""},
		{"item 21 lacking one", "21", "2026-11", someone(seventy, fact("优抚身份=残疾军人"), fact("无赡养人")), "-"},
		{"item 22 计划生育特殊家庭", "22", "2026-11", someone(seventy, family), ""},
		{"item 24 流浪乞讨", "24", "2026-11", someone(seventy, id("临-A0001"), fact("流浪乞讨")), ""},
		{"item 24 at 59", "24", "2026-11", someone("1966-12-01", id("临-A0001"), fact("流浪乞讨")), "-"},
	} {
		t.Run("§4 "+c.rule, func(t *testing.T) {
			t.Parallel()
			j := newJudge(t, World{File: pack(t)})
			_, lists, _, err := j.granted(c.who, ym(c.month))
			if err != nil {
				t.Fatal(err)
			}
			got := "-"
			for _, l := range lists {
				if l.Item == c.item {
					got = l.Detail
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("item %s (-want +got):\n%s", c.item, diff)
			}
		})
	}
}
