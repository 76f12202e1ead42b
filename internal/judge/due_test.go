package judge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// dueCase is one person's batch of 区民政局 for 2026-11; a rule's § is a section of docs/rules.md.
type dueCase struct {
	rule    string
	opening string
	who     *Case
	lines   []string // item payee month kind amount [从 against] [hold]
	debts   []string // item payee month amount
}

// world is a batch of 2026-11 in which these payees have accounts.
func world(file *packfile.File, opening string) World {
	w := World{File: file, Bureau: "区民政局", Month: ym("2026-11"), Opening: ym(opening),
		Payees: map[string]roster.Account{}, Refused: map[string][]roster.Account{}}
	for _, holder := range []string{"停户院", "王某", "别人"} {
		a := roster.Account{Bank: "示例银行", Number: "6222000000000099", Holder: holder}
		w.Refused[a.Number] = append(w.Refused[a.Number], a)
	}
	for _, holder := range []string{"停二院", "王某"} {
		a := roster.Account{Bank: "示例银行", Number: "6222000000000098", Holder: holder}
		w.Refused[a.Number] = append(w.Refused[a.Number], a)
	}
	w.Retried = map[string][]roster.Account{"6222000000000098": {{Bank: "示例银行", Number: "6222000000000098", Holder: "王某"}}}
	w.Payees["停二院"] = roster.Account{Bank: "示例银行", Number: "6222000000000098"}
	for _, name := range []string{"甲院", "乙院", "区医保局"} {
		w.Payees[name] = roster.Account{Bank: "示例银行", Number: "1001"}
	}
	w.Payees["停户院"] = roster.Account{Bank: "示例银行", Number: "6222000000000099"}
	w.Payees["无户院"] = roster.Account{}
	return w
}

func checkDuesIn(t *testing.T, w World, c dueCase) {
	t.Helper()
	lines, debts, err := newJudge(t, w).Lines(c.who)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.lines, linesText(lines)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.debts, debtsText(debts)); diff != "" {
		t.Errorf("debts (-want +got):\n%s", diff)
	}
}

func checkDues(t *testing.T, file *packfile.File, cases []dueCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) { checkDuesIn(t, world(file, c.opening), c) })
	}
}

