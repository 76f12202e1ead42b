package storetest

import (
	"fmt"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/recovery"
	"disburse/internal/store/signing"
)

// Recover is what a user does about the debts of somebody born in a year.
func (d *District) Recover(u approval.User, year int, amount money.Fen, with ...func(*recovery.Order)) recovery.Order {
	o := recovery.Order{Region: DeskRegion, Pack: d.Pack, ID: IdOf(year), Amount: amount, User: u,
		By: journal.By{Actor: u.Name, Origin: "主机", At: DeskNow, Reason: "家属退回现金"}}
	for _, f := range with {
		f(&o)
	}
	return o
}

func Of(item string, m month.Month) func(*recovery.Order) {
	return func(o *recovery.Order) { o.Item, o.Month = item, m }
}

// Collect records money and returns how it was shared, as "11 本人 2026-09 70.00".
func (d *District) Collect(o recovery.Order) []string {
	d.T.Helper()
	done, err := recovery.Collect(d.T.Context(), d.Db, o)
	if err != nil {
		d.T.Fatal(err)
	}
	return SharesOf(done.Shares)
}

func SharesOf(shares []ledger.Share) []string {
	var all []string
	for _, s := range shares {
		all = append(all, fmt.Sprintf("%s %s %s %s", s.Item, s.Payee, s.Month, s.Amount))
	}
	return all
}

func (d *District) SettleWaiver(u approval.User, n int, grant bool, reason string) (recovery.WaiverRequest, error) {
	return recovery.AnswerWaiver(d.T.Context(), d.Db, recovery.WaiverAnswer{Region: DeskRegion, Pack: d.Pack, N: n, Grant: grant, User: u,
		By: journal.By{Actor: u.Name, Origin: "主机", At: DeskNow, Reason: reason}})
}

// Waived asks for a waiver and has it confirmed.
func (d *District) Waived(o recovery.Order) {
	d.T.Helper()
	w, err := recovery.AskWaiver(d.T.Context(), d.Db, o)
	if err == nil {
		_, err = d.SettleWaiver(Approver, w.N, true, "")
	}
	if err != nil {
		d.T.Fatal(err)
	}
}

// DeadSinceAugust is a district where somebody was paid for September and October who
// had died in August, and somebody else is paid.
func DeadSinceAugust(t *testing.T) *District {
	d := OpenDistrict(t)
	d.Learn(NewSheet(EveryColumn).People(Resident(1944), Resident(1943)))
	for m := 8; m <= 10; m++ {
		d.Run(At(m))
		d.Approve(At(m))
	}
	d.Learn(NewSheet(EveryColumn).People(Resident(1944, DiedOn(Day(2026, 8, 20)))))
	return d
}

func (d *District) TrySubmit(m month.Month) (payrun.Batch, error) {
	s := By(Clerk, "核对无误")
	s.Month = m
	return signing.Submit(d.T.Context(), d.Db, s, signing.Submission{AcknowledgeAll: true, Judge: Agrees})
}
