package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/store/audit"
	"disburse/internal/store/calendar"
)

const secret = "140202194406150117" // an ID number, made up

// What is refused fails at once and tells those concerned; nothing that is kept anywhere
// holds what the error quoted.
func TestFailure(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	o.only(Verify)
	s := o.server(Work{Verify: func(_ context.Context, t *Task) error {
		t.Say("看到 %s", secret)
		t.Notify(calendar.Notice{Kind: "不该有", Title: "失败的任务不留这个"})
		return fault.New(fault.Refused, "与 %s 不一致，请查明原因", secret)
	}})
	o.start(s)
	o.await("the calendar", func() bool { return o.looked() })
	o.set(clock(11, 10, 1, 0))
	o.tick(s)
	x := o.ended(Verify, 1)[0]
	if x.State != calendar.Failed || x.Attempt != 1 || x.Log != "看到 ********\n没有完成：与 ******** 不一致，请查明原因\n" {
		t.Errorf("%+v", x)
	}
	var told []string
	for _, n := range o.notices(calendar.Reader{}) {
		told = append(told, string(n.Post)+" "+n.Title+" "+n.Body)
	}
	if diff := cmp.Diff([]string{"管理 定时任务失败：夜间核验 与 ******** 不一致，请查明原因", "审计 定时任务失败：夜间核验 与 ******** 不一致，请查明原因"}, told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	o.nowhere(secret)
}

// What may pass by itself is tried again, and not for ever; what broke is told by its kind.
func TestPassingFailures(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	tries := 0
	c := o.calendar(Work{Audit: func(context.Context, *Task) error {
		if tries++; tries == 2 {
			panic("姓名 " + secret)
		}
		return errors.New("broken: " + secret)
	}})
	x, err := c.byHand(t.Context(), nil, Audit, 0, "甲")
	if err != nil {
		t.Fatal(err)
	}
	for n := range calendar.MaxAttempts {
		if held, err := c.perform(t.Context(), Audit, x.Due, Watch{}); !held || err != nil {
			t.Fatalf("attempt %d: %v, %v", n+1, held, err)
		}
	}
	if held, err := c.perform(t.Context(), Audit, x.Due, Watch{}); held || err != nil {
		t.Errorf("one more: %v, %v", held, err)
	}
	want := `没有完成：程序内部错误（*errors.errorString），请把服务的日志交给维护人员；2 分钟后再试
第 2 次开始
没有完成：程序内部错误（jobs.panicked），请把服务的日志交给维护人员；4 分钟后再试
第 3 次开始
没有完成：程序内部错误（*errors.errorString），请把服务的日志交给维护人员
`
	y := o.history(Audit)[0]
	if diff := cmp.Diff(want, y.Log); diff != "" || y.State != calendar.Failed || y.Attempt != 3 {
		t.Errorf("%s, attempt %d, log (-want +got):\n%s", y.State, y.Attempt, diff)
	}
	o.nowhere(secret)
	if !strings.Contains(o.logged(), "job panicked") {
		t.Error("the program's log does not tell of the panic")
	}
}

// A retry comes by the look at the calendar, after its pause.
func TestRetryComesByItself(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	tries := 0
	s := o.server(Work{Audit: func(_ context.Context, t *Task) error {
		if tries++; tries == 1 {
			return errors.New("broken")
		}
		o.did(t)
		return nil
	}})
	s.retry = time.Millisecond
	o.start(s)
	if _, err := s.RunNow(t.Context(), Audit, 0, o.by()); err != nil {
		t.Fatal(err)
	}
	// River's own look at the calendar may come before ours, and the second try with it.
	o.await("the first try to end", func() bool {
		x := o.history(Audit)[0]
		return x.Attempt > 1 || (x.Attempt == 1 && x.State == calendar.Waiting)
	})
	time.Sleep(10 * time.Millisecond)
	o.tick(s)
	if x := o.ended(Audit, 1)[0]; x.State != calendar.Done || x.Attempt != 2 {
		t.Errorf("%+v", x)
	}
}

// By hand: at once, on the month that is asked for, with its actor and what it says.
func TestRunByHand(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	c := o.calendar(Work{Run: func(_ context.Context, t *Task) error {
		o.did(t)
		t.Say("第一句\n第二句")
		t.Progress(5, 10)
		if t.By.Actor != "甲经办" || t.By.Origin != "主机" || t.By.Reason != "定时任务：月度运行" {
			return fault.New(fault.Invalid, "由 %+v", t.By)
		}
		return nil
	}})
	var said []string
	x, err := c.RunHere(t.Context(), MonthRun, month.Of(2026, 9), "甲经办", Watch{Say: func(s string) { said = append(said, s) }})
	if err != nil || x.State != calendar.Done || x.Month != month.Of(2026, 9) || x.Actor != "甲经办" || x.Done != 5 || x.Total != 10 || x.Log != "第一句 第二句\n" {
		t.Errorf("%+v, %v", x, err)
	}
	if diff := cmp.Diff([]string{"第一句 第二句"}, said); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	if _, err := c.RunHere(t.Context(), MonthRun, 0, "甲经办", Watch{}); !fault.Is(err, fault.Refused) {
		t.Errorf("twice in one moment: %v", err)
	}
	if _, err := c.RunHere(t.Context(), "无此任务", 0, "甲经办", Watch{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such job: %v", err)
	}
	if x, err := c.RunHere(t.Context(), Prove, 0, "甲经办", Watch{}); err != nil || x.State != calendar.Failed {
		t.Errorf("a job that is not wired ends as %+v, %v", x, err)
	}
	if all, err := c.List(t.Context()); err != nil || all[0].Last.State != calendar.Done || !all[0].Next.Equal(clock(12, 10, 6, 0)) {
		t.Errorf("list %+v, %v", all, err)
	}
}

// Who looks on and interrupts a job has it end: no server takes it up later.
func TestInterruptedByHand(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 10, 12, 0))
	ctx, interrupt := context.WithCancel(t.Context())
	c := o.calendar(Work{Backup: func(ctx context.Context, _ *Task) error { interrupt(); <-ctx.Done(); return ctx.Err() }})
	x, err := c.RunHere(ctx, Backup, 0, "甲", Watch{})
	if err != nil || x.State != calendar.Failed || x.Log != "已中断\n" {
		t.Errorf("%+v, %v", x, err)
	}
	if all := o.notices(calendar.Reader{}); len(all) != 0 {
		t.Errorf("notices %+v", all)
	}
}

