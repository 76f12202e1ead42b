package register

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/policy/packfile"
	"disburse/reports/control"
	"disburse/reports/sheet"
)

// clearing is the sheet 清算表: heads that are paid for this month, by age band and the
// clearing's fact, at the rates that the pack gives (clearing).
type clearing struct {
	sheet.TableOf[clearingRow]
	rates    *packfile.Clearing // nil: the bureau pays nothing that is cleared
	heads    []([2]int)         // by band: with the fact, others
	unknown  int
	seen     control.People // on item
	item     string
	arrears  int // lines of other months
	recovery int
}

type clearingRow struct {
	band, who    string
	rate, amount money.Fen
	heads        int
}

var clearingColumns = []sheet.Column[clearingRow]{
	sheet.Col("年龄段", 20, sheet.PlainText, func(r *clearingRow) sheet.Cell { return sheet.Text(r.band) }),
	sheet.Col("对象", 14, sheet.Centered, func(r *clearingRow) sheet.Cell { return sheet.Text(r.who) }),
	sheet.Col("省级标准（元/人·月）", 16, sheet.Amounts, func(r *clearingRow) sheet.Cell { return sheet.Fen(r.rate) }),
	sheet.Col("本月人数", 12, sheet.Counts, func(r *clearingRow) sheet.Cell { return sheet.Whole(r.heads) }).Sums(),
	sheet.Col("省级补助金额", 18, sheet.Amounts, func(r *clearingRow) sheet.Cell { return sheet.Fen(r.amount) }).Sums(),
	sheet.Col("备注", 20, sheet.Wrapped, sheet.ByHand[clearingRow]),
}

func newClearing(p *sheet.Paper) *clearing {
	c := &clearing{TableOf: sheet.NewTable(p, sheet.Spec{Name: "清算表", Title: "省级补助清算表", Unit: "金额单位：元"}, clearingColumns)}
	if rates := p.Catalogue.File.Clearing; rates != nil {
		for _, it := range p.Catalogue.Pays() {
			if cleared(rates, it.Code.Value) {
				c.rates, c.heads = rates, make([][2]int, len(rates.Bands))
			}
		}
	}
	return c
}

func cleared(rates *packfile.Clearing, item string) bool {
	return slices.ContainsFunc(rates.Items, func(code packfile.Text) bool { return code.Value == item })
}

// line counts a line that is to be paid.
func (c *clearing) line(l *explain.DetailedLine) {
	if c.rates == nil || !cleared(c.rates, l.Item) {
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
		if c.seen.Add(l.Person) {
			c.head(l)
		}
	}
}

func (c *clearing) head(l *explain.DetailedLine) {
	at := c.band(l)
	switch {
	case at < 0:
		c.unknown++
	case l.Cleared:
		c.heads[at][0]++
	default:
		c.heads[at][1]++
	}
}

// band finds the age band from the birth date in the ID number; -1 for none.
func (c *clearing) band(l *explain.DetailedLine) int {
	birth := birthDate(l.ID)
	if birth == 0 {
		return -1
	}
	age := month.Age(birth, l.Month)
	return slices.IndexFunc(c.rates.Bands, func(b packfile.ClearingBand) bool {
		from, to := b.Span()
		return from <= age && age <= to
	})
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

func (c *clearing) finish() error {
	if c.rates == nil {
		c.Across(c.Paper.Styles.Center, "本单位没有省级补助清算项目", 24)
		c.Signatures()
		return nil
	}
	heads, total := 0, money.Fen(0)
	for i := range c.rates.Bands {
		b := &c.rates.Bands[i]
		for k, rate := range []string{b.LowIncome.Value, b.Other.Value} {
			r, err := money.Parse(rate)
			if err != nil {
				return err
			}
			amount := r * money.Fen(c.heads[i][k])
			c.Add(&clearingRow{bandName(b), []string{c.rates.Flag(), "其他"}[k], r, amount, c.heads[i][k]})
			heads, total = heads+c.heads[i][k], total.Add(amount)
		}
	}
	if c.unknown > 0 {
		c.Add(&clearingRow{band: "年龄不在以上各段", heads: c.unknown})
		heads += c.unknown
	}
	c.Total("合计", sheet.Whole(heads), sheet.Fen(total))
	c.Words(total)
	var names []string
	for _, code := range c.rates.Items {
		names = append(names, c.Paper.Catalogue.Name(code.Value))
	}
	c.Notes("标准来源：" + c.rates.Source.Value + "。人数为本批当月可发的" + strings.Join(names, "、") + "人数，暂缓的不计。")
	if why := c.rates.Unconfirmed.Value; why != "" {
		c.Notes("待核定——清算标准：" + why)
	}
	if c.arrears+c.recovery > 0 {
		c.Notes(fmt.Sprintf("本批另有以前月份补发明细 %d 条、扣回明细 %d 条，按所属月份在年度清算时增减。", c.arrears, c.recovery))
	}
	c.Signatures()
	return nil
}

// bandName is how the sheet writes an age band.
func bandName(b *packfile.ClearingBand) string {
	from, to := b.Span()
	if to > 200 {
		return fmt.Sprintf("%d 周岁及以上", from)
	}
	return fmt.Sprintf("%d–%d 周岁", from, to)
}
