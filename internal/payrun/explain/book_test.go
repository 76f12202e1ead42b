package explain_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/payrun/explain"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// TestListings: 新增, 在册 and 停止 against the last approved batch; 在册 in the first
// (docs/interface.md §3.2).
func TestListings(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t)
	alone := payruntest.Fact("居住状况=独居")
	for _, c := range []struct {
		name        string
		first       bool // no batch before
		now, before *engine.Case
		want        []string
	}{
		{"the first batch", true, payruntest.Person(payruntest.Seventy, alone), nil, []string{"6 免费 在册", "20 1 在册"}},
		{"stays", false, payruntest.Person(payruntest.Seventy, alone), payruntest.Person(payruntest.Seventy, alone), []string{"6 免费 在册", "20 1 在册"}},
		{"unknown before", false, payruntest.Person(payruntest.Seventy, alone), nil, []string{"6 免费 新增", "20 1 新增"}},
		{"a fact came", false, payruntest.Person(payruntest.Seventy, alone), payruntest.Person(payruntest.Seventy), []string{"6 免费 在册", "20 1 新增"}},
		{"a fact went", false, payruntest.Person(payruntest.Seventy), payruntest.Person(payruntest.Seventy, alone), []string{"6 免费 在册", "20 1 停止"}},
		{"no longer on the roster", false, nil, payruntest.Person(payruntest.Seventy, alone), []string{"6 免费 停止", "20 1 停止"}},
		{"died last month", false, payruntest.Person(payruntest.Seventy, alone, payruntest.Died(payruntest.Day(2026, 10, 20))), payruntest.Person(payruntest.Seventy, alone), []string{"6 免费 停止", "20 1 停止"}},
		{"another detail is no change", false, payruntest.Person(payruntest.Seventy, alone, payruntest.Fact("生活不能自理")), payruntest.Person(payruntest.Seventy, alone), []string{"6 免费 在册", "20 2 在册"}},
		{"turned 60", false, payruntest.Person(payruntest.Day(1966, 11, 30)), payruntest.Person(payruntest.Day(1966, 11, 30)), []string{"6 国有免费其他半价 新增"}},
		{"turned 65", false, payruntest.Person(payruntest.Day(1961, 11, 1)), payruntest.Person(payruntest.Day(1961, 11, 1)), []string{"6 免费 在册"}},
		{"never on a list", false, payruntest.Person(payruntest.Day(1990, 1, 1)), payruntest.Person(payruntest.Day(1990, 1, 1)), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			book := explain.NewBook(p, payruntest.Nov, p, payruntest.Nov-1, []string{"6", "20"})
			if c.first {
				book = explain.NewBook(p, payruntest.Nov, nil, payruntest.Nov, []string{"6", "20"})
			}
			dossier := func(c *engine.Case) *roster.Dossier {
				if c == nil {
					return nil
				}
				return c.Dossier
			}
			var got []string
			err := book.Listings(dossier(c.now), dossier(c.before), func(r explain.ListRow) {
				got = append(got, fmt.Sprintf("%s %s %s", r.Item, r.Detail, r.Change))
				if r.Name != "甲某" || r.Street != "永泰" || r.Community != "一社区" || r.ID == "" {
					t.Errorf("row %+v", r)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			payruntest.Want(t, "rows", got, c.want)
		})
	}
}

// TestDetail has what sheets say of a line besides.
func TestDetail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		who      *engine.Case
		line     int
		standard money.Fen
		poor     bool
		reason   string
	}{
		{"this month", payruntest.Person(payruntest.Eighty), 1, 7000, false, ""},
		{"低保 on the first day of the line's month", payruntest.Person(payruntest.Eighty, payruntest.Fact("低保", payruntest.Day(2026, 11, 1), payruntest.Day(2026, 11, 1)), payruntest.Settled("11 2026-10 7000")), 0, 7000, true, ""},
		{"not paid before", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-11 7000")), 0, 7000, false, "2026年10月应发 70.00 元，此前未发放"},
		{"too little paid before", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 1000"), payruntest.Settled("11 2026-11 7000")), 0, 7000, false, "2026年10月应发 70.00 元，此前已发 10.00 元"},
		{"too much paid before", payruntest.Person(payruntest.Eighty, payruntest.Settled("11 2026-10 9000")), 0, 7000, false, "2026年10月应发 70.00 元，多发部分扣回"},
		{"no longer entitled", payruntest.Person(payruntest.Seventy, payruntest.Fact("经济困难认定"), payruntest.Fact("生活不能自理", payruntest.Day(2026, 11, 1)), payruntest.Settled("16 2026-10 5000")), 0, 0, false, "2026年10月不再符合本项条件"},
		{"dead by then", payruntest.Person(payruntest.Eighty, payruntest.Fact("特困=集中"), payruntest.Fact("入住机构=甲院", payruntest.Day(2026, 1, 1), payruntest.Day(2026, 10, 1)), payruntest.Died(payruntest.Day(2026, 10, 31)), payruntest.Settled("19 2026-11 100 甲院")), 2, 0, false, "2026-10-31 去世"},
		{"away by then", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.MovedOut = payruntest.Day(2026, 10, 9) }, payruntest.Settled("11 2026-11 100")), 1, 0, false, "2026-10-09 迁出"},
		{"not yet here by then", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.MovedIn = payruntest.Day(2026, 10, 1) }, payruntest.Settled("11 2026-10 100")), 0, 0, false, "2026-10-01 迁入，次月起享受"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := payruntest.Compute(t, payruntest.Plan(t, "2026-10"), c.who)
			got, err := explain.NewBook(payruntest.Pack(t), payruntest.Nov, nil, payruntest.Nov, nil).Detail(c.who.Dossier, r.Lines[c.line], explain.Earlier{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Standard != c.standard || got.Cleared != c.poor || got.Reason != c.reason {
				t.Errorf("%v: standard %s, poor %v, reason %q; want %s, %v, %q", payruntest.Text(r.Lines), got.Standard, got.Cleared, got.Reason, c.standard, c.poor, c.reason)
			}
		})
	}
}

