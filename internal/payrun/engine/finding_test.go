package engine_test

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// TestDoubtIDs insists that a 疑点 keeps its id, and so its decision, exactly as long as
// its evidence stands (docs/rules.md §6.2).
func TestDoubtIDs(t *testing.T) {
	t.Parallel()
	type of func() (*engine.Plan, *engine.Case)
	with := func(birth month.Date, changes ...payruntest.Change) of {
		return func() (*engine.Plan, *engine.Case) {
			return payruntest.Plan(t, "2026-11"), payruntest.Person(birth, changes...)
		}
	}
	users := func(numbers ...int64) of {
		return func() (*engine.Plan, *engine.Case) {
			p := payruntest.Plan(t, "2026-11")
			p.Shared["6201"] = numbers
			return p, payruntest.Person(payruntest.Eighty)
		}
	}
	poor, apart := payruntest.Fact("低保"), payruntest.Fact("特困=分散")
	old := payruntest.Day(1914, 3, 3)
	for _, c := range []struct {
		kind string
		base of
		same []of // other news: the decision stands
		not  []of // other evidence
	}{
		{"户名不符", with(payruntest.Eighty, payruntest.Holder("乙某")),
			[]of{with(payruntest.Eighty, payruntest.Holder("乙某"), payruntest.Fact("低保")), with(payruntest.Eighty, payruntest.Holder("乙某"), func(c *engine.Case) { c.Dossier.Phone, c.Dossier.Street = "0351", "古城" }),
				with(payruntest.Eighty, payruntest.Holder("乙某"), payruntest.Deputy("丙某", ""))},
			[]of{with(payruntest.Eighty, payruntest.Holder("丙某")), with(payruntest.Eighty, payruntest.Holder("乙某"), payruntest.Account("6202")),
				with(payruntest.Eighty, payruntest.Holder("乙某"), func(c *engine.Case) { c.Dossier.Name = "甲" })}},
		{"账户共用", users(1, 2),
			[]of{func() (*engine.Plan, *engine.Case) {
				p, _ := users(1, 2)()
				return p, payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Holder("甲某"))
			}},
			[]of{users(1, 2, 3), users(1, 3), func() (*engine.Plan, *engine.Case) {
				p := payruntest.Plan(t, "2026-11")
				p.Shared["6202"] = []int64{1, 2}
				return p, payruntest.Person(payruntest.Eighty, payruntest.Account("6202"))
			}}},
		{"高龄核实", with(old), []of{with(old, payruntest.Account("6202"), payruntest.Fact("低保")), func() (*engine.Plan, *engine.Case) {
			p := payruntest.Plan(t, "2026-11")
			p.Month, p.Opening, p.Bureaus[0].From = payruntest.Nov+14, payruntest.Nov+14, payruntest.Nov+14 // a year older
			return p, payruntest.Person(old)
		}}, []of{with(payruntest.Day(1914, 3, 4))}},
		{"身份冲突", with(payruntest.Seventy, poor, apart),
			[]of{with(payruntest.Seventy, poor, apart, payruntest.Fact("残疾等级=一级")), with(payruntest.Seventy, poor, apart, payruntest.Account("6202"))},
			[]of{with(payruntest.Seventy, poor, payruntest.Fact("特困=分散", payruntest.Day(2025, 1, 1))), with(payruntest.Seventy, poor, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=甲院")),
				with(payruntest.Seventy, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2027, 1, 1)), apart)}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			id := func(o of) string {
				t.Helper()
				p, who := o()
				return payruntest.TheFinding(t, payruntest.Compute(t, p, who).Findings, c.kind, payrun.Doubt).ID
			}
			base := id(c.base)
			if !strings.HasPrefix(base, c.kind+"-") || id(c.base) != base {
				t.Errorf("id %q, then %q", base, id(c.base))
			}
			for i, o := range c.same {
				if got := id(o); got != base {
					t.Errorf("other news %d: id %s, was %s", i, got, base)
				}
			}
			ids := []string{base}
			for i, o := range c.not {
				if got := id(o); slices.Contains(ids, got) {
					t.Errorf("other evidence %d keeps id %s", i, got)
				} else {
					ids = append(ids, got)
				}
			}
		})
	}
}

