package judge

import (
	"sort"
	"strconv"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// Totals are a batch's control totals, counted from its lines.
type Totals struct {
	Lines int
	Heads int       // people with a line that is not held
	Pays  money.Fen // 分, lines that are not held, 扣回 netted
	Held  money.Fen // 分, held lines
	Items map[string]ItemTotals
}

// ItemTotals are one item's. Current, Arrears and Recovery are lines that are not held.
type ItemTotals struct {
	Heads    int
	Current  money.Fen
	Arrears  money.Fen
	Recovery money.Fen // negative
	Held     money.Fen
}

// Add counts all lines of one person.
func (t *Totals) Add(lines []payrun.Line) {
	if t.Items == nil {
		t.Items = map[string]ItemTotals{}
	}
	paid := map[string]bool{} // items with a line of this person that is not held
	for i := range lines {
		l := &lines[i]
		t.Lines++
		item := t.Items[l.Item]
		switch {
		case l.Hold != 0:
			t.Held += l.Amount
			item.Held += l.Amount
		case l.Kind == payrun.Current:
			item.Current += l.Amount
		case l.Kind == payrun.Arrears:
			item.Arrears += l.Amount
		default:
			item.Recovery += l.Amount
		}
		if l.Hold == 0 {
			t.Pays += l.Amount
			if !paid[l.Item] {
				item.Heads++
			}
			paid[l.Item] = true
		}
		t.Items[l.Item] = item
	}
	if len(paid) > 0 {
		t.Heads++
	}
}

// CompareTotals returns what differs between a batch's totals and the judge's.
func CompareTotals(engine, judge Totals) []Difference {
	var found []Difference
	check := func(item, what, theirs, mine string) {
		if theirs != mine {
			found = append(found, Difference{Item: item, What: what, Engine: theirs, Judge: mine})
		}
	}
	check("", "行数", strconv.Itoa(engine.Lines), strconv.Itoa(judge.Lines))
	check("", "人数", strconv.Itoa(engine.Heads), strconv.Itoa(judge.Heads))
	check("", "应发合计", yuan(engine.Pays), yuan(judge.Pays))
	check("", "暂缓合计", yuan(engine.Held), yuan(judge.Held))
	for _, code := range bothItems(engine.Items, judge.Items) {
		theirs, mine := engine.Items[code], judge.Items[code]
		check(code, "人数", strconv.Itoa(theirs.Heads), strconv.Itoa(mine.Heads))
		check(code, "当月合计", yuan(theirs.Current), yuan(mine.Current))
		check(code, "补发合计", yuan(theirs.Arrears), yuan(mine.Arrears))
		check(code, "扣回合计", yuan(theirs.Recovery), yuan(mine.Recovery))
		check(code, "暂缓合计", yuan(theirs.Held), yuan(mine.Held))
	}
	return found
}

func bothItems(a, b map[string]ItemTotals) []string {
	var codes []string
	for code := range a {
		codes = append(codes, code)
	}
	for code := range b {
		if _, both := a[code]; !both {
			codes = append(codes, code)
		}
	}
	sort.Strings(codes)
	return codes
}
