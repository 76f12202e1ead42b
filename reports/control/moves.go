package control

import (
	"disburse/internal/money"
	"disburse/internal/payrun/explain"
)

// Moves are the changes of one item.
type Moves struct {
	Last, This            money.Fen
	Came, Left, Changed   int
	CameBy, LeftBy, Other money.Fen // leftBy is positive
}

// The kinds of change.
const (
	Begun   = "新增"
	Stopped = "停发"
	Changed = "变更"
)

// Add counts a change and names its kind.
func (m *Moves) Add(r *explain.BridgeRow) string {
	switch {
	case r.Last == 0:
		m.Came++
		m.CameBy = m.CameBy.Add(r.This)
		return Begun
	case r.This == 0:
		m.Left++
		m.LeftBy = m.LeftBy.Add(r.Last)
		return Stopped
	}
	m.Changed++
	m.Other = m.Other.Add(r.This.Sub(r.Last))
	return Changed
}

// Join adds the changes of another item or street.
func (m *Moves) Join(o *Moves) {
	m.Last, m.This = m.Last.Add(o.Last), m.This.Add(o.This)
	m.Came, m.Left, m.Changed = m.Came+o.Came, m.Left+o.Left, m.Changed+o.Changed
	m.CameBy, m.LeftBy, m.Other = m.CameBy.Add(o.CameBy), m.LeftBy.Add(o.LeftBy), m.Other.Add(o.Other)
}
