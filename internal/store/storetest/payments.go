package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/approval"
	answers "disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/signing"
)

const resultHead = "批次号,序号,账号,户名,金额,结果码,原因\n"

// Payments reads all payments of a batch, file after file.
func (d *Desk) Payments(b payrun.Batch) []approval.Payment {
	d.T.Helper()
	files, err := batches.PaymentFiles(d.T.Context(), d.Db, DeskRegion, b.Number)
	if err != nil {
		d.T.Fatal(err)
	}
	var all []approval.Payment
	for _, f := range files {
		rows, sum := 0, money.Fen(0)
		err := batches.Payments(d.T.Context(), d.Db, DeskRegion, f, func(p approval.Payment) error {
			rows++
			sum += p.Amount
			if p.File != f.File || p.Seq != rows || p.Account.Bank != f.Bank {
				d.T.Errorf("payment %+v stands at row %d of file %+v", p, rows, f)
			}
			all = append(all, p)
			return nil
		})
		if err != nil {
			d.T.Fatal(err)
		}
		if rows != f.Rows || sum != f.Amount || rows > approval.RowsPerFile {
			d.T.Errorf("file %+v holds %d rows, %s yuan", f, rows, sum)
		}
	}
	return all
}

// Send records that the latest approved batch of 区民政局 was sent to the bank.
func (d *District) Send(m month.Month) payrun.Batch {
	d.T.Helper()
	b, err := signing.MarkSent(d.T.Context(), d.Db, d.SigningOf(m, Clerk, ""), 0)
	if err != nil {
		d.T.Fatal(err)
	}
	return b
}

// Answer imports a result file of the rows, in GBK, as a bank sends it.
func (d *District) Answer(rows ...string) *payments.ResultReport {
	d.T.Helper()
	report, err := payments.BankResult(d.T.Context(), d.Db, d.ResultOrder(rows...))
	if err != nil {
		d.T.Fatal(err)
	}
	if err := VerifyChain(d.T.Context(), d.Db, DeskRegion); err != nil {
		d.T.Error(err)
	}
	return report
}

func (d *District) ResultOrder(rows ...string) payments.ResultOrder {
	d.T.Helper()
	body, err := simplifiedchinese.GBK.NewEncoder().String(resultHead + strings.Join(rows, "\n"))
	if err != nil {
		d.T.Fatal(err)
	}
	path := filepath.Join(d.T.TempDir(), "回盘.txt")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		d.T.Fatal(err)
	}
	in, err := answers.ReadResults(path, func(number string) (int, error) {
		return payments.FilePayments(d.T.Context(), d.Db, DeskRegion, number)
	})
	if err != nil {
		d.T.Fatal(err)
	}
	return payments.ResultOrder{Region: DeskRegion, File: in, Codes: answers.CodesOf(d.Pack.File), By: RunBy}
}

// Row is an answer about the payment of an account in a batch.
func (d *District) Row(b payrun.Batch, account, code string) string {
	d.T.Helper()
	for _, p := range d.Payments(b) {
		if p.Account.Number == account {
			return fmt.Sprintf("%s,%d,%s,%s,%s,%s,", approval.FileNumber(DeskRegion, b.Month, "MZ", b.N, p.File), p.Seq, account, p.Account.Holder, p.Amount, code)
		}
	}
	d.T.Fatalf("no payment to %s in %s", account, approval.Title(b))
	return ""
}

// BankRefuses inserts what reading a bank's result inserts: failed payments of an account, and
// reversing ledger entries of every line they carried.
func (d *District) BankRefuses(b payrun.Batch, account string) {
	d.T.Helper()
	d.Later(
		`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
		 SELECT region, batch, file, seq, $1, 2, '3018', '清户', account FROM payment WHERE batch = `+Num(b)+` AND account = '`+account+`'`,
		`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		 SELECT l.region, l.person, l.item, l.payee, l.month, $1, l.against, 2, -l.amount, l.batch
		 FROM line l JOIN payment p USING (region, batch, file, seq) WHERE l.batch = `+Num(b)+` AND p.account = '`+account+`'`)
}
