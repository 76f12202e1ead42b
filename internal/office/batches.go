package office

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
)

// BatchWord names a batch by its number within the month; 0: all, nothing.
func BatchWord(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("第%d批", n)
}

// BureauMonth is what a bureau has of a month.
type BureauMonth struct {
	Bureau  string
	Code    string // of the pack; empty for a bureau that it no longer has
	Pays    bool   // it pays money; else it only keeps lists
	Batches []payrun.Batch
}

// Latest is the bureau's last batch of the month; nil: it has none yet.
func (b *BureauMonth) Latest() *payrun.Batch {
	if len(b.Batches) == 0 {
		return nil
	}
	return &b.Batches[len(b.Batches)-1]
}

// Month is what each bureau has of a month, in the pack's order, those without a batch
// included.
func (o *Office) Month(ctx context.Context, m month.Month) ([]BureauMonth, error) {
	batches, err := batches.OfMonth(ctx, o.DB, o.Region, m)
	if err != nil {
		return nil, err
	}
	var all []BureauMonth
	for _, b := range o.Pack.File.Bureaus {
		all = append(all, BureauMonth{Bureau: b.Name.Value, Code: b.Code.Value, Pays: o.Pack.Pays(b.Name.Value)})
	}
	for _, b := range batches { // by bureau and number
		at := slices.IndexFunc(all, func(x BureauMonth) bool { return x.Bureau == b.Bureau })
		if at < 0 {
			at = len(all)
			all = append(all, BureauMonth{Bureau: b.Bureau, Pays: true})
		}
		all[at].Batches = append(all[at].Batches, b)
	}
	return all, nil
}

// Batches returns the month's batches, or only each bureau's latest. It fails with
// fault.NotFound when the month was not run, or its run was discarded.
func (o *Office) Batches(ctx context.Context, m month.Month, latest bool) ([]payrun.Batch, error) {
	batches, err := batches.OfMonth(ctx, o.DB, o.Region, m)
	if err != nil {
		return nil, err
	}
	batches = slices.DeleteFunc(batches, func(b payrun.Batch) bool { return b.Withdrawn() })
	if len(batches) == 0 {
		return nil, fault.Command(fault.New(fault.NotFound, "%s 还没有运行，请先计算这个月", m), "disburse run %s", m)
	}
	if !latest {
		return batches, nil
	}
	var last []payrun.Batch
	for i, b := range batches { // by bureau and number
		if i+1 == len(batches) || batches[i+1].Bureau != b.Bureau {
			last = append(last, b)
		}
	}
	return last, nil
}

// BureauOrder is where a bureau stands in the pack; those it does not have come last.
func (o *Office) BureauOrder(name string) int {
	for i, b := range o.Pack.File.Bureaus {
		if b.Name.Value == name {
			return i
		}
	}
	return len(o.Pack.File.Bureaus)
}
