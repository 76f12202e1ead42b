package jobs

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/store/calendar"
)

// Two servers on one database, both looking at the calendar all the time: each
// occurrence is done once.
func TestTwoServersDoEachOccurrenceOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	a, b := o.server(o.noting()), o.server(o.noting())
	o.start(a)
	o.start(b)
	var want []string
	for day := 10; day <= 13; day++ {
		for _, hour := range []int{1, 2, 3, 4, 7} {
			o.set(clock(11, day, hour, 0))
			var together sync.WaitGroup
			for _, s := range []*Scheduler{a, b, a, b} {
				together.Go(func() { o.tick(s) })
			}
			together.Wait()
		}
		want = append(want, Verify+" 2026-11", Prove+" 2026-11", Audit+" 2026-11", Backup+" 2026-11")
		// what is not begun when the next night comes is skipped, and rightly
		for _, job := range []string{Verify, Prove, Audit, Backup} {
			o.ended(job, day-9)
		}
	}
	want = append(want, MonthRun+" 2026-11")
	o.await("all to be worked", func() bool { return len(o.done()) >= len(want) })
	for _, job := range []string{Verify, Prove, Audit, Backup} {
		for _, x := range o.ended(job, 4) {
			if x.State != calendar.Done || x.Attempt != 1 {
				t.Errorf("%s of %s: %s, attempt %d", job, x.Planned, x.State, x.Attempt)
			}
		}
	}
	if got := o.done(); len(got) != len(want) {
		t.Errorf("worked %d times, want %d: %v", len(got), len(want), got)
	}
	if x := o.ended(MonthRun, 1)[0]; !x.Due.Equal(clock(11, 10, 6, 0)) || x.Month.String() != "2026-11" || x.Actor != "" {
		t.Errorf("month's run %+v", x)
	}
}

// What was due while no server ran is done once at the next start: the latest only, and
// nothing that was due before there was a calendar.
func TestMissedWhileOffRunsOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(9, 12, 12, 0)) // after September's run, before its reminders
	first := o.server(o.noting())
	o.start(first)
	o.await("the first look", func() bool { return o.looked() })
	o.stop(first)
	if all := o.history(""); len(all) > 0 {
		t.Fatalf("a new calendar makes up for %+v", all)
	}
	o.set(clock(11, 14, 12, 0)) // two months' runs and 63 nights later
	o.start(o.server(o.noting()))
	for _, c := range []struct {
		job     string
		planned time.Time
		month   string
	}{{MonthRun, clock(11, 10, 6, 0), "2026-11"}, {Prove, clock(11, 14, 2, 0), "2026-11"}, {Backup, clock(11, 14, 0, 30), "2026-11"},
		{Reaching, clock(10, 23, 8, 0), "2026-10"}, {PayDay, clock(11, 13, 8, 30), "2026-11"}} {
		x := o.ended(c.job, 1)[0]
		if !x.Planned.Equal(c.planned) || x.Month.String() != c.month || x.State != calendar.Done {
			t.Errorf("%s: %s of %s, %s, want %s of %s; %s", c.job, x.Planned, x.Month, x.State, c.planned, c.month, x.Log)
		}
	}
}

// A server that dies in the middle shows no signs of life any more: another one begins
// the occurrence again, and the dead one can no longer end it.
func TestCrashInTheMiddle(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	o.only(MonthRun)
	if err := calendar.StartCalendar(t.Context(), o.db, region, o.now()); err != nil {
		t.Fatal(err)
	}
	o.set(clock(11, 10, 7, 0))
	planner := o.server(o.noting()) // never started: it only plans
	o.tick(planner)
	dead, err := calendar.LeaseOccurrence(t.Context(), o.db, region, MonthRun, clock(11, 10, 6, 0), "死机", o.now(), time.Minute)
	if err != nil || dead == nil {
		t.Fatalf("%v, %v", dead, err)
	}
	alive := o.server(o.noting())
	o.start(alive) // with a minute's patience
	o.await("the dead server's ticket to be looked at", func() bool { return o.looked() })
	if got := o.done(); len(got) > 0 {
		t.Fatalf("worked while another server held it: %v", got)
	}
	alive.lost = time.Millisecond
	time.Sleep(10 * time.Millisecond)
	o.tick(alive)
	x := o.ended(MonthRun, 1)[0]
	if x.State != calendar.Done || x.Attempt != 2 || x.Host != "主机" {
		t.Errorf("%+v", x)
	}
	if held, err := dead.Finish(t.Context(), calendar.Ending{State: calendar.Failed, At: o.now()}); held || err != nil {
		t.Errorf("the dead server ends it too: %v, %v", held, err)
	}
	o.tick(alive)
	if diff := cmp.Diff([]string{MonthRun + " 2026-11"}, o.done()); diff != "" {
		t.Errorf("worked (-want +got):\n%s", diff)
	}
}

