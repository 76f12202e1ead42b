package population

import (
	"slices"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// figure is one of the first people of every population: a case that must occur,
// however small the population or rare the case.
type figure struct {
	who  string // the case, for tests and for who reads this
	is   func(d *draft)
	then func(d *draft, m month.Month) // what becomes known before the second run, of month m; may be nil
}

// theCast returns the figures in order. A figure starts as somebody of 72 with an
// account, a phone, 居民医疗保险 and nothing else.
func theCast() []figure {
	return slices.Concat(castOfAges(), castOfPoor(), castOfDestitute(), castOfOthers(), castOfAccounts(), castOfNews())
}

// long is a first day that lies back well over a year.
func (d *draft) long() month.Date {
	return d.between(d.month().Add(-80).First(), d.month().Add(-14).First())
}

// poor makes the person 低保 from a day on.
func (d *draft) poor(since month.Date) {
	d.flag("低保", since)
	d.fact("低保月金额", since, "486.50")
}

// nursed lets the person live in an institution; an empty fee is not recorded.
func (d *draft) nursed(home, fee string) {
	since := d.long()
	d.fact("入住机构", since, home)
	if fee != "" {
		d.fact("机构月收费", since, fee)
	}
}

// supported makes the person 特困, of a grade if it is known.
func (d *draft) supported(way, grade string, since month.Date) {
	d.fact("特困", since, way)
	if grade != "" {
		d.fact("自理能力", since, grade)
	}
}

// card records a disability card.
func (d *draft) card(kind, level string, since month.Date) {
	d.fact("残疾类别", since, kind)
	d.fact("残疾等级", since, level)
}

// castOfAges are those at the edges of the ages.
func castOfAges() []figure {
	ofAge := func(years, later int) func(*draft) {
		return func(d *draft) { d.turning(years, d.month().Add(later)) }
	}
	return []figure{
		{who: "百岁老人", is: func(d *draft) { d.aged(101) }},
		{who: "当月满 100 周岁", is: ofAge(100, 0)},
		{who: "次月满 100 周岁", is: ofAge(100, 1)},
		{who: "当月满 80 周岁", is: ofAge(80, 0)},
		{who: "次月满 80 周岁的低保对象", is: func(d *draft) { d.turning(80, d.month()+1); d.poor(d.long()) }},
		{who: "登记年龄超过 110 周岁", is: func(d *draft) { d.aged(112) }},
		{who: "当月满 60 周岁", is: ofAge(60, 0)},
		{who: "次月满 60 周岁的低保对象", is: func(d *draft) { d.turning(60, d.month()+1); d.poor(d.long()) }},
		{who: "当月满 65 周岁", is: ofAge(65, 0)},
	}
}

// castOfPoor are cases of items 13 to 17 and 23.
func castOfPoor() []figure {
	return []figure{
		{who: "高龄、低保、重度失能", is: func(d *draft) {
			d.aged(84)
			d.poor(d.long())
			d.fact("失能等级", d.long(), "重度失能")
		}},
		{who: "集中照护", is: func(d *draft) { d.caredFor("大庆路夕阳红护理院", "2680.00") }},
		{who: "集中照护，缺机构月收费", is: func(d *draft) { d.caredFor("御河颐养院", "") }},
		{who: "集中照护，缺低保月金额", is: func(d *draft) {
			d.caredFor("御河颐养院", "2400.00")
			d.withdraw("低保月金额")
		}},
		{who: "集中照护，机构没有账户", is: func(d *draft) { d.caredFor(unready, "2350.50") }},
		{who: "集中照护，上月起已换机构", is: func(d *draft) { d.caredFor("文瀛湖康养中心", "2900.00") },
			then: func(d *draft, m month.Month) { d.restate("入住机构", (m - 1).First(), "振华松鹤养老院") }},
		{who: "集中照护，收费低于各项补贴", is: func(d *draft) { d.caredFor("永泰敬老院", "620.00") }},
		{who: "经济困难认定、完全失能", is: func(d *draft) {
			d.aged(85)
			d.flag("经济困难认定", d.long())
			d.fact("失能等级", d.long(), "完全失能")
		}},
		{who: "低保边缘、智力残疾三级", is: func(d *draft) {
			d.flag("低保边缘", d.long())
			d.card("智力", "三级", d.long())
		}},
		{who: "低保、残疾四级，都从当月中旬起", is: func(d *draft) {
			d.poor(d.month().First().Add(14))
			d.card("听力", "四级", d.month().First().Add(9))
		}},
		{who: "低保，从当月 1 日起", is: func(d *draft) { d.aged(83); d.poor(d.month().First()) }},
		{who: "残疾一级，不困难", is: func(d *draft) { d.card("言语、肢体", "一级", d.long()) }},
		{who: "低保、残疾二级，有工伤护理费", is: func(d *draft) {
			d.poor(d.long())
			d.card("肢体", "二级", d.long())
			d.flag("工伤护理费", d.long())
		}},
		{who: "低保，当月临时救助", is: func(d *draft) { d.poor(d.long()); d.relief("17", d.month(), "") }},
		{who: "核定了临时救助，但不是低保", is: func(d *draft) { d.relief("17", d.month(), "") }},
		{who: "低保，已做适老化改造", is: func(d *draft) { d.poor(d.long()); d.flag("适老化改造完成", d.long()) }},
		{who: "低保，下月内到期", is: func(d *draft) {
			d.aged(82)
			d.ended("低保", d.long(), d.month().Last().Add(20), "是")
		}},
	}
}

// caredFor makes a case of item 15.
func (d *draft) caredFor(home, fee string) {
	d.aged(76)
	d.poor(d.long())
	d.fact("失能等级", d.long(), "完全失能")
	d.card("肢体", "一级", d.long())
	d.nursed(home, fee)
}

// castOfDestitute are cases of items 18 and 19.
func castOfDestitute() []figure {
	return []figure{
		{who: "分散供养，全自理", is: func(d *draft) { d.supported("分散", "全自理", d.long()) }},
		{who: "分散供养，上月中旬起", is: func(d *draft) { d.supported("分散", "半自理", (d.month() - 1).First().Add(14)) }},
		{who: "分散供养，当月满 60 周岁", is: func(d *draft) { d.turning(60, d.month()); d.supported("分散", "全护理", d.long()) }},
		{who: "分散供养，缺自理能力", is: func(d *draft) { d.supported("分散", "", d.long()) }},
		{who: "分散供养，住房救助", is: func(d *draft) { d.supported("分散", "全自理", d.long()); d.rent() }},
		{who: "分散供养，已故，丧葬补贴付办理单位", is: func(d *draft) { d.buried(mortuary) }},
		{who: "分散供养，已故，办理丧葬的人未定", is: func(d *draft) { d.buried("") }},
		{who: "集中供养，半自理", is: func(d *draft) {
			d.supported("集中", "半自理", d.long())
			d.nursed("水泊寺中心敬老院", "")
		}},
		{who: "集中供养，待安置", is: func(d *draft) { d.supported("集中", "全自理", d.long()) }},
		{who: "集中供养，缺自理能力", is: func(d *draft) { d.supported("集中", "", d.long()); d.nursed("永泰敬老院", "") }},
		{who: "集中供养，上月起已换机构", is: func(d *draft) {
			d.supported("集中", "全护理", d.long())
			d.nursed("永泰敬老院", "")
		}, then: func(d *draft, m month.Month) {
			d.restate("入住机构", (m - 1).First(), "白登山特困供养服务中心")
		}},
		{who: "低保与特困同时有效", is: func(d *draft) { d.aged(81); d.poor(d.long()); d.supported("分散", "全自理", d.long()) }},
	}
}

// buried makes a case of item 18-4.
func (d *draft) buried(payee string) {
	d.supported("分散", "半自理", d.long())
	d.Died = d.within(d.month() - 1)
	d.award("18-4", 5000_00, d.month(), d.month(), payee)
}

// castOfOthers are cases of the other bureaus' items.
func castOfOthers() []figure {
	return []figure{
		{who: "职工养老金核定", is: func(d *draft) {
			d.fact("养老保险", d.long(), "职工")
			d.award("1", 3268_40, d.month()-6, 0, "")
		}},
		{who: "居民养老金核定", is: func(d *draft) {
			d.fact("养老保险", d.long(), "居民")
			d.award("2", 163_75, d.month()-6, 0, "")
		}},
		{who: "职工医保", is: func(d *draft) { d.withdraw("医疗保险"); d.fact("医疗保险", d.long(), "职工") }},
		{who: "流浪乞讨，临时编号，有核定金额", is: func(d *draft) { d.found(); d.relief("24", d.month(), shelter) }},
		{who: "流浪乞讨，临时编号，次月查明身份", is: (*draft).found, then: func(d *draft, m month.Month) {
			d.temporary = false
			d.reopen(m)
		}},
		{who: "流浪乞讨，有身份证号", is: func(d *draft) { d.flag("流浪乞讨", d.long()) }},
		{who: "孤老优抚对象", is: func(d *draft) {
			d.fact("优抚身份", d.long(), "烈士遗属")
			d.flag("无赡养人", d.long())
			d.flag("定期抚恤补助", d.long())
		}},
		{who: "计划生育特殊家庭", is: func(d *draft) { d.flag("计划生育特殊家庭", d.long()) }},
		{who: "行动不便，独居", is: func(d *draft) { d.flag("行动不便", d.long()); d.fact("居住状况", d.long(), "独居") }},
		{who: "残疾等级改过一次", is: func(d *draft) {
			since := d.long()
			d.ended("残疾等级", since.Add(-900), since-1, "三级")
			d.card("视力", "二级", since)
		}},
		{who: "当月迁入", is: func(d *draft) { d.aged(81); d.MovedIn = d.within(d.month()) }},
		{who: "迁出后又迁回", is: func(d *draft) {
			d.aged(82)
			d.MovedOut, d.MovedIn = (d.month() - 40).First().Add(9), (d.month() - 20).First().Add(9)
		}},
		{who: "高龄，无社区，生僻字", is: func(d *draft) {
			d.aged(86)
			d.Name, d.Community = surname(d.Name)+"䶮㛃", ""
		}},
	}
}

// found makes somebody without papers (item 24).
func (d *draft) found() {
	d.temporary = true
	d.Account, d.Phone, d.Address = roster.Account{}, "", ""
	d.withdraw("医疗保险")
	d.flag("流浪乞讨", (d.month() - 2).First().Add(5))
}
