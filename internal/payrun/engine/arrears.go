package engine

import (
	"fmt"
	"slices"

	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
)

// An item may pay 补发 only so many months back (arrears_months: n). The months are counted
// from where the bureau stood when it came to know what grants the due, not from the month
// that happens to be run: somebody registered in time loses nothing because months were
// skipped, carried over or voided. A due of month m lapses when m < K − n, K being what
// NextMonth returns for the revision that KnownSince returns. So it lapses or not once and
// for all: neither later runs nor later approvals change it.

// Approval is an approved batch of a bureau, and when it was one.
type Approval struct {
	Month  month.Month
	Rev    int64 // of the approval
	Voided int64 // revision; 0: it stands
}

// NextMonth returns the month that a bureau was to pay next by what was approved at the
// revision: the one after the last approved batch, or the opening month.
func NextMonth(approvals []Approval, opening month.Month, rev int64) month.Month {
	next := opening
	for _, a := range approvals {
		if a.Rev <= rev && (a.Voided == 0 || a.Voided > rev) {
			next = max(next, a.Month+1)
		}
	}
	return next
}

// Stage is what was known of a person from a revision until the next stage: by their own
// record, and by each record that was merged into it later. Nobody known: no records.
type Stage struct {
	Rev     int64
	Records []*roster.Dossier
}

// KnownSince returns the revision since which what was known has granted the item for the
// month, by any record and to any payee, without a break up to the last stage: facts that
// replace one another in one revision are no break, something withdrawn and recorded anew
// is. 0 where there are no stages: everything was known before the first approval.
func KnownSince(g *policy.Granter, stages []Stage, item string, m month.Month) int64 {
	since := int64(0)
	for _, s := range slices.Backward(stages) {
		granted := slices.ContainsFunc(s.Records, func(d *roster.Dossier) bool { return grants(g, d, item, m) })
		if since != 0 && !granted {
			break
		}
		since = s.Rev
	}
	return since
}

// grants reports whether what was known at some time grants the item. Knowledge from which
// today's rules cannot compute the month granted nothing: it cannot be mended any more, so
// it must not stop a run.
func grants(g *policy.Granter, d *roster.Dossier, item string, m month.Month) bool {
	outcome, err := g.Grant(d, m)
	return err == nil && slices.ContainsFunc(outcome.Grants, func(x policy.Grant) bool { return x.Item == item })
}

// limit drops arrears that became known too late for the item's limit, unless the item was
// found before for the month, whoever its payee was: once found, settled, held, returned or
// carried over it never lapses, and neither does a raise of it.
func (c *Computer) limit(cs *Case) {
	kept := c.dues[:0]
	for from := 0; from < len(c.dues); {
		to, found := from, false
		for ; to < len(c.dues) && c.dues[to].sameItem(&c.dues[from]); to++ {
			found = found || c.dues[to].found
		}
		for _, x := range c.dues[from:to] {
			if found || x.amount <= 0 || !c.late(cs, &x) {
				kept = append(kept, x)
			}
		}
		from = to
	}
	c.dues = kept
}

func (d *due) sameItem(o *due) bool {
	return d.bureau == o.bureau && d.month == o.month && d.order == o.order
}

// late reports whether a due that nobody has found before became known too late, and leaves
// a finding that says so.
func (c *Computer) late(cs *Case, x *due) bool {
	item, _ := c.plan.Pack.Item(x.item)
	most, approvals := item.Pay.ArrearsMax.Value, c.plan.Bureaus[x.bureau].Approvals
	far := func(a Approval) bool { return int(a.Month+1-x.month) > most }
	if most == 0 || len(cs.Stages) == 0 || !slices.ContainsFunc(approvals, far) {
		return false // most dues are of months that nothing can be too late for
	}
	known := KnownSince(c.granter, cs.Stages, x.item, x.month)
	next := NextMonth(approvals, c.plan.Opening, known)
	if int(next-x.month) <= most {
		return false
	}
	c.note(x.bureau, lapsed(cs.Dossier, x, next, most))
	return true
}

func lapsed(d *roster.Dossier, x *due, next month.Month, most int) payrun.Finding {
	s := fmt.Sprintf("%s 项目 %s 的 %s 补发 %s 元，登记时已审批到 %s，超过 %d 个月的限额，未列入",
		who(d), x.item, x.month.Chinese(), x.amount, (next - 1).Chinese(), most)
	return finding(payrun.ArrearsLapsed, d.Number, x.item, s, x.month, x.payee, x.amount)
}
