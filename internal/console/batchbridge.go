package console

import (
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
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
// included that stayed the same; held lines do not count. last nil: there is none.
func walkMoves(last, this *lineIndex, fn func(*move)) {
	if last == nil {
		last = &lineIndex{}
	}
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

// bridgeData is what 变动 shows.
type bridgeData struct {
	Previous *payrun.Batch // nil: everything is new
	All      bridgeTotal
	Items    []bridgeTotal
	Arrears  money.Fen
	Recall   money.Fen
	Item     string // filters of the names
	Kind     string
	Rows     []postgres.PersonMove
	Found    int
	Next     string // address of the next page
}

// batchBridge shows how last month's 当月 became this month's.
func (v *visit) batchBridge() error {
	p, err := v.batchPage("bridge")
	if err != nil {
		return err
	}
	this, err := v.index(p.Batch)
	if err != nil {
		return err
	}
	d := &bridgeData{Item: v.form("item"), Kind: v.form("kind"), Arrears: this.totals.Arrears, Recall: this.totals.Recall}
	if d.Previous, err = v.office.Previous(v.r.Context(), p.Batch); err != nil {
		return err
	}
	var last *lineIndex
	if d.Previous != nil {
		if last, err = v.index(*d.Previous); err != nil {
			return err
		}
	}
	people, wanted := v.addMoves(d, last, this)
	d.Items = v.inListOrder(d.Items)
	if d.Previous != nil && len(people) > 0 {
		if err := v.nameMoves(p.Batch, d, people, wanted); err != nil {
			return err
		}
	}
	return v.showBatch("batch-bridge", p, d)
}

// addMoves adds up all moves and chooses those of the page, by the person and item that
// the page before ended with.
func (v *visit) addMoves(d *bridgeData, last, this *lineIndex) (people []int64, wanted map[move]bool) {
	after, begun := cursorOf(v.form("after"))
	wanted = map[move]bool{}
	items := map[string]*bridgeTotal{}
	place, person := 0, int64(-1)
	var end lineHit
	walkMoves(last, this, func(m *move) {
		t := items[m.item]
		if t == nil {
			t = &bridgeTotal{Item: m.item}
			items[m.item] = t
		}
		t.add(m)
		d.All.add(m)
		if m.last == m.this || (d.Item != "" && d.Item != m.item) || (d.Kind != "" && d.Kind != m.kind()) {
			return
		}
		d.Found++
		if place++; m.person != person {
			place, person = 0, m.person
		}
		hit := lineHit{person, place}
		switch {
		case begun && (hit.person < after.person || (hit.person == after.person && hit.place <= after.place)):
		case len(wanted) == pageRows:
			d.Next = end.cursor()
		default:
			end = hit
			wanted[*m] = true
			if n := len(people); n == 0 || people[n-1] != person {
				people = append(people, person)
			}
		}
	})
	for _, t := range items {
		d.Items = append(d.Items, *t)
	}
	return people, wanted
}

// nameMoves reads the names and reasons of the page's moves.
func (v *visit) nameMoves(b payrun.Batch, d *bridgeData, people []int64, wanted map[move]bool) error {
	moves, err := v.office.Moves(v.r.Context(), b, people)
	if err != nil {
		return err
	}
	for _, m := range moves {
		if wanted[move{m.Person, m.Item, m.Last, m.This}] {
			d.Rows = append(d.Rows, m)
		}
	}
	return nil
}

// inListOrder puts totals in the order of the list of entitlements.
func (v *visit) inListOrder(totals []bridgeTotal) []bridgeTotal {
	slices.SortFunc(totals, func(x, y bridgeTotal) int { return v.office.Pack.ItemOrder(x.Item) - v.office.Pack.ItemOrder(y.Item) })
	return totals
}
