package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// BankBatches returns the approved batches with bank files of a month (0: of all months)
// and a bureau (empty: of all), the latest month first.
func BankBatches(ctx context.Context, db *postgres.DB, region int32, m month.Month, bureau string) ([]batches.Row, error) {
	var all []batches.Row
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		all = nil
		rows, err := scope.Tx.Query(ctx, batches.SelectBatch+`
			AND b.state = 'approved' AND ($2::date IS NULL OR b.month = $2) AND ($3 = '' OR b.bureau = $3)
			AND EXISTS (SELECT FROM payment_file f WHERE f.region = b.region AND f.batch = b.batch)
			ORDER BY b.month DESC, b.bureau COLLATE "C", b.n`, region, monthOrAll(m), bureau)
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		found, err := pgx.CollectRows(rows, batches.ScanBatch)
		if err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		sent, err := batches.SentTimes(ctx, scope)
		for _, b := range found {
			all = append(all, batches.Row{Batch: b, SentAt: sent[b.Number]})
		}
		return err
	})
	return all, err
}

// monthOrAll returns a month as a query argument; NULL for month 0, all months.
func monthOrAll(m month.Month) any {
	if m == 0 {
		return nil
	}
	return postgres.FirstDay(m)
}

// AnsweredFile is a bank file with the answers to its payments.
type AnsweredFile struct {
	approval.PaymentFile
	Answers
}

// AnsweredFiles returns the bank files of batches with the answers, by batch and file.
func AnsweredFiles(ctx context.Context, db *postgres.DB, region int32, batches []int32) ([]AnsweredFile, error) {
	var all []AnsweredFile
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		var err error
		all, err = answeredFiles(ctx, scope, batches)
		return err
	})
	return all, err
}

func scanAnsweredFile(row pgx.CollectableRow) (f AnsweredFile, err error) {
	err = row.Scan(&f.Batch, &f.File, &f.Number, &f.Bank, &f.Rows, &f.Amount, &f.Paid.Payments, &f.Paid.Amount,
		&f.Failed.Payments, &f.Failed.Amount, &f.Unknown.Payments, &f.Unknown.Amount)
	f.All = Sum{f.Rows, f.Amount}
	f.None.Payments = f.Rows - f.Paid.Payments - f.Failed.Payments - f.Unknown.Payments
	f.None.Amount = f.Amount.Sub(f.Paid.Amount).Sub(f.Failed.Amount).Sub(f.Unknown.Amount)
	return f, err
}

// ImportedFile is an earlier import of a file with the same content.
type ImportedFile struct {
	Rev     int64
	At      time.Time
	Actor   string
	Summary string
}

// ImportedResult is an earlier import of a result file, with the answers that it added.
type ImportedResult struct {
	ImportedFile
	Taken map[bank.Outcome]Sum
}

// ImportedResults returns the earlier imports of a result file with this content by a bureau
// (empty: by any), newest first.
func ImportedResults(ctx context.Context, db *postgres.DB, region int32, bureau, sha256 string) ([]ImportedResult, error) {
	var all []ImportedResult
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		all = nil
		files, err := ImportedFiles(ctx, scope, bureau, resultAction, sha256)
		for _, f := range files {
			x := ImportedResult{f, map[bank.Outcome]Sum{}}
			if err := x.add(ctx, scope); err != nil {
				return err
			}
			all = append(all, x)
		}
		return err
	})
	return all, err
}

// add sums the answers that were added at the import's revision.
func (t *ImportedResult) add(ctx context.Context, scope postgres.Scope) error {
	rows, err := scope.Tx.Query(ctx, `
		SELECT r.outcome, count(*), sum(p.amount)::bigint
		FROM payment_result r JOIN payment p ON p.region = $1 AND p.batch = r.batch AND p.file = r.file AND p.seq = r.seq
		WHERE r.region = $1 AND r.rev = $2 GROUP BY 1`, scope.Region, t.Rev)
	if err != nil {
		return fmt.Errorf("count results taken: %w", err)
	}
	var outcome bank.Outcome
	var s Sum
	_, err = pgx.ForEachRow(rows, []any{&outcome, &s.Payments, &s.Amount}, func() error {
		t.Taken[outcome] = s
		return nil
	})
	return postgres.Wrap("count results taken", err)
}

// ImportedFiles returns the journal entries of an action with this content, by users of a
// bureau (empty: of any) or at the command line, newest first.
func ImportedFiles(ctx context.Context, scope postgres.Scope, bureau, action, sha256 string) ([]ImportedFile, error) {
	// Who works on the command line is no user of the region.
	rows, err := scope.Tx.Query(ctx, `
		SELECT j.rev, j.at, j.actor, j.summary FROM journal j LEFT JOIN account_user u ON u.region = $1 AND u.name = j.actor
		WHERE j.region = $1 AND j.action = $2 AND j.digest = $3 AND ($4 = '' OR coalesce(u.bureau, $4) = $4) ORDER BY j.rev DESC`,
		scope.Region, action, sha256, bureau)
	if err != nil {
		return nil, fmt.Errorf("read files taken: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ImportedFile])
	if err != nil {
		return nil, fmt.Errorf("read files taken: %w", err)
	}
	return all, nil
}
