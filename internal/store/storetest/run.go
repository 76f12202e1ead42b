package storetest

import (
	"disburse/internal/roster"
)

// SomeTown has a person for most things that a run can find.
func SomeTown() *Sheet {
	s := NewSheet(EveryColumn).People(
		Resident(1944), Resident(1945, Without), Resident(1926), Resident(1956), Resident(1954),
		Resident(1950, func(p *roster.Person) { p.Account.Holder = "别人" }), Resident(1970))
	return s.
		Fact(IdOf(1950), "低保", Since("是", LongAgo)).Fact(IdOf(1950), "生活不能自理", Since("是", LongAgo)).
		Fact(IdOf(1956), "特困", Since("集中", LongAgo)).Fact(IdOf(1956), "入住机构", Since("甲院", LongAgo)).Fact(IdOf(1956), "自理能力", Since("半自理", LongAgo)).
		Fact(IdOf(1954), "低保", Since("是", LongAgo)).Fact(IdOf(1954), "失能等级", Since("完全失能", LongAgo)).Fact(IdOf(1954), "入住机构", Since("乙院", LongAgo)).
		Fact(IdOf(1954), "机构月收费", Since("1800.50", LongAgo)).Fact(IdOf(1954), "低保月金额", Since("730.00", LongAgo)).
		Fact(IdOf(1970), "养老保险", Since("职工", LongAgo)).
		Award(IdOf(1970), "1", roster.Award{Amount: 234567, First: At(1)}).
		Payee(House("甲院", "2001")).Payee(House("乙院", ""))
}
