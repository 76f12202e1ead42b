package storetest

import (
	"disburse/internal/payrun"
)

// BankRefuses writes what reading a bank's result will write: the payments of an
// account failed, and every line they carried is undone in the ledger.
func (d *District) BankRefuses(b payrun.Batch, account string) {
	d.T.Helper()
	d.Later(
		`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
		 SELECT region, batch, file, seq, $1, 2, '3018', '清户', account FROM payment WHERE batch = `+Num(b)+` AND account = '`+account+`'`,
		`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		 SELECT l.region, l.person, l.item, l.payee, l.month, $1, l.against, 2, -l.amount, l.batch
		 FROM line l JOIN payment p USING (region, batch, file, seq) WHERE l.batch = `+Num(b)+` AND p.account = '`+account+`'`)
}