// TestRetryIDs: a decision to try a refused account again stands until a payment to it
// fails again; while it stands the line is paid.
func TestRetryIDs(t *testing.T) {
	t.Parallel()
	refused := payruntest.Account("6299")
	failing := func(payment string) *engine.Plan {
		p := payruntest.Plan(t, "2026-11")
		p.Refused[roster.Account{Bank: "示例银行", Number: "6299", Holder: "甲某"}] = engine.Refusal{Payment: payment, Reason: "3016 挂失"}
		return p
	}
	look := func(p *engine.Plan, with ...payruntest.Change) (string, payrun.Hold) {
		t.Helper()
		r := payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty, append([]payruntest.Change{refused}, with...)...))
		return payruntest.TheFinding(t, r.Findings, payrun.RefusedAccount, payrun.Information).ID, r.Lines[0].Hold
	}
	base, hold := look(failing("甲-1/7"))
	if hold != payrun.AccountRefused {
		t.Errorf("undecided: held for %q", hold)
	}
	if same, _ := look(failing("甲-1/7"), payruntest.Fact("低保"), func(c *engine.Case) { c.Dossier.Phone = "0351" }); same != base {
		t.Errorf("other news makes id %s of %s", same, base)
	}
	again, _ := look(failing("甲-2/1"))
	if again == base {
		t.Errorf("another failure keeps id %s", base)
	}
	p := failing("甲-1/7")
	p.Released = func(id string) bool { return id == base }
	if _, hold := look(p); hold != 0 {
		t.Errorf("to be tried again, and held for %q", hold)
	}
	p = failing("甲-2/1")
	p.Released = func(id string) bool { return id == base }
	if _, hold := look(p); hold != payrun.AccountRefused {
		t.Errorf("failed again, and held for %q", hold)
	}
	inmate := payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=全自理"), payruntest.Fact("入住机构=停户院"))
	f := payruntest.TheFinding(t, payruntest.Compute(t, payruntest.Plan(t, "2026-11"), inmate).Findings, payrun.RefusedAccount, payrun.Information)
	if f.Person != 1 || !strings.HasPrefix(f.Sentence, "停户院 的账号") {
		t.Errorf("of an institution: %+v", f)
	}
}

// TestCoupleIsDecidedOnce gives both who share an account one id.
func TestCoupleIsDecidedOnce(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2026-11")
	p.Shared["6201"] = []int64{1, 2}
	wife := payruntest.Person(payruntest.Day(1945, 1, 1))
	wife.Dossier.Number, wife.Dossier.Name = 2, "乙某"
	a := payruntest.TheFinding(t, payruntest.Compute(t, p, payruntest.Person(payruntest.Eighty)).Findings, "账户共用", payrun.Doubt)
	b := payruntest.TheFinding(t, payruntest.Compute(t, p, wife).Findings, "账户共用", payrun.Doubt)
	if a.ID != b.ID || a.Person != 1 || b.Person != 2 || !strings.Contains(b.Sentence, "乙某") {
		t.Errorf("findings %+v and %+v", a, b)
	}
}

// TestLuhn: failure of a card of 16 or 19 digits is for information; passbooks do not
// follow Luhn (docs/rules.md §6.4).
func TestLuhn(t *testing.T) {
	t.Parallel()
	for number, reported := range map[string]bool{
		"4111111111111111":     false, // the usual example
		"4111111111111112":     true,
		"5500005555555559":     false,
		"5500005555555595":     true, // two digits exchanged
		"6222021234567890128":  false,
		"6222021234567890129":  true,
		"0000000000000000":     false,
		"411111111111111a":     true,
		"411111111111111:":     true,  // what follows 9 would add up
		"41111111111111112":    false, // 17 digits: a passbook
		"6201":                 false,
		"411111111111111":      false, // 15
		"62220212345678901288": false,
	} {
		r := payruntest.Compute(t, payruntest.Plan(t, "2026-11"), payruntest.Person(payruntest.Eighty, payruntest.Account(number)))
		if got := len(payruntest.Findings(r, "卡号校验")) == 1; got != reported {
			t.Errorf("card %s reported %v, want %v", number, got, reported)
		}
	}
}

