package batch

import (
	"cmp"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// groupTotal sums up the lines of one street, bank or reason to hold. Amounts are 分.
type groupTotal struct {
	Name   string
	Bit    payrun.Hold // the reason; 0 for streets and banks
	People int         // with a line in the group; for streets and banks, with one that is not held
	Lines  int
	Pays   money.Fen // lines that are not held, 扣回 netted
	Held   money.Fen
	last   int64 // person counted last: lines come sorted by person
}

// indexTotals are the sums of all lines of a batch. Amounts are 分.
type indexTotals struct {
	Lines, Heads             int
	Pays, Held               money.Fen
	Current, Arrears, Recall money.Fen // lines that are not held
	Streets, Banks           []groupTotal
	Holds                    []groupTotal // by single reason; a line with several counts for each
	last                     int64
}

// holdReason is a reason to hold lines with the advice how to release them.
type holdReason struct {
	Bit     payrun.Hold
	Release string
}

// suspensionMark is the placeholder in the advice for the pack's fact that suspends payments.
const suspensionMark = "{停发情况}"

// holdReasons are in the order of the bits of payrun.Hold.
var holdReasons = []holdReason{
	{payrun.NoAccount, "补登收款人的银行账户，再重新计算"},
	{payrun.AccountRefused, "向本人或银行核实，登记新账户；核实无误的在“检查”里决定发放"},
	{payrun.AwaitingHeir, "登记代领人、代领关系和原因，再重新计算"},
	{payrun.Suspended, "核实后结束“" + suspensionMark + "”记录，再重新计算"},
	{payrun.Undecided, "在“检查”里对疑点作出决定，再重新计算"},
	{payrun.KeptBack, "情况查清以后，在“检查”里重新决定，再重新计算"},
}

func (t *indexTotals) add(x *lineIndex, person int64, l *lineEntry) {
	t.Lines++
	t.Streets = grow(t.Streets, x.streets.list)
	t.Banks = grow(t.Banks, x.banks.list)
	t.Streets[l.street].add(person, l, l.hold == 0)
	t.Banks[l.bank].add(person, l, l.hold == 0)
	if l.hold != 0 {
		t.Held = t.Held.Add(l.amount)
		t.addHolds(person, l)
		return
	}
	if t.last != person {
		t.last = person
		t.Heads++
	}
	t.Pays = t.Pays.Add(l.amount)
	switch l.kind {
	case payrun.Current:
		t.Current = t.Current.Add(l.amount)
	case payrun.Arrears:
		t.Arrears = t.Arrears.Add(l.amount)
	case payrun.Recovery:
		t.Recall = t.Recall.Add(l.amount)
	}
}

// grow appends groups for texts that are new in a dictionary.
func grow(groups []groupTotal, names []string) []groupTotal {
	for len(groups) < len(names) {
		groups = append(groups, groupTotal{Name: names[len(groups)]})
	}
	return groups
}

func (t *indexTotals) addHolds(person int64, l *lineEntry) {
	if t.Holds == nil {
		for _, r := range holdReasons {
			t.Holds = append(t.Holds, groupTotal{Name: r.Bit.String(), Bit: r.Bit})
		}
	}
	for i := range t.Holds {
		if l.hold&t.Holds[i].Bit != 0 {
			t.Holds[i].add(person, l, true)
		}
	}
}

func (g *groupTotal) add(person int64, l *lineEntry, heads bool) {
	g.Lines++
	if heads && g.last != person {
		g.last = person
		g.People++
	}
	if l.hold != 0 {
		g.Held = g.Held.Add(l.amount)
	} else {
		g.Pays = g.Pays.Add(l.amount)
	}
}

// sort orders groups by sum, the largest first, and drops reasons without lines.
func (t *indexTotals) sort() {
	bySum := func(x, y groupTotal) int { return cmp.Or(cmp.Compare(y.Pays, x.Pays), cmp.Compare(x.Name, y.Name)) }
	slices.SortFunc(t.Streets, bySum)
	slices.SortFunc(t.Banks, bySum)
	t.Holds = slices.DeleteFunc(t.Holds, func(g groupTotal) bool { return g.Lines == 0 })
}
