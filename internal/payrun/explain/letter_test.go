package explain_test

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/explain"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// letterOf makes the letter to a person about the lines of one run.
func letterOf(t *testing.T, c *engine.Case) (*explain.Letter, []explain.Recall) {
	t.Helper()
	r := payruntest.Compute(t, payruntest.Plan(t, "2026-08"), c)
	book := explain.NewBook(payruntest.Pack(t), payruntest.Nov, nil, payruntest.Nov, nil)
	var full []explain.DetailedLine
	for _, l := range r.Lines {
		d, err := book.Detail(c.Dossier, l, explain.Earlier{})
		if err != nil {
			t.Fatal(err)
		}
		full = append(full, d)
	}
	l, err := book.Letter(c.Dossier, full, nil, r.Debts)
	if err != nil {
		t.Fatal(err)
	}
	var recalls []explain.Recall
	if err := book.Recalls(c.Dossier, r.Debts, func(r explain.Recall) { recalls = append(recalls, r) }); err != nil {
		t.Fatal(err)
	}
	return l, recalls
}

func whyText(l *explain.Letter) []string {
	var all []string
	for _, w := range l.Why {
		all = append(all, w.Item+" "+w.Text)
	}
	return all
}

// TestLetterSaysWhy has a sentence for each item of the month, in list order, also for
// one that gives way to another.
func TestLetterSaysWhy(t *testing.T) {
	t.Parallel()
	paid := func(items ...string) payruntest.Change {
		return func(c *engine.Case) {
			for _, item := range items {
				for m := 8; m <= 10; m++ {
					payruntest.Settled(fmt.Sprintf("%s 2026-%02d %s", item, m, map[string]string{"11": "7000", "13": "7000", "16": "10000"}[item]))(c)
				}
			}
		}
	}
	l, recalls := letterOf(t, payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), payruntest.Fact("残疾等级=一级"), payruntest.Fact("残疾类别=肢体"), payruntest.Fact("工伤护理费", payruntest.Day(2030, 1, 1)), paid("11", "13", "16")))
	got := whyText(l)
	for i, part := range []string{"11 您已满", "13 您已满", "16 您已满", "23-1 您已满", "23-2 重度残疾人护理补贴：应得 100.00 元，与 16 护理补贴 不重复享受"} {
		if i >= len(got) || !strings.HasPrefix(got[i], part) {
			t.Fatalf("sentence %d of %q does not begin with %s", i, got, part)
		}
	}
	if len(recalls) != 0 || l.Debt != 0 || l.Died != 0 {
		t.Errorf("recalls %v, debt %s, died %s", recalls, l.Debt, l.Died)
	}
	if !l.Changed() { // 23-1 is in arrears
		t.Error("补发 is no change")
	}
	same, _ := letterOf(t, payruntest.Person(payruntest.Eighty, paid("11")))
	if same.Changed() {
		t.Errorf("nothing is other than last month, but %+v", same.Lines)
	}
}

