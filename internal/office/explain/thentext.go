package explain

import (
	"fmt"
	"slices"
	"strings"

	"disburse/internal/roster"
)

// text writes then and now for people.
func (t *ThenNow) text() string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	if len(t.Then) > 0 {
		b.WriteString("\n四、当时与现在\n")
		t.batches(&b)
		t.differences(&b)
	}
	if len(t.Settled) > 0 {
		b.WriteString("\n五、本月的结算\n")
		for i := range t.Settled {
			t.Settled[i].text(&b)
		}
	}
	return b.String()
}

func (t *ThenNow) batches(b *strings.Builder) {
	for _, th := range t.Then {
		if !th.Known {
			fmt.Fprintf(b, "  %s（按第 %d 号修订计算，%s 审批）：当时花名册里没有这个人\n", th.title, th.Revision, th.ApprovedAt)
			th.mergedText(b)
			continue
		}
		if len(th.Granted) == 0 && len(th.Merged) == 0 && !slices.ContainsFunc(t.Differs, func(d ThenItem) bool { return d.Bureau == th.Bureau }) {
			continue // a bureau that had nothing to do with the person
		}
		rules := "规则包与现在相同"
		if !th.samePack {
			rules = fmt.Sprintf("规则包 %.12s，与现在不同", th.Pack)
		}
		fmt.Fprintf(b, "  %s：按第 %d 号修订计算，%s 审批（第 %d 号修订），%s\n", th.title, th.Revision, th.ApprovedAt, th.Approved, rules)
		if th.Later {
			b.WriteString("    本月没有单独审批的批次，由这一批补发\n")
		}
		for i := range th.Granted {
			g := &th.Granted[i]
			fmt.Fprintf(b, "    当时：%s %s %s\n", g.Item, g.name, g.words())
		}
		th.mergedText(b)
	}
}

// mergedText tells of records that were granted something of their own, and are the
// person's since.
func (th *ThenBatch) mergedText(b *strings.Builder) {
	for i := range th.Merged {
		r := &th.Merged[i]
		fmt.Fprintf(b, "    另有一条记录 %s（%s），后来并入本记录（第 %d 号修订，%s；%s）\n", r.Name, r.ID, r.Revision, r.At, r.Reason)
		for k := range r.Granted {
			g := &r.Granted[k]
			fmt.Fprintf(b, "      并入的记录当时：%s %s %s\n", g.Item, g.name, g.words())
		}
	}
}

func (t *ThenNow) differences(b *strings.Builder) {
	if len(t.Since) > 0 {
		b.WriteString("  此后知道的情况：\n")
		for _, l := range t.Since {
			fmt.Fprintf(b, "    第 %d 号修订（%s，%s）：%s\n", l.Revision, l.At, l.Action, strings.Join(roster.Texts(l.Changes), "；"))
		}
	}
	merged := slices.ContainsFunc(t.Then, func(th ThenBatch) bool { return len(th.Merged) > 0 })
	if merged {
		b.WriteString("  这些记录是同一个人：每个项目只应发一份，并入的记录多发的，在“五”里列为待扣回\n")
	}
	if len(t.Differs) == 0 {
		if merged {
			b.WriteString("  本记录的各项目与当时一致\n")
			return
		}
		b.WriteString("  现在看来，各项目与当时一致\n")
		return
	}
	b.WriteString("  现在看来不同的项目：\n")
	for i := range t.Differs {
		d := &t.Differs[i]
		fmt.Fprintf(b, "  ● %s %s：当时%s，现在%s\n", d.Item, d.Name, d.Then.words(), d.Now.words())
		for _, w := range d.Why {
			fmt.Fprintf(b, "      因为：%s\n", w)
		}
	}
}

func (g *ThenGrant) words() string {
	if g.Amount == "" {
		return g.Verdict
	}
	s := g.Verdict + " " + g.Amount + " 元"
	if g.Payee != "" && g.Payee != roster.Myself {
		s += "，付" + g.Payee
	}
	return s
}

func (s *SettledMonth) text(b *strings.Builder) {
	fmt.Fprintf(b, "  项目 %s", s.Item)
	if s.Payee != roster.Myself {
		b.WriteString("，付" + s.Payee)
	}
	fmt.Fprintf(b, "：现应发 %s 元，已结算 %s 元", s.Entitled, s.Settled)
	if s.position.Waived != 0 {
		fmt.Fprintf(b, "，已核销 %s 元", s.Waived)
	}
	b.WriteString("，" + s.Standing())
	b.WriteString("\n")
	for _, e := range s.Entries {
		fmt.Fprintf(b, "      %s %s %s 元", e.At, e.Kind, e.Amount)
		if e.Batch != "" {
			b.WriteString("，" + e.Batch)
		}
		if e.Against != "" {
			b.WriteString("，从项目 " + e.Against + " 的付款中扣")
		}
		if e.Note != "" {
			b.WriteString("，" + e.Note)
		}
		b.WriteString("\n")
	}
}

// Standing says where the item stands for the month: what is still to be paid or got back.
func (s *SettledMonth) Standing() string {
	switch {
	case s.position.Open() > 0:
		return "待扣回 " + s.Open + " 元"
	case s.hold != 0:
		return fmt.Sprintf("暂缓 %s 元（%s）", s.Held, s.hold)
	case s.Lapsed != "":
		return fmt.Sprintf("登记时已审批到 %s，超过补发限额 %d 个月，不补发", (s.next - 1).Chinese(), s.most)
	case s.position.Due() > 0:
		return "待补发 " + s.Due + " 元"
	}
	return "两清"
}
