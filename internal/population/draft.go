package population

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// draft is a person in the making, with what the dossier does not say itself.
type draft struct {
	roster.Dossier
	pop       *Population
	pcg       rand.PCG
	r         *rand.Rand
	i         int
	slot      slot
	born      month.Date
	woman     bool
	temporary bool   // known by a temporary number
	spouse    *draft // scratch: whose account a couple shares
}

func (p *Population) draft() *draft {
	d := &draft{pop: p}
	d.r = rand.New(&d.pcg)
	return d
}

// begin clears the draft for person i and starts the person's own random numbers.
func (d *draft) begin(i int) {
	d.Person = roster.Person{}
	d.Facts, d.Awards = d.Facts[:0], d.Awards[:0]
	d.i, d.temporary = i, false
	d.reseed(3, uint64(i))
	if i >= d.pop.o.People { // somebody else in a larger population
		d.reseed(4, uint64(i-d.pop.o.People))
	}
}

func (d *draft) reseed(parts ...uint64) {
	h := mix(d.pop.o.Seed, parts...)
	d.pcg.Seed(h, mix(h, 5))
}

// first month of the population, its first day being where most dates count from.
func (d *draft) month() month.Month { return d.pop.o.Month }

// years is the age in the first month.
func (d *draft) years() int { return month.Age(d.born, d.month()) }

// bornAt returns a birth date of somebody who is that old, not only since this month.
func (d *draft) bornAt(years int) month.Date {
	return d.within(d.month().Add(-12*years - 1 - d.r.IntN(10)))
}

// aged makes the person so old, and turning makes the birthday fall in month m.
func (d *draft) aged(years int)                   { d.born = d.bornAt(years) }
func (d *draft) turning(years int, m month.Month) { d.born = d.within(m.Add(-12 * years)) }

// finish writes the ID number and puts everything in order.
func (d *draft) finish() {
	d.Birth = d.born
	if d.temporary {
		d.ID = "临-" + strconv.Itoa(d.month().Year()) + strconv.Itoa(10_000_000+d.i)
	} else {
		d.ID = d.slot.number(d.born, d.woman)
	}
	slices.SortFunc(d.Facts, func(a, b roster.Fact) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Since, b.Since))
	})
	slices.SortFunc(d.Awards, func(a, b roster.Award) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.First, b.First))
	})
}

// fact records a fact that is open; ended one that is over after until.
func (d *draft) fact(name string, since month.Date, value string) {
	d.ended(name, since, 0, value)
}

func (d *draft) ended(name string, since, until month.Date, value string) {
	d.Facts = append(d.Facts, roster.Fact{Name: name, Since: since, Until: until, Value: value, Basis: d.basis(name, since)})
}

// flag records a fact that is simply so.
func (d *draft) flag(name string, since month.Date) { d.fact(name, since, "是") }

// restate makes a fact have the value from since on, whatever stood there.
func (d *draft) restate(name string, since month.Date, value string) {
	d.close(name, since-1)
	d.fact(name, since, value)
}

// close lets a fact end on a day, and takes away what would begin after it.
func (d *draft) close(name string, until month.Date) {
	d.Facts = slices.DeleteFunc(d.Facts, func(f roster.Fact) bool { return f.Name == name && f.Since > until })
	for k := range d.Facts {
		f := &d.Facts[k]
		if f.Name == name && (f.Until == 0 || f.Until > until) {
			f.Until = until
		}
	}
}

// withdraw takes a fact back altogether.
func (d *draft) withdraw(name string) {
	d.Facts = slices.DeleteFunc(d.Facts, func(f roster.Fact) bool { return f.Name == name })
}

// value is a fact's value on a day, empty for none.
func (d *draft) value(name string, on month.Date) string {
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
func (d *draft) basis(fact string, since month.Date) string {
	issuer, ok := issuers[fact]
	if !ok {
		return ""
	}
	return issuer + "〔" + strconv.Itoa(since.Month().Year()) + "〕" + strconv.Itoa(1+d.r.IntN(2999)) + "号"
}
