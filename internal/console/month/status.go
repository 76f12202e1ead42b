package month

import (
	"disburse/internal/console/batch"
	"disburse/internal/console/web"
	"disburse/internal/money"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// batchStatus is the progress of a batch; the zero value is that of a month not yet computed.
type batchStatus struct {
	Batch    *payrun.Batch
	Status   books.BatchStatus
	Steps    []batch.Step
	NextStep string // what is to be done next, for display
}

// bureauStatus is the progress of a bureau's month: its latest batch, and those before it.
type bureauStatus struct {
	office.BureauMonth
	batchStatus
	Earlier []batchStatus
	Last    *payrun.Batch // the approved regular batch of the month before; nil: none
	Month   monthTotal
}

// monthTotal sums up the batches of a bureau's month, except for those that will never be
// paid: voided ones and those carried over. Amounts are 分.
type monthTotal struct {
	Heads     int // a person in two batches counts twice (人次)
	Pays      money.Fen
	Paid, All int // payments
	Failed    money.Fen
	Last      money.Fen
	Compared  bool // there is a previous month to compare with
}

func (t *monthTotal) add(b *batchStatus) {
	if b.Batch.State == payrun.Voided || b.Batch.State == payrun.CarriedOver {
		return
	}
	t.Heads += b.Batch.Heads
	t.Pays = t.Pays.Add(b.Batch.Pays)
	t.Paid += b.Status.Payments.Paid.Payments
	t.All += b.Status.Payments.All.Payments
	t.Failed = t.Failed.Add(b.Status.Payments.Failed.Amount)
}

// Against compares the month's sum with that of the previous paid month.
func (t monthTotal) Against() string {
	if !t.Compared {
		return "没有上月可比"
	}
	return "比上月 " + web.Signed(t.Pays.Sub(t.Last))
}

// readBatchStatus reads the progress of a batch.
func readBatchStatus(v *web.Visit, b *payrun.Batch) (batchStatus, error) {
	s := batchStatus{Batch: b}
	var err error
	if s.Status, err = batch.StatusOf(v, *b); err != nil {
		return s, err
	}
	s.Steps, s.NextStep = batch.Steps(b, s.Status)
	return s, nil
}

// readBureauStatus reads the progress of a bureau's month.
func readBureauStatus(v *web.Visit, b office.BureauMonth) (bureauStatus, error) {
	x := bureauStatus{BureauMonth: b}
	if len(b.Batches) == 0 {
		x.Steps, x.NextStep = batch.Steps(nil, x.Status)
		return x, nil
	}
	for i := range b.Batches {
		s, err := readBatchStatus(v, &b.Batches[i])
		if err != nil {
			return x, err
		}
		x.Month.add(&s)
		x.Earlier = append(x.Earlier, s)
	}
	last := len(x.Earlier) - 1
	x.Earlier, x.batchStatus = x.Earlier[:last], x.Earlier[last]
	return x, compare(v, &x)
}

// compare adds what the bureau paid in its previous month.
func compare(v *web.Visit, x *bureauStatus) error {
	ctx := v.R.Context()
	var err error
	if x.Last, err = batches.LastApproved(ctx, v.Office.DB, v.Office.Region, x.Bureau, x.Batch.Month, 1, true); err != nil || x.Last == nil {
		return err
	}
	all, err := batches.OfMonth(ctx, v.Office.DB, v.Office.Region, x.Last.Month)
	for i := range all {
		if all[i].Bureau == x.Bureau && all[i].State == payrun.Approved {
			x.Month.Compared, x.Month.Last = true, x.Month.Last.Add(all[i].Pays)
		}
	}
	return err
}
