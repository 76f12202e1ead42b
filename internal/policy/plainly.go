package policy

import (
	"fmt"
	"slices"
	"strings"
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
	name := p.byCode[x.Code].def.PaidAs()
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
	return p.File.Facts[p.facts[in.Name]].Said(in.Value)
}

// plainSum says how the amount comes about, without a formula.
func (p *Pack) plainSum(x *ItemExplanation) string {
	s := x.Sum
	switch {
	case s == nil:
		return x.Amount + " 元"
	case s.Determined:
		return plainAward(&s.Inputs[0])
	case len(s.Inputs) > 0 && s.Formula == s.Inputs[0].Name && p.Reads(&s.Inputs[0]) == ReadsRate:
		return quantity(s.Inputs[0].Value, p.UnitOf(s.Formula))
	case len(s.Parts) > 1 || s.Limit != "":
		return fmt.Sprintf("本月 %s 元：%s", x.Amount, plainParts(s, x.Amount))
	}
	if rates := p.plainInputs(s.Inputs); len(rates) > 0 {
		return fmt.Sprintf("本月 %s 元（按%s计算）", x.Amount, strings.Join(rates, "、"))
	}
	return x.Amount + " 元"
}

func plainAward(award *Input) string {
	text := "按核定金额发放 " + award.Value + " 元"
	if award.Since == award.Until {
		text = "一次性核定 " + award.Value + " 元"
	}
	if award.Basis != "" {
		text += "（依据：" + award.Basis + "）"
	}
	return text
}

// plainParts lists the summands of an amount, what is taken off, and the limit where it
// is that which is paid. Summands of nothing are left out.
func plainParts(s *Arithmetic, amount string) string {
	var plus, minus []string
	for _, part := range s.Parts {
		switch {
		case part.Amount == "0.00":
		case part.Minus:
			minus = append(minus, part.Name+" "+part.Amount+" 元")
		default:
			plus = append(plus, part.Name+" "+part.Amount+" 元")
		}
	}
	text := strings.Join(plus, "，加")
	if len(minus) > 0 {
		text += "，减去" + strings.Join(minus, "、")
	}
	if s.Limit != "" && s.Limit == amount {
		text += "，按最高限额 " + s.Limit + " 元发放"
	}
	return text
}

// plainInputs names the rates and facts that a product or a choice is made of.
func (p *Pack) plainInputs(inputs []Input) (all []string) {
	for i := range inputs {
		in := &inputs[i]
		switch p.Reads(in) {
		case ReadsRate:
			all = append(all, in.Name+" "+quantity(in.Value, p.UnitOf(in.Name)))
		case ReadsFact:
			if text := p.plainFact(in); text != "" {
				all = append(all, text)
			}
		}
	}
	return all
}

// quantity reads 70 and 元/月 as 每月 70 元.
func quantity(value, unit string) string {
	if what, per, ok := strings.Cut(unit, "/"); ok {
		return "每" + per + " " + value + " " + what
	}
	return strings.TrimSpace(value + " " + unit)
}
