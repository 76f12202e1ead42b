package policy

import (
	"cmp"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/policy/packfile"
	"disburse/internal/population"
	"disburse/internal/roster"
)

// months draws months around those in which the built-in pack's rates begin.
func months() *rapid.Generator[month.Month] {
	return rapid.Custom(func(t *rapid.T) month.Month {
		return month.Of(2023, 11).Add(rapid.IntRange(0, 40).Draw(t, "month"))
	})
}

// near draws days on and beside the ends of a month, where rules turn.
func near(m month.Month) *rapid.Generator[month.Date] {
	return rapid.Custom(func(t *rapid.T) month.Date {
		of := m.Add(rapid.SampledFrom([]int{0, 0, 0, -1, 1, -3, -12}).Draw(t, "which month"))
		first, last := of.First(), of.Last()
		return rapid.SampledFrom([]month.Date{first, first - 1, first + 1, first + 14, last, last - 1, last + 1}).Draw(t, "day")
	})
}

// dossiers draws people of all kinds that the roster lets in, most of them on some
// edge of the rules in month m.
func dossiers(p *Pack, m month.Month) *rapid.Generator[*roster.Dossier] {
	return rapid.Custom(func(t *rapid.T) *roster.Dossier {
		d := &roster.Dossier{}
		d.Number, d.Name, d.Street = 1, "例", "永泰"
		d.Birth = birthdays(m).Draw(t, "born")
		d.ID = roster.MakeID("140213", d.Birth, rapid.IntRange(1, 999).Draw(t, "serial"))
		if rapid.IntRange(0, 9).Draw(t, "temporary") == 9 {
			d.ID = "临-A1"
		}
		for _, date := range []*month.Date{&d.MovedIn, &d.MovedOut, &d.Died} {
			if rapid.IntRange(0, 9).Draw(t, "dated") == 9 {
				*date = near(m).Draw(t, "date")
			}
		}
		d.Facts = themes(p, m).Draw(t, "theme")
		for range rapid.IntRange(0, 3).Draw(t, "facts") {
			d.Facts = withFact(t, p, d.Facts, m)
		}
		if rapid.IntRange(0, 9).Draw(t, "foreign") == 9 { // of a pack adopted earlier
			d.Facts = append(d.Facts, roster.Fact{Name: "旧事实", Value: "是", Since: near(m).Draw(t, "since")})
		}
		for i := range p.File.Items {
			if pay := p.File.Items[i].Pay; pay != nil && pay.Determined.Value && rapid.IntRange(0, 19).Draw(t, "award") == 19 {
				d.Awards = append(d.Awards, awards(p.File.Items[i].Code.Value, m).Draw(t, "awards"))
			}
		}
		arrange(d)
		return d
	})
}

// withFact restates the history of some fact.
func withFact(t *rapid.T, p *Pack, facts []roster.Fact, m month.Month) []roster.Fact {
	f := &p.File.Facts[rapid.IntRange(0, len(p.File.Facts)-1).Draw(t, "fact")]
	facts = slices.DeleteFunc(facts, func(r roster.Fact) bool { return r.Name == f.Name.Value })
	return append(facts, records(f, m).Draw(t, "records")...)
}

// themes draws what the rarer items of the built-in pack ask for together; for other
// packs, what of it they have.
func themes(p *Pack, m month.Month) *rapid.Generator[[]roster.Fact] {
	return rapid.Custom(func(t *rapid.T) []roster.Fact {
		theme := rapid.SampledFrom([][]string{
			nil, nil, nil,
			{"低保", "是", "低保月金额", "730.00", "失能等级", "完全失能", "入住机构", "甲院", "机构月收费", "1800.50"},
			{"低保", "是", "生活不能自理", "是", "残疾等级", "一级"},
			{"特困", "分散", "自理能力", "半自理", "医疗保险", "居民"},
			{"特困", "集中", "自理能力", "全护理", "入住机构", "甲院"},
			{"低保", "是", "供养", "集中", "机构", "甲院", "收费", "1200.10"},
		}).Draw(t, "theme")
		var facts []roster.Fact
		for i := 0; i < len(theme); i += 2 {
			if _, ok := p.facts[theme[i]]; ok {
				facts = append(facts, roster.Fact{Name: theme[i], Value: theme[i+1], Since: m.First() - 400})
			}
		}
		return facts
	})
}

