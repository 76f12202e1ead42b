package work

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// Task is a background operation started on a page, with the progress that pages show.
type Task struct {
	Number  int64
	Actor   string
	Bureau  string // empty: the region's
	Kind    string // a lock: only one of a kind runs at a time; empty: any number
	Title   string
	State   State
	Step    string
	Done    int64
	Total   int64 // 0: unknown
	Message string
	Link    string
	Begun   time.Time
	Beat    time.Time
	Ended   *time.Time
}

// State is the state of background work.
type State string

// The states of work.
const (
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// LostAfter is the heartbeat timeout: after it the server that ran the work counts as dead.
const LostAfter = 30 * time.Second

const lostSentence = "办理这件事的程序中途停止了，没有留下任何改动，请再办一次"

// Begin registers work and returns its number. It first sets work without heartbeat to failed,
// which frees its kind. Errors: fault.Refused while work of the same kind runs, on this server
// or another.
func Begin(ctx context.Context, db *postgres.DB, region int32, w Task, now time.Time) (int64, error) {
	var number int64
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			UPDATE console_work SET state = 'failed', message = $3, ended = $2 WHERE region = $1 AND state = 'running' AND beat < $4`,
			region, now, lostSentence, now.Add(-LostAfter)); err != nil {
			return fmt.Errorf("fail lost work: %w", err)
		}
		err := tx.QueryRow(ctx, `
			INSERT INTO console_work (region, work, actor, bureau, kind, title, state, step, done, total, message, link, begun, beat)
			SELECT $1, coalesce(max(work), 0) + 1, $2, $3, $4, $5, 'running', '', 0, 0, '', '', $6, $6 FROM console_work WHERE region = $1
			RETURNING work`, region, w.Actor, w.Bureau, w.Kind, w.Title, now).Scan(&number)
		if postgres.SQLState(err) == postgres.UniqueViolation {
			return fault.New(fault.Refused, "“%s”正在办理，请等它办完再办", w.Title)
		}
		if err != nil {
			return fmt.Errorf("insert work: %w", err)
		}
		return nil
	})
	return number, err
}

// Heartbeat stores the progress of work, which is also its heartbeat.
func Heartbeat(ctx context.Context, db *postgres.DB, region int32, number int64, step string, done, total int64, now time.Time) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			UPDATE console_work SET step = $3, done = $4, total = $5, beat = $6 WHERE region = $1 AND work = $2 AND state = 'running'`,
			region, number, step, done, total, now); err != nil {
			return fmt.Errorf("update work: %w", err)
		}
		return nil
	})
}

// Finish ends work with its outcome: a sentence and the page to continue with. No effect if it was
// set to failed as lost.
func Finish(ctx context.Context, db *postgres.DB, region int32, number int64, state State, message, link string, now time.Time) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			UPDATE console_work SET state = $3, message = $4, link = $5, beat = $6, ended = $6 WHERE region = $1 AND work = $2 AND state = 'running'`,
			region, number, state, message, link, now); err != nil {
			return fmt.Errorf("end work: %w", err)
		}
		return nil
	})
}

const selectWork = `
	SELECT work, actor, bureau, kind, title, state, step, done, total, message, link, begun, beat, ended FROM console_work WHERE region = $1 `

// Read returns one work by number; lost work is returned as failed. Errors: fault.NotFound.
func Read(ctx context.Context, db *postgres.DB, region int32, number int64, now time.Time) (Task, error) {
	var w Task
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectWork+`AND work = $2`, region, number)
		if err != nil {
			return fmt.Errorf("read work: %w", err)
		}
		w, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Task])
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "没有第 %d 号办理记录，请从“本月”重新进入", number)
		}
		if err != nil {
			return fmt.Errorf("read work: %w", err)
		}
		return nil
	})
	return w.failedIfLost(now), err
}

// ListRunning returns the work that runs now, lost work excluded, the latest first.
func ListRunning(ctx context.Context, db *postgres.DB, region int32, now time.Time) ([]Task, error) {
	var all []Task
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectWork+`AND state = 'running' AND beat >= $2 ORDER BY work DESC`, region, now.Add(-LostAfter))
		if err != nil {
			return fmt.Errorf("read work: %w", err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Task]); err != nil {
			return fmt.Errorf("read work: %w", err)
		}
		return nil
	})
	return all, err
}

func (w Task) failedIfLost(now time.Time) Task {
	if w.State == Running && w.Beat.Before(now.Add(-LostAfter)) {
		w.State, w.Message = Failed, lostSentence
	}
	return w
}
