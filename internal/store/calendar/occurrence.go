package calendar

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// Occurrence is one execution of a job, due by the calendar or started by hand.
type Occurrence struct {
	Job      string
	Due      time.Time // by the rule alone, before shifting; started by hand: when
	Planned  time.Time // Due, moved off weekends and holidays
	Month    month.Month
	Actor    string // who started it by hand; empty: the calendar
	State    OccurrenceState
	Attempt  int
	Host     string
	Started  time.Time // zero: not yet
	Finished time.Time
	Done     int64 // progress
	Total    int64 // 0: not known
	Log      string
}

// OccurrenceState is the state of an occurrence.
type OccurrenceState string

// The states. Waiting → Running → Done or Failed; back to Waiting when the server stops or
// after a transient error; Skipped when the next occurrence is due before this one began.
const (
	Waiting OccurrenceState = "waiting"
	Running OccurrenceState = "running"
	Done    OccurrenceState = "done"
	Failed  OccurrenceState = "failed"
	Skipped OccurrenceState = "skipped"
)

var occurrenceNames = map[OccurrenceState]string{Waiting: "等待", Running: "进行中", Done: "完成", Failed: "失败", Skipped: "未做"}

// Chinese returns the state as staff read it.
func (s OccurrenceState) Chinese() string { return occurrenceNames[s] }

// Calendar is a region with scheduled jobs.
type Calendar struct {
	Region int32
	Since  time.Time // occurrences due before are not caught up on
}

// StartCalendar starts a region's calendar as of now; no effect if it has been started already.
func StartCalendar(ctx context.Context, db *postgres.DB, region int32, now time.Time) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO job_calendar (region, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`, region, now)
		if err != nil {
			return fmt.Errorf("start calendar: %w", err)
		}
		return nil
	})
}

// Calendars returns the regions whose calendar was started.
func Calendars(ctx context.Context, db *postgres.DB) ([]Calendar, error) {
	var all []Calendar
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT region, since FROM job_calendar ORDER BY region`)
		if err != nil {
			return fmt.Errorf("read calendars: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Calendar]); err != nil {
			return fmt.Errorf("read calendars: %w", err)
		}
		return nil
	})
	return all, err
}

// AddOccurrence inserts an occurrence and, in the same transaction, enqueues it (q nil: the
// caller does it itself). It reports whether this call inserted it: of several servers that
// notice the same due time, the unique key lets exactly one do so.
func AddOccurrence(ctx context.Context, db *postgres.DB, q *postgres.Queue, region int32, o Occurrence, args river.JobArgs, opts *river.InsertOpts) (bool, error) {
	added := false
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO job_occurrence (region, job, due, planned, month, actor) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT DO NOTHING`, region, o.Job, o.Due, o.Planned, nullableMonth(o.Month), o.Actor)
		if err != nil {
			return fmt.Errorf("add occurrence: %w", err)
		}
		if added = tag.RowsAffected() == 1; !added || q == nil {
			return nil
		}
		return enqueue(ctx, tx, q, args, opts)
	})
	return added, err
}

func enqueue(ctx context.Context, tx pgx.Tx, q *postgres.Queue, args river.JobArgs, opts *river.InsertOpts) error {
	if _, err := q.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("put job into queue: %w", err)
	}
	return nil
}

func nullableMonth(m month.Month) any {
	if m == 0 {
		return nil
	}
	return postgres.FirstDay(m)
}

const selectOccurrence = `
	SELECT job, due, planned, month, actor, state, attempt, host, started, finished, done, total, log FROM job_occurrence WHERE region = $1 `

func scanOccurrence(row pgx.CollectableRow) (o Occurrence, err error) {
	var m, started, finished *time.Time
	err = row.Scan(&o.Job, &o.Due, &o.Planned, &m, &o.Actor, &o.State, &o.Attempt, &o.Host, &started, &finished, &o.Done, &o.Total, &o.Log)
	if m != nil {
		o.Month = month.FromTime(*m).Month()
	}
	if started != nil {
		o.Started = *started
	}
	if finished != nil {
		o.Finished = *finished
	}
	return o, err
}

// Occurrences returns the history of a job, of all jobs where none is named: the newest
// first, at most limit.
func Occurrences(ctx context.Context, db *postgres.DB, region int32, job string, limit int) ([]Occurrence, error) {
	return occurrences(ctx, db, `AND ($2 = '' OR job = $2) ORDER BY planned DESC, due DESC, job LIMIT $3`, region, job, limit)
}

// LastOccurrences returns each job's last occurrence that was not skipped.
func LastOccurrences(ctx context.Context, db *postgres.DB, region int32) (map[string]Occurrence, error) {
	all, err := occurrences(ctx, db, `AND (job, due) IN (
		SELECT DISTINCT ON (job) job, due FROM job_occurrence
		WHERE region = $1 AND state <> 'skipped' ORDER BY job, planned DESC, due DESC)`, region)
	last := map[string]Occurrence{}
	for _, o := range all {
		last[o.Job] = o
	}
	return last, err
}

// ReadOccurrence returns one; fault.NotFound where there is none.
func ReadOccurrence(ctx context.Context, db *postgres.DB, region int32, job string, due time.Time) (Occurrence, error) {
	all, err := occurrences(ctx, db, `AND job = $2 AND due = $3`, region, job, due)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "没有“%s”的这次记录，请核对任务的记录", job)
	}
	if err != nil {
		return Occurrence{}, err
	}
	return all[0], nil
}

func occurrences(ctx context.Context, db *postgres.DB, where string, args ...any) ([]Occurrence, error) {
	var all []Occurrence
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectOccurrence+where, args...)
		if err != nil {
			return fmt.Errorf("read occurrences: %w", err)
		}
		if all, err = pgx.CollectRows(rows, scanOccurrence); err != nil {
			return fmt.Errorf("read occurrences: %w", err)
		}
		return nil
	})
	return all, err
}

// errLeaseLost: another attempt has taken the lease, or the occurrence has ended.
var errLeaseLost = errors.New("lease on the occurrence is lost")