// arrange puts a dossier in the order in which the database gives it.
func arrange(d *roster.Dossier) {
	slices.SortStableFunc(d.Facts, func(a, b roster.Fact) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
	slices.SortStableFunc(d.Awards, func(a, b roster.Award) int {
		return cmp.Or(strings.Compare(a.Item, b.Item), cmp.Compare(a.First, b.First))
	})
}

// birthdays draws births that put the age in month m on or beside a limit.
func birthdays(m month.Month) *rapid.Generator[month.Date] {
	return rapid.Custom(func(t *rapid.T) month.Date {
		years := rapid.SampledFrom([]int{0, 59, 60, 61, 64, 65, 72, 73, 74, 79, 80, 81, 84, 85, 99, 100, 101, 110, 125}).Draw(t, "age")
		born := m.Add(-12*years + rapid.IntRange(-1, 1).Draw(t, "months"))
		return rapid.SampledFrom([]month.Date{born.First(), born.First() + 14, born.Last()}).Draw(t, "day")
	})
}

// records draws one or two records of a fact: without overlap, unless it takes several values.
func records(f *packfile.Fact, m month.Month) *rapid.Generator[[]roster.Fact] {
	return rapid.Custom(func(t *rapid.T) []roster.Fact {
		var all []roster.Fact
		for range rapid.IntRange(1, 2).Draw(t, "records") {
			r := roster.Fact{Name: f.Name.Value, Value: valueOf(f).Draw(t, "value"), Since: near(m).Draw(t, "since")}
			if rapid.Bool().Draw(t, "ends") {
				r.Until = max(r.Since, near(m).Draw(t, "until"))
			}
			all = append(all, r)
		}
		slices.SortFunc(all, func(a, b roster.Fact) int { return cmp.Compare(a.Since, b.Since) })
		if len(all) == 2 && f.Type.Value != "choices" {
			if all[0].Since == all[1].Since {
				return all[:1]
			}
			if all[0].Until == 0 || all[0].Until >= all[1].Since {
				all[0].Until = all[1].Since - 1
			}
		}
		return all
	})
}

func valueOf(f *packfile.Fact) *rapid.Generator[string] {
	switch f.Type.Value {
	case "flag":
		return rapid.Just("是")
	case "choice", "choices":
		var values []string
		for _, v := range f.Values {
			values = append(values, v.Value)
		}
		if f.Type.Value == "choices" && len(values) > 1 {
			values = append(values, values[0]+"、"+values[len(values)-1])
		}
		return rapid.SampledFrom(values)
	case "amount":
		return rapid.Map(rapid.Int64Range(0, 400_000), func(n int64) string { return money.Fen(n).String() })
	}
	return rapid.SampledFrom([]string{"甲院", "乙院"})
}

func awards(item string, m month.Month) *rapid.Generator[roster.Award] {
	return rapid.Custom(func(t *rapid.T) roster.Award {
		a := roster.Award{Item: item, Amount: money.Fen(rapid.Int64Range(1, 900_000).Draw(t, "fen")), First: m.Add(rapid.IntRange(-2, 1).Draw(t, "first"))}
		if rapid.Bool().Draw(t, "ends") {
			a.Last = a.First.Add(rapid.IntRange(0, 3).Draw(t, "last"))
		}
		a.Payee = rapid.SampledFrom([]string{"", "丙"}).Draw(t, "payee")
		return a
	})
}

// clone copies a dossier, so that a change to either does not show in the other.
func clone(d *roster.Dossier) *roster.Dossier {
	c := *d
	c.Facts, c.Awards = slices.Clone(d.Facts), slices.Clone(d.Awards)
	return &c
}

// neighbour draws somebody who differs from d in one thing, often one that rules turn
// on: it is such people that must not be taken for alike.
func neighbour(p *Pack, d *roster.Dossier, m month.Month) *rapid.Generator[*roster.Dossier] {
	return rapid.Custom(func(t *rapid.T) *roster.Dossier {
		c := clone(d)
		kind := rapid.IntRange(0, 6).Draw(t, "change")
		if len(c.Facts) == 0 {
			kind %= 3
		}
		switch kind {
		case 0:
			c.Birth = birthdays(m).Draw(t, "born")
		case 1:
			*rapid.SampledFrom([]*month.Date{&c.MovedIn, &c.MovedOut, &c.Died}).Draw(t, "date") = near(m).Draw(t, "day")
		case 2:
			c.Facts = withFact(t, p, c.Facts, m)
		case 3:
			i := rapid.IntRange(0, len(c.Facts)-1).Draw(t, "record")
			c.Facts = slices.Delete(c.Facts, i, i+1)
		default:
			r := &c.Facts[rapid.IntRange(0, len(c.Facts)-1).Draw(t, "record")]
			if n, ok := p.facts[r.Name]; ok && kind == 4 {
				r.Value = valueOf(&p.File.Facts[n]).Draw(t, "value")
				break
			}
			shift := month.Date(rapid.SampledFrom([]int{-1, 1, 14, -14, 31}).Draw(t, "shift"))
			if r.Until != 0 && (kind == 5 || r.Until < r.Since+shift) {
				r.Until = max(r.Since, r.Until+shift)
				break
			}
			r.Since += shift
		}
		arrange(c)
		return c
	})
}

// believable returns the first people of the made-up population, as first known.
func believable(n int, m month.Month) []*roster.Dossier {
	pop, err := population.Generate(population.Options{People: n, Seed: 7, Month: m})
	if err != nil {
		panic(err)
	}
	all := make([]*roster.Dossier, n)
	for i := range all {
		all[i] = pop.Person(i)
	}
	return all
}
