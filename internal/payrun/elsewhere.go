package payrun

import (
	"fmt"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// Elsewhere is what another region of the same database has paid for somebody's ID
// number: of one item and benefit month, by lines that are neither held nor failed.
type Elsewhere struct {
	Region int32
	Item   string
	Month  month.Month
	Amount money.Fen // 分
}

// elsewhere returns the 疑点 that the item was paid in another region too, for one of the
// benefit months. It rests on all that was paid there of the item up to the run's month,
// so a decision stands until they pay another month.
func (c *Computer) elsewhere(d *roster.Dossier, item string) (Finding, bool) {
	var evidence, said []string
	for _, e := range c.plan.Elsewhere[d.Number] {
		if e.Item != item || e.Month > c.plan.Month {
			continue
		}
		evidence = append(evidence, fmt.Sprintf("%d|%s|%s", e.Region, e.Month, e.Amount))
		said = append(said, fmt.Sprintf("%d 的 %s %s 元", e.Region, e.Month.Chinese(), e.Amount))
	}
	if len(evidence) == 0 {
		return Finding{}, false
	}
	const most = 3
	if n := len(said); n > most {
		said = append([]string{"……"}, said[n-most:]...)
	}
	s := fmt.Sprintf("%s 的项目 %s 在别的区划也发过：%s，请与对方核实由哪里发放", who(d), item, strings.Join(said, "、"))
	return finding(Doubt, ElsewhereKind, d.Number, item, s, strings.Join(evidence, "\n")), true
}

// paidThere reports whether another region paid the item for the month.
func (c *Computer) paidThere(d *roster.Dossier, item string, m month.Month) bool {
	for _, e := range c.plan.Elsewhere[d.Number] {
		if e.Item == item && e.Month == m {
			return true
		}
	}
	return false
}

// paidTwice reports whether a line waits because another region paid the same, and nobody
// has decided to pay all the same.
func (c *Computer) paidTwice(d *roster.Dossier, item string, m month.Month) bool {
	if !c.paidThere(d, item, m) {
		return false
	}
	f, _ := c.elsewhere(d, item)
	return !c.plan.Released(f.ID)
}

// elsewhereFindings says of somebody's lines that another region paid the same.
func (c *Computer) elsewhereFindings(bureau int, d *roster.Dossier) {
	if len(c.plan.Elsewhere[d.Number]) == 0 {
		return
	}
	lines := c.results[bureau].Lines
	for i := range lines {
		if l := &lines[i]; l.Kind != Recovery && c.paidThere(d, l.Item, l.Month) {
			if f, ok := c.elsewhere(d, l.Item); ok {
				c.note(bureau, f)
			}
		}
	}
}
