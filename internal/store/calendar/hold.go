package calendar

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/postgres"
)

// Hold is a server's hold on an occurrence that it works on. Signs of life keep it; one
// that shows none for a while loses it to another attempt, and can then neither go on
// nor finish, so an occurrence ends once. Times are compared by the database's clock.
type Hold struct {
	Occurrence
	db     *postgres.DB
	region int32
}

// MaxAttempts is how often an occurrence is begun at most.
const MaxAttempts = 3

// HoldOccurrence takes an occurrence to work on it: nil and no error where somebody does
// already, where it is over, or where a later one of the calendar has taken its place.
// lost is how long somebody may show no sign of life.
func HoldOccurrence(ctx context.Context, db *postgres.DB, region int32, job string, due time.Time, host string, now time.Time, lost time.Duration) (*Hold, error) {
	var hold *Hold
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
		hold = &Hold{Occurrence: o, db: db, region: region}
		return postgres.Wrap("hold occurrence", err)
	})
	return hold, err
}

// mine is the condition of what only the holder may change; $1 to $4 are its own.
const mine = ` WHERE region = $1 AND job = $2 AND due = $3 AND state = 'running' AND attempt = $4`

func (h *Hold) change(ctx context.Context, tx pgx.Tx, set string, args ...any) error {
	tag, err := tx.Exec(ctx, `UPDATE job_occurrence SET `+set+mine, append([]any{h.region, h.Job, h.Due, h.Attempt}, args...)...)
	if err != nil {
		return fmt.Errorf("change occurrence: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errNotMine
	}
	return nil
}

// Beat is a sign of life, with what there is to see so far. It reports whether the
// occurrence is still held.
func (h *Hold) Beat(ctx context.Context, done, total int64, log string) (held bool, err error) {
	err = h.db.InTx(ctx, func(tx pgx.Tx) error {
		return h.change(ctx, tx, `beat = now(), done = $5, total = $6, log = $7`, done, total, log)
	})
	if errors.Is(err, errNotMine) {
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
	Notices  []Notice // written with it, or not at all
	Channels []string // by which notices also leave the program
}

// Finish ends the occurrence and leaves its notices, in one transaction. It reports
// whether it was still held; if not, nothing is written.
func (h *Hold) Finish(ctx context.Context, e Ending) (held bool, err error) {
	err = h.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := h.change(ctx, tx, `state = $5, finished = $6, log = $7, beat = now(), done = $8, total = $9`,
			string(e.State), e.At, e.Log, e.Done, e.Total); err != nil {
			return err
		}
		for k, n := range e.Notices {
			if err := insertNotice(ctx, postgres.In(tx, h.region), Lost{h.Job, h.Due}, k+1, n, e.At, e.Channels); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errNotMine) {
		return false, nil
	}
	return err == nil, err
}

// Release gives the occurrence back: it is begun again after a pause. counts: the attempt
// is one of MaxAttempts; not so where the server stops.
func (h *Hold) Release(ctx context.Context, log string, pause, lost time.Duration, counts bool) error {
	err := h.db.InTx(ctx, func(tx pgx.Tx) error {
		return h.change(ctx, tx, `state = 'waiting', log = $5, beat = now() - $6::interval,
			attempt = CASE WHEN $7 THEN attempt ELSE attempt - 1 END`, log, lost-pause, counts)
	})
	if errors.Is(err, errNotMine) {
		return nil
	}
	return err
}
