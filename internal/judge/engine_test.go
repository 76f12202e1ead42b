package judge

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/engine"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// The engine and the judge over random people, with histories, ledgers and several
// packs. They were written apart, from docs/rules.md; this is the one place where both run.

// crowd makes random people, the same ones for the same seed.
type crowd struct{ *rand.Rand }

func (r crowd) one(in int) bool { return r.IntN(in) == 0 }

func (r crowd) pick(from ...string) string { return from[r.IntN(len(from))] }

// day lies near the edges of months more often than not: that is where rules differ.
func (r crowd) day() month.Date {
	m := month.Of(2025, 10).Add(r.IntN(16))
	switch r.IntN(4) {
	case 0:
		return m.First()
	case 1:
		return m.Last()
	}
	return m.First().Add(r.IntN(28))
}

// crowdFacts are single-valued facts with what they may be.
var crowdFacts = map[string][]string{
	"低保": {"是"}, "低保边缘": {"是"}, "经济困难认定": {"是"}, "特困": {"分散", "分散", "集中"}, "自理能力": {"全自理", "半自理", "全护理"},
	"生活不能自理": {"是"}, "失能等级": {"能力完好", "轻度失能", "中度失能", "重度失能", "完全失能", "完全失能"},
	"残疾等级": {"一级", "二级", "三级", "四级"}, "工伤护理费": {"是"}, "养老保险": {"职工", "居民"}, "医疗保险": {"职工", "居民", "居民"},
	"计划生育特殊家庭": {"是"}, "优抚身份": {"烈士遗属", "残疾军人"}, "无赡养人": {"是"}, "定期抚恤补助": {"是"}, "流浪乞讨": {"是"},
	"行动不便": {"是"}, "适老化改造完成": {"是"}, "入住机构": {"甲院", "乙院", "停户院", "新院"}, "机构月收费": {"1500.00", "2400.55", "500.00", "9000.00"},
	"低保月金额": {"500.00", "420.10"}, "暂停发放": {"核查"},
}

// history is one to three records that do not overlap, some of them one after the other.
func (r crowd) history(name string, values []string) []roster.Fact {
	var facts []roster.Fact
	since := r.day()
	if r.one(2) {
		since = month.DateOf(2020, 1, 1)
	}
	for range 1 + r.IntN(3) {
		f := roster.Fact{Name: name, Value: values[r.IntN(len(values))], Since: since}
		if !r.one(2) {
			f.Until = max(since, r.day())
		}
		facts = append(facts, f)
		if f.Until == 0 {
			break
		}
		since = f.Until.Add(1 + r.IntN(2)*r.IntN(40))
	}
	return facts
}

// several is a history of a fact of several values, whose records may overlap.
func (r crowd) several(name string, values ...string) []roster.Fact {
	var facts []roster.Fact
	for range 1 + r.IntN(3) {
		f := roster.Fact{Name: name, Value: r.pick(values...), Since: r.day()}
		if r.one(2) {
			f.Until = max(f.Since, r.day())
		}
		facts = append(facts, f)
	}
	return facts
}