// A server that is stopped in the middle gives its work back: the next one begins it
// again at once, and that is no attempt that failed.
func TestStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	o.only(MonthRun)
	begun := make(chan struct{})
	stopped := o.server(Work{Run: func(ctx context.Context, t *Task) error {
		t.Progress(1, 2)
		t.Say("做了一半")
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}})
	o.start(stopped)
	o.await("the calendar", func() bool { return o.looked() })
	o.set(clock(11, 10, 7, 0))
	o.tick(stopped)
	<-begun
	o.await("progress to be seen", func() bool { x := o.history(MonthRun); return len(x) == 1 && x[0].Done == 1 && x[0].Total == 2 })
	o.stop(stopped)
	if x := o.history(MonthRun)[0]; x.State != calendar.Waiting || x.Attempt != 0 {
		t.Fatalf("given back as %+v", x)
	}
	o.start(o.server(o.noting()))
	x := o.ended(MonthRun, 1)[0]
	if x.State != calendar.Done || x.Log != "做了一半\n服务停止，下次启动后重新开始\n" {
		t.Errorf("%+v", x)
	}
	if got := o.done(); len(got) != 1 {
		t.Errorf("worked %v", got)
	}
}

// A server that was asleep when its occurrence was taken over stops working on it.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	ended := make(chan error, 1)
	c := o.calendar(Work{Audit: func(ctx context.Context, _ *Task) error {
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return ctx.Err()
	}})
	x, err := c.byHand(t.Context(), nil, Audit, 0, "甲")
	if err != nil {
		t.Fatal(err)
	}
	c.beatEvery = time.Second // asleep
	go func() { _, _ = c.perform(context.WithoutCancel(t.Context()), Audit, x.Due, Watch{}) }()
	o.await("it to begin", func() bool { return o.history(Audit)[0].State == calendar.Running })
	taken, err := calendar.LeaseOccurrence(t.Context(), o.db, region, Audit, x.Due, "别处", o.now(), time.Nanosecond)
	if err != nil || taken == nil {
		t.Fatalf("%v, %v", taken, err)
	}
	if err := <-ended; err != errTaken {
		t.Errorf("ended because of %v", err)
	}
	if held, err := taken.Finish(t.Context(), calendar.Ending{State: calendar.Done, At: o.now()}); !held || err != nil {
		t.Errorf("%v, %v", held, err)
	}
	if y := o.history(Audit)[0]; y.State != calendar.Done || y.Host != "别处" {
		t.Errorf("%+v", y)
	}
}

// What is begun again and again and never ends is given up, with a notice.
func TestGivenUpAfterCrashes(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	c := o.calendar(Work{})
	x, err := c.byHand(t.Context(), nil, Backup, 0, "甲")
	if err != nil {
		t.Fatal(err)
	}
	for n := range calendar.MaxAttempts {
		hold, err := calendar.LeaseOccurrence(t.Context(), o.db, region, Backup, x.Due, "死机", o.now(), time.Nanosecond)
		if err != nil || hold == nil || hold.Attempt != n+1 {
			t.Fatalf("%+v, %v", hold, err)
		}
	}
	s := o.server(o.noting())
	s.lost = time.Millisecond
	time.Sleep(10 * time.Millisecond)
	if err := calendar.StartCalendar(t.Context(), o.db, region, o.now()); err != nil {
		t.Fatal(err)
	}
	o.tick(s)
	if y := o.history(Backup)[0]; y.State != calendar.Failed || y.Log != "连续 3 次中断，不再重试；请查明原因后再运行这项任务\n" {
		t.Errorf("%+v", y)
	}
	if all := o.notices(calendar.Reader{}); len(all) != 1 || all[0].Title != "定时任务失败：备份" {
		t.Errorf("notices %+v", all)
	}
}
