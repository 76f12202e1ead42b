package jobs

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/calendar"
)

// Calendar is a region's jobs: what commands and the console ask and change.
type Calendar struct {
	DB       *postgres.DB
	Region   int32
	Clock    func() time.Time
	Work     Work
	Delivery Delivery // how notices leave the program
	Host     string   // this machine's name
	Log      *slog.Logger

	lost, beatEvery, retry time.Duration // tests are in a hurry
}

// ready fills in what was left out.
func (c *Calendar) ready() *Calendar {
	c.lost, c.beatEvery = cmp.Or(c.lost, lostAfter), cmp.Or(c.beatEvery, beatEvery)
	c.retry = cmp.Or(c.retry, retryPause)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Entry is a job on the calendar.
type Entry struct {
	Job     string
	Does    string
	Setting calendar.JobSetting
	When    string              // in words
	Next    time.Time           // zero: it is not enabled
	Last    calendar.Occurrence // Job is empty: never yet
}

// List returns the jobs with their next time and their last occurrence.
func (c *Calendar) List(ctx context.Context) ([]Entry, error) {
	c.ready()
	set, err := calendar.JobSettings(ctx, c.DB, c.Region)
	if err != nil {
		return nil, err
	}
	holidays, err := calendar.Holidays(ctx, c.DB, c.Region)
	if err != nil {
		return nil, err
	}
	last, err := calendar.LastOccurrences(ctx, c.DB, c.Region)
	if err != nil {
		return nil, err
	}
	var all []Entry
	for _, k := range catalogue {
		s := k.setting(set)
		e := Entry{Job: k.name, Does: k.does, Setting: s, When: Describe(s), Last: last[k.name]}
		plan, err := newSchedule(s, daysOf(holidays))
		if err != nil {
			return nil, err
		}
		if d, ok := plan.next(c.Clock()); ok && s.Enabled {
			e.Next = d.planned
		}
		all = append(all, e)
	}
	return all, nil
}

// Setting returns how a job is set; fault.NotFound where there is no such job.
func (c *Calendar) Setting(ctx context.Context, job string) (calendar.JobSetting, error) {
	k, err := kindOf(job)
	if err != nil {
		return calendar.JobSetting{}, err
	}
	set, err := calendar.JobSettings(ctx, c.DB, c.Region)
	return k.setting(set), err
}

// Set changes when a job is due, with a reason. It asks for no permission. Errors:
// fault.Invalid, fault.NotFound.
func (c *Calendar) Set(ctx context.Context, s calendar.JobSetting, by journal.By) error {
	if by.Reason == "" {
		return fault.New(fault.Invalid, "请写明修改任务“%s”的理由", s.Job)
	}
	if err := Check(s); err != nil {
		return err
	}
	was, err := c.Setting(ctx, s.Job)
	if err != nil {
		return err
	}
	return calendar.SetJob(ctx, c.DB, c.Region, s, describeAll(was), describeAll(s), by)
}

// RunHere does a job now, in this process, and returns what became of it. m 0: the month
// of today. It is tried once, and ends with ctx. Errors: those of the database; how the
// work ended is in the occurrence.
func (c *Calendar) RunHere(ctx context.Context, job string, m month.Month, actor string, watch Watch) (calendar.Occurrence, error) {
	c.ready()
	o, err := c.byHand(ctx, nil, job, m, actor)
	if err != nil {
		return o, err
	}
	watch.once = true
	if _, err := c.perform(ctx, job, o.Due, watch); err != nil {
		return o, err
	}
	return calendar.ReadOccurrence(context.WithoutCancel(ctx), c.DB, c.Region, job, o.Due)
}

// byHand adds an occurrence that somebody asked for.
func (c *Calendar) byHand(ctx context.Context, q *postgres.Queue, job string, m month.Month, actor string) (calendar.Occurrence, error) {
	k, err := kindOf(job)
	if err != nil {
		return calendar.Occurrence{}, err
	}
	now := c.Clock().Truncate(time.Microsecond)
	if m == 0 {
		m = month.FromTime(now.In(month.Shanghai)).Month()
	}
	o := calendar.Occurrence{Job: job, Due: now, Planned: now, Month: m, Actor: actor}
	args, opts := c.ticket(c.Region, k, now)
	added, err := calendar.AddOccurrence(ctx, c.DB, q, c.Region, o, args, opts)
	if err == nil && !added {
		err = fault.New(fault.Refused, "任务“%s”刚刚有人开始了，请看它的记录", job)
	}
	return o, err
}

// Span returns the days from one to another, both included; at most a year.
func Span(from, to month.Date, off bool, name string) ([]calendar.Holiday, error) {
	if to < from || to > from.Add(366) {
		return nil, fault.New(fault.Invalid, "从 %s 到 %s 不是一段日子，请核对起止", from, to)
	}
	if name == "" {
		return nil, fault.New(fault.Invalid, "请写明节假日的名称，如国庆节")
	}
	var all []calendar.Holiday
	for day := from; day <= to; day++ {
		all = append(all, calendar.Holiday{Day: day, Off: off, Name: name})
	}
	return slices.Clip(all), nil
}
