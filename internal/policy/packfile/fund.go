package packfile

import (
	"cmp"

	"github.com/shopspring/decimal"

	"disburse/internal/money"
)

// Fund is a fund source (资金来源) that items name, with who pays for it.
type Fund struct {
	At          Pos
	Name        Text    `yaml:"name"`
	Shares      []Share `yaml:"shares"` // add to 100; in the order of the 资金拨付申请
	Source      Text    `yaml:"source"`
	Unconfirmed Text    `yaml:"unconfirmed"` // 待核定: why the shares are not yet certain
}

// Share is what one payer bears (分担比例).
type Share struct {
	At      Pos
	Payer   Text    `yaml:"payer"`   // 中央, 省, 市, 区
	Percent Decimal `yaml:"percent"` // 0–100
}

// Split divides an amount in 分 among the payers, one amount a share, which add up to
// it exactly: what is less than a 分 of each goes to the last payer that bears anything.
func (f *Fund) Split(a money.Fen) []money.Fen {
	parts := make([]money.Fen, len(f.Shares))
	rest, last := a, 0
	for i := range f.Shares {
		percent := decimal.RequireFromString(f.Shares[i].Percent.Value)
		if percent.IsZero() {
			continue
		}
		last = i
		parts[i] = money.Fen(decimal.NewFromInt(int64(a)).Mul(percent).Shift(-2).Truncate(0).IntPart())
		rest = rest.Sub(parts[i])
	}
	if len(parts) > 0 {
		parts[last] = parts[last].Add(rest)
	}
	return parts
}

// NoFund stands for the fund source of items whose pack names none (待核定).
const NoFund = "待核定"

// FundOf is the fund source of a paying item; NoFund where the pack names none, does not
// know the item or is nil.
func (f *File) FundOf(item string) string {
	if f == nil {
		return NoFund
	}
	for i := range f.Items {
		if it := &f.Items[i]; it.Code.Value == item && it.Pay != nil && it.Pay.Fund.Value != "" {
			return it.Pay.Fund.Value
		}
	}
	return NoFund
}

// Fund finds what the pack says of a fund source; nil for nothing.
func (f *File) Fund(name string) *Fund {
	if f == nil {
		return nil
	}
	for i := range f.Funds {
		if f.Funds[i].Name.Value == name {
			return &f.Funds[i]
		}
	}
	return nil
}

// Clearing is what a province pays a district back a head and month (省级补助清算).
type Clearing struct {
	At          Pos
	Items       []Text         `yaml:"items"` // whose heads count
	Fact        Text           `yaml:"fact"`  // the flag by which rates differ; see Flag
	Bands       []ClearingBand `yaml:"bands"`
	Source      Text           `yaml:"source"`
	Unconfirmed Text           `yaml:"unconfirmed"` // 待核定
}

// Flag names the flag by which rates differ, read on the first day of the month. Packs that
// were adopted before the key fact was there mean 低保, and still do.
func (c *Clearing) Flag() string { return cmp.Or(c.Fact.Value, "低保") }

// ClearingBand is an age band and its rates, in 元 a head and month.
type ClearingBand struct {
	At        Pos
	Ages      Text    `yaml:"ages"`       // 80-89, or 100- without an upper end
	LowIncome Decimal `yaml:"low_income"` // people with the clearing's fact
	Other     Decimal `yaml:"other"`      // all others
}

// Span returns the full years of the band, both inclusive.
func (b *ClearingBand) Span() (from, to int) {
	from, to, _ = AgeBand(b.Ages.Value)
	if to < 0 {
		to = 999
	}
	return from, to
}

var hundred = decimal.NewFromInt(100)