// TestDetailOfOneAmongSeveral: each line has the standard of its own item, and only the
// person's own money is received by a 代领人.
func TestDetailOfOneAmongSeveral(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		deputy roster.Deputy
		says   string
	}{
		{roster.Deputy{}, ""},
		{roster.Deputy{Name: "丙某"}, "由丙某代领"},
		{roster.Deputy{Name: "丙某", Relation: "子女"}, "由丙某（子女）代领"},
		{roster.Deputy{Name: "丙某", Relation: "子女", Reason: "卧床"}, "由丙某（子女）代领：卧床"},
	} {
		who := payruntest.Person(payruntest.Hundred, payruntest.Fact("低保"), payruntest.Fact("失能等级=完全失能"), payruntest.Fact("入住机构=甲院"), payruntest.Fact("机构月收费=1800.50"), payruntest.Fact("低保月金额=730.00"),
			func(p *engine.Case) { p.Dossier.Deputy = c.deputy })
		r := payruntest.Compute(t, payruntest.Plan(t, "2026-11"), who)
		var got []string
		for _, l := range r.Lines {
			full, err := explain.NewBook(payruntest.Pack(t), payruntest.Nov, nil, payruntest.Nov, nil).Detail(who.Dossier, l, explain.Earlier{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %v %s", l.Item, full.Standard, full.Cleared, full.Deputy)))
		}
		payruntest.Want(t, "details", got, []string{strings.TrimSpace("12 300.00 true " + c.says), strings.TrimSpace("13 70.00 true " + c.says), "15 900.50 true", strings.TrimSpace("16 100.00 true " + c.says)})
	}
}

// TestBridgeReasons has a row for each item whose 当月 changed, and why.
func TestBridgeReasons(t *testing.T) {
	t.Parallel()
	line := func(item string, m month.Month, kind payrun.Kind, amount money.Fen, hold payrun.Hold) payrun.Line {
		return payrun.Line{Item: item, Payee: roster.Myself, Month: m, Kind: kind, Amount: amount, Hold: hold, Against: item, Name: "甲某", Street: "永泰"}
	}
	paid := func(item string, amount money.Fen) payrun.Line {
		return line(item, payruntest.Nov, payrun.Current, amount, 0)
	}
	for _, c := range []struct {
		name       string
		who        *engine.Case
		last, this []payrun.Line
		want       []string
	}{
		{"nothing changed", payruntest.Person(payruntest.Eighty), []payrun.Line{paid("11", 7000)}, []payrun.Line{paid("11", 7000)}, nil},
		{"补发 and 扣回 are no part of it", payruntest.Person(payruntest.Eighty), []payrun.Line{paid("11", 7000)},
			[]payrun.Line{paid("11", 7000), line("11", payruntest.Nov-1, payrun.Arrears, 5000, 0), line("13", payruntest.Nov-1, payrun.Recovery, -100, 0)}, nil},
		{"turned 80", payruntest.Person(payruntest.Day(1946, 11, 8)), nil, []payrun.Line{paid("11", 7000)}, []string{"11 0.00 70.00 本月满 80 周岁"}},
		{"moved in", payruntest.Person(payruntest.Eighty, func(c *engine.Case) { c.Dossier.MovedIn = payruntest.Day(2026, 10, 3) }), nil, []payrun.Line{paid("11", 7000)}, []string{"11 0.00 70.00 2026-10-03 迁入"}},
		{"came otherwise", payruntest.Person(payruntest.Eighty), nil, []payrun.Line{paid("13", 7000)}, []string{"13 0.00 70.00 本月起符合条件"}},
		{"died", payruntest.Person(payruntest.Eighty, payruntest.Died(payruntest.Day(2026, 10, 2))), []payrun.Line{paid("11", 7000)}, nil, []string{"11 70.00 0.00 2026-10-02 去世"}},
		{"went otherwise", payruntest.Person(payruntest.Eighty), []payrun.Line{paid("13", 7000)}, nil, []string{"13 70.00 0.00 不再符合本项条件"}},
		{"held", payruntest.Person(payruntest.Eighty), []payrun.Line{paid("11", 7000)}, []payrun.Line{line("11", payruntest.Nov, payrun.Current, 7000, payrun.NoAccount)}, []string{"11 70.00 0.00 本月暂缓：无账户"}},
		{"held no longer", payruntest.Person(payruntest.Eighty), []payrun.Line{line("11", payruntest.Nov, payrun.Current, 7000, payrun.Suspended)}, []payrun.Line{paid("11", 7000)}, []string{"11 0.00 70.00 上月暂缓（暂停发放），本月恢复"}},
		{"held both times", payruntest.Person(payruntest.Eighty), []payrun.Line{line("11", payruntest.Nov, payrun.Current, 7000, payrun.Suspended)}, []payrun.Line{line("11", payruntest.Nov, payrun.Current, 7000, payrun.Suspended)}, nil},
		{"another amount", payruntest.Person(payruntest.Eighty), []payrun.Line{paid("15", 90000)}, []payrun.Line{paid("15", 95050)}, []string{"15 900.00 950.50 由 900.00 元变为 950.50 元"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			err := explain.NewBook(payruntest.Pack(t), payruntest.Nov, nil, payruntest.Nov, nil).Bridge(c.who.Dossier, c.who.Dossier, c.last, c.this, func(r explain.BridgeRow) {
				got = append(got, fmt.Sprintf("%s %s %s %s", r.Item, r.Last, r.This, r.Reason))
			})
			if err != nil {
				t.Fatal(err)
			}
			payruntest.Want(t, "rows", got, c.want)
		})
	}
}

// TestBridgeBalances: last + rows = this, to the 分, whatever the lines are.
func TestBridgeBalances(t *testing.T) {
	t.Parallel()
	p := payruntest.Pack(t)
	rapid.Check(t, func(t *rapid.T) {
		lines := func(label string) (all []payrun.Line, current money.Fen) {
			for n := range rapid.IntRange(0, 6).Draw(t, label) {
				l := payrun.Line{Item: rapid.SampledFrom([]string{"11", "13", "15", "19"}).Draw(t, "item"), Payee: fmt.Sprint(n), Month: payruntest.Nov,
					Kind: payrun.Kind(rapid.IntRange(1, 3).Draw(t, "kind")), Amount: money.Fen(rapid.IntRange(1, 99999).Draw(t, "amount"))}
				switch {
				case l.Kind == payrun.Recovery:
					l.Amount = -l.Amount
				case rapid.Bool().Draw(t, "held"):
					l.Hold = payrun.NoAccount
				case l.Kind == payrun.Current:
					current += l.Amount
				}
				all = append(all, l)
			}
			return all, current
		}
		last, before := lines("last")
		this, now := lines("this")
		got := before
		err := explain.NewBook(p, payruntest.Nov, nil, payruntest.Nov, nil).Bridge(payruntest.Person(payruntest.Eighty).Dossier, nil, last, this, func(r explain.BridgeRow) {
			if r.Last == r.This || r.Reason == "" {
				t.Fatalf("row %+v", r)
			}
			got += r.This - r.Last
		})
		if err != nil {
			t.Fatal(err)
		}
		if got != now {
			t.Fatalf("last %s and the rows make %s, this month is %s", before, got, now)
		}
	})
}
