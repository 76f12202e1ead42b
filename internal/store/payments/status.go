package payments

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// FileStatus is one bank file with the answers to its payments.
type FileStatus struct {
	Bureau string
	N      int
	Number string // of the file
	Bank   string
	Sent   bool
	Answers
}

// FileStatuses returns the bank files of a month's approved batches with the answers to their
// payments, by bureau, batch and file.
func FileStatuses(ctx context.Context, db *postgres.DB, region int32, m month.Month) ([]FileStatus, error) {
	var all []FileStatus
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			WITH last AS (
			    SELECT DISTINCT ON (r.batch, r.file, r.seq) r.batch, r.file, r.seq, r.outcome
			    FROM payment_result r JOIN batch b USING (region, batch)
			    WHERE r.region = $1 AND b.month = $2 ORDER BY r.batch, r.file, r.seq, r.rev DESC)
			SELECT b.bureau, b.n, f.number, f.bank, b.sent_rev IS NOT NULL, f.rows, f.amount,
			       count(*) FILTER (WHERE outcome = 1), coalesce(sum(p.amount) FILTER (WHERE outcome = 1), 0)::bigint,
			       count(*) FILTER (WHERE outcome = 2), coalesce(sum(p.amount) FILTER (WHERE outcome = 2), 0)::bigint,
			       count(*) FILTER (WHERE outcome = 3), coalesce(sum(p.amount) FILTER (WHERE outcome = 3), 0)::bigint,
			       count(*) FILTER (WHERE outcome IS NULL), coalesce(sum(p.amount) FILTER (WHERE outcome IS NULL), 0)::bigint
			FROM batch b JOIN payment_file f USING (region, batch) JOIN payment p USING (region, batch, file)
			LEFT JOIN last USING (batch, file, seq)
			WHERE b.region = $1 AND b.month = $2 AND b.state = 'approved'
			GROUP BY b.bureau, b.n, b.batch, f.file, f.number, f.bank, b.sent_rev, f.rows, f.amount
			ORDER BY b.bureau COLLATE "C", b.n, f.file`, region, postgres.FirstDay(m))
		if err != nil {
			return fmt.Errorf("read bank files: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f FileStatus, err error) {
			err = row.Scan(&f.Bureau, &f.N, &f.Number, &f.Bank, &f.Sent, &f.All.Payments, &f.All.Amount, &f.Paid.Payments, &f.Paid.Amount,
				&f.Failed.Payments, &f.Failed.Amount, &f.Unknown.Payments, &f.Unknown.Amount, &f.None.Payments, &f.None.Amount)
			return f, err
		})
		if err != nil {
			return fmt.Errorf("read bank files: %w", err)
		}
		return nil
	})
	return all, err
}

// OpenPayment is a payment, handed to a bank, without a final answer.
type OpenPayment struct {
	Month   month.Month
	Bureau  string
	Number  string // of the bank file
	Seq     int
	Holder  string
	Account string
	Item    string // code
	Amount  money.Fen
	Answer  bank.Outcome // Unknown; 0: the bank has not answered
	Code    string
	Reason  string
}

// OpenPayments returns every payment that was handed to a bank and has no final answer; m 0:
// of all months. None of them is paid again before the bank has answered: it may have been
// paid.
func OpenPayments(ctx context.Context, db *postgres.DB, region int32, m month.Month) ([]OpenPayment, error) {
	var all []OpenPayment
	var only any
	if m != 0 {
		only = postgres.FirstDay(m)
	}
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT b.month, b.bureau, f.number, p.seq, p.holder, p.account, p.item, p.amount,
			       coalesce(r.outcome, 0), coalesce(r.code, ''), coalesce(r.reason, '')
			FROM batch b JOIN payment_file f USING (region, batch) JOIN payment p USING (region, batch, file)
			LEFT JOIN LATERAL (
			    SELECT outcome, code, reason FROM payment_result r
			    WHERE r.region = p.region AND r.batch = p.batch AND r.file = p.file AND r.seq = p.seq ORDER BY rev DESC LIMIT 1) r ON true
			WHERE b.region = $1 AND ($2::date IS NULL OR b.month = $2) AND b.state = 'approved' AND b.sent_rev IS NOT NULL
			  AND (r.outcome IS NULL OR r.outcome = 3)
			ORDER BY b.month, b.bureau COLLATE "C", f.number, p.seq`, region, only)
		if err != nil {
			return fmt.Errorf("read open payments: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p OpenPayment, err error) {
			var paidFor postgres.ScannedMonth
			err = row.Scan(&paidFor.Day, &p.Bureau, &p.Number, &p.Seq, &p.Holder, &p.Account, &p.Item, &p.Amount, &p.Answer, &p.Code, &p.Reason)
			p.Month = paidFor.Month()
			return p, err
		})
		if err != nil {
			return fmt.Errorf("read open payments: %w", err)
		}
		return nil
	})
	return all, err
}
