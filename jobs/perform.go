package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/calendar"
)

const (
	lostAfter   = 3 * time.Minute // without a sign of life
	beatEvery   = 3 * time.Second
	retryPause  = 2 * time.Minute // more after each attempt
	lastWords   = 15 * time.Second
	longestWork = 6 * time.Hour
)

// errTaken is the cause of a context whose occurrence another attempt has taken over.
var errTaken = errors.New("another server has taken the job over")

// perform does an occurrence, unless somebody else does or has done it. The error is one
// of the database alone: how the work ended stands in the occurrence.
func (c *Calendar) perform(ctx context.Context, job string, due time.Time, watch Watch) (held bool, err error) {
	k, err := kindOf(job)
	if err != nil {
		return false, err
	}
	set, err := calendar.JobSettings(ctx, c.DB, c.Region)
	if err != nil {
		return false, err
	}
	hold, err := calendar.LeaseOccurrence(ctx, c.DB, c.Region, job, due, c.Host, c.Clock(), c.lost)
	if err != nil || hold == nil {
		return false, err
	}
	t := c.task(k, hold, k.setting(set), watch)
	begin := c.Clock()
	worked := c.work(ctx, k, hold, t)
	c.Log.Info("job ended", "job", job, "due", due, "attempt", hold.Attempt, "seconds", c.Clock().Sub(begin).Seconds(), "problem", cause(worked))
	return true, c.end(ctx, k, hold, t, worked)
}

func (c *Calendar) task(k kind, hold *calendar.Lease, s calendar.JobSetting, watch Watch) *Task {
	now := c.Clock().In(month.Shanghai)
	t := &Task{Region: c.Region, Job: k.name, Month: hold.Month, Today: month.FromTime(now), Now: now, Parameters: s.Parameters, watch: watch}
	t.By = journal.By{Actor: hold.Actor, Origin: c.Host, At: now, Reason: "定时任务：" + k.name}
	if t.By.Actor == "" {
		t.By.Actor = "日历:" + k.name
	}
	t.log.WriteString(hold.Log)
	if hold.Attempt > 1 {
		t.Say("第 %d 次开始", hold.Attempt)
	}
	return t
}

// work runs the job's function and shows signs of life meanwhile.
func (c *Calendar) work(ctx context.Context, k kind, hold *calendar.Lease, t *Task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		c.beat(ctx, hold, t, cancel)
	}()
	err := c.safely(ctx, k.work(c), t)
	if errors.Is(context.Cause(ctx), errTaken) {
		err = errTaken
	}
	cancel(nil)
	<-beaten
	return err
}

func (c *Calendar) beat(ctx context.Context, hold *calendar.Lease, t *Task, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(c.beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		done, total, log := t.seen()
		held, err := hold.Heartbeat(ctx, done, total, log)
		if err == nil && !held {
			cancel(errTaken)
			return
		}
		if err != nil && ctx.Err() == nil {
			c.Log.Warn("no sign of life given", "job", t.Job, "problem", cause(err))
		}
	}
}

// safely turns a panic into an error without its value, which may be anything.
func (c *Calendar) safely(ctx context.Context, work workFunc, t *Task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked{}
			c.Log.Error("job panicked", "job", t.Job, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	if work == nil {
		return fault.New(fault.Internal, "这个程序没有装配任务“%s”", t.Job)
	}
	return work(ctx, t)
}

type panicked struct{}

func (panicked) Error() string { return "panic" }

// end writes down how it ended: done, failed, or to be begun again.
func (c *Calendar) end(ctx context.Context, k kind, hold *calendar.Lease, t *Task, worked error) error {
	stopped := errors.Is(ctx.Err(), context.Canceled)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	ending := calendar.Ending{State: calendar.Done, At: c.Clock(), Notices: t.notices, Channels: c.Delivery.channels()}
	switch {
	case errors.Is(worked, errTaken):
		return nil
	case worked != nil && stopped && t.watch.once:
		t.Say("已中断")
		ending.State, ending.Notices = calendar.Failed, nil
	case worked != nil && stopped:
		t.Say("服务停止，下次启动后重新开始")
		_, _, log := t.seen()
		return hold.Release(ctx, log, 0, c.lost, false)
	case worked != nil && passing(worked) && !t.watch.once && hold.Attempt < calendar.MaxAttempts:
		pause := c.retry * time.Duration(hold.Attempt)
		t.Say("没有完成：%s；%.0f 分钟后再试", say(worked), pause.Minutes())
		_, _, log := t.seen()
		return hold.Release(ctx, log, pause, c.lost, true)
	case worked != nil:
		t.Say("没有完成：%s", say(worked))
		ending.State, ending.Notices = calendar.Failed, c.failed(k, say(worked))
	}
	ending.Done, ending.Total, ending.Log = t.seen()
	held, err := hold.Finish(ctx, ending)
	if err == nil && !held {
		c.Log.Warn("job ended after another server took it over", "job", k.name)
	}
	return err
}

// passing reports whether the same may succeed a little later.
func passing(err error) bool {
	return fault.CodeOf(err) == fault.Internal && !errors.Is(err, context.DeadlineExceeded)
}

// say is an error for staff. What is not a fault may quote anything, so only its kind is told.
func say(err error) string {
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		return scrub(f.Sentence)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("超过 %.0f 小时没有做完", longestWork.Hours())
	}
	return "程序内部错误（" + cause(err) + "），请把服务的日志交给维护人员"
}

// cause is an error for the program's log: codes and types, never values.
func cause(err error) string {
	if err == nil {
		return ""
	}
	if state := postgres.SQLState(err); state != "" {
		return "SQLSTATE " + state
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// failed are the notices of a job that failed.
func (c *Calendar) failed(k kind, sentence string) []calendar.Notice {
	posts := k.trouble
	if len(posts) == 0 {
		posts = []string{string(approval.Manager)}
	}
	var all []calendar.Notice
	for _, post := range posts {
		all = append(all, calendar.Notice{Kind: "任务失败", Post: approval.Post(post), Title: "定时任务失败：" + k.name,
			Body: scrub(sentence), Link: "/calendar/job/" + url.PathEscape(k.name)})
	}
	return all
}
