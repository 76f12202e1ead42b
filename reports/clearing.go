package reports

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// provinceClearing is what a province pays a district back for its 高龄津贴, a head
// and month.
type provinceClearing struct {
	province string   // the first two digits of its division code
	items    []string // whose heads count
	bands    []clearingBand
	source   string
}

// clearingBand is an age band; with a from of 100 there is no upper end.
type clearingBand struct {
	name        string
	from, to    int       // full years, both inclusive
	poor, other money.Fen // 分 a head and month: 低保, and everybody else
}

// shanxi: 山西省高龄津贴省级补助, which clears 80–89 低保 70 / other 10, 90–99 低保 70 /
// other 30, 100 and over 150 yuan.
var shanxi = provinceClearing{
	province: "14", items: []string{"11", "12"},
	bands: []clearingBand{
		{"80–89 周岁", 80, 89, 7000, 1000},
		{"90–99 周岁", 90, 99, 7000, 3000},
		{"100 周岁及以上", 100, 999, 15000, 15000},
	},
	source: "山西省高龄津贴省级补助标准",
}

// clearing is the sheet 清算表: heads that are paid for this month, by age band and
// 低保, at the province's rates.
type clearing struct {
	*table
	province *provinceClearing
	heads    map[string]*[2]int // by band: 低保, other
	unknown  int
	seen     people // on item
	item     string
	arrears  int // lines of other months
	recovery int
}

func newClearing(p *paper) *clearing {
	c := &clearing{
		heads: map[string]*[2]int{},
		table: p.table(tableSpec{
			name: "清算表", title: "高龄津贴省级补助清算表", unit: "金额单位：元",
			columns: []column{
				{"年龄段", 20, plainText}, {"对象", 14, centered}, {"省级标准（元/人·月）", 16, amounts},
				{"本月人数", 12, counts}, {"省级补助金额", 18, amounts}, {"备注", 20, wrapped},
			},
		}),
	}
	if strings.HasPrefix(p.cat.file.Region.Value, shanxi.province) {
		for _, it := range p.cat.pays() {
			if shanxi.counts(it.Code.Value) {
				c.province = &shanxi
			}
		}
	}
	return c
}

func (p *provinceClearing) counts(item string) bool {
	for _, code := range p.items {
		if code == item {
			return true
		}
	}
	return false
}

// line counts a line that is to be paid.
func (c *clearing) line(l *Line) {
	if c.province == nil || !c.province.counts(l.Item) {
		return
	}
	switch {
	case l.Kind == payrun.Arrears:
		c.arrears++
	case l.Kind == payrun.Recovery:
		c.recovery++
	default:
		if c.item != l.Item {
			c.item, c.seen = l.Item, nil
		}
		if c.seen.add(l.Person) {
			c.head(l)
		}
	}
}

func (c *clearing) head(l *Line) {
	band := c.band(l)
	if band == "" {
		c.unknown++
		return
	}
	if c.heads[band] == nil {
		c.heads[band] = &[2]int{}
	}
	if l.Poor {
		c.heads[band][0]++
	} else {
		c.heads[band][1]++
	}
}

// band finds the age band from the birth date in the ID number.
func (c *clearing) band(l *Line) string {
	birth := birthDate(l.ID)
	if birth == 0 {
		return ""
	}
	age := month.Age(birth, l.Month)
	for _, b := range c.province.bands {
		if b.from <= age && age <= b.to {
			return b.name
		}
	}
	return ""
}

// birthDate reads the birth date in an ID number, none in a temporary number.
func birthDate(id string) month.Date {
	if len(id) != 18 {
		return 0
	}
	d, err := month.ParseDate(id[6:14])
	if err != nil {
		return 0
	}
	return d
}

func (c *clearing) finish() {
	if c.province == nil {
		c.across(c.p.st.center, "本单位没有省级补助清算项目", 24)
		c.signatures()
		return
	}
	heads, total := 0, money.Fen(0)
	for _, b := range c.province.bands {
		counts := c.heads[b.name]
		if counts == nil {
			counts = &[2]int{}
		}
		for i, rate := range []money.Fen{b.poor, b.other} {
			amount := rate * money.Fen(counts[i])
			c.row(b.name, []string{"低保", "其他"}[i], rate, counts[i], amount)
			heads, total = heads+counts[i], total.Add(amount)
		}
	}
	if c.unknown > 0 {
		c.row("年龄不在以上各段", "", 0, c.unknown, 0)
		heads += c.unknown
	}
	c.total("合计", 3, heads, total)
	c.words(total)
	c.notes("标准来源：" + c.province.source + "。人数为本批当月可发的高龄津贴、百岁补贴人数，暂缓的不计。")
	if c.arrears+c.recovery > 0 {
		c.notes(fmt.Sprintf("本批另有以前月份补发 %d 笔、扣回 %d 笔，按所属月份在年度清算时增减。", c.arrears, c.recovery))
	}
	c.signatures()
}

func (c *clearing) row(band, who string, rate money.Fen, heads int, amount money.Fen) {
	c.begin()
	c.text(band)
	c.text(who)
	c.fen(rate)
	c.int(heads)
	c.fen(amount)
	c.blank()
}
