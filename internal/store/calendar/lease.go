package calendar

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// Lease is a server's exclusive right to execute an occurrence. Heartbeats extend it; without any
// for a while another attempt takes it over. The attempt number is a fencing token: whoever lost
// the lease can neither report progress nor finish, so an occurrence ends exactly once. Times are
// compared by the database's clock, because the clocks of servers differ.
type Lease struct {
	Occurrence
	db     *postgres.DB
	region int32
}

// MaxAttempts is how often an occurrence is attempted before it is given up.
const MaxAttempts = 3

// LeaseOccurrence takes the lease on an occurrence. It returns nil and no error where somebody else
// holds it, where the occurrence has ended, or where it is skipped because the next one of the
// calendar is due already. lost is the timeout after which a lease without heartbeat may be taken.
func LeaseOccurrence(ctx context.Context, db *postgres.DB, region int32, job string, due time.Time, host string, now time.Time, lost time.Duration) (*Lease, error) {
	var hold *Lease
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		hold = nil
		tag, err := tx.Exec(ctx, `
			UPDATE job_occurrence o SET state = 'skipped', finished = $4, log = log || '后一次已经到期，这一次不再做' || chr(10)
			WHERE region = $1 AND job = $2 AND due = $3 AND state = 'waiting' AND attempt = 0 AND actor = ''
			  AND EXISTS (SELECT FROM job_occurrence l WHERE l.region = $1 AND l.job = $2 AND l.due > $3 AND l.actor = '')`,
			region, job, due, now)
		if err != nil || tag.RowsAffected() > 0 {
			return postgres.Wrap("skip occurrence", err)
		}
		rows, err := tx.Query(ctx, `
			UPDATE job_occurrence SET state = 'running', attempt = attempt + 1, beat = now(), host = $4, started = coalesce(started, $5)
			WHERE region = $1 AND job = $2 AND due = $3 AND attempt < $7
			  AND (state = 'waiting' OR (state = 'running' AND beat < now() - $6::interval))
			RETURNING job, due, planned, month, actor, state, attempt, host, started, finished, done, total, log`,
			region, job, due, host, now, lost, MaxAttempts)
		if err != nil {
			return postgres.Wrap("hold occurrence", err)
		}
		o, err := pgx.CollectExactlyOneRow(rows, scanOccurrence)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		hold = &Lease{Occurrence: o, db: db, region: region}
		return postgres.Wrap("hold occurrence", err)
	})
	return hold, err
}

// leaseCondition is the WHERE clause of every update by the holder; $1 to $4 are its key and attempt.
const leaseCondition = ` WHERE region = $1 AND job = $2 AND due = $3 AND state = 'running' AND attempt = $4`

func (h *Lease) change(ctx context.Context, tx pgx.Tx, set string, args ...any) error {
	tag, err := tx.Exec(ctx, `UPDATE job_occurrence SET `+set+leaseCondition, append([]any{h.region, h.Job, h.Due, h.Attempt}, args...)...)
	if err != nil {
		return fmt.Errorf("change occurrence: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errLeaseLost
	}
	return nil
}

// Heartbeat extends the lease and stores progress and log so far. held false: the lease is lost,
// and the work must stop.
func (h *Lease) Heartbeat(ctx context.Context, done, total int64, log string) (held bool, err error) {
	err = h.db.InTx(ctx, func(tx pgx.Tx) error {
		return h.change(ctx, tx, `beat = now(), done = $5, total = $6, log = $7`, done, total, log)
	})
	if errors.Is(err, errLeaseLost) {
		return false, nil
	}
	return err == nil, err
}

// Ending is how an occurrence ends.
type Ending struct {
	State    OccurrenceState // Done or Failed
	At       time.Time
	Done     int64
	Total    int64
	Log      string
	Notices  []Notice // inserted in the same transaction
	Channels []string // by which notices are also delivered outside the console
}

// Finish ends the occurrence and inserts its notices, in one transaction. held false: the lease
// is lost, and nothing was written.
func (h *Lease) Finish(ctx context.Context, e Ending) (held bool, err error) {
	err = h.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := h.change(ctx, tx, `state = $5, finished = $6, log = $7, beat = now(), done = $8, total = $9`,
			string(e.State), e.At, e.Log, e.Done, e.Total); err != nil {
			return err
		}
		for k, n := range e.Notices {
			if err := insertNotice(ctx, postgres.In(tx, h.region), OccurrenceKey{h.Job, h.Due}, k+1, n, e.At, e.Channels); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errLeaseLost) {
		return false, nil
	}
	return err == nil, err
}

// Release gives the lease back, so that the occurrence is retried after pause. counts says
// whether the attempt counts towards MaxAttempts; it does not when the server merely stops. The
// heartbeat is backdated so that it times out after pause.
func (h *Lease) Release(ctx context.Context, log string, pause, lost time.Duration, counts bool) error {
	err := h.db.InTx(ctx, func(tx pgx.Tx) error {
		return h.change(ctx, tx, `state = 'waiting', log = $5, beat = now() - $6::interval,
			attempt = CASE WHEN $7 THEN attempt ELSE attempt - 1 END`, log, lost-pause, counts)
	})
	if errors.Is(err, errLeaseLost) {
		return nil
	}
	return err
}
