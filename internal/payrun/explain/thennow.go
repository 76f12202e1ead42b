package explain

import (
	"fmt"
	"slices"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/roster"
)

// Comparison is one item of one month as an earlier batch had it, and as it is now.
type Comparison struct {
	Item string
	Name string
	Was  *policy.Standing
	Is   *policy.Standing
	Why  []string // Chinese; empty where both are the same
}

// Differs reports whether the item came out another way.
func (c *Comparison) Differs() bool {
	return c.Was.Verdict != c.Is.Verdict || c.Was.Amount != c.Is.Amount || c.Was.Payee != c.Is.Payee || c.Was.Detail != c.Is.Detail
}

// Compare says of one item and month what is granted now and what was granted by what
// was known then. The book is of the pack of today and, as the one before, of the pack
// of then, both for the month. then is nil for somebody who was not on the roster yet.
func (b *Book) Compare(now, then *roster.Dossier, m month.Month, item string) (Comparison, error) {
	c := Comparison{Item: item, Was: &policy.Standing{ItemExplanation: policy.ItemExplanation{Code: item, Verdict: policy.NotGranted}}}
	var err error
	if c.Is, err = b.pack.Standing(now, m, item); err != nil {
		return c, fmt.Errorf("look at item %s now: %w", item, err)
	}
	c.Name = c.Is.Name
	if then != nil {
		if c.Was, err = b.packBefore.Standing(then, m, item); err != nil {
			return c, fmt.Errorf("look at item %s then: %w", item, err)
		}
		if c.Name == "" {
			c.Name = c.Was.Name
		}
	}
	if c.Differs() {
		c.Why = b.whyOther(&c, now, then, m)
	}
	return c, nil
}

func (b *Book) whyOther(c *Comparison, now, then *roster.Dossier, m month.Month) []string {
	if then == nil {
		return []string{"当时花名册里没有这个人"}
	}
	var all []string
	switch {
	case c.Was.Present && !c.Is.Present:
		all = append(all, absent(now, m))
	case !c.Was.Present && c.Is.Present && c.Was.InForce:
		all = append(all, corrected(then, m))
	}
	var rules []diff.Difference
	if b.packBefore.Hash != b.pack.Hash {
		rules = diff.OfItem(b.packBefore, b.pack, c.Item)
	}
	w := &why{book: b, now: now, then: then, was: c.Was, is: c.Is, last: m, month: m, told: rules, ruled: true}
	all = append(all, w.late()...)
	for _, d := range rules {
		all = append(all, "规则改变："+d.Sentence)
	}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	if len(all) == 0 {
		all = append(all, "所依据的其他项目或资料有变动")
	}
	return all
}

// corrected says why somebody who was not there then is there now.
func corrected(then *roster.Dossier, m month.Month) string {
	switch why := absent(then, m); {
	case why != "":
		return "当时登记为 " + why + "，现已更正"
	case roster.Temporary(then.ID):
		return "当时登记的是临时编号 " + then.ID + "，不享受本项，现已更正"
	}
	return ""
}
