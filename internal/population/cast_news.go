package population

import (
	"disburse/internal/month"
	"disburse/internal/roster"
)

// castOfAccounts are people of 80 and over whose payment is in question.
func castOfAccounts() []figure {
	return []figure{
		{who: "夫妻共用账户之一", is: func(d *draft) { d.aged(83) }},
		{who: "夫妻共用账户之二", is: func(d *draft) { d.aged(81); d.sharesWith(d.i-1, false) }},
		{who: "户名是别人，没有说明", is: func(d *draft) { d.aged(82); d.Account.Holder = d.name(!d.woman) }},
		{who: "代领人，有原因", is: func(d *draft) { d.aged(88); d.deputise() }},
		{who: "没有账户，次月补来", is: func(d *draft) { d.aged(82); d.unbanked() },
			then: (*draft).reopen},
		{who: "没有账户，当月去世，账户后来补来", is: func(d *draft) { d.aged(84); d.unbanked() },
			then: func(d *draft, m month.Month) { d.Died = (m - 1).First().Add(19); d.reopen(m) }},
		{who: "没有账户，当月去世，由子女代领", is: func(d *draft) { d.aged(86); d.unbanked() },
			then: func(d *draft, m month.Month) {
				d.Died = (m - 1).First().Add(11)
				d.reopen(m)
				d.deputise()
			}},
		{who: "暂停发放，次月恢复", is: func(d *draft) { d.aged(83); d.fact("暂停发放", (d.month() - 2).First(), suspensions[0]) },
			then: func(d *draft, m month.Month) { d.close("暂停发放", (m - 1).Last()) }},
		{who: "暂停发放，一直未恢复", is: func(d *draft) { d.aged(81); d.fact("暂停发放", (d.month() - 3).First(), suspensions[1]) }},
		{who: "次月起暂停发放", is: func(d *draft) { d.aged(85) },
			then: func(d *draft, m month.Month) { d.fact("暂停发放", m.First(), suspensions[2]) }},
		{who: "卡号校验位不对", is: func(d *draft) { d.aged(81); d.mistype() }},
		{who: "开户银行未填", is: func(d *draft) { d.aged(80); d.Account.Bank = "" }},
		{who: "没有电话", is: func(d *draft) { d.aged(88); d.Phone = "" }},
		{who: "换了账户", is: func(d *draft) { d.aged(87) }, then: (*draft).reopen},
	}
}

func (d *draft) unbanked() { d.Account = roster.Account{} }

// mistype gives the person a card number of 19 digits that fails its check digit.
func (d *draft) mistype() {
	for len(d.Account.Number) != 19 {
		d.own()
	}
	n := []byte(d.Account.Number)
	n[18] = '0' + (n[18]-'0'+1)%10
	d.Account.Number = string(n)
}

// castOfNews are cases of what becomes known only after the first run.
func castOfNews() []figure {
	return []figure{
		{who: "去世，上月才报：发放前一月", is: func(d *draft) { d.aged(82) },
			then: func(d *draft, m month.Month) { d.Died = (m - 2).First().Add(16) }},
		{who: "去世，迟报两个多月，低保", is: func(d *draft) { d.aged(89); d.poor(d.long()) },
			then: func(d *draft, m month.Month) { d.Died = (m - 3).First().Add(7) }},
		{who: "分散供养，去世，丧葬补贴", is: func(d *draft) { d.supported("分散", "全护理", d.long()) },
			then: func(d *draft, m month.Month) {
				d.Died = (m - 1).First().Add(8)
				d.award("18-4", 5200_00, m, m, mortuary)
			}},
		{who: "低保追溯到上月", is: func(d *draft) { d.aged(84) },
			then: func(d *draft, m month.Month) {
				d.poor((m - 1).First())
				d.relief("17", m, "")
			}},
		{who: "残疾等级上月起升级", is: func(d *draft) { d.poor(d.long()); d.card("肢体", "三级", d.long()) },
			then: func(d *draft, m month.Month) { d.restate("残疾等级", (m - 1).First(), "二级") }},
		{who: "失能评估追溯：护理补贴替代重残补贴", is: func(d *draft) { d.poor(d.long()); d.card("肢体", "一级", d.long()) },
			then: func(d *draft, m month.Month) { d.fact("失能等级", (m - 1).First(), "重度失能") }},
		{who: "低保转特困，追溯到上月", is: func(d *draft) { d.aged(82); d.poor(d.long()); d.flag("生活不能自理", d.long()) },
			then: func(d *draft, m month.Month) {
				d.close("低保", (m-1).First()-1)
				d.close("低保月金额", (m-1).First()-1)
				d.supported("分散", "半自理", (m - 1).First())
			}},
		{who: "上上月迁出，迟报", is: func(d *draft) { d.aged(81) },
			then: func(d *draft, m month.Month) { d.MovedOut = (m - 2).First().Add(20) }},
		{who: "更正身份证号，实已满百岁", is: func(d *draft) { d.turning(99, d.month()) },
			then: func(d *draft, m month.Month) { d.correct(d.yearOlder()) }},
		{who: "更正身份证号，顺序码", is: func(d *draft) { d.aged(83) },
			then: func(d *draft, m month.Month) { d.correct(d.born) }},
		{who: "低保认定有误，撤销", is: func(d *draft) { d.aged(85); d.poor(d.long()) },
			then: func(d *draft, m month.Month) { d.withdraw("低保"); d.withdraw("低保月金额") }},
		{who: "临时救助核定有误，撤销", is: func(d *draft) { d.poor(d.long()); d.relief("17", d.month(), "") },
			then: func(d *draft, m month.Month) { d.Awards = d.Awards[:0] }},
	}
}

// correct gives the person a corrected ID number with that birth date, where there is
// room for one.
func (d *draft) correct(born month.Date) bool {
	s, ok := d.slot.corrected()
	if !ok || d.temporary {
		return false
	}
	d.slot, d.born = s, born
	return true
}

// yearOlder is the birth date a year earlier.
func (d *draft) yearOlder() month.Date {
	m := d.born.Month() - 12
	return min(m.First().Add(d.born.Day()-1), m.Last())
}
