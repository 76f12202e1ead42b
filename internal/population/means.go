package population

import (
	"disburse/internal/money"
	"disburse/internal/month"
)

// means are how poor people are, in 1/10000 of everybody.
var meansTable = among(
	share[string]{"", 9690}, share[string]{"低保", 200}, share[string]{"低保边缘", 50},
	share[string]{"经济困难认定", 30}, share[string]{"特困", 30},
)

// Shares of those of a kind.
const (
	scattered       = 0.85 // 分散供养, of 特困
	graded          = 0.98 // of 特困 with 自理能力
	placed          = 0.95 // of 集中供养 with an institution
	wasLow          = 0.10 // of 特困 that were 低保 before
	allowanceKnown  = 0.97 // of 低保 with 低保月金额
	onceLow         = 0.003
	adapted         = 0.25 // 适老化改造完成, of the poor
	relieved        = 0.05 // 临时救助 in a month, of 低保
	relievedVagrant = 0.5
	rented          = 0.12  // 住房救助, of 分散供养
	pensioned       = 0.003 // 核定金额 on items 1 and 2
	funded          = 0.9   // funeral grant known, of 分散供养 who died
	buriedByNamed   = 0.8   // of these, its payee known
)

var grades = among(share[string]{"全自理", 70}, share[string]{"半自理", 20}, share[string]{"全护理", 10})

// means draws 低保, 特困 and the like, and returns which.
func (d *draft) means() string {
	means := meansTable.pick(d.r)
	switch means {
	case "":
		if d.chance(onceLow) {
			d.wasLow()
		}
		return means
	case "低保":
		d.low(d.since(12))
	case "低保边缘":
		d.flag(means, d.since(5))
	case "经济困难认定": // good for a year
		since := d.between(d.month().Add(-11).First(), d.month().First())
		d.ended(means, since, since.Add(364), "是")
	case "特困":
		d.destitute(d.since(8))
	}
	if d.chance(adapted) {
		d.flag("适老化改造完成", d.since(3))
	}
	return means
}

// low records 低保 from a day on, with what the person gets a month.
func (d *draft) low(since month.Date) {
	d.flag("低保", since)
	if d.chance(allowanceKnown) {
		d.fact("低保月金额", since, d.yuan(180, 730))
	}
}

func (d *draft) wasLow() {
	since := d.month().Add(-24 - d.r.IntN(100)).First()
	d.ended("低保", since, d.month().Add(-1-d.r.IntN(20)).Last(), "是")
}

// destitute records 特困 from a day on, with grade and, for 集中, the institution.
func (d *draft) destitute(since month.Date) {
	if d.chance(wasLow) {
		d.ended("低保", since.Month().Add(-30).First(), since-1, "是")
	}
	if d.chance(graded) {
		d.fact("自理能力", since, grades.pick(d.r))
	}
	if d.chance(0.6) {
		d.flag("无赡养人", since)
	}
	if d.chance(scattered) {
		d.fact("特困", since, "分散")
		return
	}
	d.fact("特困", since, "集中")
	if d.chance(placed) {
		d.fact("入住机构", since, one(d.r, almshouses))
	}
}

// determined draws amounts fixed for one person (核定金额).
func (d *draft) determined(means string) {
	m := d.month()
	if d.chance(pensioned) {
		d.pension()
	}
	if means == "低保" && d.chance(relieved) {
		d.relief("17", m, "")
	}
	if d.value("特困", m.Last()) == "分散" && d.chance(rented) {
		d.rent()
	}
}

// pension fixes a monthly pension for who is insured.
func (d *draft) pension() {
	from := d.month().Add(-1 - d.r.IntN(24))
	switch d.value("养老保险", d.month().First()) {
	case "职工":
		d.award("1", d.fen(1800_00, 5200_00), from, 0, "")
	case "居民":
		d.award("2", d.fen(128_00, 260_00), from, 0, "")
	}
}

// relief is one month's help: 临时救助 (17), 社会救助 (24).
func (d *draft) relief(item string, m month.Month, payee string) {
	d.award(item, money.Fen(6+d.r.IntN(40))*50_00, m, m, payee)
}

func (d *draft) rent() {
	from := d.month().Add(-d.r.IntN(20))
	d.award("18-5", money.Fen(15+d.r.IntN(20))*10_00, from, from.Add(35), "")
}

// funeral is granted in month m; sometimes nobody knows yet who buried the person.
func (d *draft) funeral(m month.Month) {
	if !d.chance(funded) {
		return
	}
	payee := ""
	if d.chance(buriedByNamed) {
		payee = one(d.r, []string{mortuary, "马军营街道办事处"})
	}
	d.award("18-4", money.Fen(40+d.r.IntN(20))*100_00, m, m, payee)
}
