package population

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// seen is a person as the rules of docs/rules.md §4 look at them in a month.
type seen struct {
	*roster.Dossier
	m   month.Month
	any bool // reads any_day
}

func (s seen) is(name string, values ...string) bool {
	value := ""
	last := s.m.First()
	if s.any {
		last = s.m.Last()
	}
	for _, f := range s.Facts {
		if f.Name == name && f.Since <= last && (f.Until == 0 || f.Until >= s.m.First()) {
			value = f.Value
		}
	}
	return value != "" && (len(values) == 0 || slices.Contains(values, value))
}

func (s seen) anyDay() seen { s.any = true; return s }
func (s seen) age() int     { return month.Age(s.Birth, s.m) }
func (s seen) hard() bool {
	return s.is("低保") || s.is("低保边缘") || s.is("经济困难认定")
}
func (s seen) helpless() bool {
	return s.is("生活不能自理") || s.is("失能等级", "重度失能", "完全失能") || s.is("自理能力", "全护理")
}

func (s seen) paid(item string) bool {
	return slices.ContainsFunc(s.Awards, func(a roster.Award) bool {
		return a.Item == item && a.First <= s.m && (a.Last == 0 || a.Last >= s.m)
	})
}

// whoGets says of every item, and of the checks and holds that the roster itself can
// bring about, whether somebody of 60 or over in the district is a case of it. It is
// written from docs/rules.md for these tests alone; amounts are not its business.
var whoGets = map[string]func(s seen) bool{
	"1 paid": func(s seen) bool { return s.is("养老保险", "职工") && s.paid("1") },
	"2 paid": func(s seen) bool { return s.is("养老保险", "居民") && s.paid("2") },
	"3":      func(s seen) bool { return s.is("医疗保险", "职工") },
	"4":      func(s seen) bool { return s.is("医疗保险", "居民") },
	"5, 6":   func(s seen) bool { return s.age() < 65 },
	"7":      func(s seen) bool { return s.is("行动不便") },
	"8":      func(s seen) bool { return s.age() >= 65 && !s.is("失能等级") },
	"9, 10":  func(s seen) bool { return s.age() >= 65 },
	"11":     func(s seen) bool { return s.age() >= 80 && s.age() <= 99 },
	"12":     func(s seen) bool { return s.age() >= 100 },
	"13":     func(s seen) bool { return s.age() >= 80 && s.hard() && !s.is("特困") },
	"13 at 0": func(s seen) bool {
		return s.age() < 80 && s.hard() && !s.is("特困")
	},
	"14": func(s seen) bool {
		return (s.hard() || s.is("特困", "分散")) && !s.is("入住机构") && !s.is("适老化改造完成")
	},
	"15":      func(s seen) bool { return s.caredFor() && s.is("机构月收费") && s.is("低保月金额") },
	"16":      func(s seen) bool { return s.hard() && s.helpless() && !s.is("特困") },
	"17":      func(s seen) bool { return s.is("低保") && !s.is("特困") },
	"17 paid": func(s seen) bool { return s.is("低保") && !s.is("特困") && s.paid("17") },
	"18-1":    func(s seen) bool { return s.is("特困", "分散") },
	"18-2 new": func(s seen) bool {
		return s.is("特困", "分散") && s.is("医疗保险", "居民") && s.newlyScattered()
	},
	"18-3": func(s seen) bool { return s.is("特困", "分散") && s.is("自理能力") },
	"18-5": func(s seen) bool { return s.is("特困", "分散") && s.paid("18-5") },
	"19":   func(s seen) bool { return s.is("特困", "集中") && s.is("入住机构") && s.is("自理能力") },
	"20": func(s seen) bool {
		return s.is("居住状况") || s.helpless() || s.is("残疾等级", "一级", "二级") || s.is("计划生育特殊家庭")
	},
	"21": func(s seen) bool { return s.is("优抚身份") && s.is("无赡养人") && s.is("定期抚恤补助") },
	"22": func(s seen) bool { return s.is("计划生育特殊家庭") },
	"23-1": func(s seen) bool {
		a := s.anyDay()
		return (a.is("低保") || a.is("低保边缘")) && a.is("残疾等级") && !s.is("特困") && !s.is("工伤护理费")
	},
	"23-1 any_day": func(s seen) bool {
		return !s.is("低保") && s.anyDay().is("低保") && s.anyDay().is("残疾等级") && !s.is("特困")
	},
	"23-2": func(s seen) bool { return s.anyDay().is("残疾等级", "一级", "二级") && !s.is("特困") },
	"23-2 of a kind": func(s seen) bool {
		return s.is("残疾等级", "三级", "四级") && s.is("残疾类别", "智力", "精神", "肢体、智力", "智力、精神")
	},
	"23 unless": func(s seen) bool {
		return s.is("低保") && s.is("残疾等级", "一级", "二级") && s.is("工伤护理费")
	},
	"24": func(s seen) bool { return s.is("流浪乞讨") && !roster.Temporary(s.ID) },

	"低保与特困":      func(s seen) bool { return s.is("低保") && s.is("特困") },
	"超过 110 周岁":  func(s seen) bool { return s.age() > 110 },
	"15 缺收费":     func(s seen) bool { return s.caredFor() && !s.is("机构月收费") },
	"15 缺低保月金额":  func(s seen) bool { return s.caredFor() && !s.is("低保月金额") },
	"18-3 缺自理能力": func(s seen) bool { return s.is("特困", "分散") && !s.is("自理能力") },
	"19 待安置":     func(s seen) bool { return s.is("特困", "集中") && !s.is("入住机构") },
	"19 缺自理能力":   func(s seen) bool { return s.is("特困", "集中") && s.is("入住机构") && !s.is("自理能力") },
	"17 不符合条件":   func(s seen) bool { return !s.is("低保") && s.paid("17") },
	"无账户":        func(s seen) bool { return s.age() >= 80 && s.Account.Number == "" },
	"机构无账户":      func(s seen) bool { return s.is("入住机构", unready) },
	"户名不符":       func(s seen) bool { return s.age() >= 80 && s.HolderName() != s.Name && s.Deputy.Reason == "" },
	"代领人":        func(s seen) bool { return s.age() >= 80 && s.HolderName() == s.Deputy.Name },
	"暂停发放":       func(s seen) bool { return s.age() >= 80 && s.is("暂停发放") },
	"无电话":        func(s seen) bool { return s.Phone == "" },
	"将到期": func(s seen) bool {
		return slices.ContainsFunc(s.Facts, func(f roster.Fact) bool { return f.Until > s.m.Last() && f.Until <= s.m.Last()+60 })
	},
}

