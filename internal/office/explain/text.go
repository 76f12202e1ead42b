package explain

import (
	"fmt"
	"strings"

	"disburse/internal/policy"
	"disburse/internal/roster"
)

// Text writes the explanation for people: what is granted first, then what is not and
// the first condition that speaks against it.
func (e *Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s（%s），%s，%d 周岁，%s\n", e.Name, e.ID, e.month.Chinese(), e.Age, e.Dossier.Street)
	if e.Opening != "" {
		fmt.Fprintf(&b, "注意：%s早于期初月 %s，由原来的系统发放，本系统不计算、不补发也不扣回（期初导入的除外）；以下只说明按现在的资料和规则会怎样\n", e.month.Chinese(), e.Opening)
	}
	b.WriteString("\n一、享受的项目\n")
	for i := range e.Items {
		if it := &e.Items[i]; it.Verdict != policy.NotGranted {
			explainItem(&b, it)
		}
	}
	e.explainLines(&b)
	b.WriteString("\n三、不享受的项目\n")
	for i := range e.Items {
		if it := &e.Items[i]; it.Verdict == policy.NotGranted {
			fmt.Fprintf(&b, "  %s %s：%s\n", it.Code, it.Name, whyNot(it))
		}
	}
	return b.String() + e.ThenNow.text()
}

func (e *Explanation) explainLines(b *strings.Builder) {
	if len(e.lines) == 0 {
		return
	}
	b.WriteString("\n二、本月批次中的明细\n")
	for i, l := range e.lines {
		fmt.Fprintf(b, "  项目 %s  %s %s  %s 元  %s", l.Item, l.Month.Chinese(), l.Kind, l.Amount, l.Status())
		if l.Hold != 0 {
			b.WriteString("（" + l.Hold.String() + "）")
		}
		if said := e.Lines[i].Decision; said != "" {
			b.WriteString("，" + said)
		}
		if l.Against != l.Item {
			b.WriteString("，从项目 " + l.Against + " 的付款中扣")
		}
		if l.Payee != roster.Myself {
			b.WriteString("，付" + l.Payee)
		}
		b.WriteString("\n")
	}
}

func explainItem(b *strings.Builder, it *policy.ItemExplanation) {
	fmt.Fprintf(b, "\n● %s %s：%s", it.Code, it.Name, it.Verdict)
	if it.Amount != "" {
		fmt.Fprintf(b, " %s 元，付%s", it.Amount, it.Payee)
	}
	if it.Detail != "" {
		fmt.Fprintf(b, "（%s）", it.Detail)
	}
	b.WriteString("\n")
	for i := range it.Tests {
		t := &it.Tests[i]
		mark := "✓"
		if t.Holds == t.Exclude {
			mark = "✗"
		}
		text := t.Plain
		if t.Exclude {
			text = "不属于：" + text
		}
		fmt.Fprintf(b, "    %s %s%s\n", mark, text, inputsText(t.Inputs))
	}
	if s := it.Sum; s != nil {
		fmt.Fprintf(b, "    金额 = %s = %s 元%s\n", s.Plain, s.Result, inputsText(s.Inputs))
		if s.Source != "" {
			fmt.Fprintf(b, "      依据：%s\n", s.Source)
		}
		if s.Unconfirmed != "" {
			fmt.Fprintf(b, "      待核定：%s\n", s.Unconfirmed)
		}
	}
	for _, r := range it.Remarks {
		fmt.Fprintf(b, "    注：%s\n", r)
	}
}

func inputsText(inputs []policy.Input) string {
	var b strings.Builder
	for _, in := range inputs {
		fmt.Fprintf(&b, "\n        %s：%s", in.Name, in.Value)
		var notes []string
		if in.Since != "" {
			s := "自 " + in.Since
			if in.Until != "" {
				s += " 至 " + in.Until
			}
			notes = append(notes, s)
		}
		if in.KnownAt > 0 {
			notes = append(notes, fmt.Sprintf("第 %d 号修订起已知", in.KnownAt))
		}
		for _, s := range []string{in.Basis, in.Source} {
			if s != "" {
				notes = append(notes, "依据："+s)
			}
		}
		if in.Unconfirmed != "" {
			notes = append(notes, "待核定："+in.Unconfirmed)
		}
		if len(notes) > 0 {
			b.WriteString("（" + strings.Join(notes, "，") + "）")
		}
	}
	return b.String()
}

// whyNot names the first condition that speaks against an item.
func whyNot(it *policy.ItemExplanation) string {
	for i := range it.Tests {
		t := &it.Tests[i]
		if t.Holds != t.Exclude {
			continue
		}
		values := ""
		for k, in := range t.Inputs {
			if k > 0 {
				values += "，"
			}
			values += in.Name + "：" + in.Value
		}
		if values != "" {
			values = "（" + values + "）"
		}
		if t.Exclude {
			return "属于排除情形 " + t.Plain + values
		}
		return "不满足 " + t.Plain + values
	}
	return strings.Join(it.Remarks, "；")
}