// TestPersonFindings has what is said of one person besides 疑点.
func TestPersonFindings(t *testing.T) {
	t.Parallel()
	apart := []payruntest.Change{payruntest.Fact("特困=分散")}
	paidTo := func(a roster.Account) payruntest.Change { return func(c *engine.Case) { c.LastPaid = &a } }
	same := roster.Account{Bank: "示例银行", Number: "6201", Holder: "甲某"}
	for _, c := range []struct {
		name  string
		who   *engine.Case
		kind  string
		level payrun.Level // 0: no such finding
		says  string
	}{
		{"an invalid ID number", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.ID = "140202194405050118" }), "证号错误", payrun.Blocking, "140202194405050118"},
		{"a valid one", payruntest.Person(payruntest.Eighty), "证号错误", 0, ""},
		{"no line, no check of the number", payruntest.Person(payruntest.Seventy, func(c *engine.Case) { c.Dossier.ID = "1" }), "证号错误", 0, ""},
		{"the account is the last payment's", payruntest.Person(payruntest.Eighty, paidTo(same)), "账户变更", 0, ""},
		{"another number", payruntest.Person(payruntest.Eighty, paidTo(roster.Account{Bank: "示例银行", Number: "6222000000001", Holder: "甲某"})), "账户变更", payrun.Acknowledge, "原 示例银行 6222****0001 甲某，现 示例银行"},
		{"a short number is not shown at all", payruntest.Person(payruntest.Eighty, payruntest.Account("62010001"), paidTo(roster.Account{Bank: "示例银行", Number: "620100012", Holder: "甲某"})), "账户变更", payrun.Acknowledge, "原 示例银行 6201****0012 甲某，现 示例银行 **** 甲某"},
		{"another bank", payruntest.Person(payruntest.Eighty, paidTo(roster.Account{Bank: "别的银行", Number: "6201", Holder: "甲某"})), "账户变更", payrun.Acknowledge, "别的银行"},
		{"another holder", payruntest.Person(payruntest.Eighty, paidTo(roster.Account{Bank: "示例银行", Number: "6201", Holder: "乙某"})), "账户变更", payrun.Acknowledge, "乙某"},
		{"nothing is paid to the changed account", payruntest.Person(payruntest.Eighty, paidTo(roster.Account{Number: "1"}), payruntest.Fact("暂停发放=核查")), "账户变更", 0, ""},
		{"the first payment", payruntest.Person(payruntest.Eighty), "账户变更", 0, ""},
		{"no bank", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.Account.Bank = "" }), "缺开户银行", payrun.Information, "开户银行"},
		{"18-3 without 自理能力", payruntest.Person(payruntest.Seventy, apart...), "资料不全", payrun.Acknowledge, "18-3"},
		{"19 without 自理能力", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=甲院")), "资料不全", payrun.Acknowledge, "19"},
		{"19 without a place", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=全自理")), "资料不全", payrun.Acknowledge, "待安置"},
		{"15 without 机构月收费", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("失能等级=完全失能"), payruntest.Fact("入住机构=甲院"), payruntest.Fact("低保月金额=700.00")), "资料不全", payrun.Acknowledge, "机构月收费"},
		{"an amount whose conditions fail", payruntest.Person(payruntest.Seventy, payruntest.Award("17", 5000, "2026-11", "", "")), "核定未发", payrun.Information, "17"},
		{"the same for somebody whose 补贴 is 0", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保边缘"), payruntest.Award("17", 5000, "2026-11", "", "")), "核定未发", payrun.Information, "17"},
		{"an amount of another month", payruntest.Person(payruntest.Seventy, payruntest.Award("17", 5000, "2026-12", "", "")), "核定未发", 0, ""},
		{"a fact that ends within 60 days", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 12, 31))), "即将到期", payrun.Information, "2026-12-31"},
		{"on the first day", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 11, 1))), "即将到期", payrun.Information, "2026-11-01"},
		{"after 60 days", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2027, 1, 1))), "即将到期", 0, ""},
		{"on the last of the sixty days alone", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2026, 12, 31), payruntest.Day(2026, 12, 31))), "即将到期", payrun.Information, "2026-12-31"},
		{"over already", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 10, 31))), "即将到期", 0, ""},
		{"open", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保")), "即将到期", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := payruntest.Compute(t, payruntest.Plan(t, "2026-11"), c.who)
			got := payruntest.Findings(r, c.kind)
			if c.level == 0 {
				if len(got) > 0 {
					t.Errorf("found %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Level != c.level || !strings.Contains(got[0].Sentence, c.says) {
				t.Errorf("found %+v, want one of level %s saying %q", got, c.level.Chinese(), c.says)
			}
		})
	}
}

