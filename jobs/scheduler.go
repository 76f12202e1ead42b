package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/robfig/cron/v3"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/calendar"
)

const (
	everyMinute = "* * * * *"
	keepDone    = 7 * 24 * time.Hour  // River forgets after a day unless told; history is our own table
	keepBroken  = 30 * 24 * time.Hour // what River itself could not do
	rescueAfter = longestWork + time.Hour
	softStop    = 10 * time.Second
	queueTries  = 5 // only a broken database makes River try again
)

// Scheduler keeps a region's calendar while it is started: it looks what is due, works,
// and delivers notices. Any number of them may share a database.
type Scheduler struct {
	*Calendar
	queue *postgres.Queue
}

// ticketArgs asks for an occurrence to be done.
type ticketArgs struct {
	Region int32     `json:"region"`
	Job    string    `json:"job"`
	Due    time.Time `json:"due"`
}

// Kind names the job in River.
func (ticketArgs) Kind() string { return "calendar_occurrence" }

type tickArgs struct{}

// Kind names the job in River.
func (tickArgs) Kind() string { return "calendar_tick" }

type deliverArgs struct {
	Region int32 `json:"region"`
}

// Kind names the job in River.
func (deliverArgs) Kind() string { return "calendar_delivery" }

// New makes a scheduler; nothing happens before Start. The database must have been
// migrated. A scheduler takes several connections of its DB for a long time: one to
// listen, and those of the one heavy and the one light job that it does at a time.
func New(c *Calendar) (*Scheduler, error) { return newScheduler(c.ready(), false) }

func newScheduler(c *Calendar, hurry bool) (*Scheduler, error) {
	s := &Scheduler{Calendar: c}
	minutely, err := cron.ParseStandard(everyMinute)
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[tickArgs]) error { return s.tick(ctx) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[ticketArgs]) error {
		_, err := s.perform(ctx, j.Args.Job, j.Args.Due, Watch{})
		return hushed(err)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[deliverArgs]) error { return hushed(s.deliver(ctx)) }))
	s.queue, err = c.DB.NewQueue(&river.Config{
		Queues: map[string]river.QueueConfig{"tick": {MaxWorkers: 1}, queueOf(c.Region, "heavy"): {MaxWorkers: 1},
			queueOf(c.Region, "light"): {MaxWorkers: 1}, queueOf(c.Region, "post"): {MaxWorkers: 1}},
		Workers:                     workers,
		PeriodicJobs:                []*river.PeriodicJob{river.NewPeriodicJob(minutely, aTick, &river.PeriodicJobOpts{ID: "tick", RunOnStart: true})},
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDone,
		DiscardedJobRetentionPeriod: keepBroken,
		JobTimeout:                  longestWork,
		RescueStuckJobsAfter:        rescueAfter,
		MaxAttempts:                 queueTries,
		SoftStopTimeout:             softStop,
		ReindexerSchedule:           river.NeverSchedule(), // takes an owner; the tables stay small
		Logger:                      c.Log,
		TestOnly:                    hurry,
	})
	return s, err
}

func aTick() (river.JobArgs, *river.InsertOpts) {
	return tickArgs{}, &river.InsertOpts{Queue: "tick", MaxAttempts: 1}
}

// queueOf keeps the work of regions apart: a server does that of its own.
func queueOf(region int32, what string) string { return fmt.Sprintf("%s_%d", what, region) }

// ticket is the queue's job for an occurrence.
func (c *Calendar) ticket(region int32, k kind, due time.Time) (river.JobArgs, *river.InsertOpts) {
	queue := queueOf(region, "light")
	if k.heavy {
		queue = queueOf(region, "heavy")
	}
	return ticketArgs{region, k.name, due}, &river.InsertOpts{Queue: queue}
}

// hushed keeps what an error quotes out of the queue, which stores the text.
func hushed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("job was not recorded: %s", cause(err))
}

// Start begins to keep the calendar, until ctx is done or Stop is called.
func (s *Scheduler) Start(ctx context.Context) error {
	if err := calendar.StartCalendar(ctx, s.DB, s.Region, s.Clock()); err != nil {
		return err
	}
	if err := s.queue.Start(ctx); err != nil {
		return fmt.Errorf("start queue: %w", err)
	}
	return nil
}

// Stop ends the scheduler. Jobs that do not end within seconds are given back, and are
// begun again at the next start.
func (s *Scheduler) Stop(ctx context.Context) error {
	if err := s.queue.Stop(ctx); err != nil {
		return fmt.Errorf("stop queue: %w", err)
	}
	return nil
}

// RunNow asks for a job to be done now by a server of the region; m 0: the month of
// today. It returns the occurrence, by which its progress can be followed. Errors:
// fault.NotFound, fault.Refused.
func (s *Scheduler) RunNow(ctx context.Context, job string, m month.Month, by journal.By) (calendar.Occurrence, error) {
	return s.byHand(ctx, s.queue, job, m, by.Actor)
}
