package policy

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// packs are those over which a Granter must not be told from the Pack: the built-in
// one, and changes of it that make an outcome rest on something else.
func packs(t *testing.T) map[string]*Pack {
	t.Helper()
	all := map[string]*Pack{"built-in": builtin(t), "small": load(t, small)}
	for name, c := range map[string][2]string{
		"conflict up to an age":   {"when: 低保 and known(特困)}", "when: 年龄 <= 73}"},
		"band without a next":     {"{from: 2024-01, when: 60-79, value: 0", "{from: 2024-01, when: 60-72, value: 5"},
		"conflict of an age":      {"when: 低保 and known(特困)}", "when: not 低保 and 年龄 >= 73}"},
		"age in a sum":            {"amount: 高龄津贴标准\n", "amount: 高龄津贴标准 + 年龄\n"},
		"age beside a number":     {"    when: [年龄 >= 100]", "    when: [99 < 年龄]"},
		"age under a rate":        {"when: 80-, value: 70, floor: 70", "when: 80-, value: 70"},
		"more age bands":          {"{from: 2024-01, when: 60-79, value: 0", "{from: 2024-01, when: 60-72, value: 5, source: 甲文}\n      - {from: 2024-01, when: 73-79, value: 0"},
		"everything on any day":   {"    name: 养老服务补贴\n", "    name: 养老服务补贴\n    reads: any_day\n"},
		"list on any day":         {"    name: 探访服务\n", "    name: 探访服务\n    reads: any_day\n"},
		"once a year, any day":    {"    name: 分散供养医保个人缴费资助\n", "    name: 分散供养医保个人缴费资助\n    reads: any_day\n"},
		"once a year, by a flag":  {"    pay:\n      amount: 护理补贴标准\n", "    pay:\n      once_a_year_from: 10\n      amount: 护理补贴标准\n"},
		"once a year, by nothing": {"    pay:\n      amount: 百岁补贴标准\n", "    pay:\n      once_a_year_from: 10\n      amount: 百岁补贴标准\n"},
		"once a year, by guesses": {"    pay:\n      amount: 百岁补贴标准\n", "    unless: [低保]\n    pay:\n      once_a_year_from: 3\n      amount: 百岁补贴标准\n"},
		"the dead":                {"    name: 高龄津贴\n", "    name: 高龄津贴\n    presence: any\n    reads: day_of_death\n"},
		"facts of the dead":       {"    name: 高龄津贴\n    bureaus: [区民政局]\n    when:\n", "    name: 高龄津贴\n    presence: any\n    reads: day_of_death\n    bureaus: [区民政局]\n    when:\n      - 低保 or known(残疾等级)\n"},
		"many facts":              {"    when: [年龄 >= 100]", "    when: [年龄 >= 60 and (事实2 or 事实70 or 事实126)]"},
		"the living":              {"    name: 高龄津贴\n", "    name: 高龄津贴\n    presence: alive\n"},
		"temporary numbers":       {"    name: 高龄津贴\n", "    name: 高龄津贴\n    temporary: true\n"},
		"item with months":        {"    name: 高龄津贴\n", "    name: 高龄津贴\n    from: 2024-06\n    to: 2025-02\n"},
		"condition with months":   {"      - 年龄 <= 99\n", "      - {from: 2024-06, is: 年龄 <= 99 and not 低保}\n"},
		"text among conditions":   {"    when: [年龄 >= 100]", "    when: [年龄 >= 100 and not (入住机构 == \"甲院\")]"},
	} {
		body := strings.Replace(string(Builtin()), c[0], c[1], 1)
		if body == string(Builtin()) {
			t.Fatalf("%s: the pack has no %q", name, c[0])
		}
		body, _, _ = strings.Cut(body, "\nexamples:")
		if name == "many facts" {
			body = strings.Replace(body, "facts:\n", "facts:\n"+manyFacts(150), 1)
		}
		all[name] = load(t, body+"\n")
	}
	return all
}

// manyFacts declares more facts than a word has bits, and than fit into half a byte.
func manyFacts(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("  - {name: 事实" + strconv.Itoa(i) + ", type: flag}\n")
	}
	return b.String()
}

