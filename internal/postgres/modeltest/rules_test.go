package modeltest

import (
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// grant is what the list gives somebody for a month, and to whom it goes.
type grant struct{ item, payee string }

const yuan = money.Fen(100)

func age(birth month.Date, m month.Month) int { return (int(m) - int(birth.Month())) / 12 }

// on is the value of a fact on a day; empty where there is none.
func (p *person) on(fact string, day month.Date) string {
	for _, f := range p.facts[fact] {
		if f.Since <= day && (f.Until == 0 || f.Until >= day) {
			return f.Value
		}
	}
	return ""
}

// during is the value of a fact on any day of a month, the one that began last.
func (p *person) during(fact string, m month.Month) (value string) {
	for _, f := range p.facts[fact] { // in order of their beginning
		if f.Since <= m.Last() && (f.Until == 0 || f.Until >= m.First()) {
			value = f.Value
		}
	}
	return value
}

// determined is the 核定金额 of an item for a month.
func (p *person) determined(item string, m month.Month) (a roster.Award, ok bool) {
	for _, a := range p.awards[item] {
		if a.First <= m && (a.Last == 0 || a.Last >= m) {
			return a, true
		}
	}
	return a, false
}

func (p *person) resides(first month.Date) bool {
	left, came := p.MovedOut != 0 && p.MovedOut < first, p.MovedIn == 0 || p.MovedIn < first
	if p.MovedIn != 0 && p.MovedOut != 0 && p.MovedOut <= p.MovedIn {
		return !left || came
	}
	return !left && came
}

// entitled are the rules of docs/rules.md §4 for the items of the model, by hand: no pack
// is asked, whose language may be wrong in the same way twice.
func (w *model) entitled(p *person, m month.Month) map[grant]money.Fen {
	all, first, years := map[grant]money.Fen{}, m.First(), age(p.Birth, m)
	pay := func(item, payee string, amount money.Fen) {
		if amount > 0 {
			all[grant{item, payee}] = amount
		}
	}
	award := func(item string) {
		if a, ok := p.determined(item, m); ok {
			payee := a.Payee
			if payee == "" {
				payee = roster.Myself
			}
			pay(item, payee, a.Amount)
		}
	}
	on := func(fact string) string { return p.on(fact, first) }

	if a, ok := p.determined("18-4", m); ok && a.First == m && p.Died != 0 && p.Died <= m.Last() && p.on("特困", p.Died) == "分散" {
		award("18-4")
	}
	if p.Died != 0 && p.Died < first {
		return all
	}
	if on("养老保险") == "职工" {
		award("1")
	}
	if on("养老保险") == "居民" && years >= 60 {
		award("2")
	}
	if !p.resides(first) {
		return all
	}
	if years >= 100 {
		pay("12", roster.Myself, 300*yuan)
	} else if years >= 80 {
		pay("11", roster.Myself, w.senior(m))
	}
	if years >= 60 {
		if on("特困") == "" {
			p.poor(m, years, pay, award)
		} else {
			p.supported(m, pay, award)
		}
	}
	return all
}

// senior is 高龄津贴标准.
func (w *model) senior(m month.Month) money.Fen {
	if w.raised && m >= raisedFrom {
		return 85 * yuan
	}
	return 70 * yuan
}

// poor are the items that 特困 excludes.
func (p *person) poor(m month.Month, years int, pay func(item, payee string, amount money.Fen), award func(item string)) {
	on := func(fact string) string { return p.on(fact, m.First()) }
	var deducted money.Fen
	give := func(item string, amount money.Fen) {
		deducted += amount
		pay(item, roster.Myself, amount)
	}
	hard := on("低保")+on("低保边缘")+on("经济困难认定") != ""
	if hard && years >= 80 {
		give("13", 70*yuan)
	}
	grade := p.during("残疾等级", m)
	kinds := strings.Split(p.during("残疾类别", m), "、")
	severe := grade == "一级" || grade == "二级" || grade != "" && (slices.Contains(kinds, "智力") || slices.Contains(kinds, "精神"))
	if on("工伤护理费") != "" {
		grade, severe = "", false
	}
	switch {
	case hard && p.helpless(m.First()):
		give("16", 100*yuan) // as much as 23-2, and before it in the list
	case severe:
		give("23-2", 100*yuan)
	}
	if grade != "" && p.during("低保", m)+p.during("低保边缘", m) != "" {
		give("23-1", 100*yuan)
	}
	if on("低保") == "" {
		return
	}
	award("17")
	if fee, own := on("机构月收费"), on("低保月金额"); on("失能等级") == "完全失能" && on("入住机构") != "" && fee != "" && own != "" {
		pay("15", on("入住机构"), min(parsed(fee)-parsed(own)-deducted, (960+3*100)*yuan))
	}
}

// helpless is 不能自理.
func (p *person) helpless(day month.Date) bool {
	loss := p.on("失能等级", day)
	return p.on("生活不能自理", day) != "" || loss == "重度失能" || loss == "完全失能" || p.on("自理能力", day) == "全护理"
}

// supported are the items of 特困.
func (p *person) supported(m month.Month, pay func(item, payee string, amount money.Fen), award func(item string)) {
	first := m.First()
	care := map[string]money.Fen{"全自理": 100 * yuan, "半自理": 200 * yuan, "全护理": 300 * yuan}[p.on("自理能力", first)]
	if p.on("特困", first) == "集中" {
		if house := p.on("入住机构", first); house != "" {
			pay("19", house, 960*yuan+care)
		}
		return
	}
	pay("18-1", roster.Myself, 960*yuan)
	pay("18-3", roster.Myself, care)
	award("18-5")
	if p.insured(m) {
		from := m // the coverage year begins in October
		for from.InYear() != 10 {
			from--
		}
		for ; from < m; from++ {
			if p.insured(from) {
				return
			}
		}
		pay("18-2", insurer, 400*yuan)
	}
}

// insured is whoever item 18-2 is for.
func (p *person) insured(m month.Month) bool {
	first := m.First()
	return p.on("特困", first) == "分散" && p.on("医疗保险", first) == "居民" && age(p.Birth, m) >= 60 &&
		(p.Died == 0 || p.Died >= first) && p.resides(first)
}

func parsed(s string) money.Fen {
	a, err := money.Parse(s)
	if err != nil {
		panic(err) // the histories write them
	}
	return a
}
