package books

import (
	"cmp"
	"slices"

	"disburse/internal/payrun"
	"disburse/internal/payrun/explain"
	"disburse/internal/roster"
)

// Letters selects who gets a 告知书.
type Letters int

// The selections.
const (
	NoLetters      Letters = iota
	ChangedLetters         // those whose money begins, changes, stops or is held, or who have 补发 or 扣回
	AllLetters             // everybody in the batch
)

// addLetters adds the 告知书 and 追缴通知书 of one person.
func (k *bookReader) addLetters(d *roster.Dossier, changes []explain.BridgeRow) error {
	debts := k.debts[d.Number]
	if len(debts) > 0 {
		err := k.rules.Recalls(d, debts, func(r explain.Recall) { k.book.Recalls = append(k.book.Recalls, r) })
		if err != nil {
			return err
		}
	}
	if k.order.Batch.N != 1 {
		changes = nil // the bridge compares whole months, and a supplementary batch has only a part of one
	}
	if k.order.Letters == NoLetters || len(k.personLines)+len(changes) == 0 {
		return nil
	}
	l, err := k.rules.Letter(d, k.personLines, changes, debts)
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
	slices.SortFunc(b.Letters, func(x, y explain.Letter) int {
		return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Person, y.Person))
	})
	slices.SortStableFunc(b.Recalls, func(x, y explain.Recall) int {
		return cmp.Or(order.Streets(x.Street, x.ID, y.Street, y.ID), cmp.Compare(x.Person, y.Person))
	})
}
