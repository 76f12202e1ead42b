package storetest

import (
	"fmt"
	"strings"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
)

const Pingcheng = 140213

// EveryColumn is a workbook with all columns.
var EveryColumn = roster.Columns{Name: true, Street: true, Community: true, Address: true, Phone: true,
	MovedIn: true, MovedOut: true, Died: true, Bank: true, Number: true, Holder: true,
	Deputy: true, DeputyRelation: true, DeputyReason: true, Birth: true,
	PayeeBank: true, PayeeNumber: true, PayeeHolder: true}

// Sheet builds a roster workbook as the reader returns it.
type Sheet struct{ In roster.Import }

func NewSheet(columns roster.Columns) *Sheet {
	return &Sheet{roster.Import{File: "花名册.xlsx", SHA256: strings.Repeat("ab", 32), Columns: columns}}
}

// Person adds a row of 人员; former is the 原身份证号.
func (s *Sheet) Person(p roster.Person, former string) *Sheet {
	s.In.People = append(s.In.People, roster.PersonRow{
		Place: roster.Place{Sheet: "人员", Row: len(s.In.People) + len(s.In.RefusedPeople) + 2}, Person: p, Former: former})
	return s
}

// People adds rows of 人员 without 原身份证号.
func (s *Sheet) People(people ...roster.Person) *Sheet {
	for _, p := range people {
		s.Person(p, "")
	}
	return s
}

// Fact adds the whole history of a fact; no records: never held.
func (s *Sheet) Fact(id, name string, records ...roster.Fact) *Sheet {
	place := roster.Place{Sheet: "情况", Row: 2}
	for _, h := range s.In.Facts {
		place.Row += len(h.Rows)
	}
	h := roster.FactHistory{Place: place, ID: id, Fact: name, Facts: records}
	for i := range max(1, len(records)) {
		h.Rows = append(h.Rows, place.Row+i)
	}
	for i := range records {
		records[i].Name = name
	}
	s.In.Facts = append(s.In.Facts, h)
	return s
}

// Award adds the whole history of an item's 核定金额; no awards: none.
func (s *Sheet) Award(id, item string, records ...roster.Award) *Sheet {
	place := roster.Place{Sheet: "核定金额", Row: 2}
	for _, h := range s.In.Awards {
		place.Row += len(h.Rows)
	}
	h := roster.AwardHistory{Place: place, ID: id, Item: item, Awards: records}
	for i := range max(1, len(records)) {
		h.Rows = append(h.Rows, place.Row+i)
	}
	for i := range records {
		records[i].Item = item
	}
	s.In.Awards = append(s.In.Awards, h)
	return s
}

func (s *Sheet) Payee(p roster.Payee) *Sheet {
	s.In.Payees = append(s.In.Payees, roster.PayeeRow{Place: roster.Place{Sheet: "收款单位", Row: len(s.In.Payees) + 2}, Payee: p})
	return s
}

// IdOf is a made-up number of somebody born in a year.
func IdOf(year int) string { return roster.MakeID("140213", month.DateOf(year, 6, 15), 1) }

func IdIn(year int) string { return Somebody(year, "").ID }

// Somebody is a made-up person with a number of the year.
func Somebody(year int, name string) roster.Person {
	return roster.Person{ID: IdOf(year), Name: name, Street: "永泰", Birth: month.DateOf(year, 6, 15)}
}

func Day(y, m, d int) month.Date { return month.DateOf(y, m, d) }

func At(m int) month.Month { return month.Of(2026, m) }

func Num(b payrun.Batch) string { return fmt.Sprint(b.Number) }

func Num64(n int64) string { return fmt.Sprint(n) }

// Resident is somebody born in June of a year, with an account of their own.
func Resident(year int, with ...func(*roster.Person)) roster.Person {
	p := Somebody(year, fmt.Sprintf("某%d", year))
	p.Phone, p.Account = "0352", roster.Account{Bank: "示例银行", Number: fmt.Sprintf("62%d", year)}
	for _, f := range with {
		f(&p)
	}
	return p
}

func Without(p *roster.Person) { p.Account = roster.Account{} }

func DiedOn(d month.Date) func(*roster.Person) { return func(p *roster.Person) { p.Died = d } }

func PaidTo(number string) func(*roster.Person) {
	return func(p *roster.Person) { p.Account.Number = number }
}

// Since is the one record of a fact: a value from a day on, perhaps up to another.
func Since(value string, from month.Date, until ...month.Date) roster.Fact {
	f := roster.Fact{Value: value, Since: from}
	if len(until) > 0 {
		f.Until = until[0]
	}
	return f
}

var LongAgo = Day(2020, 1, 1)

func House(name, number string) roster.Payee {
	return roster.Payee{Name: name, Account: roster.Account{Bank: "示例银行", Number: number}}
}

// SomeTown is a roster with a person for most kinds of findings.
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

// Listing is a match list as the reader returns it.
func Listing(rows ...roster.Listed) *roster.MatchList {
	l := &roster.MatchList{File: "名单.xlsx", SHA256: strings.Repeat("cd", 32)}
	for i, r := range rows {
		l.Rows = append(l.Rows, roster.ListRow{Place: roster.Place{Sheet: "名单", Row: i + 2}, Listed: r})
	}
	return l
}

// ByNumber is a row about somebody born in June of a year.
func ByNumber(year int, died month.Date) roster.Listed {
	return roster.Listed{ID: IdOf(year), Name: fmt.Sprintf("某%d", year), Birth: Day(year, 6, 15), Date: died}
}
