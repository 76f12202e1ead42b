package population

import (
	"slices"

	"disburse/internal/month"
)

// Chances within a month, of everybody unless said.
const (
	granted     = 0.0006 // 低保 approved, of who is not poor
	ceased      = 0.01   // of 低保
	newCard     = 0.0005
	newLevel    = 0.008 // of the disabled
	newAssessed = 0.0012
	worse       = 0.006 // of who has a 失能等级
	newAccount  = 0.0025
	accountCame = 0.35 // of who has none
	newPhone    = 0.001
	leaves      = 0.0006
	mistaken    = 0.0003 // ID number, of who can be corrected
	otherHome   = 0.03   // of who lives in an institution
	halted      = 0.0003
	resumed     = 0.25 // of who is suspended
	lateDeath   = 0.15 // of deaths: known only one or two months later
	heirNamed   = 0.3  // of deaths: somebody receives what is still due
)

// event is one kind of news. It returns whether it happened.
type event func(d *draft, m month.Month) bool

// events in the order in which they are looked at; several can happen to one person.
var events = []event{
	moveAway, reviewMeans, relieve, reviewDisability, reassess, changeHome,
	changeAccount, correctNumber, suspendOrResume, die,
}

// happens lets the person live through what becomes known before the run of month m.
func (d *draft) happens(m month.Month) bool {
	d.reseed(8, uint64(d.i), uint64(m))
	if d.i < len(d.pop.cast) {
		then := d.pop.cast[d.i].then
		if m != d.month()+1 || then == nil || d.i >= d.pop.o.People {
			return false
		}
		then(d, m)
		return true
	}
	if d.Died != 0 || (d.MovedOut != 0 && d.MovedOut >= d.MovedIn) || d.temporary {
		return false
	}
	changed := false
	for _, e := range events {
		changed = e(d, m) || changed
	}
	return changed
}

// back is when news about a fact counts from: mostly since some time last month.
func (d *draft) back(m month.Month) month.Date {
	switch x := d.r.Float64(); {
	case x < 0.45:
		return (m - 1).First()
	case x < 0.6:
		return (m - 2).First()
	case x < 0.8:
		return m.First()
	}
	return d.within(m - 1)
}

func moveAway(d *draft, m month.Month) bool {
	if !d.chance(leaves) {
		return false
	}
	d.MovedOut = d.within(m - 1)
	if d.chance(0.15) {
		d.MovedOut = d.within(m - 2)
	}
	return true
}

func reviewMeans(d *draft, m month.Month) bool {
	today := m.First()
	switch {
	case d.value("低保", today) != "":
		if !d.chance(ceased) {
			return false
		}
		last := (m - 1).Last()
		if d.chance(0.2) {
			last = (m - 2).Last()
		}
		d.close("低保", last)
		d.close("低保月金额", last)
		return true
	case slices.ContainsFunc([]string{"特困", "低保边缘", "经济困难认定", "流浪乞讨"}, func(f string) bool { return d.value(f, today) != "" }):
		return false
	case !d.chance(granted):
		return false
	}
	since := d.back(m)
	if d.knows("低保", since) {
		return false
	}
	d.low(since)
	return true
}

// relieve fixes 临时救助 for the month, for some of 低保.
func relieve(d *draft, m month.Month) bool {
	for _, a := range d.Awards {
		if a.Item == "17" && a.Last >= m {
			return false
		}
	}
	if d.value("低保", m.First()) == "" || !d.chance(relieved) {
		return false
	}
	d.relief("17", m, "")
	return true
}

func reviewDisability(d *draft, m month.Month) bool {
	level := d.value("残疾等级", m.First())
	if level == "" {
		if d.knows("残疾等级", 0) || !d.chance(newCard) {
			return false
		}
		since, kind := d.back(m), disabilityKinds.pick(d.r)
		if kind == "多重" {
			kind = one(d.r, multiple)
		}
		d.fact("残疾类别", since, kind)
		d.fact("残疾等级", since, disabilityLevels.pick(d.r))
		return true
	}
	since := d.back(m)
	if !d.chance(newLevel) || d.knows("残疾等级", since) {
		return false
	}
	d.restate("残疾等级", since, one(d.r, slices.DeleteFunc(slices.Clone(levels), func(l string) bool { return l == level })))
	return true
}

// reassess finds 失能 for the first time, or a step worse.
func reassess(d *draft, m month.Month) bool {
	steps := []string{"", "能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"}
	step := slices.Index(steps, d.value("失能等级", m.First()))
	chance, next := worse, step+1
	if step == 0 {
		chance, next = newAssessed, 2+d.r.IntN(4)
	}
	since := d.back(m)
	if next == len(steps) || !d.chance(chance) || d.knows("失能等级", since) {
		return false
	}
	d.restate("失能等级", since, steps[next])
	return true
}

// changeHome finds that somebody has lived in another institution since last month.
func changeHome(d *draft, m month.Month) bool {
	home := d.value("入住机构", m.First())
	since := (m - 1).First()
	if home == "" || !d.chance(otherHome) || d.knows("入住机构", since) {
		return false
	}
	choices := homes
	if d.value("特困", m.First()) != "" {
		choices = almshouses
	}
	next := one(d.r, choices)
	if next == home {
		return false
	}
	d.restate("入住机构", since, next)
	return true
}

func changeAccount(d *draft, m month.Month) bool {
	changed := d.chance(newPhone)
	if changed {
		d.Phone = d.phone()
	}
	chance := newAccount
	if d.Account.Number == "" {
		chance = accountCame
	}
	if !d.chance(chance) {
		return changed
	}
	d.reopen(m)
	return true
}

// correctNumber corrects the sequence number, and for some the birth date: by days that
// hang on the slot alone, so that people of one slot still differ.
func correctNumber(d *draft, _ month.Month) bool {
	return d.chance(mistaken) && d.correct(d.born.Add(-173*(d.slot.half%3)))
}

func suspendOrResume(d *draft, m month.Month) bool {
	if d.value("暂停发放", m.First()) != "" {
		if !d.chance(resumed) {
			return false
		}
		d.close("暂停发放", (m - 1).Last())
		return true
	}
	if !d.chance(halted) || d.knows("暂停发放", m.First()) {
		return false
	}
	d.fact("暂停发放", m.First(), one(d.r, suspensions))
	return true
}

// die happens mostly last month; some deaths are reported late.
func die(d *draft, m month.Month) bool {
	if !d.chance(dying.at(month.Age(d.born, m))) {
		return false
	}
	d.Died = d.within(m - 1)
	if d.chance(lateDeath) {
		d.Died = d.between((m - 3).First(), (m - 2).Last())
	}
	if d.chance(heirNamed) && d.Account.Number != "" && d.Deputy.Name == "" {
		d.reopen(m)
		d.deputise()
	}
	if d.value("特困", d.Died) == "分散" {
		d.funeral(m)
	}
	return true
}
