package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// laterOf is what Later says of a person who was in a batch as then and is now otherwise.
func laterOf(t *testing.T, p *engine.Plan, then, now *engine.Case, with func(*engine.LaterCase)) engine.LaterChange {
	t.Helper()
	r := payruntest.Compute(t, payruntest.Plan(t, "2026-11"), then)
	lc := &engine.LaterCase{Case: *now, Then: then.Dossier, Lines: r.Lines, Debts: r.Debts}
	if with != nil {
		with(lc)
	}
	l, err := engine.New(p).Later(lc)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func laterText(l engine.LaterChange) string {
	return fmt.Sprintf("%s [%s] %s: %s %s %s", strings.Join(l.News, "、"), strings.Join(l.Grave, "、"), l.Pays, l.PaysMore, l.HeldMore, l.OwedMore)
}

// TestLater: between computing and signing, a death, a suspension, a refused account or a hit
// stops the signature of what would be paid; everything else is shown with its effect.
func TestLater(t *testing.T) {
	t.Parallel()
	third, first := payruntest.Day(2026, 10, 3), payruntest.Day(2026, 11, 1)
	on := func(id string, dated month.Date) func(*engine.Plan) {
		return func(p *engine.Plan) {
			p.Hits = map[int64][]engine.Hit{1: {hit("死亡", dated)}}
			p.Released = func(found string) bool { return id != "" && strings.HasPrefix(found, id) }
		}
	}
	refused := func(id string) func(*engine.Plan) {
		return func(p *engine.Plan) {
			p.Refused[roster.Account{Bank: "示例银行", Number: "6201", Holder: "甲某"}] = engine.Refusal{Payment: "甲-1/9"}
			p.Released = func(found string) bool { return id != "" && strings.HasPrefix(found, id) }
		}
	}
	for _, c := range []struct {
		name      string
		then, now *engine.Case
		plan      func(*engine.Plan)
		with      func(*engine.LaterCase)
		want      string
	}{
		{"nothing new", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), nil, nil, " [] 70.00: 0.00 0.00 0.00"},
		{"a death", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Died(third)), nil, nil, "死亡日期由 （无） 改为 2026-10-03 [2026-10-03 死亡] 70.00: -70.00 0.00 0.00"},
		{"a death that was known", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 2))), payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 2))), nil, nil, " [] 70.00: 0.00 0.00 0.00"},
		{"another day of death", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 2))), payruntest.Person(payruntest.Eighty, payruntest.Died(first)), nil, nil,
			"死亡日期由 2026-11-02 改为 2026-11-01、死亡当月照发，2026年12月起停发 [] 70.00: 0.00 0.00 0.00"},
		{"a death in the month that is paid", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 11, 20))), nil, nil,
			"死亡日期由 （无） 改为 2026-11-20、死亡当月照发，2026年12月起停发 [] 70.00: 0.00 0.00 0.00"},
		{"a death on the last day of the month before", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 31))), nil, nil,
			"死亡日期由 （无） 改为 2026-10-31 [2026-10-31 死亡] 70.00: -70.00 0.00 0.00"},
		{"a death of somebody who is not paid", payruntest.Person(payruntest.Eighty, payruntest.Account("")), payruntest.Person(payruntest.Eighty, payruntest.Account(""), payruntest.Died(third)), nil, nil,
			"死亡日期由 （无） 改为 2026-10-03 [] 0.00: 0.00 -70.00 0.00"},
		{"suspended", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Fact("暂停发放=核查", first)), nil, nil,
			"情况“暂停发放”登记为 核查 自 2026-11-01 起 [暂停发放] 70.00: -70.00 70.00 0.00"},
		{"entitled to more", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", first)), nil, nil, "情况“低保”登记为 是 自 2026-11-01 起 [] 70.00: 70.00 0.00 0.00"},
		{"refused, for two lines", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保")), payruntest.Person(payruntest.Eighty, payruntest.Fact("低保")), refused(""), nil, " [账号 **** 被银行退回] 140.00: -140.00 140.00 0.00"},
		{"refused, and to be tried again", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), refused(payrun.RefusedAccount), nil, " [] 70.00: 0.00 0.00 0.00"},
		{"on a list", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), on("", third), nil, " [死亡名单命中] 70.00: -70.00 70.00 0.00"},
		{"on a list, dead in the month that is paid", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), on("", payruntest.Day(2026, 11, 20)), nil,
			"甲某（140202********0114） 在“死亡”名单上：身份证号相符，名单记载 甲某，日期 2026-11-20；花名册没有死亡日期，请核实，属实的登记死亡日期；死亡当月照发，2026年12月起停发，可以决定发放 [] 70.00: -70.00 70.00 0.00"},
		{"on a list without a day", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), on("", 0), nil, " [死亡名单命中] 70.00: -70.00 70.00 0.00"},
		{"on a list, and decided to be alive", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), on("死亡", third), nil, " [] 70.00: 0.00 0.00 0.00"},
		{"owes", payruntest.Person(payruntest.Eighty, payruntest.Account("")), payruntest.Person(payruntest.Eighty, payruntest.Account(""), payruntest.Settled("11 2026-10 2000")), nil, nil, " [] 0.00: 0.00 0.00 20.00"},
		{"owes less", payruntest.Person(payruntest.Eighty, payruntest.Account(""), payruntest.Settled("11 2026-10 2000")), payruntest.Person(payruntest.Eighty, payruntest.Account("")), nil, nil, " [] 0.00: 0.00 0.00 -20.00"},
		{"merged into another record", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty), nil, func(lc *engine.LaterCase) { lc.Dossier = nil }, "已并入另一条记录 [] 70.00: -70.00 0.00 0.00"},
		{"what others told", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Account("6202")), nil, func(lc *engine.LaterCase) { lc.News = []string{"名单有变"} },
			"账户已更正（现为 示例银行 ****）、名单有变 [] 70.00: 0.00 0.00 0.00"},
		{"approved: what is due comes on top", payruntest.Person(payruntest.Eighty), payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-11 7000"), payruntest.Fact("低保", first)), nil, func(lc *engine.LaterCase) { lc.Paid = true },
			"情况“低保”登记为 是 自 2026-11-01 起 [] 70.00: 70.00 0.00 0.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := payruntest.Plan(t, "2026-11")
			if c.plan != nil {
				c.plan(p)
			}
			l := laterOf(t, p, c.then, c.now, c.with)
			if got := laterText(l); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestLaterMatters: each kind of news by itself is enough to be shown before signing.
func TestLaterMatters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		l    engine.LaterChange
		want bool
	}{
		"nothing":     {engine.LaterChange{Pays: 7000}, false},
		"news":        {engine.LaterChange{News: []string{"登记资料有更正"}}, true},
		"grave":       {engine.LaterChange{Grave: []string{"暂停发放"}}, true},
		"both":        {engine.LaterChange{News: []string{"甲"}, Grave: []string{"乙"}}, true},
		"pays more":   {engine.LaterChange{PaysMore: 1}, true},
		"pays less":   {engine.LaterChange{PaysMore: -1}, true},
		"holds more":  {engine.LaterChange{HeldMore: 1}, true},
		"owes less":   {engine.LaterChange{OwedMore: -1}, true},
		"moves about": {engine.LaterChange{PaysMore: -1, HeldMore: 1}, true},
	} {
		if got := c.l.Matters(); got != c.want {
			t.Errorf("%s: matters %v", name, got)
		}
	}
}

