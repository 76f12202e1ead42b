package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/month"
	"disburse/internal/policy/packfile"
)

// grantCase says what a person is paid for a month, all items, and which amounts lack
// something. Every expected value was derived from the sentence of docs/rules.md by hand;
// a rule's § is a section there.
type grantCase struct {
	rule  string
	month string
	who   *Case
	want  string // "11=70.00 19=1160.00→甲院"
	gaps  string // "18-3 自理能力"
}

// Born so that they are 60–79, and 80–99, in all months of the tests.
const (
	seventy = "1955-03-10"
	eighty  = "1940-03-10"
)

func checkGrants(t *testing.T, j *Judge, cases []grantCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.rule+"/"+c.month, func(t *testing.T) {
			grants, _, gaps, err := j.granted(c.who, ym(c.month))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, grantsText(grants)); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
			var lacking []string
			for _, g := range gaps {
				lacking = append(lacking, g.Item+" "+g.What)
			}
			if diff := cmp.Diff(c.gaps, strings.Join(lacking, "; ")); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMonths(t *testing.T) {
	t.Parallel()
	leftAndBack := []change{movedOut("2026-03-10"), movedIn("2026-08-20")}
	cameAndLeft := []change{movedIn("2026-02-10"), movedOut("2026-06-05")}
	checkGrants(t, newJudge(t, World{File: pack(t)}), []grantCase{
		{"§1 80 from the month that holds the 80th birthday", "2026-11", someone("1946-11-30"), "11=70.00", ""},
		{"§1 not 80 in the month before", "2026-10", someone("1946-11-01"), "", ""},
		{"§1 29 February needs no special case", "2024-02", someone("1944-02-29"), "11=70.00", ""},
		{"§1 29 February needs no special case", "2024-01", someone("1944-02-29"), "", ""},
		{"§4 item 11: 80 ≤ age ≤ 99, the last month", "2026-05", someone("1926-06-01"), "11=70.00", ""},
		{"§4 item 12: age ≥ 100, the first month", "2026-06", someone("1926-06-30"), "12=300.00", ""},
		{"§1 死亡日期 is ≥ F", "2026-11", someone(eighty, died("2026-11-01")), "11=70.00", ""},
		{"§1 the month of death is paid", "2026-11", someone(eighty, died("2026-11-30")), "11=70.00", ""},
		{"§1 the month after death is not paid", "2026-11", someone(eighty, died("2026-10-31")), "", ""},
		{"§1 the month of moving out is paid", "2026-11", someone(eighty, movedOut("2026-11-01")), "11=70.00", ""},
		{"§1 the month after moving out is not paid", "2026-11", someone(eighty, movedOut("2026-10-31")), "", ""},
		{"§1 the month of moving in is not paid", "2026-11", someone(eighty, movedIn("2026-11-01")), "", ""},
		{"§1 迁入日期 is < F", "2026-11", someone(eighty, movedIn("2026-10-31")), "11=70.00", ""},
		{"§1 left and came back: the month of leaving", "2026-03", someone(eighty, leftAndBack...), "11=70.00", ""},
		{"§1 left and came back: away", "2026-04", someone(eighty, leftAndBack...), "", ""},
		{"§1 left and came back: the month of coming", "2026-08", someone(eighty, leftAndBack...), "", ""},
		{"§1 left and came back: the month after", "2026-09", someone(eighty, leftAndBack...), "11=70.00", ""},
		{"§1 left and came back on one day: F ≤ 迁出", "2026-05", someone(eighty, movedOut("2026-05-15"), movedIn("2026-05-15")), "11=70.00", ""},
		{"§1 left and came back on one day: 迁入 < F", "2026-06", someone(eighty, movedOut("2026-05-15"), movedIn("2026-05-15")), "11=70.00", ""},
		{"§1 left and came back, then died", "2026-10", someone(eighty, append(leftAndBack, died("2026-09-02"))...), "", ""},
		{"§1 came and left: the month of coming", "2026-02", someone(eighty, cameAndLeft...), "", ""},
		{"§1 came and left: between", "2026-03", someone(eighty, cameAndLeft...), "11=70.00", ""},
		{"§1 came and left: the month of leaving", "2026-06", someone(eighty, cameAndLeft...), "11=70.00", ""},
		{"§1 came and left: after", "2026-07", someone(eighty, cameAndLeft...), "", ""},
	})
}

func TestReadingFacts(t *testing.T) {
	t.Parallel()
	disabled := func(changes ...change) *Case {
		return someone(seventy, append([]change{fact("残疾等级=三级")}, changes...)...)
	}
	checkGrants(t, newJudge(t, World{File: pack(t)}), []grantCase{
		{"§1 first_day: a fact that begins on the first day counts at once", "2026-11", someone(eighty, fact("低保", "2026-11-01")), "11=70.00 13=70.00", ""},
		{"§1 first_day: later in the month from the next", "2026-11", someone(eighty, fact("低保", "2026-11-02")), "11=70.00", ""},
		{"§1 first_day: 止 ≥ F", "2026-11", someone(eighty, fact("低保", "2020-01-01", "2026-11-01")), "11=70.00 13=70.00", ""},
		{"§1 first_day: 止 < F", "2026-11", someone(eighty, fact("低保", "2020-01-01", "2026-10-31")), "11=70.00", ""},
		{"§1 any_day: from the month of application, its last day", "2026-11", disabled(fact("低保", "2026-11-30")), "23-1=100.00", ""},
		{"§1 any_day: not before", "2026-11", disabled(fact("低保", "2026-12-01")), "", ""},
		{"§1 any_day: 止 ≥ F", "2026-11", disabled(fact("低保", "2020-01-01", "2026-11-01")), "23-1=100.00", ""},
		{"§1 any_day: 止 < F", "2026-11", disabled(fact("低保", "2020-01-01", "2026-10-31")), "", ""},
		{"§1 any_day: the one with the later 起 counts, lower", "2026-11",
			someone(seventy, fact("残疾等级=二级", "2020-01-01", "2026-11-10"), fact("残疾等级=四级", "2026-11-11")), "", ""},
		{"§1 any_day: the one with the later 起 counts, higher", "2026-11",
			someone(seventy, fact("残疾等级=四级", "2020-01-01", "2026-11-10"), fact("残疾等级=二级", "2026-11-11")), "23-2=100.00", ""},
		{"§1 any_day: of several values, in force when the last one starts", "2026-11",
			disabled(fact("残疾类别=肢体"), fact("残疾类别=精神", "2026-11-20")), "23-2=100.00", ""},
		{"§1 any_day: of several values, one that ended before the last one started", "2026-11",
			disabled(fact("残疾类别=精神", "2020-01-01", "2026-11-05"), fact("残疾类别=肢体", "2026-11-10")), "", ""},
		{"§1 any_day: of several values, one that ended before the month", "2026-11",
			disabled(fact("残疾类别=精神", "2010-01-01", "2020-05-31"), fact("残疾类别=肢体", "2020-03-01")), "", ""},
		{"§2 残疾类别 one or more, joined by 、", "2026-11", disabled(fact("残疾类别=肢体、智力")), "23-2=100.00", ""},
		{"§1 unless always reads first_day: 特困 later in the month", "2026-11",
			disabled(fact("低保"), fact("特困=分散", "2026-11-15")), "23-1=100.00", ""},
		{"§1 unless always reads first_day: 特困 on the first day", "2026-12",
			disabled(fact("低保"), fact("特困=分散", "2026-11-15")), "18-1=960.00", "18-3 自理能力"},
		{"§1 unless always reads first_day: 特困 that ends in the month", "2026-11",
			disabled(fact("低保"), fact("特困=集中", "2020-01-01", "2026-11-02")), "", ""},
		{"§1 a fact that is not recorded: every comparison with it is false", "2026-11", someone(seventy), "", ""},
		{"§1 the rate in force in M: 2024-12", "2024-12", someone(seventy, fact("特困=分散"), fact("自理能力=全自理")), "18-1=910.00 18-3=100.00", ""},
		{"§1 a rate that has no value in M is never zero", "2023-12", someone("1940-01-01"), "", "11 高龄津贴标准"},
		{"§1 a rate without value is no concern of who does not qualify", "2023-12", someone(seventy), "", ""},
		{"§1 no value in M: what deducts the grant lacks it as well", "2023-12",
			someone(seventy, fact("低保"), fact("失能等级=完全失能"), fact("入住机构=甲院"), fact("机构月收费=1500.00"), fact("低保月金额=500.00")),
			"", "13 养老服务补贴标准; 15 养老服务补贴标准; 16 护理补贴标准; 20 探访次数"},
	})
}

func TestCarePayments(t *testing.T) {
	t.Parallel()
	checkGrants(t, newJudge(t, World{File: pack(t)}), []grantCase{
		{"§4 11 and 13 stack", "2026-11", someone(eighty, fact("低保边缘")), "11=70.00 13=70.00", ""},
		{"§2 经济困难认定 is 经济困难", "2026-11", someone(eighty, fact("经济困难认定")), "11=70.00 13=70.00", ""},
		{"§3 13 at 60–79 is zero: zero grants make no line", "2026-11", someone(seventy, fact("低保")), "", ""},
		{"§4 13 in the month of 80", "2026-11", someone("1946-11-15", fact("低保")), "11=70.00 13=70.00", ""},
		{"§4 13 unless 特困", "2026-11", someone(eighty, fact("低保"), fact("特困=集中")), "11=70.00", ""},
		{"§4 16 经济困难, 生活不能自理", "2026-11", someone(seventy, fact("低保"), fact("生活不能自理")), "16=100.00", ""},
		{"§2 不能自理: 重度失能", "2026-11", someone(seventy, fact("低保"), fact("失能等级=重度失能")), "16=100.00", ""},
		{"§2 不能自理: 完全失能", "2026-11", someone(seventy, fact("低保"), fact("失能等级=完全失能")), "16=100.00", ""},
		{"§2 不能自理: not 中度失能", "2026-11", someone(seventy, fact("低保"), fact("失能等级=中度失能")), "", ""},
		{"§2 不能自理: 全护理", "2026-11", someone(seventy, fact("低保"), fact("自理能力=全护理")), "16=100.00", ""},
		{"§4 16 needs 经济困难", "2026-11", someone(seventy, fact("生活不能自理")), "", ""},
		{"§4 16 age ≥ 60, first month", "2026-11", someone("1966-11-30", fact("低保"), fact("生活不能自理")), "16=100.00", ""},
		{"§4 16 age 59", "2026-11", someone("1966-12-01", fact("低保"), fact("生活不能自理")), "", ""},
		{"§4 16 unless 特困", "2026-11", someone(seventy, fact("低保"), fact("生活不能自理"), fact("特困=集中")), "", ""},
		{"§4 23-1 低保边缘 and 残疾等级 recorded", "2026-11", someone(seventy, fact("低保边缘"), fact("残疾等级=四级")), "23-1=100.00", ""},
		{"§4 23-1 not 经济困难认定", "2026-11", someone(seventy, fact("经济困难认定"), fact("残疾等级=四级")), "", ""},
		{"§4 23-2 重残", "2026-11", someone(seventy, fact("残疾等级=二级"), fact("残疾类别=听力")), "23-2=100.00", ""},
		{"§4 23-2 三级 and 智力", "2026-11", someone(seventy, fact("残疾等级=三级"), fact("残疾类别=智力")), "23-2=100.00", ""},
		{"§4 23-2 四级 and 精神", "2026-11", someone(seventy, fact("残疾等级=四级"), fact("残疾类别=精神")), "23-2=100.00", ""},
		{"§4 23-2 not 三级 and 肢体", "2026-11", someone(seventy, fact("残疾等级=三级"), fact("残疾类别=肢体")), "", ""},
		{"§4 23-2 not 精神 alone", "2026-11", someone(seventy, fact("残疾类别=精神")), "", ""},
		{"§4 23 unless 工伤护理费", "2026-11", someone(seventy, fact("低保"), fact("残疾等级=一级"), fact("工伤护理费")), "", ""},
		{"§4 就高: equal amounts keep 16", "2026-11",
			someone(seventy, fact("低保"), fact("生活不能自理"), fact("残疾等级=一级")), "16=100.00 23-1=100.00", ""},
	})
	higher := newJudge(t, World{File: pack(t, "value: 100, source: 清单第23项, unconfirmed: 清单未定金额}\n  - name: 重度", "value: 100, source: 清单第23项}\n  - name: 重度",
		"value: 100, source: 清单第23项, unconfirmed: 清单未定金额}\n  - name: 探访", "value: 150, source: 清单第23项}\n  - name: 探访")})
	checkGrants(t, higher, []grantCase{
		{"§4 就高: 23-2 is higher", "2026-11",
			someone(seventy, fact("低保"), fact("生活不能自理"), fact("残疾等级=一级")), "23-1=100.00 23-2=150.00", ""},
		{"§4 就高: 15 deducts what was really granted", "2026-11",
			someone(seventy, fact("低保"), fact("失能等级=完全失能"), fact("残疾等级=一级"), fact("入住机构=甲院"), fact("机构月收费=1500.00"), fact("低保月金额=500.00")),
			"15=750.00→甲院 23-1=100.00 23-2=150.00", ""},
	})
	lower := newJudge(t, World{File: pack(t, "value: 100, floor: 100, source: 清单第16项", "value: \"120.50\", floor: 100, source: 清单第16项")})
	checkGrants(t, lower, []grantCase{
		{"§4 就高: 16 is higher", "2026-11",
			someone(seventy, fact("低保"), fact("生活不能自理"), fact("残疾等级=一级")), "16=120.50 23-1=100.00", ""},
	})
	merged := newJudge(t, World{File: pack(t, "higher_of:\n", "higher_of:\n  - {from: 2026-07, items: [\"11\", \"13\"]}\n")})
	checkGrants(t, merged, []grantCase{
		{"§4 whether 11 and 13 merge is a setting", "2026-07", someone(eighty, fact("低保")), "11=70.00", ""},
		{"§5 what decides money carries a first month", "2026-06", someone(eighty, fact("低保")), "11=70.00 13=70.00", ""},
	})
}

func TestCollectiveCare(t *testing.T) {
	t.Parallel()
	in := func(born, fee, allowance string, more ...change) *Case {
		return someone(born, append([]change{fact("低保"), fact("失能等级=完全失能"), fact("入住机构=甲院"),
			fact("机构月收费=" + fee), fact("低保月金额=" + allowance)}, more...)...)
	}
	checkGrants(t, newJudge(t, World{File: pack(t)}), []grantCase{
		{"§4 15 = 机构月收费 − 低保月金额 − 16", "2026-11", in(seventy, "1500.00", "500.00"), "15=900.00→甲院 16=100.00", ""},
		{"§4 15 keeps 分", "2026-11", in(seventy, "1500.55", "500.10"), "15=900.45→甲院 16=100.00", ""},
		{"§4 15 deducts 13", "2026-11", in(eighty, "1500.00", "500.00"), "11=70.00 13=70.00 15=830.00→甲院 16=100.00", ""},
		{"§4 15 deducts 16 and 23-1, not the 23-2 that 就高 dropped", "2026-11", in(seventy, "1500.00", "500.00", fact("残疾等级=一级")),
			"15=800.00→甲院 16=100.00 23-1=100.00", ""},
		{"§4 15 at most 18-1 + 3 × 护理补贴标准", "2026-11", in(seventy, "3000.00", "500.00"), "15=1260.00→甲院 16=100.00", ""},
		{"§4 15 exactly at the cap", "2026-11", in(seventy, "1860.00", "500.00"), "15=1260.00→甲院 16=100.00", ""},
		{"§4 15 at most what 18-1 would give in 2024", "2024-12", in(seventy, "3000.00", "500.00"), "15=1210.00→甲院 16=100.00", ""},
		{"§4 15 at least 0", "2026-11", in(seventy, "550.00", "500.00"), "16=100.00", ""},
		{"§4 15 of exactly 0 makes no line", "2026-11", in(seventy, "600.00", "500.00"), "16=100.00", ""},
		{"§4 15 机构月收费 not recorded: a check, no line", "2026-11",
			someone(seventy, fact("低保"), fact("失能等级=完全失能"), fact("入住机构=甲院"), fact("低保月金额=500.00")), "16=100.00", "15 机构月收费"},
		{"§4 15 低保月金额 not recorded: a check, no line", "2026-11",
			someone(seventy, fact("低保"), fact("失能等级=完全失能"), fact("入住机构=甲院"), fact("机构月收费=1500.00")), "16=100.00", "15 低保月金额"},
		{"§4 15 not 重度失能", "2026-11",
			someone(seventy, fact("低保"), fact("失能等级=重度失能"), fact("入住机构=甲院"), fact("机构月收费=1500.00"), fact("低保月金额=500.00")), "16=100.00", ""},
		{"§4 15 needs 入住机构", "2026-11",
			someone(seventy, fact("低保"), fact("失能等级=完全失能"), fact("机构月收费=1500.00"), fact("低保月金额=500.00")), "16=100.00", ""},
		{"§4 15 unless 特困", "2026-11", in(seventy, "1500.00", "500.00", fact("特困=集中"), fact("自理能力=全护理")), "19=1260.00→甲院", ""},
	})
}

func TestSupport(t *testing.T) {
	t.Parallel()
	j := newJudge(t, World{File: pack(t)})
	insured := func(more ...change) *Case {
		return someone(seventy, append([]change{fact("自理能力=全自理"), fact("医疗保险=居民")}, more...)...)
	}
	apart := fact("特困=分散")
	checkGrants(t, j, []grantCase{
		{"§4 18-1 before 2025: 分散供养倍数 × 低保标准 alone", "2024-12", someone(seventy, apart, fact("自理能力=半自理")), "18-1=910.00 18-3=200.00", ""},
		{"§4 18-1 from 2025-01: the larger one", "2025-01", someone(seventy, apart, fact("自理能力=全护理")), "18-1=960.00 18-3=300.00", ""},
		{"§4 18-3 自理能力 not recorded: a check, no line", "2026-11", someone(seventy, apart), "18-1=960.00", "18-3 自理能力"},
		{"§4 18-1 age ≥ 60", "2026-11", someone("1966-12-01", apart, fact("自理能力=全自理")), "", ""},
		{"§4 18-2 in October, to 区医保局", "2026-10", insured(apart), "18-1=960.00 18-2=400.00→区医保局 18-3=100.00", ""},
		{"§4 18-2 once a coverage year", "2026-11", insured(apart), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-2 once a coverage year, until September", "2026-09", insured(apart), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-2 first month in which the person qualifies", "2026-12", insured(fact("特困=分散", "2026-11-20")), "18-1=960.00 18-2=400.00→区医保局 18-3=100.00", ""},
		{"§4 18-2 across the year's end", "2027-01", insured(fact("特困=分散", "2026-11-20")), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-2 qualifying includes the district", "2026-11", insured(apart, movedIn("2026-10-15")), "18-1=960.00 18-2=400.00→区医保局 18-3=100.00", ""},
		{"§4 18-2 qualifying includes the age", "2027-02", insured(apart, func(c *Case) { c.Person.Birth = date("1967-02-11") }),
			"18-1=960.00 18-2=400.00→区医保局 18-3=100.00", ""},
		{"§4 18-2 not a second time after a break", "2027-03",
			insured(fact("特困=分散", "2020-01-01", "2026-10-20"), fact("特困=分散", "2027-02-10")), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-2 not 职工", "2026-10", someone(seventy, apart, fact("自理能力=全自理"), fact("医疗保险=职工")), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-2 a first month without a rate is the old system's", "2024-01", insured(apart), "18-1=910.00 18-3=100.00", ""},
		{"§4 18-5 核定金额", "2026-11", someone(seventy, apart, fact("自理能力=全自理"), award("18-5", "300", "2026-10", "2026-12", "")),
			"18-1=960.00 18-3=100.00 18-5=300.00", ""},
		{"§2 核定金额 after its last month", "2027-01", someone(seventy, apart, fact("自理能力=全自理"), award("18-5", "300", "2026-10", "2026-12", "")),
			"18-1=960.00 18-3=100.00", ""},
		{"§2 an amount whose item's conditions fail in M is not paid", "2026-11", someone(seventy, award("18-5", "300", "2026-10", "", "")), "", ""},
		{"§2 核定金额 to a payee other than the person", "2026-11", someone(seventy, apart, fact("自理能力=全自理"), award("18-5", "300", "2026-10", "", "房管所")),
			"18-1=960.00 18-3=100.00 18-5=300.00→房管所", ""},
		{"§4 19 pays the institution what 18-1 and 18-3 would give", "2026-11",
			someone(seventy, fact("特困=集中"), fact("自理能力=半自理"), fact("入住机构=甲院")), "19=1160.00→甲院", ""},
		{"§4 19 grade not recorded: 18-1 alone", "2026-11", someone(seventy, fact("特困=集中"), fact("入住机构=甲院")), "19=960.00→甲院", ""},
		{"§4 19 before 2025", "2024-12", someone(seventy, fact("特困=集中"), fact("自理能力=全护理"), fact("入住机构=甲院")), "19=1210.00→甲院", ""},
		{"§4 19 待安置 is not paid", "2026-11", someone(seventy, fact("特困=集中"), fact("自理能力=半自理")), "", ""},
	})
	rounded := newJudge(t, World{File: pack(t, "value: 730, source", "value: \"750.05\", source")})
	checkGrants(t, rounded, []grantCase{
		// 1.3 × 750.05 = 975.065
		{"§1 amounts are rounded half up to 分 once", "2026-11", someone(seventy, apart, fact("自理能力=全自理")), "18-1=975.07 18-3=100.00", ""},
		{"§1 once, per granted amount: 19 adds before it rounds", "2026-11",
			someone(seventy, fact("特困=集中"), fact("自理能力=全自理"), fact("入住机构=甲院")), "19=1075.07→甲院", ""},
	})
}

func TestFuneralAndRelief(t *testing.T) {
	t.Parallel()
	funeral := award("18-4", "3000", "2026-11", "", "李孝")
	apart := fact("特困=分散", "2020-01-01", "2026-10-20")
	checkGrants(t, newJudge(t, World{File: pack(t)}), []grantCase{
		{"§4 18-4 特困 = 分散 on the day of death", "2026-11", someone(seventy, apart, died("2026-10-20"), funeral), "18-4=3000.00→李孝", ""},
		{"§4 18-4 in its first month only", "2026-12", someone(seventy, apart, died("2026-10-20"), funeral), "", ""},
		{"§4 18-4 特困 ended the day before", "2026-11", someone(seventy, apart, died("2026-10-21"), funeral), "", ""},
		{"§4 18-4 death ≤ L: the last day", "2026-11",
			someone(seventy, fact("特困=分散"), fact("自理能力=全自理"), died("2026-11-30"), funeral), "18-1=960.00 18-3=100.00 18-4=3000.00→李孝", ""},
		{"§4 18-4 death ≤ L: after it", "2026-11",
			someone(seventy, fact("特困=分散"), fact("自理能力=全自理"), died("2026-12-01"), funeral), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-4 nobody died", "2026-11", someone(seventy, fact("特困=分散"), fact("自理能力=全自理"), funeral), "18-1=960.00 18-3=100.00", ""},
		{"§4 18-4 no age test", "2026-11", someone("1986-01-01", apart, died("2026-10-20"), funeral), "18-4=3000.00→李孝", ""},
		{"§4 18-4 no district test", "2026-11", someone(seventy, apart, died("2026-10-20"), movedOut("2021-01-01"), funeral), "18-4=3000.00→李孝", ""},
		{"§4 18-4 集中 does not count", "2026-11", someone(seventy, fact("特困=集中"), died("2026-10-20"), funeral), "", ""},
		{"§4 18-4 none named", "2026-11", someone(seventy, apart, died("2026-10-20"), award("18-4", "3000", "2026-11", "2026-11", "")), "18-4=3000.00", ""},
		{"§4 17 pay 核定金额 where there is one", "2026-11", someone(seventy, fact("低保"), award("17", "500", "2026-11", "2026-11", "")), "17=500.00", ""},
		{"§2 start = end month makes a one-off", "2026-12", someone(seventy, fact("低保"), award("17", "500", "2026-11", "2026-11", "")), "", ""},
		{"§4 17 unless 特困", "2026-11", someone(seventy, fact("低保"), fact("特困=集中"), award("17", "500", "2026-11", "", "")), "", ""},
		{"§4 1 has no age", "2026-11", someone("1980-01-01", fact("养老保险=职工"), award("1", "3210.50", "2026-01", "", "")), "1=3210.50", ""},
		{"§1 1–4 are exempt from the registration half", "2026-11",
			someone(seventy, movedOut("2020-01-01"), fact("养老保险=职工"), award("1", "3210.50", "2026-01", "", "")), "1=3210.50", ""},
		{"§1 1–4 are not exempt from being alive", "2026-11",
			someone(seventy, died("2026-10-31"), fact("养老保险=职工"), award("1", "3210.50", "2026-01", "", "")), "", ""},
		{"§4 2 age ≥ 60", "2026-11", someone("1966-12-01", fact("养老保险=居民"), award("2", "180", "2026-01", "", "")), "", ""},
		{"§4 2 养老保险 = 居民", "2026-11", someone(seventy, fact("养老保险=居民"), award("2", "180", "2026-01", "", ""), award("1", "99", "2026-01", "", "")), "2=180.00", ""},
		{"§2 a temporary number gets item 24", "2026-11", someone(eighty, id("临-A0001"), fact("流浪乞讨"), award("24", "80", "2026-11", "2026-11", "")), "24=80.00", ""},
		{"§2 a temporary number gets nothing else", "2026-11",
			someone(eighty, id("临-A0001"), fact("低保"), fact("生活不能自理"), fact("养老保险=职工"), award("1", "99", "2026-01", "", "")), "", ""},
		{"§4 24 alive on F", "2026-11", someone(seventy, id("临-A0001"), died("2026-10-31"), fact("流浪乞讨"), award("24", "80", "2026-11", "", "")), "", ""},
		{"§4 24 without 户籍", "2026-11", someone(seventy, movedOut("2020-01-01"), fact("流浪乞讨"), award("24", "80", "2026-11", "", "救助站")), "24=80.00→救助站", ""},
	})
}

func TestNegativeAmountIsAnError(t *testing.T) {
	t.Parallel()
	j := newJudge(t, World{File: pack(t, "      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准 - 百岁补贴标准\n")})
	_, _, _, err := j.granted(someone(eighty), ym("2026-11"))
	if err == nil || !strings.Contains(err.Error(), "negative") {
		t.Fatalf("got %v, want an error: nothing granted is negative", err)
	}
}

// granted returns what the rules give a person for month m, all bureaus' items in
// the order of the pack, those that only list included.
func (j *Judge) granted(c *Case, m month.Month) ([]Grant, []Listing, []Gap, error) {
	var items []*packfile.Item
	for i := range j.File.Items {
		items = append(items, &j.File.Items[i])
	}
	r, err := j.grantMonth(newSubject(c), monthOf(m), items)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("judge person %d for %s: %w", c.Person.Number, m, err)
	}
	var grants []Grant
	var lists []Listing
	var gaps []Gap
	for _, item := range items {
		code := item.Code.Value
		if g, ok := r.grants[code]; ok {
			grants = append(grants, g)
		}
		if l, ok := r.lists[code]; ok {
			lists = append(lists, l)
		}
		if g, ok := r.gaps[code]; ok {
			gaps = append(gaps, g)
		}
	}
	return grants, lists, gaps, nil
}