func (c *fileChecker) funds() {
	seen := map[string]bool{}
	for i := range c.file.Funds {
		f := &c.file.Funds[i]
		c.Here = f.At
		c.required(f.Name.Pos, f.Name, "资金来源名称 name")
		if seen[f.Name.Value] {
			c.Fail(f.Name.Pos, "资金来源“%s”重复", f.Name.Value)
		}
		seen[f.Name.Value] = true
		if !c.fundUsed(f.Name.Value) {
			c.Fail(f.Name.Pos, "没有项目的 fund 是“%s”，请核对名称", f.Name.Value)
		}
		if f.Source.Value == "" && f.Unconfirmed.Value == "" {
			c.Fail(f.Name.Pos, "资金来源“%s”要写 source（依据），还不确定的写 unconfirmed", f.Name.Value)
		}
		c.shares(f)
	}
	c.Here = c.file.At
}

func (c *fileChecker) fundUsed(name string) bool {
	for i := range c.file.Items {
		if p := c.file.Items[i].Pay; p != nil && p.Fund.Value == name {
			return true
		}
	}
	return false
}

func (c *fileChecker) shares(f *Fund) {
	sum, seen := decimal.Zero, map[string]bool{}
	for i := range f.Shares {
		s := &f.Shares[i]
		c.Here = s.At
		if c.required(s.Payer.Pos, s.Payer, "承担方 payer") && seen[s.Payer.Value] {
			c.Fail(s.Payer.Pos, "资金来源“%s”的承担方“%s”重复", f.Name.Value, s.Payer.Value)
		}
		seen[s.Payer.Value] = true
		if s.Percent.Value == "" {
			c.Fail(s.Percent.Pos, "资金来源“%s”的承担方“%s”缺少 percent（百分数）", f.Name.Value, s.Payer.Value)
			continue
		}
		sum = sum.Add(decimal.RequireFromString(s.Percent.Value))
	}
	c.Here = f.At
	if !sum.Equal(hundred) {
		c.Fail(f.Name.Pos, "资金来源“%s”的各方比例合计 %s，应为 100", f.Name.Value, sum)
	}
}

func (c *fileChecker) clearing() {
	cl := c.file.Clearing
	if cl == nil {
		return
	}
	c.Here = cl.At
	c.required(cl.Source.Pos, cl.Source, "清算标准的 source（依据）")
	if len(cl.Items) == 0 || len(cl.Bands) == 0 {
		c.Fail(cl.At, "clearing 要写 items（项目）和 bands（年龄段）")
	}
	for _, code := range cl.Items {
		if it := c.items[code.Value]; it == nil || it.Pay == nil {
			c.Fail(code.Pos, "清算的项目“%s”不在清单中，或不发钱", code.Value)
		}
	}
	if f := c.facts[cl.Flag()]; f == nil || f.Type.Value != "flag" {
		c.Fail(cl.Fact.Or(cl.At), "清算按是否有“%s”分标准，facts 里要有这个 flag 类事实；按别的事实分的，用 fact 写明", cl.Flag())
	}
	above := -1
	for i := range cl.Bands {
		above = c.clearingBand(&cl.Bands[i], above)
	}
	c.Here = c.file.At
}

// clearingBand checks a band, which begins above the one before it, and returns its end.
func (c *fileChecker) clearingBand(b *ClearingBand, above int) int {
	c.Here = b.At
	if _, _, ok := AgeBand(b.Ages.Value); !ok {
		c.Fail(b.Ages.Pos, "清算的 ages 应为年龄段，如 80-89 或 100-")
		return above
	}
	from, to := b.Span()
	if from <= above {
		c.Fail(b.Ages.Pos, "清算的年龄段要从小到大，不能重叠")
	}
	for _, rate := range []Decimal{b.LowIncome, b.Other} {
		if rate.Value == "" {
			c.Fail(b.Ages.Pos, "清算的每个年龄段要写 low_income 和 other（元/人·月）")
		} else if _, err := money.Parse(rate.Value); err != nil {
			c.Fail(rate.Pos, "清算标准“%s”应为元，最多两位小数", rate.Value)
		}
	}
	return to
}