// TestLaterSaysThatSomethingChanged: of an account also where the masked numbers look the same, and once
// only; what no sentence can tell is still said to be another.
func TestLaterSaysThatSomethingChanged(t *testing.T) {
	t.Parallel()
	relation := func(r string) payruntest.Change {
		return func(c *engine.Case) {
			c.Dossier.Deputy = roster.Deputy{Name: "丙某", Relation: r, Reason: "卧床"}
		}
	}
	for name, c := range map[string]struct {
		then, now *engine.Case
		want      string
	}{
		"numbers that look the same": {payruntest.Person(payruntest.Eighty, payruntest.Account("6222000000001")), payruntest.Person(payruntest.Eighty, payruntest.Account("6222999990001")), "账户已更正（现为 示例银行 6222****0001）"},
		"numbers that do not":        {payruntest.Person(payruntest.Eighty, payruntest.Account("6222000000001")), payruntest.Person(payruntest.Eighty, payruntest.Account("6222999990002")), "账户由 示例银行 6222****0001 改为 示例银行 6222****0002"},
		"a relation":                 {payruntest.Person(payruntest.Eighty, relation("子女")), payruntest.Person(payruntest.Eighty, relation("配偶")), "登记资料有更正"},
		"a payee of a 核定金额":          {payruntest.Person(payruntest.Eighty, payruntest.Award("17", 100, "2026-01", "", "甲院")), payruntest.Person(payruntest.Eighty, payruntest.Award("17", 100, "2026-01", "", "乙院")), "登记资料有更正"},
		"a relation beside a fact":   {payruntest.Person(payruntest.Eighty, relation("子女")), payruntest.Person(payruntest.Eighty, relation("配偶"), payruntest.Fact("低保")), "情况“低保”登记为 是 自 2020-01-01 起"},
	} {
		if got := strings.Join(laterOf(t, payruntest.Plan(t, "2026-11"), c.then, c.now, nil).News, "、"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
