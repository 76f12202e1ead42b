package batch

import (
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
)

// The kinds of change between two months' 当月, as the sheet 变动 names them.
const (
	moveBegun   = "新增"
	moveStopped = "停发"
	moveChanged = "变更"
)

// move is one person's change of one item.
type move struct {
	person     int64
	item       string
	last, this money.Fen
}

func (m *move) kind() string {
	switch {
	case m.last == 0:
		return moveBegun
	case m.this == 0:
		return moveStopped
	}
	return moveChanged
}

// bridgeTotal is last + 新增 − 停发 ± 变更 = this, of one item or of all, in 分.
type bridgeTotal struct {
	Item                       string
	Last, Came, Left, By, This money.Fen
	CameN, LeftN, ByN          int
}

func (t *bridgeTotal) add(m *move) {
	t.Last, t.This = t.Last.Add(m.last), t.This.Add(m.this)
	if m.last == m.this {
		return
	}
	switch m.kind() {
	case moveBegun:
		t.Came = t.Came.Add(m.this)
		t.CameN++
	case moveStopped:
		t.Left = t.Left.Add(m.last)
		t.LeftN++
	default:
		t.By = t.By.Add(m.this.Sub(m.last))
		t.ByN++
	}
}

// Balances says whether the sum comes out to the 分.
func (t *bridgeTotal) Balances() bool { return t.Last.Add(t.Came).Sub(t.Left).Add(t.By) == t.This }

// walkMoves calls fn for the 当月 amounts of every person and item of either batch, those
// included that stayed the same; held lines do not count.
func walkMoves(last, this *lineIndex, fn func(*move)) {
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

// current adds up the 当月 amounts of the person at place i by item.
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

// monthBridge is what two batches' 当月 come to, and everything that changed between them.
type monthBridge struct {
	All   bridgeTotal
	Items []bridgeTotal
	moves []move // in order of person
}

func compareMonths(last, this *lineIndex) *monthBridge {
	b := &monthBridge{}
	walkMoves(last, this, func(m *move) {
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
