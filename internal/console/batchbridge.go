package console

import (
	"fmt"
	"slices"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// bridgeData is what 变动 shows.
type bridgeData struct {
	Previous *payrun.Batch // nil: everything is new
	*monthBridge
	Items   []bridgeTotal // in the order of the list of entitlements
	Arrears money.Fen
	Recall  money.Fen
	Item    string // filters of the names
	Kind    string
	Rows    []postgres.PersonMove
	Found   int
	Next    string // the move that the page ends with; empty: it is the last
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
	if d.monthBridge, err = v.bridge(d.Previous, p.Batch, this); err != nil {
		return err
	}
	d.Items = slices.Clone(d.monthBridge.Items)
	slices.SortFunc(d.Items, func(x, y bridgeTotal) int { return v.office.Pack.ItemOrder(x.Item) - v.office.Pack.ItemOrder(y.Item) })
	if d.Previous != nil {
		if err := v.nameMoves(p.Batch, d, d.choose(v.form("after"))); err != nil {
			return err
		}
	}
	return v.showBatch("batch-bridge", p, d)
}

// bridge compares two batches, once for their digests.
func (s *Server) bridge(previous *payrun.Batch, b payrun.Batch, this *lineIndex) (*monthBridge, error) {
	last, key := &lineIndex{}, ""
	if previous != nil {
		var err error
		if last, err = s.index(*previous); err != nil {
			return nil, err
		}
		key = previous.Digest
	}
	return bridgeCache.of(s).get(fmt.Sprintf("%d %s %s", b.Number, b.Digest, key), func() (*monthBridge, error) {
		return compareMonths(last, this), nil
	})
}

// choose counts the moves that the filters want and returns those of the page behind the
// one that the page before ended with.
func (d *bridgeData) choose(behind string) []move {
	after, begun := cursorOf(behind)
	var page []move
	var end lineHit
	place, person, more := 0, int64(-1), false
	for i := range d.moves {
		m := &d.moves[i]
		if (d.Item != "" && d.Item != m.item) || (d.Kind != "" && d.Kind != m.kind()) {
			continue
		}
		d.Found++
		if place++; m.person != person {
			place, person = 0, m.person
		}
		switch {
		case begun && (person < after.person || (person == after.person && place <= after.place)):
		case len(page) == pageRows:
			more = true
		default:
			page, end = append(page, *m), lineHit{person, place}
		}
	}
	if more {
		d.Next = end.cursor()
	}
	return page
}

// nameMoves reads the names and reasons of a page's moves.
func (v *visit) nameMoves(b payrun.Batch, d *bridgeData, page []move) error {
	if len(page) == 0 {
		return nil
	}
	var people []int64
	for _, m := range page {
		people = append(people, m.person)
	}
	moves, err := v.office.Moves(v.r.Context(), b, slices.Compact(people))
	if err != nil {
		return err
	}
	for _, m := range moves {
		if slices.Contains(page, move{m.Person, m.Item, m.Last, m.This}) {
			d.Rows = append(d.Rows, m)
		}
	}
	return nil
}

var bridgeCache = newKind(160<<20, func(b *monthBridge) int64 { return sizeOf(b.moves) })