// A setting counts from when it is made; what is switched off is not due; the journal
// has what was and what is.
func TestSettings(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	o.only(MonthRun)
	if err := calendar.StartCalendar(t.Context(), o.db, region, clock(11, 1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	s := o.server(o.noting())
	change := func(at time.Time, day, hour int16) {
		o.set(at)
		set := monthly(day, hour)
		set.Job = MonthRun
		if err := s.Set(t.Context(), set, o.by()); err != nil {
			t.Fatal(err)
		}
		o.tick(s)
	}
	change(clock(11, 9, 12, 0), 6, 6) // the 6th has passed when it is set
	change(clock(11, 9, 13, 0), 9, 12)
	if all := o.history(""); len(all) != 0 {
		t.Fatalf("due before it was set: %+v", all)
	}
	change(clock(11, 9, 14, 0), 9, 15)
	o.set(clock(11, 9, 15, 0))
	o.tick(s)
	if all := o.history(""); len(all) != 1 || !all[0].Due.Equal(clock(11, 9, 15, 0)) {
		t.Errorf("%+v", all)
	}
	noReason := o.by()
	noReason.Reason = ""
	if err := s.Set(t.Context(), s.mustSetting(t, MonthRun), noReason); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	var entries []string
	err := audit.Journal(t.Context(), o.db, region, time.Time{}, time.Time{}, func(l journal.Link) error {
		if l.Entry.Action == "修改定时任务" && l.Entry.Subject == MonthRun {
			entries = append(entries, l.Entry.Summary)
		}
		return nil
	})
	want := []string{"原：每月 10 日 06:00，遇休息日提前；现：每月 6 日 06:00", "原：每月 6 日 06:00；现：每月 9 日 12:00", "原：每月 9 日 12:00；现：每月 9 日 15:00"}
	if diff := cmp.Diff(want, entries); diff != "" || err != nil {
		t.Errorf("journal (-want +got), %v:\n%s", err, diff)
	}
}

func monthly(day, hour int16) calendar.JobSetting { return at("每月", day, hour, 0, "不移") }

func (c *Calendar) mustSetting(t *testing.T, job string) calendar.JobSetting {
	t.Helper()
	s, err := c.Setting(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An occurrence that was not begun before the next one came is left out.
func TestSupersededIsSkipped(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	if err := calendar.StartCalendar(t.Context(), o.db, region, o.now()); err != nil {
		t.Fatal(err)
	}
	o.only(Audit)
	s := o.server(o.noting())
	for day := 10; day <= 12; day++ {
		o.set(clock(11, day, 4, 0))
		o.tick(s)
	}
	o.start(s)
	var got []string
	for _, x := range o.ended(Audit, 3) {
		got = append(got, string(x.State))
	}
	if diff := cmp.Diff([]string{"done", "skipped", "skipped"}, got); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if got := o.done(); len(got) != 1 {
		t.Errorf("worked %v", got)
	}
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	o := openOffice(t, clock(11, 9, 12, 0))
	days, err := Span(day(2026, 10, 1), day(2026, 10, 3), true, "国庆节")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := calendar.SetHolidays(t.Context(), o.db, region, days, o.by()); err != nil {
			t.Fatal(err)
		}
	}
	if rev, _, err := o.db.Head(t.Context(), region); rev != 1 || err != nil {
		t.Errorf("revision %d, %v", rev, err)
	}
	if err := calendar.RemoveHolidays(t.Context(), o.db, region, []month.Date{day(2026, 10, 2)}, o.by()); err != nil {
		t.Fatal(err)
	}
	if err := calendar.RemoveHolidays(t.Context(), o.db, region, []month.Date{day(2026, 10, 2)}, journal.By{At: o.now()}); !fault.Is(err, fault.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
	all, err := calendar.Holidays(t.Context(), o.db, region)
	if diff := cmp.Diff([]calendar.Holiday{days[0], days[2]}, all); diff != "" || err != nil {
		t.Errorf("holidays (-want +got), %v:\n%s", err, diff)
	}
	for _, wrong := range [][2]month.Date{{day(2026, 10, 3), day(2026, 10, 1)}, {day(2026, 1, 1), day(2028, 1, 1)}} {
		if _, err := Span(wrong[0], wrong[1], true, "节"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
