package batch

import (
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// The kinds of change between the 当月 of two months, named as on the sheet 变动.
const (
	moveAdded   = "新增"
	moveStopped = "停发"
	moveChanged = "变更"
)

// move is the change of one item of one person between two months. Amounts are 分.
type move struct {
	person     int64
	item       string
	last, this money.Fen
}

func (m *move) kind() string {
	switch {
	case m.last == 0:
		return moveAdded
	case m.this == 0:
		return moveStopped
	}
	return moveChanged
}

// bridgeTotal sums up moves of one item, or of all: Last + Added − Stopped + Changed = This, in
// 分. The fields with N count the moves.
type bridgeTotal struct {
	Item                                string
	Last, Added, Stopped, Changed, This money.Fen
	AddedN, StoppedN, ChangedN          int
}

func (t *bridgeTotal) add(m *move) {
	t.Last, t.This = t.Last.Add(m.last), t.This.Add(m.this)
	if m.last == m.this {
		return
	}
	switch m.kind() {
	case moveAdded:
		t.Added = t.Added.Add(m.this)
		t.AddedN++
	case moveStopped:
		t.Stopped = t.Stopped.Add(m.last)
		t.StoppedN++
	default:
		t.Changed = t.Changed.Add(m.this.Sub(m.last))
		t.ChangedN++
	}
}

// Balances reports whether the equation holds to the 分.
func (t *bridgeTotal) Balances() bool {
	return t.Last.Add(t.Added).Sub(t.Stopped).Add(t.Changed) == t.This
}

// eachMove merges two indexes by person and calls fn for every person and item of either, also
// for unchanged amounts. Held lines do not count.
func eachMove(last, this *lineIndex, fn func(*move)) {
	var mine []move
	i, k := 0, 0
	for i < len(last.people) || k < len(this.people) {
		mine = mine[:0]
		was := i < len(last.people) && (k == len(this.people) || last.people[i].number <= this.people[k].number)
		is := k < len(this.people) && (i == len(last.people) || this.people[k].number <= last.people[i].number)
		if was {
			mine = last.current(i, mine, func(m *move) *money.Fen { return &m.last })
			i++
		}
		if is {
			mine = this.current(k, mine, func(m *move) *money.Fen { return &m.this })
			k++
		}
		for n := range mine {
			fn(&mine[n])
		}
	}
}

// current adds up the 当月 amounts of the person at index i by item, into the side of moves that
// side selects.
func (x *lineIndex) current(i int, mine []move, side func(*move) *money.Fen) []move {
	from, to := x.linesOf(i)
	for _, l := range x.lines[from:to] {
		if l.kind != payrun.Current || l.hold != 0 {
			continue
		}
		item := x.items.list[l.item]
		at := slices.IndexFunc(mine, func(m move) bool { return m.item == item })
		if at < 0 {
			at = len(mine)
			mine = append(mine, move{person: x.people[i].number, item: item})
		}
		sum := side(&mine[at])
		*sum = sum.Add(l.amount)
	}
	return mine
}

// monthBridge is the comparison of the 当月 of two batches.
type monthBridge struct {
	All   bridgeTotal
	Items []bridgeTotal
	moves []move // without unchanged amounts, ascending by person
}

func compareMonths(last, this *lineIndex) *monthBridge {
	b := &monthBridge{}
	eachMove(last, this, func(m *move) {
		at := slices.IndexFunc(b.Items, func(t bridgeTotal) bool { return t.Item == m.item })
		if at < 0 {
			at = len(b.Items)
			b.Items = append(b.Items, bridgeTotal{Item: m.item})
		}
		b.Items[at].add(m)
		b.All.add(m)
		if m.last != m.this {
			b.moves = append(b.moves, *m)
		}
	})
	b.moves = slices.Clip(b.moves)
	return b
}
