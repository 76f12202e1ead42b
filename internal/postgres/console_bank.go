package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
)

// BankBatch is an approved batch that has bank files.
type BankBatch struct {
	payrun.Batch
	SentAt time.Time // zero: not handed to the banks
}

// BankBatches returns the approved batches with bank files of a month (0: of all months)
// and a bureau (empty: of all), the latest month first.
func (db *DB) BankBatches(ctx context.Context, region int32, m month.Month, bureau string) ([]BankBatch, error) {
	var all []BankBatch
	err := db.Read(ctx, func(tx pgx.Tx) error {
		all = nil
		rows, err := tx.Query(ctx, selectBatch+`
			AND b.state = 'approved' AND ($2::date IS NULL OR b.month = $2) AND ($3 = '' OR b.bureau = $3)
			AND EXISTS (SELECT FROM payment_file f WHERE f.region = b.region AND f.batch = b.batch)
			ORDER BY b.month DESC, b.bureau COLLATE "C", b.n`, region, monthOrAll(m), bureau)
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		batches, err := pgx.CollectRows(rows, scanBatch)
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		sent, err := handedOver(ctx, tx, region)
		for _, b := range batches {
			all = append(all, BankBatch{b, sent[b.Number]})
		}
		return err
	})
	return all, err
}

// monthOrAll is a month for SQL that takes no month for all of them.
func monthOrAll(m month.Month) any {
	if m == 0 {
		return nil
	}
	return firstDay(m)
}

func handedOver(ctx context.Context, tx pgx.Tx, region int32) (map[int32]time.Time, error) {
	rows, err := tx.Query(ctx, `SELECT b.batch, j.at FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.sent_rev WHERE b.region = $1`, region)
	if err != nil {
		return nil, fmt.Errorf("read when sent: %w", err)
	}
	sent := map[int32]time.Time{}
	var batch int32
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&batch, &at}, func() error {
		sent[batch] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read when sent: %w", err)
	}
	return sent, nil
}

// AnsweredFile is a bank file and how far it is answered.
type AnsweredFile struct {
	approval.PaymentFile
	Paid, Failed, Unknown, None Sum
}

// Open is the number of payments of which nobody knows yet whether they were paid.
func (f AnsweredFile) Open() int { return f.Unknown.Payments + f.None.Payments }

// AnsweredFiles returns the bank files of batches with what the banks have said, in the
// order of their numbers.
func (db *DB) AnsweredFiles(ctx context.Context, region int32, batches []int32) ([]AnsweredFile, error) {
	var all []AnsweredFile
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		all, err = answeredFiles(ctx, tx, region, batches)
		return err
	})
	return all, err
}

func scanAnsweredFile(row pgx.CollectableRow) (f AnsweredFile, err error) {
	err = row.Scan(&f.Batch, &f.File, &f.Number, &f.Bank, &f.Rows, &f.Amount, &f.Paid.Payments, &f.Paid.Amount,
		&f.Failed.Payments, &f.Failed.Amount, &f.Unknown.Payments, &f.Unknown.Amount)
	f.None.Payments = f.Rows - f.Paid.Payments - f.Failed.Payments - f.Unknown.Payments
	f.None.Amount = f.Amount.Sub(f.Paid.Amount).Sub(f.Failed.Amount).Sub(f.Unknown.Amount)
	return f, err
}

// TakenResult says when a result file was taken in before.
type TakenResult struct {
	Rev     int64
	At      time.Time
	Actor   string
	Summary string
}

// TakenResults returns when a file of this content was taken in, the latest first.
func (db *DB) TakenResults(ctx context.Context, region int32, sha256 string) ([]TakenResult, error) {
	var all []TakenResult
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT rev, at, actor, summary FROM journal WHERE region = $1 AND action = '登记回盘' AND digest = $2 ORDER BY rev DESC`,
			region, sha256)
		if err != nil {
			return fmt.Errorf("read results taken: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[TakenResult]); err != nil {
			return fmt.Errorf("read results taken: %w", err)
		}
		return nil
	})
	return all, err
}
