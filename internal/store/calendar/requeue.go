package calendar

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"disburse/internal/postgres"
)

// OccurrenceKey identifies an occurrence of a region.
type OccurrenceKey struct {
	Job string
	Due time.Time
}

// Requeue says how lost occurrences are enqueued again.
type Requeue struct {
	Queue     *postgres.Queue
	Region    int32
	Now       time.Time
	LostAfter time.Duration // without heartbeat, by the database's clock
	Insert    func(OccurrenceKey) (river.JobArgs, *river.InsertOpts)
	Notice    func(OccurrenceKey) Notice // for one that is given up
	Channels  []string
}

// RequeueLost enqueues again the occurrences that are waiting or running without a recent
// heartbeat, because their server died or the queue lost them. Those attempted MaxAttempts
// times are set to failed with a notice instead; it returns how many. Their leases are lost.
func RequeueLost(ctx context.Context, db *postgres.DB, r Requeue) (givenUp int, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		ended, err := collectKeys(tx.Query(ctx, `
			UPDATE job_occurrence SET state = 'failed', finished = $2,
			       log = log || '连续 ' || attempt || ' 次中断，不再重试；请查明原因后再运行这项任务' || chr(10)
			WHERE region = $1 AND state IN ('waiting', 'running') AND beat < now() - $3::interval AND attempt >= $4 RETURNING job, due`,
			r.Region, r.Now, r.LostAfter, MaxAttempts))
		if err != nil {
			return err
		}
		givenUp = len(ended)
		for _, o := range ended {
			if err := insertNotice(ctx, postgres.In(tx, r.Region), o, 1, r.Notice(o), r.Now, r.Channels); err != nil {
				return err
			}
		}
		return r.requeue(ctx, tx)
	})
	return givenUp, err
}

func (r *Requeue) requeue(ctx context.Context, tx pgx.Tx) error {
	again, err := collectKeys(tx.Query(ctx, `
		UPDATE job_occurrence SET state = 'waiting', beat = now()
		WHERE region = $1 AND state IN ('waiting', 'running') AND beat < now() - $2::interval RETURNING job, due`, r.Region, r.LostAfter))
	if err != nil {
		return err
	}
	for _, o := range again {
		args, opts := r.Insert(o)
		if err := enqueue(ctx, tx, r.Queue, args, opts); err != nil {
			return err
		}
	}
	return nil
}

func collectKeys(rows pgx.Rows, err error) ([]OccurrenceKey, error) {
	if err != nil {
		return nil, fmt.Errorf("look for lost occurrences: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OccurrenceKey])
	return all, postgres.Wrap("look for lost occurrences", err)
}
