package books

import (
	"cmp"
	"slices"

	"disburse/internal/payrun"
	"disburse/internal/roster"
)

// Letters says who gets a 告知书.
type Letters int

// Those who get one.
const (
	NoLetters      Letters = iota
	ChangedLetters         // whose money begins, changes, stops, is held, or who has 补发 or 扣回
	AllLetters             // everybody in the batch
)

// write makes the letters to the person at hand.
func (k *bookkeeper) write(d *roster.Dossier, changes []payrun.BridgeRow) error {
	debts := k.debts[d.Number]
	if len(debts) > 0 {
		err := k.rules.Recalls(d, debts, func(r payrun.Recall) { k.book.Recalls = append(k.book.Recalls, r) })
		if err != nil {
			return err
		}
	}
	if k.order.Batch.N != 1 {
		changes = nil // a supplementary batch has 当月 amounts of its own only
	}
	if k.order.Letters == NoLetters || len(k.mine)+len(changes) == 0 {
		return nil
	}
	l, err := k.rules.Letter(d, k.mine, changes, debts)
	if err != nil {
		return err
	}
	everybody := k.order.Letters == AllLetters || k.order.Previous == nil || k.order.Batch.N > 1
	if everybody || l.Changed() {
		k.book.Letters = append(k.book.Letters, *l)
	}
	return nil
}

func (b *MonthBook) sortLetters(order payrun.Sorting) {
	slices.SortFunc(b.Letters, func(x, y payrun.Letter) int {
		return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Person, y.Person))
	})
	slices.SortStableFunc(b.Recalls, func(x, y payrun.Recall) int {
		return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Person, y.Person))
	})
}
