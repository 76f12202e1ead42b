package signing_test

import (
	"cmp"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

func finding(d *storetest.Desk, b payrun.Batch, id string, level int, sentence string) {
	d.T.Helper()
	d.Exec(`INSERT INTO finding (region, batch, id, person, level, kind, item, sentence) VALUES ($1, $2, $3, 0, $4, '试', '', $5)`,
		storetest.DeskRegion, b.Number, id, level, sentence)
}

// keep copies the tables that tests spoil and returns what puts them back.
func keep(d *storetest.Desk) (restore func()) {
	d.T.Helper()
	// Foreign keys are not looked at while rows are on their way.
	put := []string{`SET session_replication_role = replica`}
	for _, table := range []string{"region", "journal", "pack", "batch", "batch_item", "draft_line", "finding", "account_user",
		"signature", "acknowledgement", "ledger", "waiver", "row_change", "row_digest", "row_mark"} {
		d.Exec(`DROP TABLE IF EXISTS kept_` + table)
		d.Exec(`CREATE TABLE kept_` + table + ` AS TABLE ` + table)
		columns, rows := "", `TABLE kept_`+table
		if table == "signature" { // its last column is generated
			columns, rows = ` (`+storetest.SignatureColumns+`) `, `SELECT `+storetest.SignatureColumns+` FROM kept_signature`
		}
		put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+columns+` `+rows)
	}
	put = append(put, `RESET session_replication_role`)
	return func() { d.Exec(strings.Join(put, "; ")) }
}

func giveBack(d *storetest.Desk, reason string) (payrun.Batch, error) {
	return signing.Return(d.T.Context(), d.Db, storetest.By(storetest.Reviewer, reason))
}

// expectedPayments is the bank rule of docs/interface.md §5.3, done naively.
func expectedPayments(lines []payrun.Line) []approval.Payment {
	type key struct {
		item, payee string
		person      int64
	}
	type group struct {
		approval.Payment
		street string
	}
	groups := map[key]*group{}
	for _, l := range lines {
		if l.Hold != 0 {
			continue
		}
		k, name, id, street := key{l.Against, l.Payee, 0}, l.Payee, "", ""
		if l.Payee == roster.Myself {
			k.person, name, id, street = l.Person, l.Name, l.ID, l.Street
		}
		g := groups[k]
		if g == nil {
			g = &group{approval.Payment{Person: k.person, Payee: l.Payee, Item: l.Against, ID: id}, street}
			groups[k] = g
		}
		g.Amount += l.Amount
		if l.Kind != payrun.Recovery {
			g.Account = l.Account
			g.Account.Holder = cmp.Or(l.Account.Holder, name)
		}
	}
	var sorted []*group
	for _, g := range groups {
		if g.Amount != 0 {
			sorted = append(sorted, g)
		}
	}
	place := func(all []string, s string) int {
		if i := slices.Index(all, s); i >= 0 {
			return i
		}
		return len(all)
	}
	slices.SortFunc(sorted, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.Account.Bank, b.Account.Bank),
			cmp.Compare(place(storetest.DeskOrder.Items, a.Item), place(storetest.DeskOrder.Items, b.Item)), strings.Compare(a.Item, b.Item),
			cmp.Compare(place(storetest.DeskOrder.Streets, a.street), place(storetest.DeskOrder.Streets, b.street)), strings.Compare(a.street, b.street),
			strings.Compare(a.ID, b.ID), strings.Compare(a.Payee, b.Payee))
	})
	var payments []approval.Payment
	for i, g := range sorted {
		g.File, g.Seq = 1, 1
		if i > 0 {
			last := payments[i-1]
			g.File, g.Seq = last.File, last.Seq+1
			if last.Account.Bank != g.Account.Bank || last.Seq == approval.RowsPerFile {
				g.File, g.Seq = last.File+1, 1
			}
		}
		payments = append(payments, g.Payment)
	}
	return payments
}
