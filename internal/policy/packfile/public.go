package packfile

import (
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// maxPublic bounds the words of an item, so that they fit into a row of a letter.
const maxPublic = 60

// public checks the words in which citizens know an item, and what it pays.
func (c *fileChecker) public(it *Item) {
	if p := it.Pay; p != nil {
		c.forCitizens(p.Name, "项目 "+it.Code.Value+" 的发放名称 pay.name")
	}
	words := it.Public
	if words == nil {
		return
	}
	for _, part := range []struct {
		text Text
		key  string
	}{{words.Who, "服务对象 public.who"}, {words.What, "服务内容 public.what"}} {
		c.required(words.At, part.text, part.key)
		c.forCitizens(part.text, "项目 "+it.Code.Value+" 的"+part.key)
	}
}

// forCitizens checks words that are shown as they are, so what is written for the program
// must not slip in.
func (c *fileChecker) forCitizens(words Text, what string) {
	if utf8.RuneCountInString(words.Value) > maxPublic {
		c.Fail(words.Pos, "%s超过 %d 个字，请写短些", what, maxPublic)
	}
	if strings.ContainsAny(words.Value, "<>=*\"\n") {
		c.Fail(words.Pos, "%s是写给群众看的，请用平常的话，不用表达式和符号", what)
	}
}

// valueMark stands for the value of a fact in its public words.
const valueMark = "{值}"

// publicFact checks what letters call a fact. Without the mark everybody's letter would
// leave out what is recorded; a flag has no value to put there.
func (c *fileChecker) publicFact(f *Fact) {
	if f.Unit.Value != "" && f.Type.Value != "amount" {
		c.Fail(f.Unit.Pos, "事实“%s”的 unit（单位）只用于 amount 类事实", f.Name.Value)
	}
	if f.Public.Value == "" {
		return
	}
	c.forCitizens(f.Public, "事实“"+f.Name.Value+"”的 public")
	if flag := f.Type.Value == "flag"; flag == strings.Contains(f.Public.Value, valueMark) {
		c.Fail(f.Public.Pos, "事实“%s”的 public 要含 %s（flag 类事实没有值，不写它）", f.Name.Value, valueMark)
	}
}

// Said is what letters call a fact with a value: 残疾等级（一级）, 机构月收费 1800.50 元.
func (f *Fact) Said(value string) string {
	if f.Type.Value == "amount" {
		value = quantityOf(value, f.Unit.Value)
	}
	switch {
	case f.Public.Value != "":
		return strings.ReplaceAll(f.Public.Value, valueMark, value)
	case f.Type.Value == "flag":
		return f.Name.Value
	case f.Type.Value == "amount":
		return f.Name.Value + " " + value
	}
	return f.Name.Value + "（" + value + "）"
}

// ValueSaid is the fact's value behind its name: in brackets, an amount with its unit,
// empty for a flag, which has none to tell.
func (f *Fact) ValueSaid(value string) string {
	switch f.Type.Value {
	case "flag":
		return ""
	case "amount":
		return " " + quantityOf(value, f.Unit.Value)
	}
	return "（" + value + "）"
}

// quantityOf is the value of a fact of amounts: money with its two decimals, what is
// counted in another unit as it is.
func quantityOf(value, unit string) string {
	if unit == "" || unit == "元" {
		return yuan(value) + " 元"
	}
	return plainNumber(value) + " " + unit
}

// plainNumber writes a number without the zeros that say nothing: 3 for 3.00.
func plainNumber(value string) string {
	n, err := decimal.NewFromString(value)
	if err != nil {
		return value
	}
	return n.String()
}

// yuan writes an amount with the two decimals that money has.
func yuan(value string) string {
	amount, err := decimal.NewFromString(value)
	if err != nil {
		return value
	}
	return amount.StringFixed(2)
}
