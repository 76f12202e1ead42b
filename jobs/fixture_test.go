package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/calendar"
)

const region = int32(140213)

// office is a region's database, a clock that stands until it is set, and what was worked.
type office struct {
	t   *testing.T
	url string
	db  *postgres.DB
	out Delivery

	mu     sync.Mutex
	time   time.Time
	worked []string
	log    bytes.Buffer
}

func openOffice(t *testing.T, at time.Time) *office {
	t.Helper()
	o := &office{t: t, url: pgtest.New(t), time: at}
	o.db = o.open()
	if err := o.db.EnsureRegion(t.Context(), region, "平城区"); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) open() *postgres.DB {
	o.t.Helper()
	db, err := postgres.Open(o.t.Context(), o.url)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(db.Close)
	return db
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.time
}

func (o *office) set(at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.time = at
}

// did notes that a job was worked.
func (o *office) did(t *Task) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.worked = append(o.worked, t.Job+" "+t.Month.String())
}

// done returns what was worked, in order of words.
func (o *office) done() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(slices.Values(o.worked))
}

// noting is work that is only noted.
func (o *office) noting() Work {
	note := func(_ context.Context, t *Task) error { o.did(t); return nil }
	return Work{Run: note, Verify: note, Prove: note, Audit: note, Backup: note}
}

// Write lets the office be where a log goes.
func (o *office) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.Write(p)
}

func (o *office) logged() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.String()
}

func (o *office) calendar(w Work) *Calendar {
	c := &Calendar{DB: o.db, Region: region, Clock: o.now, Work: w, Host: "主机", Delivery: o.out,
		Log: slog.New(slog.NewTextHandler(o, nil)), lost: time.Minute, beatEvery: 50 * time.Millisecond}
	return c.ready()
}

// server is one more program on the database, not started yet.
func (o *office) server(w Work) *Scheduler {
	o.t.Helper()
	c := o.calendar(w)
	c.DB = o.open()
	s, err := newScheduler(c, true)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *office) start(s *Scheduler) {
	o.t.Helper()
	if err := s.Start(context.WithoutCancel(o.t.Context())); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { o.stop(s) })
}

func (o *office) stop(s *Scheduler) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.queue.StopAndCancel(ctx); err != nil {
		o.t.Error(err)
	}
}

// tick has a server look at the calendar, beside what River has it do.
func (o *office) tick(s *Scheduler) {
	o.t.Helper()
	if err := s.tick(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// only switches off all jobs but one.
func (o *office) only(job string) {
	o.t.Helper()
	c := o.calendar(Work{})
	for _, name := range Names() {
		if name == job {
			continue
		}
		s, err := c.Setting(o.t.Context(), name)
		if err != nil {
			o.t.Fatal(err)
		}
		s.Enabled = false
		if err := c.Set(o.t.Context(), s, o.by()); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) by() journal.By {
	return journal.By{Actor: "丁管理", Origin: "主机", At: o.now(), Reason: "试"}
}

// await waits until it holds, for a minute or two: the machine may have much else to do.
func (o *office) await(what string, holds func() bool) {
	o.t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	o.t.Fatalf("waited for %s in vain; log:\n%s", what, o.logged())
}

// history returns a job's occurrences, the newest first.
func (o *office) history(job string) []calendar.Occurrence {
	o.t.Helper()
	all, err := calendar.Occurrences(o.t.Context(), o.db, region, job, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// ended waits until a job has so many occurrences, all over, and returns them.
func (o *office) ended(job string, n int) []calendar.Occurrence {
	o.t.Helper()
	o.await(job+" to end", func() bool {
		all := o.history(job)
		return len(all) == n && !slices.ContainsFunc(all, func(x calendar.Occurrence) bool { return x.Finished.IsZero() })
	})
	return o.history(job)
}

func (o *office) notices(r calendar.Reader) []calendar.Notice {
	o.t.Helper()
	all, err := calendar.Notices(o.t.Context(), o.db, region, r, false, 100)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

func clock(m, day, hour, minute int) time.Time {
	return time.Date(2026, time.Month(m), day, hour, minute, 0, 0, month.Shanghai)
}

// ask reads one value past the program, as the database's owner.
func ask[T any](o *office, sql string, args ...any) (value T) {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.url)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(o.t.Context())) }()
	if err := conn.QueryRow(o.t.Context(), sql, args...).Scan(&value); err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// looked reports whether River has done a look at the calendar.
func (o *office) looked() bool {
	return ask[int](o, `SELECT count(*) FROM river.river_job WHERE kind = 'calendar_tick' AND state = 'completed'`) > 0
}

// nowhere insists that a text is in no table of calendar and queue, nor in the log.
func (o *office) nowhere(text string) {
	o.t.Helper()
	for _, table := range []string{"job_occurrence", "notice", "notice_delivery", "journal", "river.river_job", "river.river_notification"} {
		if n := ask[int](o, `SELECT count(*) FROM `+table+` x WHERE x::text LIKE '%' || $1 || '%'`, text); n > 0 {
			o.t.Errorf("%q is in %s", text, table)
		}
	}
	if strings.Contains(o.logged(), text) {
		o.t.Errorf("%q is in the log:\n%s", text, o.logged())
	}
}
