package payrun_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// TestListings: 新增, 在册 and 停止 against the last approved batch; 在册 in the first
// (docs/interface.md §3.2).
func TestListings(t *testing.T) {
	t.Parallel()
	p := pack(t)
	alone := fact("居住状况=独居")
	for _, c := range []struct {
		name        string
		first       bool // no batch before
		now, before *payrun.Case
		want        []string
	}{
		{"the first batch", true, person(seventy, alone), nil, []string{"6 免费 在册", "20 1 在册"}},
		{"stays", false, person(seventy, alone), person(seventy, alone), []string{"6 免费 在册", "20 1 在册"}},
		{"unknown before", false, person(seventy, alone), nil, []string{"6 免费 新增", "20 1 新增"}},
		{"a fact came", false, person(seventy, alone), person(seventy), []string{"6 免费 在册", "20 1 新增"}},
		{"a fact went", false, person(seventy), person(seventy, alone), []string{"6 免费 在册", "20 1 停止"}},
		{"no longer on the roster", false, nil, person(seventy, alone), []string{"6 免费 停止", "20 1 停止"}},
		{"died last month", false, person(seventy, alone, died(day(2026, 10, 20))), person(seventy, alone), []string{"6 免费 停止", "20 1 停止"}},
		{"another detail is no change", false, person(seventy, alone, fact("生活不能自理")), person(seventy, alone), []string{"6 免费 在册", "20 2 在册"}},
		{"turned 60", false, person(day(1966, 11, 30)), person(day(1966, 11, 30)), []string{"6 国有免费其他半价 新增"}},
		{"turned 65", false, person(day(1961, 11, 1)), person(day(1961, 11, 1)), []string{"6 免费 在册"}},
		{"never on a list", false, person(day(1990, 1, 1)), person(day(1990, 1, 1)), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			book := payrun.NewBook(p, nov, p, nov-1, []string{"6", "20"})
			if c.first {
				book = payrun.NewBook(p, nov, nil, nov, []string{"6", "20"})
			}
			dossier := func(c *payrun.Case) *roster.Dossier {
				if c == nil {
					return nil
				}
				return c.Dossier
			}
			var got []string
			err := book.Listings(dossier(c.now), dossier(c.before), func(r payrun.ListRow) {
				got = append(got, fmt.Sprintf("%s %s %s", r.Item, r.Detail, r.Change))
				if r.Name != "甲某" || r.Street != "永泰" || r.Community != "一社区" || r.ID == "" {
					t.Errorf("row %+v", r)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "rows", got, c.want)
		})
	}
}

// TestDetail has what sheets say of a line besides.
func TestDetail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		who      *payrun.Case
		line     int
		standard money.Fen
		poor     bool
		reason   string
	}{
		{"this month", person(eighty), 1, 7000, false, ""},
		{"低保 on the first day of the line's month", person(eighty, fact("低保", day(2026, 11, 1), day(2026, 11, 1)), settled("11 2026-10 7000")), 0, 7000, true, ""},
		{"not paid before", person(eighty, settled("11 2026-11 7000")), 0, 7000, false, "2026年10月应发 70.00 元，此前未发放"},
		{"too little paid before", person(eighty, settled("11 2026-10 1000"), settled("11 2026-11 7000")), 0, 7000, false, "2026年10月应发 70.00 元，此前已发 10.00 元"},
		{"too much paid before", person(eighty, settled("11 2026-10 9000")), 0, 7000, false, "2026年10月应发 70.00 元，多发部分扣回"},
		{"no longer entitled", person(seventy, fact("经济困难认定"), fact("生活不能自理", day(2026, 11, 1)), settled("16 2026-10 5000")), 0, 0, false, "2026年10月不再符合本项条件"},
		{"dead by then", person(eighty, fact("特困=集中"), fact("入住机构=甲院", day(2026, 1, 1), day(2026, 10, 1)), died(day(2026, 10, 31)), settled("19 2026-11 100 甲院")), 2, 0, false, "2026-10-31 去世"},
		{"away by then", person(eighty, func(c *payrun.Case) { c.Dossier.MovedOut = day(2026, 10, 9) }, settled("11 2026-11 100")), 1, 0, false, "2026-10-09 迁出"},
		{"not yet here by then", person(eighty, func(c *payrun.Case) { c.Dossier.MovedIn = day(2026, 10, 1) }, settled("11 2026-10 100")), 0, 0, false, "2026-10-01 迁入，次月起享受"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := compute(t, plan(t, "2026-10"), c.who)
			got, err := payrun.NewBook(pack(t), nov, nil, nov, nil).Detail(c.who.Dossier, r.Lines[c.line], payrun.Earlier{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Standard != c.standard || got.Cleared != c.poor || got.Reason != c.reason {
				t.Errorf("%v: standard %s, poor %v, reason %q; want %s, %v, %q", text(r.Lines), got.Standard, got.Cleared, got.Reason, c.standard, c.poor, c.reason)
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
		who := person(hundred, fact("低保"), fact("失能等级=完全失能"), fact("入住机构=甲院"), fact("机构月收费=1800.50"), fact("低保月金额=730.00"),
			func(p *payrun.Case) { p.Dossier.Deputy = c.deputy })
		r := compute(t, plan(t, "2026-11"), who)
		var got []string
		for _, l := range r.Lines {
			full, err := payrun.NewBook(pack(t), nov, nil, nov, nil).Detail(who.Dossier, l, payrun.Earlier{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %v %s", l.Item, full.Standard, full.Cleared, full.Deputy)))
		}
		want(t, "details", got, []string{strings.TrimSpace("12 300.00 true " + c.says), strings.TrimSpace("13 70.00 true " + c.says), "15 900.50 true", strings.TrimSpace("16 100.00 true " + c.says)})
	}
}

// TestBridgeReasons has a row for each item whose 当月 changed, and why.
func TestBridgeReasons(t *testing.T) {
	t.Parallel()
	line := func(item string, m month.Month, kind payrun.Kind, amount money.Fen, hold payrun.Hold) payrun.Line {
		return payrun.Line{Item: item, Payee: roster.Myself, Month: m, Kind: kind, Amount: amount, Hold: hold, Against: item, Name: "甲某", Street: "永泰"}
	}
	paid := func(item string, amount money.Fen) payrun.Line { return line(item, nov, payrun.Current, amount, 0) }
	for _, c := range []struct {
		name       string
		who        *payrun.Case
		last, this []payrun.Line
		want       []string
	}{
		{"nothing changed", person(eighty), []payrun.Line{paid("11", 7000)}, []payrun.Line{paid("11", 7000)}, nil},
		{"补发 and 扣回 are no part of it", person(eighty), []payrun.Line{paid("11", 7000)},
			[]payrun.Line{paid("11", 7000), line("11", nov-1, payrun.Arrears, 5000, 0), line("13", nov-1, payrun.Recovery, -100, 0)}, nil},
		{"turned 80", person(day(1946, 11, 8)), nil, []payrun.Line{paid("11", 7000)}, []string{"11 0.00 70.00 本月满 80 周岁"}},
		{"moved in", person(eighty, func(c *payrun.Case) { c.Dossier.MovedIn = day(2026, 10, 3) }), nil, []payrun.Line{paid("11", 7000)}, []string{"11 0.00 70.00 2026-10-03 迁入"}},
		{"came otherwise", person(eighty), nil, []payrun.Line{paid("13", 7000)}, []string{"13 0.00 70.00 本月起符合条件"}},
		{"died", person(eighty, died(day(2026, 10, 2))), []payrun.Line{paid("11", 7000)}, nil, []string{"11 70.00 0.00 2026-10-02 去世"}},
		{"went otherwise", person(eighty), []payrun.Line{paid("13", 7000)}, nil, []string{"13 70.00 0.00 不再符合本项条件"}},
		{"held", person(eighty), []payrun.Line{paid("11", 7000)}, []payrun.Line{line("11", nov, payrun.Current, 7000, payrun.NoAccount)}, []string{"11 70.00 0.00 本月暂缓：无账户"}},
		{"held no longer", person(eighty), []payrun.Line{line("11", nov, payrun.Current, 7000, payrun.Suspended)}, []payrun.Line{paid("11", 7000)}, []string{"11 0.00 70.00 上月暂缓（暂停发放），本月恢复"}},
		{"held both times", person(eighty), []payrun.Line{line("11", nov, payrun.Current, 7000, payrun.Suspended)}, []payrun.Line{line("11", nov, payrun.Current, 7000, payrun.Suspended)}, nil},
		{"another amount", person(eighty), []payrun.Line{paid("15", 90000)}, []payrun.Line{paid("15", 95050)}, []string{"15 900.00 950.50 由 900.00 元变为 950.50 元"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			err := payrun.NewBook(pack(t), nov, nil, nov, nil).Bridge(c.who.Dossier, c.who.Dossier, c.last, c.this, func(r payrun.BridgeRow) {
				got = append(got, fmt.Sprintf("%s %s %s %s", r.Item, r.Last, r.This, r.Reason))
			})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "rows", got, c.want)
		})
	}
}

// TestBridgeBalances: last + rows = this, to the 分, whatever the lines are.
func TestBridgeBalances(t *testing.T) {
	t.Parallel()
	p := pack(t)
	rapid.Check(t, func(t *rapid.T) {
		lines := func(label string) (all []payrun.Line, current money.Fen) {
			for n := range rapid.IntRange(0, 6).Draw(t, label) {
				l := payrun.Line{Item: rapid.SampledFrom([]string{"11", "13", "15", "19"}).Draw(t, "item"), Payee: fmt.Sprint(n), Month: nov,
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
		err := payrun.NewBook(p, nov, nil, nov, nil).Bridge(person(eighty).Dossier, nil, last, this, func(r payrun.BridgeRow) {
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

// TestSorting: item and street in pack order, unknown streets after them, ID number,
// benefit month (docs/interface.md §3.1).
func TestSorting(t *testing.T) {
	t.Parallel()
	sorted := []payrun.Line{
		{Item: "2", Street: "小南头", ID: "9"},
		{Item: "11", Street: "永泰", ID: "1", Month: nov - 1, Kind: payrun.Arrears},
		{Item: "11", Street: "永泰", ID: "1", Month: nov, Kind: payrun.Current},
		{Item: "11", Street: "永泰", ID: "2", Month: nov - 9},
		{Item: "11", Street: "古城", ID: "0"},
		{Item: "11", Street: "小南头", ID: "0"},
		{Item: "11", Street: "某街道", ID: "0"},
		{Item: "11", Street: "某镇", ID: "0"},
		{Item: "18-1", Street: "永泰", ID: "1", Month: nov - 1, Kind: payrun.Recovery, Against: "13"},
		{Item: "18-1", Street: "永泰", ID: "1", Month: nov - 1, Kind: payrun.Recovery, Against: "16"},
		{Item: "18-2", Street: "永泰", ID: "1"},
		{Item: "23-1", Street: "永泰", ID: "1", Month: nov, Payee: "乙院"},
		{Item: "23-1", Street: "永泰", ID: "1", Month: nov, Payee: "甲院"},
		{Item: "24", Street: "永泰", ID: "1"},
	}
	order := payrun.Sorting{Pack: pack(t)}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(sorted).Draw(t, "lines")
		slices.SortFunc(got, func(a, b payrun.Line) int { return order.Lines(&a, &b) })
		for i := range got {
			if got[i] != sorted[i] {
				t.Fatalf("line %d is %+v, want %+v", i, got[i], sorted[i])
			}
		}
	})
	if strings.Compare("某街道", "某镇") > 0 {
		t.Error("the test's unknown streets are not in the order of their bytes")
	}
}

// TestNames has the words that docs/interface.md §3.1 fixes.
func TestNames(t *testing.T) {
	t.Parallel()
	want(t, "kinds", []string{payrun.Current.String(), payrun.Arrears.String(), payrun.Recovery.String()}, []string{"当月", "补发", "扣回"})
	want(t, "levels", []string{payrun.Blocking.Chinese(), payrun.Doubt.Chinese(), payrun.Acknowledge.Chinese(), payrun.Information.Chinese()},
		[]string{"阻断", "疑点", "须确认", "提示"})
	for state, is := range map[payrun.State]struct{ unsigned, signing bool }{
		payrun.Open: {true, false}, payrun.Returned: {true, false}, payrun.Submitted: {false, true}, payrun.Reviewed: {false, true}, payrun.Endorsed: {false, true},
		payrun.Approved: {}, payrun.CarriedOver: {}, payrun.Voided: {},
	} {
		if state.Unsigned() != is.unsigned || state.InSigning() != is.signing || state.Chinese() == "" {
			t.Errorf("state %s: unsigned %v, in signing %v, called %q", state, state.Unsigned(), state.InSigning(), state.Chinese())
		}
	}
}
