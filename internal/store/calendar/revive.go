package calendar

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"disburse/internal/postgres"
)

// Lost is an occurrence that nobody works on any more.
type Lost struct {
	Job string
	Due time.Time
}

// Revival says how lost occurrences come back.
type Revival struct {
	Queue    *postgres.Queue
	Region   int32
	Now      time.Time
	Lost     time.Duration // without a sign of life, by the database's clock
	Insert   func(Lost) (river.JobArgs, *river.InsertOpts)
	Notice   func(Lost) Notice // of one that is given up
	Channels []string
}

// ReviveOccurrences puts into the queue again what is waiting or running and has shown no
// sign of life, and ends with a notice what has been begun MaxAttempts times: it returns
// how many those are. Whoever held one of them loses it.
func ReviveOccurrences(ctx context.Context, db *postgres.DB, r Revival) (givenUp int, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		ended, err := lostRows(tx.Query(ctx, `
			UPDATE job_occurrence SET state = 'failed', finished = $2,
			       log = log || '连续 ' || attempt || ' 次中断，不再重试；请查明原因后再运行这项任务' || chr(10)
			WHERE region = $1 AND state IN ('waiting', 'running') AND beat < now() - $3::interval AND attempt >= $4 RETURNING job, due`,
			r.Region, r.Now, r.Lost, MaxAttempts))
		if err != nil {
			return err
		}
		givenUp = len(ended)
		for _, o := range ended {
			if err := insertNotice(ctx, postgres.In(tx, r.Region), o, 1, r.Notice(o), r.Now, r.Channels); err != nil {
				return err
			}
		}
		return r.again(ctx, tx)
	})
	return givenUp, err
}

func (r *Revival) again(ctx context.Context, tx pgx.Tx) error {
	again, err := lostRows(tx.Query(ctx, `
		UPDATE job_occurrence SET state = 'waiting', beat = now()
		WHERE region = $1 AND state IN ('waiting', 'running') AND beat < now() - $2::interval RETURNING job, due`, r.Region, r.Lost))
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

func lostRows(rows pgx.Rows, err error) ([]Lost, error) {
	if err != nil {
		return nil, fmt.Errorf("look for lost occurrences: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Lost])
	return all, postgres.Wrap("look for lost occurrences", err)
}
