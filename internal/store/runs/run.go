package runs

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
)

// Order asks for a run of one month.
type Order struct {
	Region  int32
	Month   month.Month
	Opening month.Month // of the district's first run; 0: that month
	Pack    *policy.Pack
	Full    bool // compute everybody's past months, not only those of touched people
	// DiscardLater discards the batches of later months, for By.Reason, if nobody has signed
	// any of them: their month was mistyped.
	DiscardLater bool
	By           journal.By
	// Progress, which may be nil, is called from time to time with how many people are done,
	// of how many.
	Progress func(done, total int64)
	// Line, which may be nil, is called for every line as it is written, within a batch in the
	// order of Line.Compare; lines of several batches interleave. Nothing is committed until Run
	// returns, and a retried transaction begins again with the first person.
	Line func(batch int32, m *batches.LineSummary)
	// Gentle leaves one processor free, so that pages are served while a background run computes.
	Gentle bool
}

// BureauRun is what a run did for one bureau.
type BureauRun struct {
	Bureau  string
	Outcome Outcome
	Batch   payrun.Batch // as it is after the run; Number 0 where there is none
	Reason  string       // a Chinese sentence for Untouched, Blocked, and NothingDue with payments of other regions
	// Discardable says of Blocked that the later month's batch that blocks it may be discarded
	// (Order.DiscardLater).
	Discardable bool
}

// WithDiscardHint adds to the refusal of a blocked run the command-line option that discards
// the later run, where that is allowed.
func (b *BureauRun) WithDiscardHint(err error) error {
	if b.Discardable {
		return fault.Command(err, "--discard-later --reason 理由")
	}
	return err
}

// Outcome says what a run did to a bureau's batch. The values are the texts that reports show
// (docs/interface.md).
type Outcome string

// The outcomes.
const (
	Made          Outcome = "新建"
	Remade        Outcome = "重算"
	Supplementary Outcome = "补充批次"
	NothingDue    Outcome = "无新的应发"
	Untouched     Outcome = "未改动" // submitted or signed
	Blocked       Outcome = "未运行" // an earlier month's batch is being signed
)

// Report is what a run did.
type Report struct {
	Revision int64 // as of which everything was read
	Opening  month.Month
	People   int64
	Touched  int64 // people whose past months were computed
	Bureaus  []BureauRun
	Carried  []payrun.Batch // earlier batches that were carried over (结转)
	// Behind says, in Chinese, whose run this one had to wait for; empty: nobody's.
	Behind string
	// Discarded are the later batches that were discarded, as they were before.
	Discarded []payrun.Batch
}

// Run computes everybody at one revision of what is known and makes or remakes each
// bureau's batch of the month (docs/interface.md §2.2).
//
// It computes without the region's lock, so imports continue: what they add has a later
// revision and is not seen. Only finish takes the lock, checks that no batch changed since
// the plan was read, and commits all batches together. Runs of a region exclude each other
// by a lock of their own: the second waits a second, then is refused.
//
// Errors: fault.Refused where the month cannot be run (a later one has been, another
// run is going on, somebody signed in the meantime, a later batch to be discarded was
// signed), fault.Invalid for an opening month that contradicts the region's, for a month
// years ahead and for discarding without a reason.
func Run(ctx context.Context, db *postgres.DB, o Order) (*Report, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	// In a transaction of its own: otherwise the second of two first runs of a region would
	// wait on the uncommitted INSERT until the first ends, instead of being refused.
	if err := db.InTx(ctx, func(tx pgx.Tx) error { return ensureRunLock(ctx, postgres.In(tx, o.Region)) }); err != nil {
		return nil, err
	}
	began, err := head(ctx, db, o.Region)
	if err != nil {
		return nil, err
	}
	if err := writeElsewhere(ctx, db, o.Region, o.By); err != nil {
		return nil, err
	}
	var report *Report
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		if err := lockRun(ctx, postgres.In(tx, o.Region)); err != nil {
			return err
		}
		behind, err := runEndedSince(ctx, postgres.In(tx, o.Region).At(began))
		if err != nil {
			return err
		}
		r := &Computation{DB: db, Tx: tx, Order: o, Remade: map[int32]bool{}}
		if err := r.prepare(ctx); err != nil {
			return err
		}
		if err := r.Compute(ctx); err != nil {
			return err
		}
		if err := r.finish(ctx); err != nil {
			return err
		}
		report = r.report
		report.Behind = behind
		return nil
	})
	return report, err
}

// Try computes a month as Run does, rolls everything back and returns the report. It is the
// same code path, so that a trial cannot come out differently from the run. Errors as Run.
func Try(ctx context.Context, db *postgres.DB, o Order) (*Report, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	var report *Report
	err := RolledBack(ctx, db, o.Region, func(tx pgx.Tx) error {
		r := &Computation{DB: db, Tx: tx, Order: o, Remade: map[int32]bool{}}
		if err := r.prepare(ctx); err != nil {
			return err
		}
		if err := r.Compute(ctx); err != nil {
			return err
		}
		if err := r.finish(ctx); err != nil {
			return err
		}
		report = r.report
		return nil
	})
	return report, err
}

// head reads the region's newest revision; 0 where there is no region.
func head(ctx context.Context, db *postgres.DB, region int32) (head int64, err error) {
	err = db.Read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(max(head), 0) FROM region WHERE region = $1`, region).Scan(&head)
	})
	return head, err
}

// runEndedSince says, in Chinese, whose run has ended since the revision; empty: nobody's. A
// run that waited for a short one computes everything once more, which its report must
// mention: the user may think that only one of them ran.
func runEndedSince(ctx context.Context, scope postgres.Scope) (string, error) {
	var actor, subject string
	var ended int64
	err := scope.Tx.QueryRow(ctx, `
		SELECT rev, actor, subject FROM journal WHERE region = $1 AND rev > $2 AND action = $3 ORDER BY rev DESC LIMIT 1`,
		scope.Region, scope.Rev, batches.RunAction).Scan(&ended, &actor, &subject)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for another run: %w", err)
	}
	return fmt.Sprintf("%s 同时运行了 %s（第 %d 号修订），刚刚结束；本次等它结束以后又算了一遍", actor, subject, ended), nil
}