func (s seen) caredFor() bool {
	return s.is("低保") && s.is("失能等级", "完全失能") && s.is("入住机构") && !s.is("特困")
}

// newlyScattered: qualifies for 18-2 in this month for the first time since October.
func (s seen) newlyScattered() bool {
	last := seen{Dossier: s.Dossier, m: s.m - 1}
	return s.m.InYear() == 10 || !last.is("特困", "分散") || last.age() < 60
}

// whoEver are cases outside the district, the registration or the ages.
var whoEver = map[string]func(s seen) bool{
	"18-4": func(s seen) bool {
		return s.Died != 0 && seen{Dossier: s.Dossier, m: s.Died.Month()}.anyDay().is("特困", "分散") && s.paid("18-4") &&
			s.Awards[0].Payee != ""
	},
	"18-4 付给谁未定":   func(s seen) bool { return s.Died != 0 && s.paid("18-4") && s.Awards[0].Payee == "" },
	"24 临时编号":      func(s seen) bool { return roster.Temporary(s.ID) && s.is("流浪乞讨") && s.paid("24") },
	"本月迁入":         func(s seen) bool { return s.MovedIn.Month() == s.m },
	"迁出":           func(s seen) bool { return s.MovedOut != 0 && s.MovedIn < s.MovedOut },
	"迁出又迁回":        func(s seen) bool { return s.MovedOut != 0 && s.MovedIn > s.MovedOut },
	"未满 60 周岁":     func(s seen) bool { return s.age() < 60 },
	"户名、账号都是别人的夫妻": func(s seen) bool { return strings.Contains(s.Deputy.Reason, "夫妻") },
	"已故":           func(s seen) bool { return s.Died != 0 && !s.Alive(s.m) },
	"当月去世":         func(s seen) bool { return s.Died != 0 && s.Alive(s.m) },
}

// Every item and every case of the roster occurs among 20,000 people, whatever the seed
// and month: 18-2 and 18-4 hang on the month.
func TestEveryCaseOccurs(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{People: 20_000, Seed: 1, Month: november},
		{People: 20_000, Seed: 99, Month: month.Of(2026, 1)},
		{People: 20_000, Seed: 5, Month: month.Of(2025, 10)},
	} {
		p, err := Generate(o)
		if err != nil {
			t.Fatal(err)
		}
		c := take(t, p, func(d *roster.Dossier) []string { return cases(d, o.Month) })
		for _, list := range []map[string]func(seen) bool{whoGets, whoEver} {
			for name := range list {
				if c[name] == 0 {
					t.Errorf("month %s, seed %d: nobody is a case of %s", o.Month, o.Seed, name)
				}
			}
		}
	}
}

func cases(d *roster.Dossier, m month.Month) (names []string) {
	s := seen{Dossier: d, m: m}
	for name, is := range whoEver {
		if is(s) {
			names = append(names, name)
		}
	}
	if !d.InDistrict(m) || s.age() < 60 || roster.Temporary(d.ID) {
		return names
	}
	for name, is := range whoGets {
		if is(s) {
			names = append(names, name)
		}
	}
	return names
}

// The cast alone is a case of all items: a small demo is complete as well.
func TestTheCastCoversAllItems(t *testing.T) {
	t.Parallel()
	for _, m := range []month.Month{november, month.Of(2026, 2)} {
		p, err := Generate(Options{People: len(theCast()), Seed: 3, Month: m})
		if err != nil {
			t.Fatal(err)
		}
		c := take(t, p, func(d *roster.Dossier) []string { return cases(d, m) })
		for name := range whoGets {
			if c[name] == 0 {
				t.Errorf("%s: nobody of the cast is a case of %s", m, name)
			}
		}
	}
}

// Individually determined amounts are what the figures of the cast say.
func TestFuneralGrantsHaveTheirMonth(t *testing.T) {
	t.Parallel()
	if err := of(t, 20_000, 4).Each(func(d *roster.Dossier) error {
		for _, a := range d.Awards {
			if a.Item == "18-4" && (a.First != a.Last || a.Amount < 1000*100 || d.Died == 0 || d.Died.Month() > a.First) {
				t.Errorf("%s, died %s: %+v", d.ID, d.Died, a)
			}
			if a.Amount > money.Fen(10_000_00) {
				t.Errorf("%s: %+v", d.ID, a)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
