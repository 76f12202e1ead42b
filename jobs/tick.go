package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"disburse/internal/store/calendar"
)

// tick is the look at the calendar: of every region whose calendar is kept, because one
// server of the whole database does it at a time.
func (s *Scheduler) tick(ctx context.Context) error {
	calendars, err := calendar.Calendars(ctx, s.DB)
	if err != nil {
		return hushed(err)
	}
	for _, c := range calendars {
		if err := s.plan(ctx, c); err != nil {
			return hushed(err)
		}
		if err := s.revive(ctx, c.Region); err != nil {
			return hushed(err)
		}
	}
	return hushed(s.askForDelivery(ctx))
}

// plan adds what has become due. Of what was missed it adds the latest alone.
func (s *Scheduler) plan(ctx context.Context, c calendar.Calendar) error {
	set, err := calendar.JobSettings(ctx, s.DB, c.Region)
	if err != nil {
		return err
	}
	holidays, err := calendar.Holidays(ctx, s.DB, c.Region)
	if err != nil {
		return err
	}
	now := s.Clock()
	for _, k := range catalogue {
		setting := k.setting(set)
		if !setting.Enabled {
			continue
		}
		plan, err := newSchedule(setting, daysOf(holidays))
		if err != nil {
			return err
		}
		d, ok := plan.last(now)
		if !ok || !d.planned.After(c.Since) || !d.planned.After(setting.Since) {
			continue
		}
		if err := s.add(ctx, c.Region, k, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scheduler) add(ctx context.Context, region int32, k kind, d due) error {
	args, opts := s.ticket(region, k, d.rule)
	o := calendar.Occurrence{Job: k.name, Due: d.rule, Planned: d.planned, Month: d.month}
	_, err := calendar.AddOccurrence(ctx, s.DB, s.queue, region, o, args, opts)
	return err
}

func (s *Scheduler) revive(ctx context.Context, region int32) error {
	_, err := calendar.RequeueLost(ctx, s.DB, calendar.Requeue{
		Queue: s.queue, Region: region, Now: s.Clock(), LostAfter: s.lost, Channels: s.Delivery.channels(),
		Insert: func(o calendar.OccurrenceKey) (river.JobArgs, *river.InsertOpts) {
			k, err := kindOf(o.Job)
			if err != nil { // of another version of the program, which may still come back
				k = kind{name: o.Job}
			}
			return s.ticket(region, k, o.Due)
		},
		Notice: func(o calendar.OccurrenceKey) calendar.Notice {
			return s.failed(kind{name: o.Job}, "连续几次中断，没有做完。请查明原因后再运行这项任务。")[0]
		},
	})
	return err
}

// askForDelivery wakes the regions that have notices to deliver; each knows its channels.
func (s *Scheduler) askForDelivery(ctx context.Context) error {
	regions, err := calendar.RegionsWithDeliveries(ctx, s.DB, s.Clock())
	if err != nil {
		return err
	}
	for _, region := range regions {
		if _, err := s.queue.Insert(ctx, deliverArgs{region}, &river.InsertOpts{Queue: queueOf(region, "post"), MaxAttempts: 1}); err != nil {
			return err
		}
	}
	return nil
}

// most notices that one look delivers by all channels, and how often each is tried:
// doubling from a minute up to six hours, that is about three days.
const (
	mostAtOnce  = 50
	firstWait   = time.Minute
	longestWait = 6 * time.Hour
	mostTries   = 20
)

// wait is how long after its n-th try a notice is tried again.
func wait(tries int) time.Duration { return min(longestWait, firstWait<<min(tries-1, 20)) }

// deliver sends what is to leave the program now. A notice whose delivery fails waits for
// the next try; in the console it stands anyway.
func (s *Scheduler) deliver(ctx context.Context) error {
	now := s.Clock()
	taken, err := calendar.ClaimDeliveries(ctx, s.DB, s.Region, s.Delivery.channels(), now, mostAtOnce, func(tries int) time.Time { return now.Add(wait(tries)) })
	if err != nil {
		return err
	}
	for _, d := range taken {
		problem := ""
		if err := s.Delivery.send(ctx, s.Region, d); err != nil {
			problem = brief(err)
			s.Log.Warn("notice not delivered", "channel", d.Channel, "notice", d.N, "try", d.Tries, "problem", problem)
		}
		if ctx.Err() != nil { // put off, not failed
			return ctx.Err()
		}
		if err := calendar.RecordAttempt(ctx, s.DB, s.Region, d, problem, d.Tries >= mostTries); err != nil {
			return err
		}
	}
	return nil
}
