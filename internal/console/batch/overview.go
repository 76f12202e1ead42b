package batch

import (
	"cmp"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/signing"
	"disburse/internal/store/users"
	"disburse/internal/store/work"
)

// overviewData is the data of 概况.
type overviewData struct {
	Note       string // instead of a comparison with the previous month
	Last       *payrun.Batch
	Items      []itemRow
	Sum        itemRow
	Streets    []groupTotal
	Banks      []groupTotal
	Wrong      string // the lines do not match the batch's totals; empty: they do
	Signatures []approval.Signature
	// Unconfirmed are, by the revision of a signature, changes of the signer's account that no
	// second person had confirmed then.
	Unconfirmed map[int64][]approval.UserEvent
	Voids       []approval.VoidSignature
	Running     []work.Task
	Panel       *signPanel
}

// itemRow is an item's totals and its sum in the previous month, in 分.
type itemRow struct {
	payrun.ItemTotal
	Pays, LastPays money.Fen
}

func batchOverview(v *web.Visit) error {
	p, err := pageOf(v, "")
	if err != nil {
		return err
	}
	ctx, region := v.R.Context(), v.Office.Region
	d := &overviewData{}
	if err := addLast(v, p.Batch, d); err != nil {
		return err
	}
	if err := addItems(v, p.Batch, d); err != nil {
		return err
	}
	switch x, err := readIndex(v.Server, p.Batch); {
	case fault.Is(err, fault.Internal):
		d.Wrong = err.Error() // shown on the page, so that the batch can be returned
	case err != nil:
		return err
	default:
		d.Streets, d.Banks = byPlace(v, x.totals.Streets), x.totals.Banks
	}
	if d.Signatures, err = batches.Signatures(ctx, v.Office.DB, region, p.Batch.Number); err != nil {
		return err
	}
	if d.Unconfirmed, err = users.UnconfirmedAtSigning(ctx, v.Office.DB, region, d.Signatures); err != nil {
		return err
	}
	if d.Voids, err = signing.VoidSignatures(ctx, v.Office.DB, region, p.Batch.Number); err != nil {
		return err
	}
	if d.Running, err = runningFor(v, p.Batch.Bureau); err != nil {
		return err
	}
	if d.Panel, err = panelOf(v, p, d); err != nil {
		return err
	}
	return showBatch(v, "batch-overview", p, d)
}

// addLast finds the previous month's batch to compare with. A supplementary batch is compared
// with none: it has only what the month's earlier batches lack.
func addLast(v *web.Visit, b payrun.Batch, d *overviewData) error {
	if b.Extra {
		d.Note = "补充批次，不与上月比"
		return nil
	}
	var err error
	d.Last, err = batches.LastApproved(v.R.Context(), v.Office.DB, v.Office.Region, b.Bureau, b.Month, 1, true)
	return err
}

// addItems reads the totals by item of this batch and the previous month's.
func addItems(v *web.Visit, b payrun.Batch, d *overviewData) error {
	now, err := batches.ItemTotals(v.R.Context(), v.Office.DB, v.Office.Region, b.Number)
	if err != nil {
		return err
	}
	last := map[string]payrun.ItemTotal{}
	if d.Last != nil {
		if last, err = batches.ItemTotals(v.R.Context(), v.Office.DB, v.Office.Region, d.Last.Number); err != nil {
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
		return cmp.Or(v.Office.Pack.ItemOrder(x.Item)-v.Office.Pack.ItemOrder(y.Item), cmp.Compare(x.Item, y.Item))
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

// byPlace sorts streets in the order of the pack.
func byPlace(v *web.Visit, streets []groupTotal) []groupTotal {
	streets = slices.Clone(streets)
	slices.SortStableFunc(streets, func(x, y groupTotal) int {
		return cmp.Or(v.Office.Pack.StreetOrder(x.Name)-v.Office.Pack.StreetOrder(y.Name), cmp.Compare(x.Name, y.Name))
	})
	return streets
}

// batchRunning is the part of 概况 that htmx polls while tasks run. When the last has ended it has
// the browser reload the page.
func batchRunning(v *web.Visit) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	running, err := runningFor(v, b.Bureau)
	if err != nil {
		return err
	}
	if len(running) == 0 {
		v.W.Header().Set("HX-Refresh", "true")
	}
	return v.Part("batch-overview", "running", running)
}

// runningFor lists the running tasks that concern the bureau and that the user may see.
func runningFor(v *web.Visit, bureau string) ([]work.Task, error) {
	all, err := work.ListRunning(v.R.Context(), v.Office.DB, v.Office.Region, v.Now())
	return slices.DeleteFunc(all, func(w work.Task) bool {
		return (w.Bureau != "" && w.Bureau != bureau) || (w.Actor != v.User.Name && !v.Sees(w.Bureau))
	}), err
}
