package population

import (
	"disburse/internal/month"
	"disburse/internal/roster"
)

// Shares of everybody, unless said.
const (
	movedInLong    = 0.08 // at some time in the past
	movedInNow     = 0.0006
	movedOutLately = 0.002
	cameBack       = 0.0005

	pensionStaff = 0.45 // 职工基本养老保险
	pensionTown  = 0.50 // 城乡居民
	careStaff    = 0.42 // 职工基本医疗保险
	careTown     = 0.55

	alone        = 0.08
	hardToMove   = 0.012 // who is not 重度失能 or 完全失能
	veteran      = 0.01
	veteranPaid  = 0.5  // of these
	veteranAlone = 0.06 // of these
	bereaved     = 0.003
	injured      = 0.0005 // 工伤护理费
	vagrant      = 0.0003
	unnumbered   = 0.6 // of these, known by a temporary number
	suspended    = 0.0015
)

// dying is the chance of dying in a month.
var dying = byAge{0.0006, 0.0009, 0.0016, 0.003, 0.0055, 0.008, 0.012, 0.02}

var (
	living = among(share[string]{"独居", 45}, share[string]{"空巢", 45}, share[string]{"留守", 7},
		share[string]{"独居、留守", 3})
	services = among(share[string]{"退伍军人", 45}, share[string]{"复员军人", 20}, share[string]{"残疾军人", 15},
		share[string]{"病故军人遗属", 10}, share[string]{"烈士遗属", 6}, share[string]{"因公牺牲军人遗属", 4})
	suspensions = []string{"未按期完成生存认证", "账户信息待核实", "群众举报待调查", "服刑期间暂停"}
)

// life draws what is known of an ordinary person.
func (d *draft) life() {
	if d.chance(vagrant) {
		d.wanders(d.chance(unnumbered))
		return
	}
	d.moves()
	means := d.means()
	d.insurance(means)
	d.disability(means)
	d.capability(means)
	d.circumstances()
	d.home(means)
	d.determined(means)
	d.death(means)
}

// plain is what a member of the cast has before the case itself: insurance.
func (d *draft) plain() {
	d.fact("医疗保险", d.month().Add(-100).First(), "居民")
	if d.Account.Number == "" || d.Account.Holder != "" {
		d.own()
	}
	if d.Phone == "" {
		d.Phone = "12599999999"
	}
}

// since draws the first day of something that has mostly been so for years; now
// and then it began last month, or begins in the course of the first month.
func (d *draft) since(years int) month.Date {
	m := d.month()
	switch x := d.r.Float64(); {
	case x < 0.006:
		return d.within(m)
	case x < 0.02:
		return d.within(m.Add(-1))
	case x < 0.5: // decisions often count from the first of a month
		return m.Add(-2 - d.r.IntN(12*years)).First()
	}
	return d.between(m.Add(-12*years).First(), m.Add(-2).Last())
}

func (d *draft) moves() {
	m := d.month()
	switch x := d.r.Float64(); {
	case x < movedInNow:
		d.MovedIn = d.within(m)
	case x < movedInNow+movedOutLately:
		d.MovedOut = d.between(m.Add(-5).First(), m.First().Add(6))
	case x < movedInNow+movedOutLately+cameBack:
		d.MovedOut = d.between(m.Add(-60).First(), m.Add(-20).First())
		d.MovedIn = d.between(m.Add(-18).First(), m.Last())
	case x < movedInNow+movedOutLately+cameBack+movedInLong:
		d.MovedIn = d.between(m.Add(-300).First(), m.Add(-1).First())
	}
}

// When the insurances began here: nobody was in them before.
var (
	staffPensions = month.DateOf(1995, 1, 1)
	townPensions  = month.DateOf(2011, 7, 1)
	staffCare     = month.DateOf(2001, 1, 1)
	townCare      = month.DateOf(2017, 1, 1)
)

// insurance draws 养老保险 and 医疗保险; people of 特困 are mostly 居民.
func (d *draft) insurance(means string) {
	x := d.r.Float64()
	if means == "特困" {
		x = 1 - x*0.6
	}
	born := d.born.Month()
	switch {
	case x < pensionStaff:
		d.fact("养老保险", max(born.Add(12*55).First(), staffPensions), "职工")
	case x < pensionStaff+pensionTown && born.Add(12*60) <= d.month():
		d.fact("养老保险", max(born.Add(12*60).First(), townPensions), "居民")
	}
	switch {
	case x < careStaff:
		d.fact("医疗保险", staffCare, "职工")
	case x < careStaff+careTown:
		d.fact("医疗保险", townCare, "居民")
	}
}

func (d *draft) circumstances() {
	level := d.value("失能等级", d.month().Last())
	if d.chance(alone) {
		d.fact("居住状况", d.since(6), living.pick(d.r))
	}
	if d.chance(hardToMove) || ((level == "重度失能" || level == "完全失能") && d.chance(0.6)) {
		d.flag("行动不便", d.since(4))
	}
	if d.chance(bereaved) {
		d.flag("计划生育特殊家庭", d.since(10))
	}
	if d.chance(injured) {
		d.flag("工伤护理费", d.since(12))
	}
	if d.chance(veteran) {
		d.veteran()
	}
	if d.chance(suspended) {
		d.suspend()
	}
}

func (d *draft) veteran() {
	d.fact("优抚身份", d.since(15), services.pick(d.r))
	if d.chance(veteranPaid) {
		d.flag("定期抚恤补助", d.since(10))
	}
	if d.chance(veteranAlone) {
		d.flag("无赡养人", d.since(8))
	}
}

// suspend stops everything of the person; sometimes for a time that is known.
func (d *draft) suspend() {
	since := d.between(d.month().Add(-8).First(), d.month().First())
	until := month.Date(0)
	if d.chance(0.25) {
		until = d.month().Add(1 + d.r.IntN(4)).Last()
	}
	d.ended("暂停发放", since, until, one(d.r, suspensions))
}

// wanders makes somebody who was found without support (流浪乞讨); who cannot be
// identified has a temporary number and neither phone nor account.
func (d *draft) wanders(unidentified bool) {
	since := d.between(d.month().Add(-8).First(), d.month().First())
	d.flag("流浪乞讨", since)
	d.Account, d.Deputy, d.Phone = roster.Account{}, roster.Deputy{}, ""
	if unidentified {
		d.temporary = true
		d.Address = ""
	}
	if d.chance(relievedVagrant) {
		d.relief("24", d.month(), shelter)
	}
}

// death lets some have died in the last months, and a few days into the first.
func (d *draft) death(means string) {
	const months = 5
	if !d.chance(dying.at(d.years()) * (months + 0.2)) {
		return
	}
	m := d.month()
	d.Died = d.between(m.Add(-months).First(), m.First().Add(5))
	if means == "特困" && d.value("特困", d.Died) == "分散" {
		d.funeral(m)
	}
}
