package explain_test

import (
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/explain"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// basisOf gives the last recorded fact a document.
func basisOf(text string) payruntest.Change {
	return func(c *engine.Case) { c.Dossier.Facts[len(c.Dossier.Facts)-1].Basis = text }
}

// TestChanges: an auditor reads in a sentence each what became known of a person, nothing of
// what stayed, and no number whole.
func TestChanges(t *testing.T) {
	t.Parallel()
	bank := func(a roster.Account) payruntest.Change { return func(c *engine.Case) { c.Dossier.Account = a } }
	is := func(f func(*roster.Dossier)) payruntest.Change { return func(c *engine.Case) { f(c.Dossier) } }
	base := []payruntest.Change{payruntest.Fact("低保"), payruntest.Fact("失能等级=重度失能"), payruntest.Award("17", 90000, "2026-01", "2026-03", "")}
	with := func(more ...payruntest.Change) *roster.Dossier {
		return payruntest.Person(payruntest.Eighty, append(more, base...)...).Dossier
	}
	plain := payruntest.Person(payruntest.Eighty).Dossier
	for _, c := range []struct {
		name          string
		before, after *roster.Dossier
		want          []string
	}{
		{"nothing", with(), with(), nil},
		{"registered", nil, with(), []string{"登记入册"}},
		{"a name", plain, payruntest.Person(payruntest.Eighty, is(func(d *roster.Dossier) { d.Name = "乙某" })).Dossier, []string{"姓名由 甲某 改为 乙某"}},
		{"a number", plain, payruntest.Person(payruntest.Eighty, is(func(d *roster.Dossier) { d.ID = roster.MakeID("140213", payruntest.Eighty, 11) })).Dossier,
			[]string{"身份证号由 " + roster.MaskID(plain.ID) + " 改为 " + roster.MaskID(roster.MakeID("140213", payruntest.Eighty, 11))}},
		{"a number that looks the same", plain, payruntest.Person(payruntest.Eighty, is(func(d *roster.Dossier) { d.ID = d.ID[:6] + "19440506" + d.ID[14:] })).Dossier,
			[]string{"身份证号已更正（现为 " + roster.MaskID(plain.ID) + "）"}},
		{"dates", plain, payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 3)), is(func(d *roster.Dossier) {
			d.MovedIn, d.MovedOut = payruntest.Day(2026, 1, 2), payruntest.Day(2026, 3, 4)
		})).Dossier,
			[]string{"迁入日期由 （无） 改为 2026-01-02", "迁出日期由 （无） 改为 2026-03-04", "死亡日期由 （无） 改为 2026-10-03"}},
		{"a date taken back", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 3))).Dossier, plain, []string{"死亡日期由 2026-10-03 改为 （无）"}},
		{"an account", payruntest.Person(payruntest.Eighty, payruntest.Account("")).Dossier, payruntest.Person(payruntest.Eighty, bank(roster.Account{Bank: "示例银行", Number: "6222000000001", Holder: "乙某"})).Dossier,
			[]string{"账户由 （无） 改为 示例银行 6222****0001（户名 乙某）"}},
		{"an account whose holder is the person", payruntest.Person(payruntest.Eighty, payruntest.Account("")).Dossier, payruntest.Person(payruntest.Eighty, bank(roster.Account{Bank: "示例银行", Number: "6222000000001"})).Dossier,
			[]string{"账户由 （无） 改为 示例银行 6222****0001"}},
		{"a fact", plain, payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2026, 10, 1))).Dossier, []string{"情况“低保”登记为 是 自 2026-10-01 起"}},
		{"a fact with an end and a document", plain, payruntest.Person(payruntest.Eighty, payruntest.Fact("失能等级=轻度失能", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 6, 30)), basisOf("评字 7 号")).Dossier,
			[]string{"情况“失能等级”登记为 轻度失能 自 2026-01-01 起至 2026-06-30 止（依据：评字 7 号）"}},
		{"a fact taken back", with(), payruntest.Person(payruntest.Eighty, base[1], base[2]).Dossier, []string{"情况“低保”的登记已撤销（原为 是 自 2020-01-01 起）"}},
		{"a fact ended", with(), payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2020, 1, 1), payruntest.Day(2026, 9, 30)), base[1], base[2]).Dossier,
			[]string{"情况“低保”由 是 自 2020-01-01 起 改为 是 自 2020-01-01 起至 2026-09-30 止"}},
		{"a 核定金额", plain, with(), []string{"情况“低保”登记为 是 自 2020-01-01 起", "情况“失能等级”登记为 重度失能 自 2020-01-01 起",
			"项目 17 的核定金额登记为 900.00 元 自 2026-01 起至 2026-03 止"}},
		{"one more 核定金额", with(), with(payruntest.Award("17", 95000, "2026-04", "", ""), payruntest.Award("18-5", 100, "2026-04", "", "")),
			[]string{"项目 17 的核定金额由 900.00 元 自 2026-01 起至 2026-03 止 改为 950.00 元 自 2026-04 起，900.00 元 自 2026-01 起至 2026-03 止", "项目 18-5 的核定金额登记为 1.00 元 自 2026-04 起"}},
	} {
		payruntest.Want(t, c.name, roster.Texts(roster.Changes(c.before, c.after)), c.want)
	}
}