// TestSameNumberTwice: an ID number under which two people are on the roster blocks the batch.
func TestSameNumberTwice(t *testing.T) {
	t.Parallel()
	who := payruntest.Person(payruntest.Eighty)
	p := payruntest.Plan(t, "2026-11")
	p.Doubled = map[string][]int64{who.Dossier.ID: {1, 2}}
	if f := payruntest.TheFinding(t, payruntest.Compute(t, p, who).Findings, "证号重复", payrun.Blocking); !strings.Contains(f.Sentence, "登记在 2 个人名下：甲某（") {
		t.Error(f.Sentence)
	}
	p.Doubled[who.Dossier.ID] = []int64{1}
	if got := payruntest.Findings(payruntest.Compute(t, p, who), "证号重复"); len(got) > 0 {
		t.Errorf("one person: %+v", got)
	}
}

// TestEveryBureauIsTold: a finding about somebody paid by two bureaus is in the batches of both.
func TestEveryBureauIsTold(t *testing.T) {
	t.Parallel()
	p := payruntest.Plan(t, "2026-11")
	p.Bureaus = append(p.Bureaus, engine.BureauPlan{Bureau: "区人社局", Batch: 2, N: 1, From: payruntest.Nov})
	results, err := engine.New(p).Person(payruntest.Person(payruntest.Eighty, payruntest.Fact("养老保险=职工"), payruntest.Award("1", 234567, "2026-01", "", ""), func(c *engine.Case) { c.Dossier.ID = "140202194405050118" }))
	if err != nil {
		t.Fatal(err)
	}
	for i := range results {
		payruntest.TheFinding(t, results[i].Findings, "证号错误", payrun.Blocking)
	}
}

// TestNoLimitOfAge: a pack without one believes every age.
func TestNoLimitOfAge(t *testing.T) {
	t.Parallel()
	r := payruntest.Compute(t, payruntest.PlanOf(payruntest.Pack(t, "  age_over: 110\n", ""), "2026-11"), payruntest.Person(payruntest.Day(1900, 1, 1)))
	payruntest.Want(t, "lines", payruntest.Text(r.Lines), []string{"12 本人 2026-11 当月 300.00"})
}

// TestSeveralRemarksOnOnePerson: who waits for a place in an institution and has a 核定金额
// that is not paid is told both.
func TestSeveralRemarksOnOnePerson(t *testing.T) {
	t.Parallel()
	r := payruntest.Compute(t, payruntest.Plan(t, "2026-11"), payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Award("17", 5000, "2026-11", "", "")))
	if f := payruntest.TheFinding(t, r.Findings, "资料不全", payrun.Acknowledge); !strings.Contains(f.Sentence, "待安置") {
		t.Error(f.Sentence)
	}
	payruntest.TheFinding(t, r.Findings, "核定未发", payrun.Information)
}

