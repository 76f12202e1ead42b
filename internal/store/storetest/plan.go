package storetest

import (
	"disburse/internal/ledger"
	"disburse/internal/store/recovery"
)

// Agree agrees instalments with somebody born in a year.
func (d *District) Agree(year int, plan ledger.Plan) {
	d.T.Helper()
	if _, err := recovery.Agree(d.T.Context(), d.Db, d.Recover(Clerk, year, 0), plan); err != nil {
		d.T.Fatal(err)
	}
}
