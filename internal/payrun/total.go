package payrun

import (
	"disburse/internal/money"
)

// ItemTotal is a batch's control total of one item, in 分.
type ItemTotal struct {
	Item     string
	Heads    int // people with a line that is not held
	Current  money.Fen
	Arrears  money.Fen
	Recovery money.Fen // negative
	Held     money.Fen
}

// Pays is what the item's lines pay, 扣回 netted.
func (t *ItemTotal) Pays() money.Fen { return t.Current.Add(t.Arrears).Add(t.Recovery) }

// Totals are a batch's control totals.
type Totals struct {
	Lines int
	Heads int
	Pays  money.Fen
	Held  money.Fen
	News  bool // see Result.News
	Items map[string]*ItemTotal
}

// Count adds a line that is not held.
func (t *ItemTotal) Count(l *Line) {
	switch l.Kind {
	case Current:
		t.Current = t.Current.Add(l.Amount)
	case Arrears:
		t.Arrears = t.Arrears.Add(l.Amount)
	case Recovery:
		t.Recovery = t.Recovery.Add(l.Amount)
	}
}
