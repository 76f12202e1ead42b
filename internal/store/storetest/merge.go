package storetest

import (
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/store/merging"
)

func (d *District) MergeOrder(kept, gone string) merging.MergeOrder {
	return merging.MergeOrder{Region: DeskRegion, Kept: kept, Gone: gone, User: Clerk,
		By: journal.By{Origin: "主机", At: DeskNow, Reason: "户籍核对，同一个人"}}
}

// Merge merges the records of two years of birth, and insists that nothing that was
// settled is gained or lost.
func (d *District) Merge(kept, gone int) *merging.MergeReport {
	d.T.Helper()
	before := d.settledInAll()
	report, err := merging.MergePeople(d.T.Context(), d.Db, d.MergeOrder(IdOf(kept), IdOf(gone)))
	if err != nil {
		d.T.Fatal(err)
	}
	if after := d.settledInAll(); after != before {
		d.T.Errorf("%d 分 settled before the merge, %d after", before, after)
	}
	return report
}

func (d *District) settledInAll() int64 {
	return d.Number(`SELECT coalesce(sum(amount), 0)::bigint FROM ledger`)
}

// Paid runs and approves months, and sends their files.
func (d *District) Paid(months ...int) {
	d.T.Helper()
	for _, m := range months {
		d.Run(At(m))
		d.Approve(At(m))
		d.Send(At(m))
	}
}

// SameInFull insists that a run that looks at everybody gives the same lines.
func (d *District) SameInFull(m month.Month) {
	d.T.Helper()
	lines, register := d.Lines(d.Batch(m)), d.Register()
	order := d.Order(m)
	order.Full = true
	d.RunOrder(order)
	d.Want("run --full", d.Lines(d.Batch(m)), lines...)
	d.Want("register of run --full", d.Register(), register...)
}