// TestGapOfManyMonthsIsOneFinding: the same facts are missing in each of them.
func TestGapOfManyMonthsIsOneFinding(t *testing.T) {
	t.Parallel()
	r := payruntest.Compute(t, payruntest.Plan(t, "2026-05"), payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散")))
	if f := payruntest.TheFinding(t, r.Findings, "资料不全", payrun.Acknowledge); !strings.Contains(f.Sentence, "（2026年11月）") {
		t.Errorf("the last month is to be named: %s", f.Sentence)
	}
}

// TestAmountChange: a person's monthly amount that changed by more than half is to be
// acknowledged.
func TestAmountChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		who      *engine.Case
		reported bool
	}{
		{"the same", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 7000")), false},
		{"a half more is not more than half", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("11 2026-10 7000"), payruntest.Settled("13 2026-10 2334")), false},
		{"just over a half", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("11 2026-10 7000"), payruntest.Settled("13 2026-10 2333")), true},
		{"twice as much", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2026, 11, 1)), payruntest.Settled("11 2026-10 7000")), true},
		{"less by half", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 14000")), false},
		{"less by more than half", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 14001")), true},
		{"newly paid", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.MovedIn = payruntest.Day(2026, 10, 1) }), false},
		{"moved out, with arrears", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.MovedOut = payruntest.Day(2026, 10, 9) }, payruntest.Settled("11 2026-10 6000")), false},
		{"the bank refused one of two", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("11 2026-10 7000"), payruntest.SentBack("13 2026-10 7000")), false},
		{"refused and paid again", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 7000"), func(c *engine.Case) { c.Settled[0].Refused = 7000 }), false},
		{"refused, and less than now", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("11 2026-10 7000"), payruntest.SentBack("13 2026-10 2333")), true},
		{"what was refused is not due any more", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2026, 11, 1)), payruntest.Settled("11 2026-10 7000"), payruntest.SentBack("13 2026-10 7000")), true},
		{"one of two was held", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("11 2026-10 7000"), payruntest.Found("13 2026-10 7000")), false},
		{"another bureau's money does not count", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 7000"), payruntest.Settled("1 2026-10 99999")), false},
	} {
		for _, touched := range []bool{true, false} {
			p := payruntest.Plan(t, "2026-10")
			p.Bureaus[0].From, p.Bureaus[0].Before = payruntest.Nov, &payrun.Batch{Month: payruntest.Nov - 1, N: 1}
			c.who.Touched = touched
			if !touched && (c.name != "the same" && c.name != "twice as much" && c.name != "newly paid") {
				continue // settled months of untouched people are what is granted
			}
			if got := len(payruntest.Findings(payruntest.Compute(t, p, c.who), "金额变动")) == 1; got != c.reported {
				t.Errorf("%s (touched %v): reported %v, want %v", c.name, touched, got, c.reported)
			}
		}
	}
}

