package books

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
)

// BatchStatus is the status of a batch beyond its state: open findings, and payments without result.
type BatchStatus struct {
	Blocking  int // findings that block
	Undecided int // 疑点 without a decision
	Notices   int // findings to acknowledge before it is submitted
	SentAt    time.Time
	Voiding   string // who requested a 作废 that nobody has confirmed yet; empty: nobody
	Payments  payments.Answers
	Return    *approval.Signature // the last signature if it is a 退回; nil: it is another
	Unmade    *OpenFailures       // nil: not counted; ReadStand leaves that to a background count
}

// OpenFailures counts the failed payments that are still open: not paid again, not netted, and still
// due.
type OpenFailures struct {
	payments.Sum
	Idle int // of them, those for which nothing was computed since they failed
}

// ReadBatchStatus reads a batch's status. A batch that does not exist has zeros: there is no
// fault.NotFound.
func ReadBatchStatus(ctx context.Context, db *postgres.DB, region, batch int32) (BatchStatus, error) {
	var s BatchStatus
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		s = BatchStatus{}
		err := scope.Tx.QueryRow(ctx, `
			SELECT count(DISTINCT f.id) FILTER (WHERE level = 1), count(DISTINCT f.id) FILTER (WHERE level = 2 AND d.id IS NULL),
			       count(DISTINCT f.id) FILTER (WHERE level = 3)
			FROM finding f LEFT JOIN LATERAL (SELECT id FROM decision d WHERE d.region = f.region AND d.id = f.id LIMIT 1) d ON f.level = 2
			WHERE f.region = $1 AND f.batch = $2 AND level < 4`, region, batch).Scan(&s.Blocking, &s.Undecided, &s.Notices)
		if err != nil {
			return fmt.Errorf("count findings: %w", err)
		}
		err = scope.Tx.QueryRow(ctx, `
			SELECT j.at FROM batch b JOIN journal j ON j.region = b.region AND j.rev = b.sent_rev WHERE b.region = $1 AND b.batch = $2`,
			region, batch).Scan(&s.SentAt)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read when sent: %w", err)
		}
		err = scope.Tx.QueryRow(ctx, `
			SELECT coalesce(min(actor) FILTER (WHERE n = 1), '') FROM void_signature WHERE region = $1 AND batch = $2 HAVING max(n) = 1`,
			region, batch).Scan(&s.Voiding)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read void request: %w", err)
		}
		signed, err := batches.SignaturesIn(ctx, scope, batch)
		if err != nil {
			return err
		}
		if n := len(signed); n > 0 && signed[n-1].Post == approval.Returned {
			s.Return = &signed[n-1]
		}
		s.Payments, err = payments.ReadAnswers(ctx, scope, batch)
		return err
	})
	return s, err
}
