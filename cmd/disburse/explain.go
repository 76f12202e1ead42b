package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

func (a *app) explainCommand() *cobra.Command {
	return a.command("explain ID-NUMBER YYYY-MM", "为什么这个人享受这些待遇；已审批的月份还说明当时与现在（身份证号写 - 则从标准输入读）", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		id, err := personArgument(args[0])
		if err != nil {
			return err
		}
		m, err := parseMonth(args[1])
		if err != nil {
			return err
		}
		return a.explain(ctx, id, m)
	})
}

// explanation is what is printed as JSON.
type explanation struct {
	Name  string                   `json:"name"`
	ID    string                   `json:"id_number"`
	Month string                   `json:"month"`
	Age   int                      `json:"age"`
	Items []policy.ItemExplanation `json:"items"`
	Lines []explainedLine          `json:"lines"`
	*thenNow
}

type explainedLine struct {
	Item    string `json:"item"`
	Month   string `json:"benefit_month"`
	Kind    string `json:"kind"`
	Amount  string `json:"amount"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Payee   string `json:"payee"`
	Against string `json:"against"`
}

func (a *app) explain(ctx context.Context, id string, m month.Month) error {
	whole, err := a.db.PersonMonth(ctx, a.region, id, m)
	if err != nil {
		return err
	}
	d := whole.Now
	x, err := a.pack.Explain(d, m)
	if err != nil {
		return err
	}
	if err := a.looksAt(ctx, journal.Viewed, "待遇说明", d.Number, m.String()); err != nil {
		return err
	}
	lines, err := a.db.PersonLines(ctx, a.region, m, d.Number)
	if err != nil {
		return err
	}
	e := explanation{Name: d.Name, ID: d.ID, Month: m.String(), Age: x.Age, Items: x.Items, Lines: []explainedLine{}}
	if e.thenNow, err = a.thenNow(ctx, whole, m); err != nil {
		return err
	}
	for _, l := range lines {
		e.Lines = append(e.Lines, explainedLine{l.Item, l.Month.String(), l.Kind.String(), l.Amount.String(), l.Status(), l.Hold.String(), l.Payee, l.Against})
	}
	if a.format == "json" {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	}
	fmt.Print(explainText(d, m, x, lines) + e.thenNow.text())
	return nil
}

// explainText writes an explanation for people: what is granted first, then what is
// not and the first condition that speaks against it.
func explainText(d *roster.Dossier, m month.Month, x *policy.Explanation, lines []payrun.Line) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s（%s），%s，%d 周岁，%s\n", d.Name, d.ID, m.Chinese(), x.Age, d.Street)
	b.WriteString("\n一、享受的项目\n")
	for i := range x.Items {
		if it := &x.Items[i]; it.Verdict != policy.NotGranted {
			explainItem(&b, it)
		}
	}
	if len(lines) > 0 {
		b.WriteString("\n二、本月批次中的明细\n")
		for _, l := range lines {
			fmt.Fprintf(&b, "  项目 %s  %s %s  %s 元  %s", l.Item, l.Month.Chinese(), l.Kind, l.Amount, l.Status())
			if l.Hold != 0 {
				b.WriteString("（" + l.Hold.String() + "）")
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
	b.WriteString("\n三、不享受的项目\n")
	for i := range x.Items {
		if it := &x.Items[i]; it.Verdict == policy.NotGranted {
			fmt.Fprintf(&b, "  %s %s：%s\n", it.Code, it.Name, whyNot(it))
		}
	}
	return b.String()
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
