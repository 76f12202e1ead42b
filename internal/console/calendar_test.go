package console_test

import (
	"context"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/jobs"
)

// openScheduled is an office whose console runs the calendar; its backup has no room.
func openScheduled(t *testing.T) *site {
	t.Helper()
	s := openSite(t, func(o *web.Options) {
		say := func(_ context.Context, task *jobs.Task) error {
			task.Progress(2, 2)
			task.Say("%s：两个单位都一致", task.Month.Chinese())
			return nil
		}
		o.Jobs = &jobs.Calendar{DB: o.Office.DB, Region: siteRegion, Clock: o.Clock, Host: "主机", Log: slog.New(slog.DiscardHandler),
			Work: jobs.Work{Run: say, Verify: say, Prove: say, Audit: say, Backup: func(context.Context, *jobs.Task) error {
				return fault.New(fault.Refused, "备份写不进“/srv/备份”，磁盘已满，请腾出空间后再做")
			}}}
		var err error
		if o.Scheduler, err = jobs.New(o.Jobs); err != nil {
			t.Fatal(err)
		}
	})
	for _, u := range siteUsers {
		s.addUser(u)
	}
	if err := s.server.Scheduler.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.server.Scheduler.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestCalendarInTheBrowser: an administrator has jobs run now; what fails leaves a notice,
// which leads to its history.
func TestCalendarInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openScheduled(t)
	w := s.openWindow("丁管理")
	w.open("/calendar/job/" + url.PathEscape(jobs.Verify))
	w.press("现在运行")
	w.says("两个单位都一致", "完成") // the page follows by itself
	w.open("/calendar/job/" + url.PathEscape(jobs.Backup))
	w.press("现在运行")
	w.says("磁盘已满")
	w.open("/")
	w.says("定时任务失败：备份")
	w.press("定时任务失败：备份")
	w.says("磁盘已满", "失败")
	w.shoot("job-history")
	w.open("/calendar")
	w.shoot("calendar-history")
	w.open("/notices")
	w.says("定时任务失败：备份")
	w.shoot("notices-failed")
	w.open("/")
	w.press("已读")
	w.says("没有未读的通知")
}