// TestBatchFindings has what the counts over everybody say.
func TestBatchFindings(t *testing.T) {
	t.Parallel()
	t.Run("a rate without a value", func(t *testing.T) {
		t.Parallel()
		p := payruntest.Plan(t, "2023-11")
		p.Month = payruntest.Month("2024-01")
		_, spread := payruntest.ComputeAll(t, p, payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Day(1943, 1, 1)),
			payruntest.Person(payruntest.Day(1942, 1, 1), payruntest.Fact("低保"), payruntest.Fact("失能等级=完全失能"), payruntest.Fact("入住机构=甲院"), payruntest.Fact("机构月收费=1800.50"), payruntest.Fact("低保月金额=730.00")))
		var got []string
		for _, f := range spread.Findings(0) {
			if f.Kind == "标准缺失" {
				if f.Level != payrun.Blocking {
					t.Errorf("%+v does not block", f)
				}
				got = append(got, f.Sentence)
			}
		}
		slices.Sort(got)
		var expected []string
		for _, m := range []string{"2023年11月", "2023年12月"} {
			expected = append(expected,
				"标准“养老服务补贴标准”在 "+m+" 没有值，项目 13、15 有 1 人无法计算，请在规则包中补上",
				"标准“护理补贴标准”在 "+m+" 没有值，项目 16 有 1 人无法计算，请在规则包中补上",
				"标准“高龄津贴标准”在 "+m+" 没有值，项目 11 有 2 人无法计算，请在规则包中补上")
		}
		slices.Sort(expected)
		payruntest.Want(t, "missing rates", got, expected)
	})
	t.Run("待核定", func(t *testing.T) {
		t.Parallel()
		names := func(people ...*engine.Case) []string {
			_, spread := payruntest.ComputeAll(t, payruntest.Plan(t, "2026-09"), people...) // a value is named once, not month by month
			var got []string
			for _, f := range spread.Findings(0) {
				if f.Kind == "待核定" {
					if f.Level != payrun.Acknowledge {
						t.Errorf("%+v need not be acknowledged", f)
					}
					name, _, _ := strings.Cut(f.Sentence, " ")
					got = append(got, name)
				}
			}
			slices.Sort(got)
			return got
		}
		payruntest.Want(t, "nothing uncertain", names(payruntest.Person(payruntest.Eighty)), nil)
		poor := []payruntest.Change{payruntest.Fact("低保"), payruntest.Fact("残疾等级=四级"), payruntest.Fact("残疾类别=肢体")}
		if got := names(payruntest.Person(payruntest.Seventy, poor...), payruntest.Person(payruntest.Seventy, poor...)); len(got) != 1 || !strings.Contains(got[0], "困难残疾人生活补贴标准") {
			t.Errorf("23-1 rests on one uncertain rate: %v", got)
		}
		held := append([]payruntest.Change{payruntest.Account("")}, poor...)
		if got := names(payruntest.Person(payruntest.Seventy, held...)); len(got) != 1 {
			t.Errorf("held lines use the rate as well: %v", got)
		}
	})
	t.Run("zeros, phones and institutions", func(t *testing.T) {
		t.Parallel()
		p := payruntest.Plan(t, "2026-11")
		p.LastPaid["甲院"] = roster.Account{Bank: "示例银行", Number: "2000", Holder: "甲院"}
		p.LastPaid["区医保局"] = roster.Account{Bank: "示例银行", Number: "2003", Holder: "区医保局"}
		quiet := func(c *engine.Case) { c.Dossier.Phone = "" }
		_, spread := payruntest.ComputeAll(t, p, payruntest.Person(payruntest.Seventy, payruntest.Fact("低保边缘"), quiet), payruntest.Person(payruntest.Day(1955, 1, 1), payruntest.Fact("经济困难认定")),
			payruntest.Person(payruntest.Eighty, quiet), payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=全自理"), payruntest.Fact("入住机构=甲院"), quiet),
			payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=分散", payruntest.Day(2026, 11, 1)), payruntest.Fact("自理能力=全自理"), payruntest.Fact("医疗保险=居民")))
		all := spread.Findings(0)
		for _, c := range []struct {
			kind  string
			level payrun.Level
			says  string
		}{
			{"标准为零", payrun.Information, "项目 13 有 2 人"},
			{"缺少电话", payrun.Information, "永泰 有 2 名"}, // who has no line does not count
			{"账户变更", payrun.Acknowledge, "“甲院”"},
		} {
			if f := payruntest.TheFinding(t, all, c.kind, c.level); !strings.Contains(f.Sentence, c.says) {
				t.Errorf("%s: %s", c.kind, f.Sentence)
			}
		}
	})
}

