package storetest

import (
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// Book reads what sheets and lists say of the latest batch of 区民政局 in a month,
// measured against the batches before it as the commands do.
func (d *District) Book(b payrun.Batch, lists ...string) *books.MonthBook {
	d.T.Helper()
	o := books.MonthOrder{Region: DeskRegion, Batch: b, Pack: d.Pack, PackBefore: d.Pack, PackPrevious: d.Pack, Lists: lists, Money: b.Number != 0}
	var err error
	if o.Before, err = batches.LastApproved(d.T.Context(), d.Db, DeskRegion, DeskBureau, b.Month, b.N, false); err != nil {
		d.T.Fatal(err)
	}
	if o.Before == nil {
		o.PackBefore = nil
	}
	if o.Previous, err = batches.LastApproved(d.T.Context(), d.Db, DeskRegion, DeskBureau, b.Month, b.N, true); err != nil {
		d.T.Fatal(err)
	}
	book, err := books.ReadMonthBook(d.T.Context(), d.Db, o)
	if err != nil {
		d.T.Fatal(err)
	}
	return book
}
