package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Plainly says in one sentence, to the person an explanation is about, why an item is
// granted and how much; empty for an item that is not. you is how the person is spoken
// of: 您. Conditions are said by what was found, never as the pack writes them.
func (p *Pack) Plainly(x *ItemExplanation, you string) string {
	if x.Verdict != Granted {
		return ""
	}
	var parts []string
	age, facts := p.found(x.Tests)
	if age != "" {
		parts = append(parts, you+"已满 "+age+" 周岁")
	}
	if len(facts) > 0 {
		parts = append(parts, "登记有"+strings.Join(facts, "、"))
	}
	if len(parts) == 0 {
		parts = append(parts, you)
	}
	name := x.Name
	if x.Who != "" {
		name += "（" + x.Who + "）"
	}
	parts = append(parts, "符合"+name+"的条件", p.plainSum(x))
	return strings.Join(parts, "，") + "。"
}

// found gathers what conditions that speak for an item rest on: the age, and the facts
// that are on record, each once.
func (p *Pack) found(tests []Test) (age string, facts []string) {
	for i := range tests {
		t := &tests[i]
		if t.Exclude || !t.Holds {
			continue
		}
		for k := range t.Inputs {
			in := &t.Inputs[k]
			switch p.Reads(in) {
			case ReadsAge:
				age = in.Value
			case ReadsFact:
				if text := p.plainFact(in); text != "" && !slices.Contains(facts, text) {
					facts = append(facts, text)
				}
			}
		}
	}
	return age, facts
}

// plainFact says what a fact is; empty for one that is not on record.
func (p *Pack) plainFact(in *Input) string {
	if in.Since == "" {
		return ""
	}
	switch p.File.Facts[p.facts[in.Name]].Type.Value {
	case "flag":
		return in.Name
	case "amount":
		return in.Name + " " + yuan(in.Value) + " 元"
	}
	return in.Name + "为" + in.Value
}

// plainSum says how the amount comes about, without a formula.
func (p *Pack) plainSum(x *ItemExplanation) string {
	s := x.Sum
	if s == nil {
		return x.Amount + " 元"
	}
	if s.Determined {
		award := &s.Inputs[0]
		text := "按核定金额发放 " + award.Value + " 元"
		if award.Since == award.Until {
			text = "一次性核定 " + award.Value + " 元"
		}
		if award.Basis != "" {
			text += "（依据：" + award.Basis + "）"
		}
		return text
	}
	if len(s.Inputs) > 0 && s.Formula == s.Inputs[0].Name && p.Reads(&s.Inputs[0]) == ReadsRate {
		return quantity(s.Inputs[0].Value, p.UnitOf(s.Formula))
	}
	if rest, bounded := p.plainInputs(s.Inputs); len(rest) > 0 {
		limit := ""
		if bounded {
			limit = "，不超过规定的限额"
		}
		return fmt.Sprintf("本月 %s 元（按%s计算%s）", x.Amount, strings.Join(rest, "、"), limit)
	}
	return x.Amount + " 元"
}

// plainInputs names what an amount is made of. Where it rests on amounts of the
// person's own, they and what other items give are the sum, and rates only bound it.
func (p *Pack) plainInputs(inputs []Input) (rest []string, bounded bool) {
	own := slices.ContainsFunc(inputs, p.isOwnAmount)
	for i := range inputs {
		in := &inputs[i]
		if own && p.Reads(in) != ReadsItem && !p.isOwnAmount(*in) {
			bounded = bounded || p.Reads(in) == ReadsRate
			continue
		}
		if text := p.plainInput(in); text != "" {
			rest = append(rest, text)
		}
	}
	return rest, bounded
}

func (p *Pack) isOwnAmount(in Input) bool {
	return p.Reads(&in) == ReadsFact && p.File.Facts[p.facts[in.Name]].Type.Value == "amount"
}

// plainInput names a value that an amount is made of; empty for one that rests on others.
func (p *Pack) plainInput(in *Input) string {
	switch p.Reads(in) {
	case ReadsRate:
		return in.Name + " " + quantity(in.Value, p.UnitOf(in.Name))
	case ReadsFact:
		return p.plainFact(in)
	case ReadsItem:
		if in.Value == "0.00" {
			return ""
		}
		return p.byCode[in.Item].def.Name.Value + " " + in.Value + " 元"
	}
	return ""
}

// yuan writes an amount with the two decimals that money has.
func yuan(value string) string {
	amount, err := decimal.NewFromString(value)
	if err != nil {
		return value
	}
	return amount.StringFixed(2)
}

// quantity reads 70 and 元/月 as 每月 70 元.
func quantity(value, unit string) string {
	if what, per, ok := strings.Cut(unit, "/"); ok {
		return "每" + per + " " + value + " " + what
	}
	return strings.TrimSpace(value + " " + unit)
}