func TestDues(t *testing.T) {
	t.Parallel()
	old := func(changes ...change) *Case { return someone(eighty, changes...) }
	checkDues(t, pack(t), []dueCase{
		{"§5 m = M gives this month's line", "2026-11", old(), []string{"11 本人 2026-11 当月 70.00"}, nil},
		{"§5 every month from the opening month: arrears", "2026-09", old(),
			[]string{"11 本人 2026-09 补发 70.00", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"§5 entitled − settled: nothing left", "2026-10", old(settled("11 2026-10 70"), settled("11 2026-11 70")), nil, nil},
		{"§5 entitled − settled: the difference", "2026-10", old(settled("11 2026-10 60"), settled("11 2026-11 70")),
			[]string{"11 本人 2026-10 补发 10.00"}, nil},
		{"§5 a late-reported death", "2026-09", old(died("2026-09-15"), settled("11 2026-09 70"), settled("11 2026-10 70")),
			nil, []string{"11 本人 2026-10 70.00"}},
		{"§5 a back-dated 低保 approval", "2026-10", old(fact("低保", "2026-10-01"), settled("11 2026-10 70")),
			[]string{"11 本人 2026-11 当月 70.00", "13 本人 2026-10 补发 70.00", "13 本人 2026-11 当月 70.00"}, nil},
		{"§5 a returned payment takes its amount away again", "2026-10", old(settled("11 2026-10 70"), settled("11 2026-10 -70")),
			[]string{"11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"§5 money collected lowers what is settled", "2026-10",
			old(died("2026-09-15"), settled("11 2026-10 70"), settled("11 2026-10 -30")), nil, []string{"11 本人 2026-10 40.00"}},
		{"§5 m = M can be negative after a supplementary batch", "2026-11", old(movedOut("2026-10-31"), settled("11 2026-11 70")),
			nil, []string{"11 本人 2026-11 70.00"}},
		{"§5 months after M are not looked at", "2026-11", old(settled("11 2026-12 70")), []string{"11 本人 2026-11 当月 70.00"}, nil},
		{"§5 a debt of the old system comes in as an opening entry", "2026-11", old(settled("11 2026-03 70")),
			[]string{"11 本人 2026-03 扣回 -70.00 从11", "11 本人 2026-11 当月 70.00"}, nil},
		{"§5 a batch is one bureau's", "2026-11", old(fact("养老保险=职工"), award("1", "3000", "2026-01", "", ""), settled("1 2026-11 1")),
			[]string{"11 本人 2026-11 当月 70.00"}, nil},
		{"§5 with the rates in force for m", "2024-12", someone(seventy, fact("特困=分散", "2024-12-01", "2025-01-20"), fact("自理能力=全自理")),
			[]string{"18-1 本人 2024-12 补发 910.00", "18-1 本人 2025-01 补发 960.00", "18-3 本人 2024-12 补发 100.00", "18-3 本人 2025-01 补发 100.00"}, nil},
		{"§4 18-2: months before the opening month count", "2026-11", someone(seventy, fact("特困=分散"), fact("自理能力=全自理"), fact("医疗保险=居民")),
			[]string{"18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00"}, nil},
		{"§4 18-2: found late", "2026-10", someone(seventy, fact("特困=分散", "2026-10-01"), fact("自理能力=全自理"), fact("医疗保险=居民"),
			settled("18-1 2026-10 960"), settled("18-3 2026-10 100"), settled("18-1 2026-11 960"), settled("18-3 2026-11 100")),
			[]string{"18-2 区医保局 2026-10 补发 400.00"}, nil},
		{"§4 18-4 is paid for its first month, also later", "2026-09",
			someone(seventy, fact("特困=分散"), fact("自理能力=全自理"), died("2026-08-30"), award("18-4", "3000", "2026-09", "", "甲院")),
			[]string{"18-4 甲院 2026-09 补发 3000.00"}, nil},
	})
}

func TestNetting(t *testing.T) {
	t.Parallel()
	// 70, 低保, 残疾一级, from 2026-10 also 生活不能自理 as known now; 23-1 is settled.
	reclassified := func(more ...change) *Case {
		return someone(seventy, append([]change{fact("低保"), fact("残疾等级=一级"), fact("生活不能自理", "2026-10-01"),
			settled("23-1 2026-10 100"), settled("23-1 2026-11 100")}, more...)...)
	}
	apart := []change{fact("特困=分散", "2026-10-01"), fact("自理能力=全自理")}
	with := func(born string, base []change, more ...change) *Case {
		return someone(born, append(append([]change{}, base...), more...)...)
	}
	checkDues(t, pack(t), []dueCase{
		{"§5 (1) 16 takes over from 23-2", "2026-10", reclassified(settled("23-2 2026-10 100"), settled("16 2026-11 100")),
			[]string{"16 本人 2026-10 补发 100.00", "23-2 本人 2026-10 扣回 -100.00 从16"}, nil},
		{"§5 (1) 12 from 11", "2026-11", someone("1926-11-20", settled("11 2026-11 70")),
			[]string{"11 本人 2026-11 扣回 -70.00 从12", "12 本人 2026-11 当月 300.00"}, nil},
		{"§5 (1) 18 from 13: items in list order, 18-1 before 18-3", "2026-11",
			with(eighty, apart, settled("13 2026-11 70"), settled("11 2026-11 70")),
			[]string{"13 本人 2026-11 扣回 -70.00 从18-1", "18-1 本人 2026-11 当月 960.00", "18-3 本人 2026-11 当月 100.00"}, nil},
		{"§5 (1) groups in their order: {16, 23-2} before {13, …}", "2026-11",
			// 16 no longer: 低保 withdrawn; 23-2 takes over, 13 is at 80+ not due either.
			someone(eighty, fact("残疾等级=一级"), fact("低保"), fact("生活不能自理", "2020-01-01", "2026-10-31"),
				settled("16 2026-11 100"), settled("11 2026-11 70")),
			[]string{"13 本人 2026-11 当月 70.00", "16 本人 2026-11 扣回 -100.00 从23-2", "23-1 本人 2026-11 当月 100.00", "23-2 本人 2026-11 当月 100.00"}, nil},
		{"§5 (1) as far as it goes, the rest is the recovery register's", "2026-11",
			someone(eighty, fact("低保"), fact("生活不能自理"), fact("残疾等级=四级"), settled("18-1 2026-11 960"), settled("11 2026-11 70")),
			[]string{"13 本人 2026-11 当月 70.00", "16 本人 2026-11 当月 100.00",
				"18-1 本人 2026-11 扣回 -70.00 从13", "18-1 本人 2026-11 扣回 -100.00 从16", "18-1 本人 2026-11 扣回 -100.00 从23-1",
				"23-1 本人 2026-11 当月 100.00"},
			[]string{"18-1 本人 2026-11 690.00"}},
		{"§5 (1) the same benefit month only", "2026-10", reclassified(settled("16 2026-10 100"), settled("23-2 2026-11 40"), settled("16 2026-11 60"),
			settled("23-2 2026-10 25")),
			[]string{"16 本人 2026-11 当月 40.00", "23-2 本人 2026-11 扣回 -40.00 从16"}, []string{"23-2 本人 2026-10 25.00"}},
		{"§5 (1) not items of no common group", "2026-11", someone(eighty, settled("13 2026-11 70")),
			[]string{"11 本人 2026-11 当月 70.00"}, []string{"13 本人 2026-11 70.00"}},
		{"§5 (2) the same item and payee, oldest first", "2026-09", someone(eighty, movedIn("2026-09-10"), settled("11 2026-09 50")),
			[]string{"11 本人 2026-09 扣回 -50.00 从11", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, nil},
		{"§5 (2) parts from several months are one line", "2026-09", someone(eighty, movedIn("2026-09-10"), settled("11 2026-09 150")),
			[]string{"11 本人 2026-09 扣回 -140.00 从11", "11 本人 2026-10 补发 70.00", "11 本人 2026-11 当月 70.00"}, []string{"11 本人 2026-09 10.00"}},
		{"§5 negative dues take their turn oldest month first", "2026-08",
			someone(eighty, movedIn("2026-09-10"), settled("11 2026-08 50"), settled("11 2026-09 50"), settled("11 2026-10 70")),
			[]string{"11 本人 2026-08 扣回 -50.00 从11", "11 本人 2026-09 扣回 -20.00 从11", "11 本人 2026-11 当月 70.00"}, []string{"11 本人 2026-09 30.00"}},
		{"§5 step (1) for all, then step (2)", "2026-09",
			// 16 of 2026-09 was never due (工伤护理费 also keeps 23-x away then); 23-2 of 2026-10 is replaced by 16.
			reclassified(fact("工伤护理费", "2020-01-01", "2026-09-15"), settled("16 2026-09 100"), settled("23-2 2026-10 100"), settled("16 2026-11 100")),
			[]string{"16 本人 2026-10 补发 100.00", "23-2 本人 2026-10 扣回 -100.00 从16"}, []string{"16 本人 2026-09 100.00"}},
		{"§5 (1) then (2) of what is left", "2026-09",
			reclassified(fact("工伤护理费", "2020-01-01", "2026-09-15"), settled("16 2026-09 100"), settled("23-2 2026-10 30"), settled("16 2026-11 100")),
			[]string{"16 本人 2026-09 扣回 -70.00 从16", "16 本人 2026-10 补发 100.00", "23-2 本人 2026-10 扣回 -30.00 从16"}, []string{"16 本人 2026-09 30.00"}},
		{"§5 items in list order in one month", "2026-11",
			// 18-1 (960) and 18-3 (100) were paid to somebody who only gets 13.
			someone(eighty, fact("低保"), settled("18-3 2026-11 100"), settled("18-1 2026-11 50"), settled("11 2026-11 70")),
			[]string{"13 本人 2026-11 当月 70.00", "18-1 本人 2026-11 扣回 -50.00 从13", "18-3 本人 2026-11 扣回 -20.00 从13"},
			[]string{"18-3 本人 2026-11 80.00"}},
		{"§5 of the same payee: a change of institution", "2026-11",
			someone(seventy, fact("特困=集中"), fact("入住机构=乙院"), settled("19 甲院 2026-11 960")),
			[]string{"19 乙院 2026-11 当月 960.00"}, []string{"19 甲院 2026-11 960.00"}},
		{"§5 (2) of the same institution", "2026-10",
			someone(seventy, fact("特困=集中"), fact("入住机构=乙院", "2020-01-01", "2026-10-31"), fact("入住机构=甲院", "2026-11-01"), settled("19 甲院 2026-10 960")),
			[]string{"19 乙院 2026-10 补发 960.00", "19 甲院 2026-10 扣回 -960.00 从19", "19 甲院 2026-11 当月 960.00"}, nil},
		{"§5 (2) 18-2 moves to a later month", "2026-10",
			someone(seventy, fact("特困=分散", "2026-10-15"), fact("自理能力=全自理"), fact("医疗保险=居民"), settled("18-2 区医保局 2026-10 400")),
			[]string{"18-1 本人 2026-11 当月 960.00", "18-2 区医保局 2026-10 扣回 -400.00 从18-2", "18-2 区医保局 2026-11 当月 400.00", "18-3 本人 2026-11 当月 100.00"}, nil},
		{"§5 against lines that are not held", "2026-11", someone("1926-11-20", account(""), settled("11 2026-11 70")),
			[]string{"12 本人 2026-11 当月 300.00 无账户"}, []string{"11 本人 2026-11 70.00"}},
		{"§5 what is netted is the open recovery: waived money is not", "2026-11", someone("1926-11-20", settled("11 2026-11 70"), waived("11 2026-11 30")),
			[]string{"11 本人 2026-11 扣回 -40.00 从12", "12 本人 2026-11 当月 300.00"}, nil},
		{"§5 open recovery = max(0, settled − entitled − waived)", "2026-11", someone(seventy, settled("11 2026-11 70"), waived("11 2026-11 30")),
			nil, []string{"11 本人 2026-11 40.00"}},
		{"§5 a waiver of all", "2026-11", someone(seventy, settled("11 2026-11 70"), waived("11 2026-11 70")), nil, nil},
		{"§5 a waiver never creates a positive due", "2026-11", someone(seventy, settled("11 2026-11 70"), waived("11 2026-11 50"), waived("11 2026-11 60")), nil, nil},
		{"§5 a waiver does not lower a positive due", "2026-11", someone(eighty, settled("11 2026-11 50"), waived("11 2026-11 10")),
			[]string{"11 本人 2026-11 当月 20.00"}, nil},
	})
	dated := pack(t, "  - {items: [\"11\", \"12\"]}\n", "  - {from: 2026-12, items: [\"11\", \"12\"]}\n")
	checkDues(t, dated, []dueCase{
		{"§5 a group is in force for the benefit month", "2026-11", someone("1926-11-20", settled("11 2026-11 70")),
			[]string{"12 本人 2026-11 当月 300.00"}, []string{"11 本人 2026-11 70.00"}},
	})
}

func TestHolds(t *testing.T) {
	t.Parallel()
	old := func(changes ...change) *Case { return someone(eighty, changes...) }
	paid := []string{"11 本人 2026-11 当月 70.00"}
	held := func(reason string) []string { return []string{"11 本人 2026-11 当月 70.00 " + reason} }
	inmate := func(house string, changes ...change) *Case {
		return someone(seventy, append([]change{fact("特困=集中"), fact("入住机构=" + house)}, changes...)...)
	}
	house := func(name, hold string) []string {
		return []string{strings.TrimSpace("19 " + name + " 2026-11 当月 960.00 " + hold)}
	}
	funeral := func(payee string, changes ...change) *Case {
		return someone(seventy, append([]change{fact("特困=分散", "2020-01-01", "2026-11-10"), died("2026-11-10"), movedOut("2026-10-31"),
			award("18-4", "3000", "2026-11", "", payee)}, changes...)...)
	}
	checkDues(t, pack(t), []dueCase{
		{"§5 无账户", "2026-11", old(account("")), held("无账户"), nil},
		{"§5 账户无效", "2026-11", old(account("6222000000000099")), held("账户无效"), nil},
		{"§5 账户无效: somebody decided to try it again", "2026-11", old(account("6222000000000098")), paid, nil},
		{"§5 账户无效: another 户名 of the number was decided", "2026-11", inmate("停二院"), house("停二院", "账户无效"), nil},
		{"§5 账户无效: the name was mended, so a newer account is known", "2026-11",
			old(account("6222000000000099"), holderIs("王茉"), releases("户名不符")), paid, nil},
		{"§5 a held line is not settled, so it comes back", "2026-10", someone(eighty, account("")),
			[]string{"11 本人 2026-10 补发 70.00 无账户", "11 本人 2026-11 当月 70.00 无账户"}, nil},
		{"§5 已故待领: died before the first day of the run's month", "2026-10", someone(eighty, died("2026-10-31")),
			[]string{"11 本人 2026-10 补发 70.00 已故待领"}, nil},
		{"§5 已故待领: not when a 代领人 is named", "2026-10", someone(eighty, died("2026-10-31"), deputy("李孝", "继承")),
			[]string{"11 本人 2026-10 补发 70.00"}, nil},
		{"§5 已故待领: not in the month of death", "2026-11", old(died("2026-11-01")), paid, nil},
		{"§5 已故待领: the payee is the person", "2026-10", inmate("甲院", died("2026-10-31")), []string{"19 甲院 2026-10 补发 960.00"}, nil},
		{"§4 18-4 none named: held", "2026-11", funeral(""), []string{"18-4 本人 2026-11 当月 3000.00 已故待领"}, nil},
		{"§4 18-4 a 代领人 is named", "2026-11", funeral("", deputy("李孝", "办理丧葬")), []string{"18-4 本人 2026-11 当月 3000.00"}, nil},
		{"§4 18-4 to its payee", "2026-11", funeral("甲院"), []string{"18-4 甲院 2026-11 当月 3000.00"}, nil},
		{"§5 no account: a payee that is no 收款单位", "2026-11", funeral("李孝"), []string{"18-4 李孝 2026-11 当月 3000.00 无账户"}, nil},
		{"§5 an institution without an account", "2026-11", inmate("无户院"), house("无户院", "无账户"), nil},
		{"§5 an institution that is no 收款单位", "2026-11", inmate("新院"), house("新院", "无账户"), nil},
		{"§5 an institution whose account was refused", "2026-11", inmate("停户院"), house("停户院", "账户无效"), nil},
		{"§5 an institution is paid without the person's account", "2026-11", inmate("甲院", account("")), house("甲院", ""), nil},
		{"§5 暂停发放 in force on the first day of the run's month", "2026-11", old(fact("暂停发放=认证逾期", "2026-11-01")), held("暂停发放"), nil},
		{"§5 暂停发放 later in the month", "2026-11", old(fact("暂停发放=认证逾期", "2026-11-02")), paid, nil},
		{"§5 暂停发放 that has ended", "2026-11", old(fact("暂停发放=认证逾期", "2026-01-01", "2026-10-31")), paid, nil},
		{"§5 暂停发放 holds arrears as well", "2026-10", someone(eighty, fact("暂停发放=认证逾期", "2026-11-01")),
			[]string{"11 本人 2026-10 补发 70.00 暂停发放", "11 本人 2026-11 当月 70.00 暂停发放"}, nil},
		{"§5 暂停发放 whoever the payee is", "2026-11", inmate("甲院", fact("暂停发放=核查")), house("甲院", "暂停发放"), nil},
		{"§6 低保 with 特困", "2026-11", old(fact("低保"), fact("特困=集中")), held("疑点未决"), nil},
		{"§6 低保 with 特困, decided", "2026-11", old(fact("低保"), fact("特困=集中"), releases("冲突:低保与特困同时有效")), paid, nil},
		{"§6 低保 with 特困, one after the other", "2026-11", old(fact("低保", "2020-01-01", "2026-10-31"), fact("特困=集中")), paid, nil},
		{"§6 one account used by more than one person", "2026-11", old(shared), held("疑点未决"), nil},
		{"§6 a couple that shares an account is decided once", "2026-11", old(shared, releases("账户共用")), paid, nil},
		{"§6 decided to hold", "2026-11", old(shared, keeps("账户共用")), held("决定暂缓"), nil},
		{"§6 one decided to hold, another not decided", "2026-11", old(shared, holderIs("李四"), keeps("户名不符")), held("疑点未决、决定暂缓"), nil},
		{"§6 one decided to hold, another released", "2026-11", old(shared, holderIs("李四"), keeps("户名不符"), releases("账户共用")), held("决定暂缓"), nil},
		{"§6 a decision is for its kind", "2026-11", old(shared, releases("户名不符")), held("疑点未决"), nil},
		{"§6 account holder's name differs", "2026-11", old(holderIs("李四")), held("疑点未决"), nil},
		{"§6 the holder's own name", "2026-11", old(holderIs("王某")), paid, nil},
		{"§6 with a recorded reason", "2026-11", old(holderIs("李四"), deputy("李四", "行动不便")), paid, nil},
		{"§6 a 代领人 without a reason", "2026-11", old(holderIs("李四"), deputy("李四", "")), held("疑点未决"), nil},
		{"§6 holder decided", "2026-11", old(holderIs("李四"), releases("户名不符")), paid, nil},
		{"§6 a holder without an account", "2026-11", old(holderIs("李四"), account("")), held("无账户"), nil},
		{"§6 age over 110", "2026-11", someone("1915-11-30"), []string{"12 本人 2026-11 当月 300.00 疑点未决"}, nil},
		{"§6 age 110 is not over", "2026-11", someone("1915-12-01"), []string{"12 本人 2026-11 当月 300.00"}, nil},
		{"§6 age decided", "2026-11", someone("1915-11-30", releases("年龄异常")), []string{"12 本人 2026-11 当月 300.00"}, nil},
		{"§6 that person's lines are held, whoever the payee is", "2026-11", inmate("甲院", shared), house("甲院", "疑点未决"), nil},
		{"§5 several reasons", "2026-10", someone(eighty, died("2026-10-31"), account(""), fact("暂停发放=核查"), fact("低保"), fact("特困=集中")),
			[]string{"11 本人 2026-10 补发 70.00 无账户、已故待领、暂停发放、疑点未决"}, nil},
	})
}

// TestArrearsLimit: 2026-09 was approved at revision 90, 2026-10 at 100, and voided at 110.
func TestArrearsLimit(t *testing.T) {
	t.Parallel()
	file := pack(t, "      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 1\n")
	known := func(past ...Knowledge) change {
		return func(c *Case) { c.Known = append(past, Knowledge{Rev: past[len(past)-1].Rev + 10, Records: []*Case{c}}) }
	}
	at := func(rev int64, records ...*Case) Knowledge { return Knowledge{Rev: rev, Records: records} }
	from := func(first string) []string {
		var lines []string
		for m := ym(first); m < ym("2026-11"); m++ {
			lines = append(lines, "11 本人 "+m.String()+" 补发 70.00")
		}
		return append(lines, "11 本人 2026-11 当月 70.00")
	}
	for _, c := range []dueCase{
		{"known in time: months that nobody ran do not lapse", "2026-06", someone(eighty, known(at(1, someone(eighty)))), from("2026-06"), nil},
		{"known after 2026-09 was approved: a month before the next", "2026-06", someone(eighty, known(at(85))), from("2026-09"), nil},
		{"known after 2026-10 was approved", "2026-06", someone(eighty, known(at(92))), from("2026-10"), nil},
		{"known after that was voided", "2026-06", someone(eighty, known(at(105))), from("2026-09"), nil},
		{"known, not known, known again", "2026-06", someone(eighty, known(at(1, someone(eighty)), at(92, someone(seventy)))), from("2026-10"), nil},
		{"by a record that was merged before the present one was there", "2026-06", someone(eighty, known(at(1, someone(eighty)), at(92))), from("2026-10"), nil},
		{"by a record that was merged later", "2026-06", someone(eighty, known(at(1, someone(eighty)), at(92, someone(seventy), someone(eighty)))), from("2026-06"), nil},
		{"once found or held", "2026-08", someone(eighty, known(at(92)), found("11 2026-08")),
			append([]string{"11 本人 2026-08 补发 70.00"}, from("2026-10")...), nil},
		{"once returned", "2026-08", someone(eighty, known(at(92)), settled("11 2026-09 70"), settled("11 2026-09 -70")), from("2026-09"), nil},
		{"a raise of a settled month", "2026-08", someone(eighty, known(at(92)), settled("11 2026-08 60")),
			append([]string{"11 本人 2026-08 补发 10.00"}, from("2026-10")...), nil},
		{"settled for somebody else", "2026-08", someone(eighty, known(at(92)), settled("11 甲院 2026-08 70")),
			append([]string{"11 本人 2026-08 补发 70.00"}, from("2026-10")...), []string{"11 甲院 2026-08 70.00"}},
		{"no limit for recovery", "2026-08", someone(seventy, known(at(92)), settled("11 2026-08 70")), nil, []string{"11 本人 2026-08 70.00"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := world(file, c.opening)
			w.Approvals = []Approval{{ym("2026-09"), 90, 0}, {ym("2026-10"), 100, 110}}
			checkDuesIn(t, w, c)
		})
	}
}

func TestUnknownItemInLedgerIsAnError(t *testing.T) {
	t.Parallel()
	j := newJudge(t, world(pack(t), "2026-11"))
	if _, _, err := j.Lines(someone(eighty, settled("99 2026-11 70"))); err == nil {
		t.Fatal("an entry of an item that the pack does not have was passed over")
	}
}
