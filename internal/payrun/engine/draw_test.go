package engine_test

import (
	"cmp"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/payruntest"
	"disburse/internal/roster"
)

// Made-up people for the properties: what is drawn lies about 2026 and near the edges
// of months, where rules differ.

func drawDay(t *rapid.T, label string) month.Date {
	m := month.Of(2025, 12).Add(rapid.IntRange(0, 14).Draw(t, label))
	switch rapid.IntRange(0, 3).Draw(t, label+" day") {
	case 0:
		return m.First()
	case 1:
		return m.Last()
	}
	return m.First().Add(rapid.IntRange(1, 27).Draw(t, label+" in the month"))
}

// drawnFacts are the facts that money hangs on, and what they may be.
var drawnFacts = map[string][]string{
	"低保": {"是"}, "低保边缘": {"是"}, "经济困难认定": {"是"}, "特困": {"分散", "分散", "集中"}, "自理能力": {"全自理", "半自理", "全护理"},
	"生活不能自理": {"是"}, "失能等级": {"完全失能", "完全失能", "轻度失能", "重度失能"}, "残疾类别": {"肢体", "智力", "听力、精神"},
	"残疾等级": {"一级", "二级", "三级", "四级"}, "工伤护理费": {"是"}, "医疗保险": {"职工", "居民", "居民"}, "入住机构": {"甲院", "乙院", "无户院", "停户院", "新院"},
	"机构月收费": {"1500.00", "2400.55", "500.00"}, "低保月金额": {"500.00", "420.10"}, "暂停发放": {"核查"},
}

var drawnFactNames = func() []string {
	var names []string
	for name := range drawnFacts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()

// drawFact restates the history of one fact of the person: none, one record or two.
func drawFact(t *rapid.T, d *roster.Dossier, name string) {
	d.Facts = slices.DeleteFunc(d.Facts, func(f roster.Fact) bool { return f.Name == name })
	values := drawnFacts[name]
	add := func(since, until month.Date) {
		d.Facts = append(d.Facts, roster.Fact{Name: name, Since: since, Until: until, Value: rapid.SampledFrom(values).Draw(t, name)})
	}
	first := drawDay(t, "since")
	switch rapid.IntRange(0, 4).Draw(t, "records") {
	case 0:
	case 1:
		add(payruntest.Day(2020, 1, 1), 0)
	case 2:
		add(first, 0)
	case 3:
		add(first, first.Add(rapid.IntRange(0, 100).Draw(t, "days")))
	case 4:
		add(payruntest.Day(2020, 1, 1), first)
		add(first.Add(rapid.IntRange(1, 40).Draw(t, "gap")), 0)
	}
	sortFacts(d)
}

func sortFacts(d *roster.Dossier) {
	slices.SortFunc(d.Facts, func(a, b roster.Fact) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
}

func drawAward(t *rapid.T, d *roster.Dossier) {
	item := rapid.SampledFrom([]string{"17", "18-4", "18-5"}).Draw(t, "item")
	d.Awards = slices.DeleteFunc(d.Awards, func(a roster.Award) bool { return a.Item == item })
	if rapid.Bool().Draw(t, "none") {
		return
	}
	a := roster.Award{Item: item, Amount: money.Fen(rapid.IntRange(1, 300000).Draw(t, "amount")),
		First: month.Of(2025, 12).Add(rapid.IntRange(0, 14).Draw(t, "first")), Payee: rapid.SampledFrom([]string{"", "甲院"}).Draw(t, "payee")}
	if rapid.Bool().Draw(t, "one month") {
		a.Last = a.First
	}
	d.Awards = append(d.Awards, a)
	slices.SortFunc(d.Awards, func(a, b roster.Award) int { return strings.Compare(a.Item, b.Item) })
}

func drawAccount(t *rapid.T, d *roster.Dossier) {
	d.Account = roster.Account{Bank: "示例银行", Number: rapid.SampledFrom([]string{"", "6201", "6201", "6202", "6299"}).Draw(t, "account"),
		Holder: rapid.SampledFrom([]string{"", "", "甲某", "乙某"}).Draw(t, "holder")}
}

func drawDeputy(t *rapid.T, d *roster.Dossier) {
	d.Deputy = rapid.SampledFrom([]roster.Deputy{{}, {Name: "丙某"}, {Name: "丙某", Relation: "子女", Reason: "卧床"}}).Draw(t, "deputy")
}

func drawDates(t *rapid.T, d *roster.Dossier) {
	maybe := func(label string) month.Date {
		if rapid.IntRange(0, 2).Draw(t, label) > 0 {
			return 0
		}
		return drawDay(t, label)
	}
	d.Died, d.MovedIn, d.MovedOut = maybe("died"), maybe("moved in"), maybe("moved out")
}

// drawPerson makes somebody with a number of facts.
func drawPerson(t *rapid.T, number int64) *roster.Dossier {
	m := month.Of(rapid.SampledFrom([]int{1912, 1915, 1926, 1927, 1944, 1946, 1947, 1956, 1967}).Draw(t, "born"), rapid.IntRange(1, 12).Draw(t, "born in"))
	birth := m.First().Add(rapid.IntRange(0, 27).Draw(t, "born on"))
	d := &roster.Dossier{Person: roster.Person{Number: number, Name: "甲某", ID: roster.MakeID("140202", birth, int(number%900)), Birth: birth, Street: "永泰",
		Account: roster.Account{Bank: "示例银行", Number: "6201"}}}
	for range rapid.IntRange(0, 6).Draw(t, "facts") {
		drawFact(t, d, rapid.SampledFrom(drawnFactNames).Draw(t, "fact"))
	}
	for _, draw := range []func(*rapid.T, *roster.Dossier){drawAward, drawAccount, drawDeputy, drawDates} {
		if rapid.IntRange(0, 4).Draw(t, "more") == 0 {
			draw(t, d)
		}
	}
	return d
}

// key is what a due is counted by.
type key struct {
	item, payee string
	month       month.Month
}

func keyOf(l *payrun.Line) key { return key{l.Item, l.Payee, l.Month} }