// TestCompare: for a past month the explanation says what the batch had then, what the rules
// grant by today's knowledge, and why that is something else.
func TestCompare(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t)
	raised := payruntest.Pack(t, "name: 高龄津贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 70", "name: 高龄津贴标准\n    unit: 元/月\n    values:\n      - {from: 2024-01, value: 80")
	can := payruntest.Fact("生活不能自理")
	moved := func(d month.Date) payruntest.Change { return func(c *engine.Case) { c.Dossier.MovedIn = d } }
	for _, c := range []struct {
		name      string
		item      string
		then, now *engine.Case // then nil: not on the roster
		pack      *policy.Pack // of now; nil: the same
		was, is   string
		why       []string
	}{
		{"nothing", "11", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), nil, "70.00", "70.00", nil},
		{"not on the roster then", "11", nil, payruntest.Person(payruntest.Eighty), nil, "", "70.00", []string{"当时花名册里没有这个人"}},
		{"a death", "11", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 9, 3))), nil, "70.00", "", []string{"2026-09-03 去世"}},
		{"a death on another day that changes nothing", "11", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 3))), payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 4))), nil, "70.00", "70.00", nil},
		{"a wrong date of moving in", "11", payruntest.Person(payruntest.Eighty, moved(payruntest.Day(2026, 11, 9))), payruntest.Person(payruntest.Eighty), nil, "", "70.00", []string{"当时登记为 2026-11-09 迁入，次月起享受，现已更正"}},
		{"低保 told late", "16", payruntest.Person(payruntest.Seventy, can), payruntest.Person(payruntest.Seventy, can, payruntest.Fact("低保", payruntest.Day(2026, 9, 1))), nil, "", "100.00", []string{"低保自 2026-09-01 起（补登记）"}},
		{"another institution", "19", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=全自理"), payruntest.Fact("入住机构=甲院")),
			payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("自理能力=全自理"), payruntest.Fact("入住机构=乙院")), nil, "1060.00", "1060.00", []string{"所依据的其他项目或资料有变动"}},
		{"another rate", "11", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), raised, "70.00", "80.00", nil},
	} {
		after := p
		if c.pack != nil {
			after = c.pack
		}
		var then *roster.Dossier
		if c.then != nil {
			then = c.then.Dossier
		}
		got, err := explain.NewBook(after, payruntest.Nov, p, payruntest.Nov, nil).Compare(c.now.Dossier, then, payruntest.Nov, c.item)
		if err != nil {
			t.Fatal(err)
		}
		if got.Was.Amount != c.was || got.Is.Amount != c.is || got.Name == "" || got.Item != c.item {
			t.Errorf("%s: %q was %q, is %q", c.name, got.Name, got.Was.Amount, got.Is.Amount)
		}
		if c.pack == nil {
			payruntest.Want(t, c.name, got.Why, c.why)
		} else if len(got.Why) != 1 || !strings.HasPrefix(got.Why[0], "规则改变：标准“高龄津贴标准”") { // once, in the words of the packs' difference
			t.Errorf("%s: %q", c.name, got.Why)
		}
	}
}

// TestCompareOfAnItemThatOnlyOnePackHas names it all the same.
func TestCompareOfAnItemThatOnlyOnePackHas(t *testing.T) {
	t.Parallel()
	without := payruntest.Pack(t)
	with := payruntest.Pack(t, `  - code: "11"
`, `  - code: "11-9"
    name: 试办补贴
    bureaus: [区民政局]
    when: [年龄 >= 80]
    pay: {amount: 高龄津贴标准, fund: 高龄津贴资金}
    public: {who: 老年人, what: 发放补贴}
  - code: "11"
`)
	for name, c := range map[string]struct{ now, then *policy.Pack }{"gone since": {without, with}, "new since": {with, without}} {
		got, err := explain.NewBook(c.now, payruntest.Nov, c.then, payruntest.Nov, nil).Compare(payruntest.Person(payruntest.Eighty).Dossier, payruntest.Person(payruntest.Eighty).Dossier, payruntest.Nov, "11-9")
		if err != nil || got.Name != "试办补贴" || !got.Differs() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestDiffers: another verdict, amount, payee or detail is each a difference.
func TestDiffers(t *testing.T) {
	t.Parallel()
	with := func(f func(*policy.Standing)) *policy.Standing {
		s := &policy.Standing{ItemExplanation: policy.ItemExplanation{Verdict: policy.Granted, Amount: money.Fen(7000).String(), Payee: roster.Myself, Detail: "1"}}
		f(s)
		return s
	}
	same := func(*policy.Standing) {}
	for name, c := range map[string]struct {
		is   func(*policy.Standing)
		want bool
	}{
		"nothing": {same, false},
		"verdict": {func(s *policy.Standing) { s.Verdict = policy.Lower }, true},
		"amount":  {func(s *policy.Standing) { s.Amount = "80.00" }, true},
		"payee":   {func(s *policy.Standing) { s.Payee = "甲院" }, true},
		"detail":  {func(s *policy.Standing) { s.Detail = "2" }, true},
	} {
		if x := (explain.Comparison{Was: with(same), Is: with(c.is)}); x.Differs() != c.want {
			t.Errorf("%s: differs %v", name, x.Differs())
		}
	}
}
