package population

import (
	"slices"
	"strconv"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// record is what is on record of a person, with the dice by which documents get their
// numbers.
type record struct {
	roster.Dossier
	dice
}

// fact records a fact that is open; ended one that is over after until.
func (d *record) fact(name string, since month.Date, value string) {
	d.ended(name, since, 0, value)
}

func (d *record) ended(name string, since, until month.Date, value string) {
	d.Facts = append(d.Facts, roster.Fact{Name: name, Since: since, Until: until, Value: value, Basis: d.basis(name, since)})
}

// flag records a fact that is simply so.
func (d *record) flag(name string, since month.Date) { d.fact(name, since, "是") }

// restate makes a fact have the value from since on, whatever stood there.
func (d *record) restate(name string, since month.Date, value string) {
	d.close(name, since-1)
	d.fact(name, since, value)
}

// close lets a fact end on a day, and takes away what would begin after it.
func (d *record) close(name string, until month.Date) {
	d.Facts = slices.DeleteFunc(d.Facts, func(f roster.Fact) bool { return f.Name == name && f.Since > until })
	for k := range d.Facts {
		f := &d.Facts[k]
		if f.Name == name && (f.Until == 0 || f.Until > until) {
			f.Until = until
		}
	}
}

// withdraw takes a fact back altogether.
func (d *record) withdraw(name string) {
	d.Facts = slices.DeleteFunc(d.Facts, func(f roster.Fact) bool { return f.Name == name })
}

// value is a fact's value on a day, empty for none.
func (d *record) value(name string, on month.Date) string {
	for _, f := range d.Facts {
		if f.Name == name && f.Since <= on && (f.Until == 0 || f.Until >= on) {
			return f.Value
		}
	}
	return ""
}

// issuers are whose document a fact rests on (依据).
var issuers = map[string]string{
	"低保": "平民低保", "低保月金额": "平民低保", "低保边缘": "平民边缘", "经济困难认定": "平民困核",
	"特困": "平民特困", "自理能力": "平民特评", "失能等级": "平民评估", "生活不能自理": "平民评估",
	"残疾类别": "平残证", "残疾等级": "平残证", "养老保险": "平人社险", "医疗保险": "平医保参", "工伤护理费": "平人社工",
	"优抚身份": "平退役抚", "定期抚恤补助": "平退役抚", "计划生育特殊家庭": "平卫计特", "流浪乞讨": "平民救助",
	"暂停发放": "平民停发", "适老化改造完成": "平民适老",
}

// basis makes up a document number; what the community reports needs none.
func (d *record) basis(fact string, since month.Date) string {
	issuer, ok := issuers[fact]
	if !ok {
		return ""
	}
	return issuer + "〔" + strconv.Itoa(since.Month().Year()) + "〕" + strconv.Itoa(1+d.r.IntN(2999)) + "号"
}

// knows reports whether a record of the fact begins or is over on the day or later, so
// that news from that day on would contradict it.
func (d *record) knows(fact string, day month.Date) bool {
	for _, f := range d.Facts {
		if f.Name == fact && (f.Since >= day || f.Until >= day) {
			return true
		}
	}
	return false
}

// award records an amount fixed for the person, for months first … last (0: open).
func (d *record) award(item string, amount money.Fen, first, last month.Month, payee string) {
	basis := "平核〔" + strconv.Itoa(first.Year()) + "〕" + strconv.Itoa(1+d.r.IntN(2999)) + "号"
	d.Awards = append(d.Awards, roster.Award{Item: item, Amount: amount, First: first, Last: last, Payee: payee, Basis: basis})
}
