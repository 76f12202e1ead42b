package read

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"disburse/internal/roster"
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
	noneCol  string                // the column that says none,
	noneWord string                // and the word it says it with
	overlaps func(kind int32) bool // several values at once are no contradiction
	fromCol  string                // the column of entry.from,
	shown    func(int32) string    // and how its values are written
}

// history is what the rows of one person and fact, or item, come to.
type history[T any] struct {
	person, kind int32
	place        roster.Place   // of the first row
	rows         []int          // of all rows on that sheet
	more         []roster.Place // on continuation sheets
	values       []T            // in the order of time; none: never held
}

// settle sorts the rows into histories and judges each as a whole: one bad row refuses
// all its rows, so that a history is never half replaced. It says how many there are at
// most, and hands on those that hold, people in the order they came up, kinds in the
// vocabulary's.
func settle[T any](r *reader, rows []entry[T], rules historyRules, begin func(count int), keep func(*history[T])) {
	slices.SortFunc(rows, func(a, b entry[T]) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to),
			cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.row, b.row))
	})
	count := 0
	for i := range rows {
		if i == 0 || !sameHistory(rows[i-1], rows[i]) {
			count++
		}
	}
	begin(count)
	store := historyStore[T]{make([]int, 0, len(rows)), make([]T, 0, len(rows))}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && sameHistory(rows[0], rows[n]) {
			n++
		}
		if entries := rows[:n:n]; holds(r, entries, rules) {
			h := store.history(r, entries)
			keep(&h)
		}
		rows = rows[n:]
	}
}

func sameHistory[T any](a, b entry[T]) bool { return a.person == b.person && a.kind == b.kind }

// historyStore has the row numbers and values of all histories, each in one piece.
type historyStore[T any] struct {
	rows   []int
	values []T
}

func (s *historyStore[T]) history(r *reader, entries []entry[T]) history[T] {
	start := slices.MinFunc(entries, func(a, b entry[T]) int {
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.row, b.row))
	})
	h := history[T]{person: start.person, kind: start.kind, place: placeOf(r, start)}
	rows, values := len(s.rows), len(s.values)
	for _, e := range entries {
		if e.sheet == start.sheet {
			s.rows = append(s.rows, int(e.row))
		} else {
			h.more = append(h.more, placeOf(r, e))
		}
		if !e.none {
			s.values = append(s.values, e.value)
		}
	}
	h.rows = s.rows[rows:len(s.rows):len(s.rows)]
	h.values = s.values[values:len(s.values):len(s.values)]
	slices.Sort(h.rows)
	return h
}

// holds judges one history and reports its problems.
func holds[T any](r *reader, entries []entry[T], rules historyRules) bool {
	if len(entries) == 1 {
		return !entries[0].bad
	}
	refuseNone(r, entries, rules)
	if !rules.overlaps(entries[0].kind) {
		refuseOverlaps(r, entries, rules)
	}
	first := slices.IndexFunc(entries, func(e entry[T]) bool { return e.bad })
	if first < 0 {
		return true
	}
	culprit := placeOf(r, entries[first])
	for _, e := range entries {
		if place := placeOf(r, e); !e.bad {
			r.imp.Problems = append(r.imp.Problems, roster.Problem{Place: place, Beside: true, Reason: fmt.Sprintf(
				"%s有误，%s的全部记录都没有导入；请改正后一并重新导入", culprit.SeenFrom(place), rules.unit)})
		}
	}
	return false
}

// refuseNone refuses rows that say "never" beside others that say "then".
func refuseNone[T any](r *reader, entries []entry[T], rules historyRules) {
	for i := range entries {
		e := &entries[i]
		if !e.none || e.bad {
			continue
		}
		e.bad = true
		other := entries[(i+1)%len(entries)]
		place := placeOf(r, *e)
		r.imp.Problems = append(r.imp.Problems, roster.Problem{Place: place, Column: rules.noneCol, Value: rules.noneWord, Reason: fmt.Sprintf(
			"“%s”表示从未有过，不能再有%s的其他行（%s）", rules.noneWord, rules.unit, placeOf(r, other).SeenFrom(place))})
	}
}

// refuseOverlaps refuses rows that begin before an earlier one has ended.
func refuseOverlaps[T any](r *reader, entries []entry[T], rules historyRules) {
	last := -1 // the row so far that ends last
	for i := range entries {
		e := &entries[i]
		if e.bad {
			continue
		}
		if last >= 0 && e.from <= entries[last].to {
			e.bad = true
			place := placeOf(r, *e)
			r.imp.Problems = append(r.imp.Problems, roster.Problem{Place: place, Column: rules.fromCol, Value: rules.shown(e.from), Reason: fmt.Sprintf(
				"与%s的起止时间重叠（起止两端都算在内）", placeOf(r, entries[last]).SeenFrom(place))})
		}
		if last < 0 || e.to > entries[last].to {
			last = i
		}
	}
}

func placeOf[T any](r *reader, e entry[T]) roster.Place {
	return roster.Place{Sheet: r.sheets[e.sheet], Row: int(e.row)}
}
