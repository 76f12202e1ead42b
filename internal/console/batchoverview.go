package console

import (
	"cmp"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// overviewData is what 概况 shows.
type overviewData struct {
	Note       string // in place of a comparison with the month before
	Last       *payrun.Batch
	Items      []itemRow
	Sum        itemRow
	Streets    []groupTotal
	Banks      []groupTotal
	Wrong      string // the lines do not come to the batch's totals
	Signatures []approval.Signature
	// Unconfirmed is, by the revision of a signature, what nobody had confirmed of its account.
	Unconfirmed map[int64][]approval.UserEvent
	Voids       []approval.VoidSignature
	Running     []postgres.Work
	Panel       *signPanel
}

// itemRow is an item's totals beside last month's.
type itemRow struct {
	payrun.ItemTotal
	Pays, LastPays money.Fen
}

func (v *visit) batchOverview() error {
	p, err := v.batchPage("")
	if err != nil {
		return err
	}
	ctx, region := v.r.Context(), v.office.Region
	d := &overviewData{}
	if err := v.addLast(p.Batch, d); err != nil {
		return err
	}
	if err := v.addItems(p.Batch, d); err != nil {
		return err
	}
	switch x, err := v.index(p.Batch); {
	case fault.Is(err, fault.Internal):
		d.Wrong = err.Error() // and the batch can still be returned
	case err != nil:
		return err
	default:
		d.Streets, d.Banks = v.byPlace(x.totals.Streets), x.totals.Banks
	}
	if d.Signatures, err = v.office.DB.Signatures(ctx, region, p.Batch.Number); err != nil {
		return err
	}
	if d.Unconfirmed, err = v.office.DB.Unconfirmed(ctx, region, d.Signatures); err != nil {
		return err
	}
	if d.Voids, err = v.office.DB.VoidSignatures(ctx, region, p.Batch.Number); err != nil {
		return err
	}
	if d.Running, err = v.runningFor(p.Batch.Bureau); err != nil {
		return err
	}
	if d.Panel, err = v.signPanel(p, d); err != nil {
		return err
	}
	return v.showBatch("batch-overview", p, d)
}

// addLast finds the batch of the month before to compare with. A supplementary batch has
// none: it holds what the month's batches before it do not.
func (v *visit) addLast(b payrun.Batch, d *overviewData) error {
	if b.Extra {
		d.Note = "补充批次，不与上月比"
		return nil
	}
	var err error
	d.Last, err = v.office.DB.LastApproved(v.r.Context(), v.office.Region, b.Bureau, b.Month, 1, true)
	return err
}

// addItems reads the control totals of this batch and the last.
func (v *visit) addItems(b payrun.Batch, d *overviewData) error {
	now, err := v.office.DB.ItemTotals(v.r.Context(), v.office.Region, b.Number)
	if err != nil {
		return err
	}
	last := map[string]payrun.ItemTotal{}
	if d.Last != nil {
		if last, err = v.office.DB.ItemTotals(v.r.Context(), v.office.Region, d.Last.Number); err != nil {
			return err
		}
	}
	pays := func(t payrun.ItemTotal) money.Fen { return t.Pays() }
	for code, t := range now {
		d.Items = append(d.Items, itemRow{t, pays(t), pays(last[code])})
	}
	for code, t := range last {
		if _, ok := now[code]; !ok {
			d.Items = append(d.Items, itemRow{payrun.ItemTotal{Item: code}, 0, pays(t)})
		}
	}
	slices.SortFunc(d.Items, func(x, y itemRow) int {
		return cmp.Or(v.office.Pack.ItemOrder(x.Item)-v.office.Pack.ItemOrder(y.Item), cmp.Compare(x.Item, y.Item))
	})
	for i := range d.Items {
		d.Sum.plus(&d.Items[i])
	}
	return nil
}

func (r *itemRow) plus(o *itemRow) {
	r.Current, r.Arrears, r.Recovery, r.Held = r.Current.Add(o.Current), r.Arrears.Add(o.Arrears), r.Recovery.Add(o.Recovery), r.Held.Add(o.Held)
	r.Pays, r.LastPays = r.Pays.Add(o.Pays), r.LastPays.Add(o.LastPays)
}

// byPlace puts streets in the order of the pack.
func (v *visit) byPlace(streets []groupTotal) []groupTotal {
	streets = slices.Clone(streets)
	slices.SortStableFunc(streets, func(x, y groupTotal) int {
		return cmp.Or(v.office.Pack.StreetOrder(x.Name)-v.office.Pack.StreetOrder(y.Name), cmp.Compare(x.Name, y.Name))
	})
	return streets
}

// batchRunning is the part that 概况 asks for while something runs. When it has ended the
// page is shown anew.
func (v *visit) batchRunning() error {
	b, err := v.batch()
	if err != nil {
		return err
	}
	running, err := v.runningFor(b.Bureau)
	if err != nil {
		return err
	}
	if len(running) == 0 {
		v.w.Header().Set("HX-Refresh", "true")
	}
	return v.part("batch-overview", "running", running)
}

// runningFor is work that runs now and that the user may follow.
func (v *visit) runningFor(bureau string) ([]postgres.Work, error) {
	all, err := v.office.DB.RunningWork(v.r.Context(), v.office.Region, v.Clock())
	return slices.DeleteFunc(all, func(w postgres.Work) bool {
		return (w.Bureau != "" && w.Bureau != bureau) || (w.Actor != v.user.Name && !v.sees(w.Bureau))
	}), err
}
