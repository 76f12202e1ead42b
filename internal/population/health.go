package population

import "disburse/internal/month"

// disabled is the share with a disability card by means: 6 % of everybody.
var disabled = map[string]float64{"": 0.053, "低保": 0.26, "低保边缘": 0.22, "经济困难认定": 0.15, "特困": 0.2}

var (
	disabilityLevels = among(share[string]{"一级", 13}, share[string]{"二级", 28}, share[string]{"三级", 30}, share[string]{"四级", 29})
	// 多重 is two kinds at once.
	disabilityKinds = among(share[string]{"肢体", 55}, share[string]{"听力", 12}, share[string]{"视力", 11},
		share[string]{"精神", 8}, share[string]{"智力", 7}, share[string]{"多重", 5}, share[string]{"言语", 2})
	multiple = []string{"视力、听力", "听力、言语", "肢体、智力", "言语、肢体", "智力、精神", "视力、肢体"} // in the pack's order
	levels   = []string{"一级", "二级", "三级", "四级"}
)

// incapable is the share with any 失能 (11 % of everybody), well who were assessed and found able.
var incapable = byAge{0.04, 0.06, 0.11, 0.17, 0.28, 0.42, 0.60, 0.75}

const (
	well       = 0.03
	regraded   = 0.03  // of disabled: the level was another one before
	reassessed = 0.08  // of incapable: they were better off before
	timeLimit  = 0.2   // of assessments: good for three years only
	needsCare  = 0.05  // 生活不能自理 found otherwise, of the poor,
	needsCare0 = 0.004 // and of the others
)

var incapacities = among(share[string]{"轻度失能", 50}, share[string]{"中度失能", 23}, share[string]{"重度失能", 13}, share[string]{"完全失能", 14})

// inHome is the share that lives in an institution, by 失能等级.
var inHome = map[string]float64{"": 0.005, "能力完好": 0.02, "轻度失能": 0.03, "中度失能": 0.06, "重度失能": 0.12, "完全失能": 0.18}

func (d *draft) disability(means string) {
	if !d.chance(disabled[means]) {
		return
	}
	kind := disabilityKinds.pick(d.r)
	if kind == "多重" {
		kind = one(d.r, multiple)
	}
	since := d.since(18)
	level := disabilityLevels.pick(d.r)
	d.fact("残疾类别", since, kind)
	if d.chance(regraded) {
		earlier := since.Month().Add(-12 - d.r.IntN(60)).First()
		d.ended("残疾等级", earlier, since-1, one(d.r, levels))
	}
	d.fact("残疾等级", since, level)
}

func (d *draft) capability(means string) {
	chance := needsCare0
	if means != "" {
		chance = needsCare
	}
	if d.chance(chance) {
		d.flag("生活不能自理", d.since(4))
	}
	share := incapable.at(d.years())
	switch x := d.r.Float64(); {
	case x < share:
		d.assess(incapacities.pick(d.r))
	case x < share+well:
		d.assess("能力完好")
	}
}

// assess records 失能等级, of which some hold for three years only.
func (d *draft) assess(level string) {
	since, until := d.since(3), month.Date(0)
	if d.chance(timeLimit) {
		until = since.Add(3*365 - 1)
	}
	if level != "能力完好" && d.chance(reassessed) {
		d.ended("失能等级", since.Month().Add(-14).First(), since-1, "能力完好")
	}
	d.ended("失能等级", since, until, level)
}

// home lets some live in an institution, with what item 15 needs to know of it.
func (d *draft) home(means string) {
	level := d.value("失能等级", d.month().Last())
	chance := inHome[level]
	if means == "低保" && level == "完全失能" {
		chance = 0.6
	}
	if means == "特困" || !d.chance(chance) {
		return
	}
	since := d.since(3)
	d.fact("入住机构", since, one(d.r, homes))
	if d.chance(0.9) {
		d.fact("机构月收费", since, d.yuan(1500, 4200))
	}
}