func (r crowd) person(n int64) *Case {
	birth := month.DateOf(1925, 6, 1).Add(r.IntN(42 * 365))
	if r.one(50) {
		birth = month.DateOf(1914, 6, 1).Add(r.IntN(4 * 365))
	}
	c := &Case{Released: map[string]bool{}, Kept: map[string]bool{}, Person: roster.Person{
		Number: n, ID: roster.MakeID("140202", birth, int(n%999)), Name: fmt.Sprintf("某人%d", n), Street: "古城", Birth: birth,
		Account: roster.Account{Bank: "示例银行", Number: r.pick("6222000000000001", "6222000000000001", "6222000000000001", "", "6222000000000099", "6222000000000007")},
	}}
	p := &c.Person
	for _, d := range []*month.Date{&p.MovedIn, &p.MovedOut, &p.Died} {
		if r.one(7) {
			*d = r.day()
		}
	}
	if r.one(60) {
		p.ID = "临-A" + fmt.Sprint(n)
	}
	if r.one(10) {
		p.Account.Holder = r.pick(p.Name, "别人")
	}
	if p.Account.Number == "6222000000000099" && r.one(2) {
		p.Account.Holder = "别人" // the name that was refused
	}
	if r.one(6) {
		p.Deputy = roster.Deputy{Name: "代领者", Reason: r.pick("", "卧床")}
	}
	c.AccountShared = p.Account.Number == "6222000000000007"
	density := 2 + r.IntN(8)
	for _, name := range slices.Sorted(mapKeys(crowdFacts)) {
		if r.one(density) {
			c.Facts = append(c.Facts, r.history(name, crowdFacts[name])...)
		}
	}
	if r.one(3) { // often, and with it mostly a grade for which it matters
		c.Facts = append(c.Facts, r.several("残疾类别", "视力", "肢体", "智力", "听力、精神", "肢体、智力")...)
		c.Facts = slices.DeleteFunc(c.Facts, func(f roster.Fact) bool { return f.Name == "残疾等级" })
		c.Facts = append(c.Facts, r.history("残疾等级", []string{"三级", "四级", "二级"})...)
	}
	if r.one(density) {
		c.Facts = append(c.Facts, r.several("居住状况", "独居", "空巢、留守")...)
	}
	r.money(c)
	return c
}

