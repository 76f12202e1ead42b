package batch

import (
	"cmp"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// groupTotal is what the lines of one street, bank or reason come to.
type groupTotal struct {
	Name   string
	Bit    payrun.Hold // of a reason
	People int         // with a line of it; of streets and banks with one that is not held
	Lines  int
	Pays   money.Fen // not held, 扣回 netted
	Held   money.Fen
	last   int64 // the person who was counted last
}

// indexTotals are the sums over all lines of a batch.
type indexTotals struct {
	Lines, Heads             int
	Pays, Held               money.Fen
	Current, Arrears, Recall money.Fen // not held
	Streets, Banks           []groupTotal
	Holds                    []groupTotal // by single reason; a line may have several
	last                     int64
}

// holdReason is one of the reasons, with what ends it.
type holdReason struct {
	Bit     payrun.Hold
	Release string
}

// suspensionMark stands, in what releases a line, for the pack's fact that suspends.
const suspensionMark = "{停发情况}"

// holdReasons are the reasons in the order of payrun.
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
	t.Streets = grown(t.Streets, x.streets.list)
	t.Banks = grown(t.Banks, x.banks.list)
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

// grown makes room for words that are new.
func grown(groups []groupTotal, names []string) []groupTotal {
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

// sort puts what pays most first, and leaves out reasons that no line has.
func (t *indexTotals) sort() {
	bySum := func(x, y groupTotal) int { return cmp.Or(cmp.Compare(y.Pays, x.Pays), cmp.Compare(x.Name, y.Name)) }
	slices.SortFunc(t.Streets, bySum)
	slices.SortFunc(t.Banks, bySum)
	t.Holds = slices.DeleteFunc(t.Holds, func(g groupTotal) bool { return g.Lines == 0 })
}