// A Granter takes two people for alike only where the pack grants both the same. This
// is checked of the description itself, over people who differ in one thing.
func TestAlikeAreGrantedAlike(t *testing.T) {
	for name, p := range packs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alike := 0
			seen := map[string]*roster.Dossier{}
			g := p.Granter()
			rapid.Check(t, func(rt *rapid.T) {
				m := rapid.SampledFrom([]month.Month{month.Of(2024, 12), month.Of(2026, 11)}).Draw(rt, "month")
				d := dossiers(p, m).Draw(rt, "person")
				for range 200 {
					if described(rt, g, d, m, seen) {
						alike++
					}
					d = neighbour(p, d, m).Draw(rt, "neighbour")
				}
			})
			if alike < 100 && !p.everybodyParticular {
				t.Errorf("only %d people were alike: the test is too tame", alike)
			}
		})
	}
}

// described compares a person's outcome with that of the first one described alike.
func described(t *rapid.T, g *Granter, d *roster.Dossier, m month.Month, seen map[string]*roster.Dossier) bool {
	if !g.describe(d, m) {
		return false
	}
	key := string(g.key)
	other, ok := seen[key]
	if !ok {
		seen[key] = clone(d)
		return false
	}
	a, err := g.pack.Grant(other, m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := g.pack.Grant(d, m)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("described alike in %s:\n%+v\n%+v\ngranted\n%s", m, other, d, gocmp.Diff(a, b))
	}
	return true
}

// The same from outside: a Granter's answers are the Pack's, in any order of people.
func TestGranterIsThePack(t *testing.T) {
	for name, p := range packs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				m := months().Draw(rt, "month")
				people := []*roster.Dossier{dossiers(p, m).Draw(rt, "person")}
				for range 8 {
					of := people[rapid.IntRange(0, len(people)-1).Draw(rt, "of")]
					people = append(people, neighbour(p, of, m).Draw(rt, "neighbour"))
				}
				order := rapid.Permutation(slices.Concat(people, people)).Draw(rt, "order")
				sameAsPack(rt, p, p.Granter(), order, m, m+1)
			})
		})
	}
}

func sameAsPack(t interface {
	Helper()
	Fatalf(string, ...any)
}, p *Pack, g *Granter, people []*roster.Dossier, months ...month.Month) {
	t.Helper()
	for _, m := range months {
		for _, d := range people {
			want, err := p.Grant(d, m)
			if err != nil {
				t.Fatalf("%v", err)
			}
			got, err := g.Grant(d, m)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v in %s: %v\n-pack +granter\n%s", d, m, err, gocmp.Diff(want, got))
			}
		}
	}
}

// Over believable people, forwards and backwards, with more kinds of people than one
// Granter remembers at a time would change nothing either.
func TestGranterOverBelievablePeople(t *testing.T) {
	t.Parallel()
	people := believable(1000, month.Of(2026, 11))
	backwards := slices.Clone(people)
	slices.Reverse(backwards)
	for name, p := range map[string]*Pack{"built-in": builtin(t), "other": packs(t)["conflict of an age"]} {
		g := p.Granter()
		sameAsPack(t, p, g, people, month.Of(2026, 10), month.Of(2026, 11), month.Of(2024, 12))
		sameAsPack(t, p, p.Granter(), backwards, month.Of(2026, 11))
		if name == "built-in" && len(g.cache)*4 > 3*len(people) {
			t.Errorf("%d kinds among %d people: equal people are not granted once", len(g.cache), len(people))
		}
		if len(g.cache) < 20 {
			t.Errorf("%d kinds of people are remembered: nearly everybody is granted anew", len(g.cache))
		}
	}
}