func mapKeys(m map[string][]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// money gives awards, ledger entries and waivers.
func (r crowd) money(c *Case) {
	for _, item := range []string{"1", "17", "18-4", "18-5", "2", "24"} {
		if !r.one(6) {
			continue
		}
		a := roster.Award{Item: item, Amount: money.Fen(1 + r.IntN(300000)), First: r.day().Month(), Payee: r.pick("", "", "甲院", "新院")}
		if r.one(2) {
			a.Last = max(a.First, r.day().Month())
		}
		c.Awards = append(c.Awards, a)
	}
	if r.one(3) {
		return
	}
	items := []string{"11", "12", "13", "15", "16", "18-1", "18-2", "18-3", "19", "23-1", "23-2", "17", "1"}
	for range r.IntN(25) {
		payee := roster.Myself
		item := r.pick(items...)
		switch item {
		case "15", "19":
			payee = r.pick("甲院", "乙院")
		case "18-2":
			payee = "区医保局"
		}
		e := Entry{Key{item, payee, month.Of(2025, 12).Add(r.IntN(13))}, fen(r.pick("70", "100", "300", "960", "1060", "-70", "30.05", "400"))}
		if r.one(6) && e.Amount > 0 {
			c.Waived = append(c.Waived, e)
		} else {
			c.Settled = append(c.Settled, e)
		}
	}
}

// past lets what is known of a person become known in three revisions.
func (r crowd) past(c *Case) {
	first, second := *c, *c
	second.Facts = slices.DeleteFunc(slices.Clone(c.Facts), func(roster.Fact) bool { return r.one(4) })
	first.Facts = slices.DeleteFunc(slices.Clone(second.Facts), func(roster.Fact) bool { return r.one(3) })
	first.Awards = nil
	if r.one(4) {
		first.Person.Died = r.day()
	}
	rev := int64(1 + 2*r.IntN(35)) // approvals have even ones
	c.Known = []Knowledge{{rev, []*Case{&first}}, {rev + int64(2+2*r.IntN(10)), []*Case{&second}}, {95, []*Case{c}}}
	if r.one(3) {
		c.Known = c.Known[1:]
	}
}

// engineSide computes the same people with payrun.
type engineSide struct {
	plan     *engine.Plan
	computer *engine.Computer
}

// released decides about two in three 疑点, by their ids.
// An account that a bank refused is the world's (World.Retried), not one person's.
func released(id string) bool {
	if strings.HasPrefix(id, payrun.RefusedAccount) {
		return false
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32()%3 > 0
}

// kept decides to hold about a half of the others.
func kept(id string) bool {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32()%6 == 0 && !strings.HasPrefix(id, payrun.RefusedAccount)
}

// refusedSet is what the judge is told, as the engine wants it.
func refusedSet(w World) map[roster.Account]engine.Refusal {
	set := map[roster.Account]engine.Refusal{}
	for _, accounts := range w.Refused {
		for _, a := range accounts {
			set[a] = engine.Refusal{}
		}
	}
	return set
}

func newEngine(pack *policy.Pack, w World) *engineSide {
	plan := &engine.Plan{Pack: pack, Month: w.Month, Opening: w.Opening, Payees: w.Payees, Refused: refusedSet(w),
		Shared: map[string][]int64{"6222000000000007": {1, 2}}, Released: released, Kept: kept,
		Bureaus: []engine.BureauPlan{{Bureau: "区民政局", Batch: 1, N: 1, From: w.Opening}}}
	for _, a := range w.Approvals {
		plan.Bureaus[0].Approvals = append(plan.Bureaus[0].Approvals, engine.Approval(a))
	}
	return &engineSide{plan, engine.New(plan)}
}

// person is the engine's result, and what it says of 疑点 in the judge's words.
func (e *engineSide) person(t *testing.T, c *Case) ([]payrun.Line, []payrun.Debt) {
	t.Helper()
	d := &roster.Dossier{Person: c.Person, Facts: slices.Clone(c.Facts), Awards: c.Awards}
	slices.SortStableFunc(d.Facts, func(a, b roster.Fact) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
	cs := &engine.Case{Dossier: d, Touched: true, Settled: merged(c)}
	for _, k := range c.Known {
		r := k.Records[0]
		cs.Stages = append(cs.Stages, engine.Stage{Rev: k.Rev, Records: []*roster.Dossier{{Person: r.Person, Facts: r.Facts, Awards: r.Awards}}})
	}
	results, err := e.computer.Person(cs)
	if err != nil {
		t.Fatal(err)
	}
	r := results[0]
	for _, f := range r.Findings {
		if f.Level != payrun.Doubt {
			continue
		}
		kind := f.Kind
		switch kind {
		case "身份冲突":
			kind = ConflictKind + "低保与特困同时有效"
		case "高龄核实":
			kind = AgeKind
		}
		c.Released[kind], c.Kept[kind] = released(f.ID), kept(f.ID)
	}
	return r.Lines, r.Debts
}

// merged sums entries as the engine is given them.
func merged(c *Case) []engine.Settled {
	sums := map[Key]*engine.Settled{}
	at := func(k Key) *engine.Settled {
		if sums[k] == nil {
			sums[k] = &engine.Settled{Item: k.Item, Payee: k.Payee, Month: k.Month}
		}
		return sums[k]
	}
	for _, e := range c.Settled {
		at(e.Key).Amount += e.Amount
	}
	for _, e := range c.Waived {
		at(e.Key).Waived += e.Amount
	}
	var all []engine.Settled
	for _, s := range sums {
		all = append(all, *s)
	}
	return all
}

func TestEngineAgrees(t *testing.T) {
	t.Parallel()
	district := []string{"higher_of:\n", "higher_of:\n  - {from: 2026-04, items: [\"11\", \"13\"]}\n"}
	for name, c := range map[string]struct {
		people int
		change []string
	}{
		"built-in": {3000, nil},
		"merged":   {2000, district},
		"other rates": {5000, []string{
			"value: 730, source: 大同市 2025 年提高低保标准的通知（平城区，城市）}", "to: 2026-03, value: \"730.35\", source: 旧}\n      - {from: 2026-04, value: \"751.15\", source: 新}",
			"value: 100, floor: 100, source: 清单第16项}", "to: 2026-06, value: \"120.05\", source: 旧}\n      - {from: 2026-07, value: 100, source: 新}",
			"when: 60-79, value: 0,", "when: 60-79, value: 35,"}},
		"dated items": {3000, []string{
			"  - code: \"13\"\n    name: 养老服务补贴\n", "  - code: \"13\"\n    name: 养老服务补贴\n    from: 2026-03\n    to: 2026-09\n",
			"  - {items: [\"16\", \"23-2\"]}", "  - {from: 2026-05, items: [\"16\", \"23-2\"]}"}},
		"limited": {2000, []string{"      amount: 高龄津贴标准\n", "      amount: 高龄津贴标准\n      arrears_months: 2\n"}},
		"reads": {2000, []string{
			"    name: 护理补贴\n    bureaus: [区民政局]\n", "    name: 护理补贴\n    bureaus: [区民政局]\n    reads: any_day\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crowdAgrees(t, c.people, c.change)
		})
	}
}

// crowdAgrees compares lines and debts of a batch over a dozen months, and grants and
// lists of one month, person by person.
func crowdAgrees(t *testing.T, people int, change []string) {
	t.Helper()
	body := packText(t, change...)
	pack, err := policy.Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	file := pack.File
	w := world(file, "2025-12")
	w.Approvals = []Approval{{ym("2026-06"), 60, 0}, {ym("2026-08"), 80, 86}, {ym("2026-09"), 90, 0}}
	j := newJudge(t, w)
	e := newEngine(pack, w)
	random := crowd{rand.New(rand.NewPCG(uint64(people), 42))}
	wrong := 0
	for n := range people {
		c := random.person(int64(n + 1))
		random.past(c)
		lines, debts := e.person(t, c)
		mine, owed, err := j.Lines(c)
		if err != nil {
			t.Fatal(err)
		}
		found := append(Compare(lines, mine), CompareDebts(debts, owed)...)
		for i := range found {
			t.Error(found[i].Sentence())
		}
		if !grantsAgree(t, pack, j, c, month.Of(2025, 12).Add(n%12)) || len(found) > 0 {
			t.Logf("person %+v\nfacts %+v\nawards %+v\nsettled %+v\nwaived %+v", c.Person, c.Facts, c.Awards, c.Settled, c.Waived)
			if wrong++; wrong == 3 {
				t.FailNow()
			}
		}
	}
}

// grantsAgree compares what both grant and list for one month, of all bureaus.
func grantsAgree(t *testing.T, pack *policy.Pack, j *Judge, c *Case, m month.Month) bool {
	t.Helper()
	d := &roster.Dossier{Person: c.Person, Facts: slices.Clone(c.Facts), Awards: c.Awards}
	slices.SortStableFunc(d.Facts, func(a, b roster.Fact) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
	theirs, err := pack.Grant(d, m)
	if err != nil {
		t.Fatal(err)
	}
	grants, lists, gaps, err := j.granted(c, m)
	if err != nil {
		t.Fatal(err)
	}
	var said, say []string
	for _, g := range theirs.Grants {
		said = append(said, fmt.Sprintf("pays %s %s %s", g.Item, g.Amount, g.Payee))
	}
	for _, l := range theirs.Listings {
		said = append(said, fmt.Sprintf("lists %s %s", l.Item, l.Detail))
	}
	for _, g := range theirs.Gaps {
		said = append(said, "lacks "+g.Item)
	}
	for _, g := range grants {
		say = append(say, fmt.Sprintf("pays %s %s %s", g.Item, g.Amount, g.Payee))
	}
	for _, l := range lists {
		say = append(say, fmt.Sprintf("lists %s %s", l.Item, l.Detail))
	}
	for _, g := range gaps {
		say = append(say, "lacks "+g.Item)
	}
	diff := gocmp.Diff(said, say)
	if diff != "" {
		t.Errorf("person %d in %s (-engine +judge):\n%s", c.Person.Number, m, diff)
	}
	return diff == ""
}
