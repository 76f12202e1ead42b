package storetest

import (
	"fmt"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/ledger"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/store/recovery"
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

// Agree agrees instalments with somebody born in a year.
func (d *District) Agree(year int, plan ledger.Plan) {
	d.T.Helper()
	if _, err := recovery.Agree(d.T.Context(), d.Db, d.Recover(Clerk, year, 0), plan); err != nil {
		d.T.Fatal(err)
	}
}
