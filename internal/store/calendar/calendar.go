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

// Occurrence is one time that a job is due, or was asked for by hand.
type Occurrence struct {
	Job      string
	Due      time.Time // by the rule alone; by hand: when it was asked for
	Planned  time.Time // Due, moved off weekends and holidays
	Month    month.Month
	Actor    string // who asked for it; empty: the calendar
	State    OccurrenceState
	Attempt  int
	Host     string
	Started  time.Time // zero: not yet
	Finished time.Time
	Done     int64 // progress
	Total    int64 // 0: not known
	Log      string
}

// OccurrenceState is what has become of an occurrence.
type OccurrenceState string

// The states. Waiting → Running → Done or Failed; back to Waiting when the server stops
// or something passing was wrong; Skipped when a later one came before it began.
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

// Calendar is a region whose calendar is kept.
type Calendar struct {
	Region int32
	Since  time.Time // what was due before is not made up for
}

// KeepCalendar begins a region's calendar, where it is not kept yet.
func KeepCalendar(ctx context.Context, db *postgres.DB, region int32, now time.Time) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO job_calendar (region, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`, region, now)
		if err != nil {
			return fmt.Errorf("keep calendar: %w", err)
		}
		return nil
	})
}

// Calendars returns the regions whose calendar is kept.
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

// AddOccurrence writes down that a job is due and, in the same transaction, puts it into
// the queue (q nil: the caller does it itself). It reports whether this call did so: of
// any number of servers one does.
func AddOccurrence(ctx context.Context, db *postgres.DB, q *postgres.Queue, region int32, o Occurrence, args river.JobArgs, opts *river.InsertOpts) (bool, error) {
	added := false
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO job_occurrence (region, job, due, planned, month, actor) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT DO NOTHING`, region, o.Job, o.Due, o.Planned, orNull(o.Month), o.Actor)
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

func orNull(m month.Month) any {
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

// LastOccurrences returns each job's last occurrence that was not left undone.
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

// errNotMine: somebody else holds the occurrence, or it is over.
var errNotMine = errors.New("occurrence is not held")
