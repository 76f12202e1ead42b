package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/approval"
	answers "disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/payments"
	"disburse/internal/store/signing"
)

const resultHead = "批次号,序号,账号,户名,金额,结果码,原因\n"

// Answer takes in a result file of the rows, in GBK, as a bank sends it.
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

func (d *District) SigningOf(m month.Month, u approval.User, reason string) signing.Order {
	s := By(u, reason)
	s.Month = m
	return s
}

// Send records that the latest approved batch of 区民政局 was handed over.
func (d *District) Send(m month.Month) payrun.Batch {
	d.T.Helper()
	b, err := signing.Sent(d.T.Context(), d.Db, d.SigningOf(m, Clerk, ""), 0)
	if err != nil {
		d.T.Fatal(err)
	}
	return b
}

// PaidDistrict has four people of 80 and more whose October was approved and sent.
func PaidDistrict(t *testing.T) (*District, payrun.Batch) {
	t.Helper()
	d := OpenDistrict(t)
	d.Learn(NewSheet(EveryColumn).People(Resident(1942), Resident(1943), Resident(1944), Resident(1945)))
	d.Run(At(10))
	d.Approve(At(10))
	return d, d.Send(At(10))
}

var SecondReviewer = approval.User{Name: "戊复核", Post: approval.Reviewer, Bureau: DeskBureau, Active: true}