// TestRecallSaysWhy: each reason in the words of the one who was paid.
func TestRecallSaysWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		who  *engine.Case
		want []string
	}{
		{"died", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 8, 3)), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-10 7000")),
			[]string{"本人 11 2026-09 70.00 0.00 2026-08-03 去世", "本人 11 2026-10 70.00 0.00 2026-08-03 去世"}},
		{"moved out", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.MovedOut = payruntest.Day(2026, 9, 9) }, payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-10 7000")),
			[]string{"本人 11 2026-10 70.00 0.00 2026-09-09 迁出"}},
		{"低保 ended", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 9, 30)), payruntest.Fact("生活不能自理", payruntest.Day(2026, 1, 1)), payruntest.Settled("16 2026-08 10000"), payruntest.Settled("16 2026-09 10000"), payruntest.Settled("16 2026-10 10000")),
			[]string{"本人 16 2026-10 100.00 0.00 低保到 2026-09-30 止"}},
		{"never was", payruntest.Person(payruntest.Seventy, payruntest.Fact("生活不能自理"), payruntest.Settled("16 2026-10 10000")),
			[]string{"本人 16 2026-10 100.00 0.00 该月没有登记低保、低保边缘、经济困难认定"}},
		{"too young", payruntest.Person(payruntest.Day(1946, 11, 2), payruntest.Settled("11 2026-10 7000"), payruntest.Died(payruntest.Day(2026, 10, 20))),
			[]string{"本人 11 2026-10 70.00 0.00 该月 79 周岁"}},
		{"excluded", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), payruntest.Fact("特困=集中"), payruntest.Settled("16 2026-10 10000")),
			[]string{"本人 16 2026-10 100.00 0.00 该月登记有特困（集中）"}},
		{"determined no more", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Settled("17 2026-10 80000")), []string{"本人 17 2026-10 800.00 0.00 该月的核定已撤销"}},
		{"another institution", payruntest.Person(payruntest.Seventy, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=乙院"), payruntest.Settled("19 2026-10 96000 甲院")),
			[]string{"甲院 19 2026-10 960.00 0.00 该月的款项应付乙院"}},
		{"too much", payruntest.Person(payruntest.Hundred, payruntest.Fact("低保"), payruntest.Account(""), payruntest.Settled("12 2026-10 40000")), []string{"本人 12 2026-10 100.00 300.00 该月应发 300.00 元，多发了"}},
		{"nothing at that age", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Settled("13 2026-10 7000")), []string{"本人 13 2026-10 70.00 0.00 该月不符合本项条件"}},
		{"another item is paid instead", payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), payruntest.Fact("残疾等级=一级"), payruntest.Fact("残疾类别=肢体"), payruntest.Account(""), payruntest.Settled("23-2 2026-10 10000")),
			[]string{"本人 23-2 2026-10 100.00 0.00 与 护理补贴 不重复享受，该月改发后者"}},
		{"an institution whose name comes before 本人", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 9, 3)), payruntest.Settled("19 2026-10 96000 丙院"), payruntest.Settled("19 2026-09 96000 丁院"), payruntest.Settled("11 2026-10 7000")),
			[]string{"本人 11 2026-10 70.00 0.00 2026-09-03 去世", "丁院 19 2026-09 960.00 0.00 该月没有登记特困", "丙院 19 2026-10 960.00 0.00 2026-09-03 去世"}},
		{"both", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 9, 3)), payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=甲院"), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("19 2026-08 96000 甲院"), payruntest.Settled("19 2026-09 96000 甲院"), payruntest.Settled("19 2026-10 96000 甲院"), payruntest.Settled("11 2026-10 7000")),
			[]string{"本人 11 2026-10 70.00 0.00 2026-09-03 去世", "甲院 19 2026-10 960.00 0.00 2026-09-03 去世"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, recalls := letterOf(t, c.who)
			var got []string
			for _, r := range recalls {
				for _, d := range r.Debts {
					got = append(got, fmt.Sprintf("%s %s %s %s %s %s", r.Payee, d.Item, d.Month, d.Amount, d.Standard, d.Reason))
				}
				if r.Payee == "本人" && r.Sum() != l.Debt {
					t.Errorf("notice asks for %s, letter says %s", r.Sum(), l.Debt)
				}
			}
			payruntest.Want(t, "debts", got, c.want)
		})
	}
}

// TestLetterToRelatives: who has died is not written to, and what is taken back says why.
func TestLetterToRelatives(t *testing.T) {
	t.Parallel()
	l, _ := letterOf(t, payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 3)), payruntest.Fact("低保", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 8, 31)),
		payruntest.Settled("13 2026-09 7000"), payruntest.Settled("13 2026-08 7000"), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-10 7000")))
	if l.Died != payruntest.Day(2026, 11, 3) {
		t.Errorf("died %s", l.Died)
	}
	if got := whyText(l); len(got) != 1 || !strings.HasPrefix(got[0], "11 老人已满") {
		t.Errorf("why %q", got)
	}
}

// TestLetterAddresses: the family is written to of who is known to be dead, also of a death
// after the month; the notice of what is owed agrees with the letter.
func TestLetterAddresses(t *testing.T) {
	t.Parallel()
	for died, c := range map[month.Date]struct {
		relatives bool
		you       string
	}{0: {false, "11 您已满"}, payruntest.Day(2026, 11, 30): {true, "11 老人已满"}, payruntest.Day(2026, 12, 1): {true, "11 老人已满"}} {
		l, recalls := letterOf(t, payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.Died = died }, payruntest.Account(""), payruntest.Settled("11 2026-10 9000")))
		if len(recalls) != 1 {
			t.Fatalf("recalls %+v", recalls)
		}
		want := month.Date(0)
		if c.relatives {
			want = died
		}
		if l.Died != want || recalls[0].Died != want {
			t.Errorf("died %s: letter %s, notice %s", died, l.Died, recalls[0].Died)
		}
		if why := whyText(l); len(why) != 1 || !strings.HasPrefix(why[0], c.you) {
			t.Errorf("died %s: %q", died, why)
		}
	}
}

