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

// batchStand is where a batch stands; no batch: it waits to be computed.
type batchStand struct {
	Batch *payrun.Batch
	Stand books.Stand
	Steps []batch.Step
	Doing string // what it waits for, in words
}

// bureauStand is where a bureau's month stands: its latest batch, and those before it.
type bureauStand struct {
	office.BureauMonth
	batchStand
	Earlier []batchStand
	Last    *payrun.Batch // the approved regular batch of the month before; nil: none
	Month   monthTotal
}

// monthTotal is what all batches of a bureau's month come to, without those that ended
// unpaid.
type monthTotal struct {
	Heads     int // of each batch, so a person of two batches counts twice (人次)
	Pays      money.Fen
	Paid, All int // payments
	Failed    money.Fen
	Last      money.Fen
	Compared  bool // there is a month to compare with
}

func (t *monthTotal) add(b *batchStand) {
	if b.Batch.State == payrun.Voided || b.Batch.State == payrun.CarriedOver {
		return
	}
	t.Heads += b.Batch.Heads
	t.Pays = t.Pays.Add(b.Batch.Pays)
	t.Paid += b.Stand.Payments.Paid.Payments
	t.All += b.Stand.Payments.All.Payments
	t.Failed = t.Failed.Add(b.Stand.Payments.Failed.Amount)
}

// Against compares the month's sum with that of the month before.
func (t monthTotal) Against() string {
	if !t.Compared {
		return "没有上月可比"
	}
	return "比上月 " + web.Signed(t.Pays.Sub(t.Last))
}

// standOfBatch reads where a batch stands.
func standOfBatch(v *web.Visit, b *payrun.Batch) (batchStand, error) {
	s := batchStand{Batch: b}
	var err error
	if s.Stand, err = batch.StandOf(v, *b); err != nil {
		return s, err
	}
	s.Steps, s.Doing = batch.Steps(b, s.Stand)
	return s, nil
}

// stand reads where a bureau's month stands.
func stand(v *web.Visit, b office.BureauMonth) (bureauStand, error) {
	x := bureauStand{BureauMonth: b}
	if len(b.Batches) == 0 {
		x.Steps, x.Doing = batch.Steps(nil, x.Stand)
		return x, nil
	}
	for i := range b.Batches {
		s, err := standOfBatch(v, &b.Batches[i])
		if err != nil {
			return x, err
		}
		x.Month.add(&s)
		x.Earlier = append(x.Earlier, s)
	}
	last := len(x.Earlier) - 1
	x.Earlier, x.batchStand = x.Earlier[:last], x.Earlier[last]
	return x, compare(v, &x)
}

// compare finds what the bureau paid in its last month before.
func compare(v *web.Visit, x *bureauStand) error {
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