// One pack serves several goroutines, each with a Granter of its own.
func TestPackIsShared(t *testing.T) {
	t.Parallel()
	p, m := builtin(t), month.Of(2026, 11)
	people := believable(200, m)
	want := make([]*Outcome, len(people))
	for i, d := range people {
		want[i] = grant(t, p, d, m)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			g := p.Granter()
			for i, d := range people {
				got, err := g.Grant(d, m)
				if err != nil || !reflect.DeepEqual(got, want[i]) {
					t.Errorf("goroutine %d, person %d: %v", w, i, err)
					return
				}
				if _, err := p.Explain(d, m); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// People whom chance does not bring together, though a careless description would.
func TestUnlikePeople(t *testing.T) {
	m := month.Of(2026, 11)
	// Which of two records of several values still holds when the later one begins.
	overlapping := func(until month.Date) *roster.Dossier {
		d := person("1950-01-01", "残疾等级", "三级")
		d.Facts = append(d.Facts, roster.Fact{Name: "残疾类别", Value: "精神", Since: m.First() - 30, Until: until},
			roster.Fact{Name: "残疾类别", Value: "肢体", Since: m.First() + 5})
		return d
	}
	p := builtin(t)
	people := []*roster.Dossier{overlapping(m.First() + 2), overlapping(m.First() + 8)}
	if a, b := itemsOf(grant(t, p, people[0], m)), itemsOf(grant(t, p, people[1], m)); a != "" || b != "23-2" {
		t.Fatalf("granted %q and %q", a, b)
	}
	sameAsPack(t, p, p.Granter(), people, m)

	// The same of a fact that the description can just no longer number.
	kinds, grades := "  - {name: 残疾类别, type: choices, values: [视力, 听力, 言语, 肢体, 智力, 精神], note: 多重残疾用“、”连接, public: \"{值}残疾\"}\n", "  - {name: 残疾等级, type: choice, values: [一级, 二级, 三级, 四级], note: 残疾人证等级, public: \"残疾人证{值}\"}\n"
	body := strings.Replace(string(Builtin()), kinds+grades, grades+kinds, 1)
	body = strings.Replace(body, "facts:\n", "facts:\n"+manyFacts(63-p.facts["残疾类别"]), 1)
	body, _, _ = strings.Cut(body, "\nexamples:")
	last := load(t, body+"\n")
	if n := last.facts["残疾类别"]; n != 64 {
		t.Fatalf("the fact has number %d", n)
	}
	sameAsPack(t, last, last.Granter(), people, m)

	// Facts beyond those that the description numbers.
	p, people = packs(t)["many facts"], nil
	for i := range 150 {
		people = append(people, person("1950-01-01", "事实"+strconv.Itoa(i), "是"))
	}
	sameAsPack(t, p, p.Granter(), people, m)
}

// What makes a person too particular to be taken for another.
func TestParticularPeople(t *testing.T) {
	p, m := builtin(t), month.Of(2026, 11)
	for name, c := range map[string]struct {
		facts  []string
		change func(*roster.Dossier)
		alike  bool
	}{
		"nothing known":  {nil, nil, true},
		"a flag":         {[]string{"低保", "是"}, nil, true},
		"a choice":       {[]string{"残疾等级", "一级"}, nil, true},
		"several values": {[]string{"残疾类别", "智力、精神"}, nil, true},
		"a text":         {[]string{"入住机构", "甲院"}, nil, false},
		"an amount":      {[]string{"低保月金额", "730.00"}, nil, false},
		"looks back":     {[]string{"特困", "分散"}, nil, false},
		"two in a month": {[]string{"残疾等级", "一级"}, func(d *roster.Dossier) { twoRecords(d, m) }, false},
		"an amount of theirs": {nil, func(d *roster.Dossier) {
			d.Awards = []roster.Award{{Item: "17", Amount: 1, First: m - 20, Last: m - 19}}
		}, false},
		"died this month":    {nil, func(d *roster.Dossier) { d.Died = m.Last() }, false},
		"will die":           {nil, func(d *roster.Dossier) { d.Died = m.Last() + 1 }, true},
		"a text of the past": {[]string{"入住机构", "甲院"}, func(d *roster.Dossier) { d.Facts[0].Until = m.First() - 1 }, true},
		"of another pack":    {[]string{"旧事实", "甲"}, nil, true},
	} {
		d := person("1940-01-01", c.facts...)
		if c.change != nil {
			c.change(d)
		}
		if got := p.Granter().describe(d, m); got != c.alike {
			t.Errorf("%s: alike %v, want %v", name, got, c.alike)
		}
	}
}

func twoRecords(d *roster.Dossier, m month.Month) {
	d.Facts[0].Until = m.First() + 8
	d.Facts = append(d.Facts, roster.Fact{Name: "残疾等级", Value: "二级", Since: m.First() + 9})
}