// TestLetterOfLines: what is taken back says why in the elder's words, what is paid late keeps
// its reason, and only what is paid for the month is explained.
func TestLetterOfLines(t *testing.T) {
	t.Parallel()
	back, _ := letterOf(t, payruntest.Person(payruntest.Day(1946, 11, 1), payruntest.Settled("11 2026-10 7000")))
	late, _ := letterOf(t, payruntest.Person(payruntest.Eighty, payruntest.Fact("低保"), payruntest.Settled("11 2026-08 7000"), payruntest.Settled("11 2026-09 7000"), payruntest.Settled("11 2026-11 7000"),
		payruntest.Settled("13 2026-08 7000"), payruntest.Settled("13 2026-09 7000"), payruntest.Settled("13 2026-10 7000")))
	for name, c := range map[string]struct {
		letter     *explain.Letter
		lines, why []string
	}{
		"taken back": {back, []string{"11 扣回 该月 79 周岁", "11 当月 "}, []string{"11"}},
		"paid late":  {late, []string{"11 补发 2026年10月应发 70.00 元，此前未发放", "13 当月 "}, []string{"13"}},
	} {
		var lines, items []string
		for _, l := range c.letter.Lines {
			lines = append(lines, l.Item+" "+l.Kind.String()+" "+l.Reason)
		}
		for _, w := range c.letter.Why {
			items = append(items, w.Item)
		}
		payruntest.Want(t, name, lines, c.lines)
		payruntest.Want(t, name+": explained", items, c.why)
	}
}

// TestLetterWithoutLines: somebody who only lost an item to another one, and is paid nothing
// in the batch, gets no explanation of it.
func TestLetterWithoutLines(t *testing.T) {
	t.Parallel()
	c := payruntest.Person(payruntest.Seventy, payruntest.Fact("低保"), payruntest.Fact("生活不能自理"), payruntest.Fact("残疾等级=一级"), payruntest.Fact("残疾类别=肢体"))
	l, err := explain.NewBook(payruntest.Pack(t), payruntest.Nov, nil, payruntest.Nov, nil).Letter(c.Dossier, nil, nil, nil)
	if err != nil || len(l.Why) > 0 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestRecallOfARuleWithoutFacts: where no record of the person spoke against, none is blamed.
func TestRecallOfARuleWithoutFacts(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t, "      - 年龄 >= 80\n      - 年龄 <= 99\n", "      - 高龄津贴标准 > 75\n")
	var got []string
	err := explain.NewBook(p, payruntest.Nov, nil, payruntest.Nov, nil).Recalls(payruntest.Person(payruntest.Eighty).Dossier, []payrun.Debt{{Person: 1, Item: "11", Payee: roster.Myself, Month: payruntest.Nov - 1, Amount: 7000}},
		func(r explain.Recall) { got = append(got, r.Debts[0].Reason) })
	if err != nil {
		t.Fatal(err)
	}
	payruntest.Want(t, "reason", got, []string{"该月不符合本项条件"})
}

// TestLetterHasNoConditions: a rule that is new is said without its conditions, once, beside
// what else there is to say.
func TestLetterHasNoConditions(t *testing.T) {
	t.Parallel()
	with := func(conditions string) *policy.Pack {
		return payruntest.Pack(t, "      - 年龄 >= 80\n      - 年龄 <= 99\n", conditions+"      - 年龄 <= 99\n")
	}
	plain := with("      - 年龄 >= 80\n")
	ended := payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 10, 31))).Dossier
	for name, c := range map[string]struct {
		now, before    *policy.Pack
		who            *roster.Dossier
		staff, citizen string
	}{
		"two": {with("      - 年龄 >= 83\n      - 年龄 >= 84\n"), plain, payruntest.Person(payruntest.Eighty).Dossier,
			"规则自本月起改变：年龄 ≥ 84；规则自本月起改变：年龄 ≥ 83", "本项目的条件自本月起改变"},
		"one, and a fact": {with("      - 年龄 >= 83\n      - 低保\n"), with("      - 年龄 >= 80\n      - 低保\n"), ended,
			"低保到 2026-10-31 止；规则自本月起改变：年龄 ≥ 83", "低保到 2026-10-31 止；本项目的条件自本月起改变"},
		"none": {with("      - 年龄 >= 80\n      - 低保\n"), with("      - 年龄 >= 80\n      - 低保\n"), ended, "低保到 2026-10-31 止", "低保到 2026-10-31 止"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book := explain.NewBook(c.now, payruntest.Nov, c.before, payruntest.Nov-1, nil)
			book.Against(c.before, payruntest.Nov-1)
			last := due(t, c.before, c.who, payruntest.Nov-1, "11")
			var changes []explain.BridgeRow
			if err := book.Bridge(c.who, c.who, last, nil, func(r explain.BridgeRow) { changes = append(changes, r) }); err != nil || len(changes) != 1 {
				t.Fatalf("%+v, %v", changes, err)
			}
			l, err := book.Letter(c.who, nil, changes, nil)
			if err != nil {
				t.Fatal(err)
			}
			if staff, citizen := changes[0].Reason, l.Changes[0].Reason; staff != c.staff || citizen != c.citizen {
				t.Errorf("to staff %q, to the person %q", staff, citizen)
			}
			if !l.Changed() {
				t.Error("money that ends is no change")
			}
		})
	}
}
