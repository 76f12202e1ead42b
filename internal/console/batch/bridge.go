package batch

import (
	"fmt"
	"slices"

	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/office/monthly"
	"disburse/internal/payrun"
	"disburse/internal/store/books"
)

// bridgeData is the data of 变动.
type bridgeData struct {
	Previous *payrun.Batch // nil: there is none, everything is 新增
	*monthBridge
	Items   []bridgeTotal // in the order of the list of entitlements
	Arrears money.Fen
	Recall  money.Fen
	Item    string // filters of Rows
	Kind    string
	Rows    []books.PersonBridgeRow
	Found   int
	Next    string // cursor: the move that the page ends with; empty: it is the last page
}

// batchBridge shows the changes between the previous month's 当月 and this one's.
func batchBridge(v *web.Visit) error {
	p, err := pageOf(v, "bridge")
	if err != nil {
		return err
	}
	this, err := readIndex(v.Server, p.Batch)
	if err != nil {
		return err
	}
	d := &bridgeData{Item: v.Form("item"), Kind: v.Form("kind"), Arrears: this.totals.Arrears, Recall: this.totals.Recall}
	if d.Previous, err = monthly.Previous(v.R.Context(), v.Office, p.Batch); err != nil {
		return err
	}
	if d.monthBridge, err = bridge(v.Server, d.Previous, p.Batch, this); err != nil {
		return err
	}
	d.Items = slices.Clone(d.monthBridge.Items)
	slices.SortFunc(d.Items, func(x, y bridgeTotal) int { return v.Office.Pack.ItemOrder(x.Item) - v.Office.Pack.ItemOrder(y.Item) })
	if d.Previous != nil {
		if err := nameMoves(v, p.Batch, d, d.choose(v.Form("after"))); err != nil {
			return err
		}
	}
	return showBatch(v, "batch-bridge", p, d)
}

// bridge compares two batches; the result is cached by their digests.
func bridge(s *web.Server, previous *payrun.Batch, b payrun.Batch, this *lineIndex) (*monthBridge, error) {
	last, key := &lineIndex{}, ""
	if previous != nil {
		var err error
		if last, err = readIndex(s, *previous); err != nil {
			return nil, err
		}
		key = previous.Digest
	}
	return bridgeCache.Of(s).Get(fmt.Sprintf("%d %s %s", b.Number, b.Digest, key), func() (*monthBridge, error) {
		return compareMonths(last, this), nil
	})
}

// choose counts the moves that match the filters and returns the page after a cursor.
func (d *bridgeData) choose(cursor string) []move {
	after, begun := parseCursor(cursor)
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
		case len(page) == web.PageRows:
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

// nameMoves reads the names and reasons of a page of moves.
func nameMoves(v *web.Visit, b payrun.Batch, d *bridgeData, page []move) error {
	if len(page) == 0 {
		return nil
	}
	var people []int64
	for _, m := range page {
		people = append(people, m.person)
	}
	moves, err := monthly.Moves(v.R.Context(), v.Office, b, slices.Compact(people))
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

var bridgeCache = web.NewCache(160<<20, func(b *monthBridge) int64 { return web.SizeOf(b.moves) })
