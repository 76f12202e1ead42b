package engine

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
)

// due is one key's difference: entitled − settled.
type due struct {
	bureau  int // index in Plan.Bureaus
	item    string
	order   int // of the item in the list
	payee   string
	month   month.Month
	amount  money.Fen
	waived  money.Fen
	unnamed bool      // somebody else should be the payee
	found   bool      // was due before: an arrears limit no longer applies
	held    money.Fen // of a held line of the last approved batch
}

// compareDues orders dues as netting takes them: bureau, month, list order, payee.
func compareDues(a, b due) int {
	return cmp.Or(
		cmp.Compare(a.bureau, b.bureau),
		cmp.Compare(a.month, b.month),
		cmp.Compare(a.order, b.order),
		strings.Compare(a.payee, b.payee),
	)
}

func (d *due) sameKey(o *due) bool {
	return d.bureau == o.bureau && d.month == o.month && d.order == o.order && d.payee == o.payee
}

// Computer computes one person after another. Each goroutine has its own.
type Computer struct {
	plan    *Plan
	granter *policy.Granter
	bureaus map[string]int // lead bureau of an item → index in plan.Bureaus
	first   month.Month    // the earliest month in which everybody is looked at

	dues    []due
	results []Result
	spread  *Spread
	replace map[month.Month][][]string

	current *policy.Outcome  // of the run's own month, for the person at hand
	doubts  []payrun.Finding // 疑点 of the person at hand, once asked for
	asked   bool
	abroad  []abroad // what other regions paid to the person at hand
}

// New returns a computer for the plan.
func New(plan *Plan) *Computer {
	c := &Computer{plan: plan, granter: plan.Pack.Granter(), bureaus: map[string]int{}, first: plan.Month + 1,
		results: make([]Result, len(plan.Bureaus)), spread: NewSpread(plan), replace: map[month.Month][][]string{}}
	for i, b := range plan.Bureaus {
		c.first = min(c.first, b.From)
		for _, it := range plan.Pack.Items() {
			if it.Bureaus[0].Value == b.Bureau {
				c.bureaus[it.Code.Value] = i
			}
		}
	}
	return c
}

// TakeSpread returns what the computer has counted since it was last asked.
func (c *Computer) TakeSpread() *Spread {
	s := c.spread
	c.spread = NewSpread(c.plan)
	return s
}

// Person computes what is due to one person: for each bureau of the plan its lines,
// debts and findings. The results are valid until the next call.
func (c *Computer) Person(cs *Case) ([]Result, error) {
	for i := range c.results {
		r := &c.results[i]
		r.Lines, r.Debts, r.Findings, r.News = r.Lines[:0], r.Debts[:0], r.Findings[:0], false
	}
	c.dues, c.doubts, c.asked, c.current = c.dues[:0], c.doubts[:0], false, nil
	if err := c.entitled(cs); err != nil {
		return nil, err
	}
	if err := c.settled(cs); err != nil {
		return nil, err
	}
	c.merge()
	c.limit(cs)
	c.lookElsewhere(cs)
	for i := range c.results {
		if part := c.bureauDues(i); len(part) > 0 {
			c.lines(cs, i, part)
		}
	}
	if err := c.findings(cs); err != nil {
		return nil, err
	}
	for i := range c.results {
		c.spread.add(i, &c.results[i])
	}
	return c.results, nil
}

// entitled adds what the rules grant, month by month, by what is known now.
func (c *Computer) entitled(cs *Case) error {
	from := c.first
	if cs.Touched {
		from = c.plan.Opening
	}
	for m := from; m <= c.plan.Month; m++ {
		outcome, err := c.granter.Grant(cs.Dossier, m)
		if err != nil {
			return err
		}
		if m == c.plan.Month {
			c.current = outcome
		}
		for i := range outcome.Grants {
			c.grant(cs, &outcome.Grants[i], m)
		}
		c.remarks(cs, outcome, m)
	}
	return nil
}

func (c *Computer) grant(cs *Case, g *policy.Grant, m month.Month) {
	b, ok := c.looksAt(cs, g.Item, m)
	if !ok {
		return
	}
	c.dues = append(c.dues, due{
		bureau: b, item: g.Item, order: c.plan.Pack.ItemOrder(g.Item), payee: g.Payee, month: m,
		amount: g.Amount, unnamed: g.Unnamed,
	})
}

// looksAt returns the lead bureau of an item, if the plan has it and it still looks
// at the month for this person.
func (c *Computer) looksAt(cs *Case, item string, m month.Month) (bureau int, ok bool) {
	bureau, ok = c.bureaus[item]
	return bureau, ok && (cs.Touched || m >= c.plan.Bureaus[bureau].From)
}

// settled takes off what the ledger says. Months before the opening month have only
// opening entries (期初): nothing is granted for them, so a debt of the old system is
// a negative due and a credit a positive one. Later months than the run's are
// another run's. An item that the pack does not have is an error: its money would be
// forgotten.
func (c *Computer) settled(cs *Case) error {
	for i := range cs.Settled {
		s := &cs.Settled[i]
		if c.plan.Pack.ItemOrder(s.Item) < 0 {
			return fault.New(fault.Refused, "台账里有项目 %s 的记录，规则包里没有这个项目，不能运行；请在规则包中保留它，用 to 写明终止月", s.Item)
		}
		b, ok := c.bureaus[s.Item]
		if !ok || s.Month > c.plan.Month {
			continue
		}
		c.dues = append(c.dues, due{
			bureau: b, item: s.Item, order: c.plan.Pack.ItemOrder(s.Item), payee: s.Payee, month: s.Month,
			amount: -s.Amount, waived: s.Waived, found: true, held: s.Held,
		})
	}
	return nil
}

// merge sorts the dues and adds up those of one key.
func (c *Computer) merge() {
	if len(c.dues) > 1 {
		slices.SortFunc(c.dues, compareDues)
	}
	merged := c.dues[:0]
	for _, d := range c.dues {
		if n := len(merged); n > 0 && merged[n-1].sameKey(&d) {
			last := &merged[n-1]
			last.amount = last.amount.Add(d.amount)
			last.waived = last.waived.Add(d.waived)
			last.unnamed = last.unnamed || d.unnamed
			last.found = last.found || d.found
			last.held = last.held.Add(d.held)
			continue
		}
		merged = append(merged, d)
	}
	c.dues = merged
}

// bureauDues returns one bureau's part of the sorted dues.
func (c *Computer) bureauDues(bureau int) []due {
	from, _ := slices.BinarySearchFunc(c.dues, bureau, func(d due, b int) int { return cmp.Compare(d.bureau, b) })
	to := from
	for to < len(c.dues) && c.dues[to].bureau == bureau {
		to++
	}
	return c.dues[from:to]
}
