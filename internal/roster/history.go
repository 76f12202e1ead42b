package roster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// forever ends what is open.
const forever = math.MaxInt32

// entry is a row of 情况 or 核定金额: one dated piece of a history. The histories of a
// person lie together when entries are sorted.
type entry[T any] struct {
	person, kind int32 // ID number in the idTable; fact or item in the vocabulary
	sheet, row   int32
	from, to     int32 // dates or months, both inclusive; to may be forever
	none         bool  // the row says: never held
	bad          bool
	value        T
}

// historyRules is what the two kinds of history differ in.
type historyRules struct {
	unit     string                // what a history is of, for messages
	noneWord string                // how a row says none
	overlaps func(kind int32) bool // several values at once are no contradiction
	fromCol  string
}

// settle sorts the rows into histories and judges each as a whole: one bad row refuses
// all its rows, so that a history is never half replaced. emit gets those that hold.
func settle[T any](r *reader, rows []entry[T], rules historyRules, emit func([]entry[T])) {
	slices.SortFunc(rows, func(a, b entry[T]) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to),
			cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.row, b.row))
	})
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].person == rows[0].person && rows[n].kind == rows[0].kind {
			n++
		}
		if history := rows[:n:n]; holds(r, history, rules) {
			emit(history)
		}
		rows = rows[n:]
	}
}

// holds judges one history and reports its problems.
func holds[T any](r *reader, history []entry[T], rules historyRules) bool {
	if len(history) == 1 {
		return !history[0].bad
	}
	refuseNone(r, history, rules)
	if !rules.overlaps(history[0].kind) {
		refuseOverlaps(r, history, rules)
	}
	first := slices.IndexFunc(history, func(e entry[T]) bool { return e.bad })
	if first < 0 {
		return true
	}
	culprit := placeOf(r, history[first])
	for _, e := range history {
		if place := placeOf(r, e); !e.bad {
			r.imp.Problems = append(r.imp.Problems, Problem{Place: place, Reason: fmt.Sprintf(
				"%s有误，%s的全部记录都没有导入；请改正后一并重新导入", culprit.from(place), rules.unit)})
		}
	}
	return false
}

// refuseNone refuses rows that say "never" beside others that say "then".
func refuseNone[T any](r *reader, history []entry[T], rules historyRules) {
	for i := range history {
		e := &history[i]
		if !e.none || e.bad {
			continue
		}
		e.bad = true
		other := history[(i+1)%len(history)]
		place := placeOf(r, *e)
		r.imp.Problems = append(r.imp.Problems, Problem{Place: place, Reason: fmt.Sprintf(
			"%s表示从未有过，不能再有%s的其他行（%s）", rules.noneWord, rules.unit, placeOf(r, other).from(place))})
	}
}

// refuseOverlaps refuses rows that begin before an earlier one has ended.
func refuseOverlaps[T any](r *reader, history []entry[T], rules historyRules) {
	last := -1 // the row so far that ends last
	for i := range history {
		e := &history[i]
		if e.bad {
			continue
		}
		if last >= 0 && e.from <= history[last].to {
			e.bad = true
			place := placeOf(r, *e)
			r.imp.Problems = append(r.imp.Problems, Problem{Place: place, Column: rules.fromCol, Reason: fmt.Sprintf(
				"与%s的起止时间重叠（起止两端都算在内）", placeOf(r, history[last]).from(place))})
		}
		if last < 0 || e.to > history[last].to {
			last = i
		}
	}
}

func placeOf[T any](r *reader, e entry[T]) Place {
	return Place{r.sheets[e.sheet], int(e.row)}
}

// placesOf returns where a history stands: the sheet and rows of its first row's sheet,
// and what stands on continuation sheets.
func placesOf[T any](r *reader, history []entry[T]) (first Place, rows []int, more []Place) {
	start := slices.MinFunc(history, func(a, b entry[T]) int {
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.row, b.row))
	})
	first = placeOf(r, start)
	rows = make([]int, 0, len(history))
	for _, e := range history {
		if e.sheet == start.sheet {
			rows = append(rows, int(e.row))
		} else {
			more = append(more, placeOf(r, e))
		}
	}
	slices.Sort(rows)
	return first, rows, more
}