// TestComparisons: heads and 当月 outside a fifth of last month's are to be acknowledged.
func TestComparisons(t *testing.T) {
	t.Parallel()
	crowd := func(n int) []*engine.Case {
		var all []*engine.Case
		for range n {
			all = append(all, payruntest.Person(payruntest.Eighty))
		}
		return all
	}
	for _, c := range []struct {
		name     string
		heads    int
		current  money.Fen
		now      int
		n        int
		reported bool
	}{
		{"the same", 10, 70000, 10, 1, false},
		{"a fifth more", 10, 70000, 12, 1, false},
		{"more than a fifth more", 10, 70000, 13, 1, true},
		{"a fifth less", 10, 70000, 8, 1, false},
		{"more than a fifth less", 10, 70000, 7, 1, true},
		{"heads the same, money not", 10, 50000, 10, 1, true},
		{"money the same, heads not", 20, 70000, 10, 1, true},
		{"a supplementary batch is part of a month", 10, 70000, 1, 2, false},
	} {
		p := payruntest.Plan(t, "2026-11")
		b := &p.Bureaus[0]
		b.N, b.Extra, b.LastMonth = c.n, c.n > 1, &payrun.Batch{Month: payruntest.Nov - 1, N: 1, Heads: c.heads, Pays: c.current}
		b.LastTotals = map[string]payrun.ItemTotal{"11": {Item: "11", Heads: c.heads, Current: c.current}}
		_, spread := payruntest.ComputeAll(t, p, crowd(c.now)...)
		var items, whole int
		for _, f := range spread.Findings(0) {
			if f.Kind == "总额变动" && f.Level == payrun.Acknowledge {
				if f.Item == "11" {
					items++
				} else if f.Item == "" {
					whole++
				}
			}
		}
		wanted := 0
		if c.reported {
			wanted = 1
		}
		if items != wanted || whole != wanted {
			t.Errorf("%s: %d findings of the item, %d of the bureau, want %v", c.name, items, whole, c.reported)
		}
	}
	p := payruntest.Plan(t, "2026-11")
	p.Bureaus[0].LastMonth = &payrun.Batch{Month: payruntest.Nov - 1, N: 1, Heads: 1}
	p.Bureaus[0].LastTotals = map[string]payrun.ItemTotal{"12": {Item: "12", Heads: 1, Current: 30000}}
	_, spread := payruntest.ComputeAll(t, p, crowd(1)...)
	var items []string
	for _, f := range spread.Findings(0) {
		if f.Kind == "总额变动" {
			items = append(items, f.Item)
		}
	}
	slices.Sort(items)
	payruntest.Want(t, "an item that came, one that went, and the money", items, []string{"", "11", "12"})

	// Heads are all who are paid something, also only 补发 or 扣回; the sentence says so
	// beside a 当月 that they have no part in.
	p.Bureaus[0].LastTotals = map[string]payrun.ItemTotal{"11": {Item: "11", Heads: 1, Recovery: -7000}}
	_, spread = payruntest.ComputeAll(t, p, crowd(5)...)
	const says = "上月可发 1 人（含只有补发、扣回的），当月 0.00 元；本月可发 5 人，当月 350.00 元"
	if !slices.ContainsFunc(spread.Findings(0), func(f payrun.Finding) bool { return f.Item == "11" && strings.Contains(f.Sentence, says) }) {
		t.Errorf("no finding says %q: %+v", says, spread.Findings(0))
	}
}

// TestDecidable: staff may decide about a 疑点 of any kind, and about a refused account, which
// is only told; about nothing else.
func TestDecidable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    payrun.Finding
		want bool
	}{
		"a doubt":           {payrun.Finding{Level: payrun.Doubt, Kind: "账户共用"}, true},
		"a refused account": {payrun.Finding{Level: payrun.Information, Kind: payrun.RefusedAccount}, true},
		"what blocks":       {payrun.Finding{Level: payrun.Blocking, Kind: "证号错误"}, false},
		"for information":   {payrun.Finding{Level: payrun.Information, Kind: "即将到期"}, false},
	} {
		if got := c.f.Decidable(); got != c.want {
			t.Errorf("%s: decidable %v", name, got)
		}
	}
}
