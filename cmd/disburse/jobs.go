package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/calendar"
	"disburse/jobs"
)

// jobsCommand is jobs and what is below it.
func (a *app) jobsCommand() *cobra.Command {
	c := &cobra.Command{Use: "jobs", Short: "日历：定时任务、记录、节假日、通知"}
	c.AddCommand(
		a.everywhere("list", "各项任务、时间、下一次和上一次的结果", cobra.NoArgs,
			func(ctx context.Context, all []postgres.Region, _ []string) error { return a.jobsList(ctx, all) }),
		a.jobsRunCommand(), a.jobsHistoryCommand(), a.jobsSetCommand(), a.holidayCommand(), a.noticesCommand())
	return c
}

// jobsTable prints rows of the regions' jobs, each with its region where there are several.
func (a *app) jobsTable(ctx context.Context, all []postgres.Region, columns []column, rowsOf func() ([][]string, error)) error {
	several := len(all) > 1
	if several {
		columns = append([]column{textColumn("region", "区划")}, columns...)
	}
	var rows [][]string
	for _, r := range all {
		if err := a.in(ctx, r); err != nil {
			return err
		}
		own, err := rowsOf()
		if err != nil {
			return err
		}
		for _, row := range own {
			if several {
				row = append([]string{fmt.Sprint(r.Code)}, row...)
			}
			rows = append(rows, row)
		}
	}
	return a.print(columns, rows)
}

// calendar is the region's jobs as this process does them.
func (a *app) calendar() (*jobs.Calendar, error) {
	out, err := a.delivery()
	return &jobs.Calendar{DB: a.DB, Region: a.Region, Clock: now, Work: a.jobWork(), Delivery: out, Host: hostname()}, err
}

func (a *app) jobsList(ctx context.Context, all []postgres.Region) error {
	columns := []column{textColumn("job", "任务"), textColumn("schedule", "时间"), textColumn("next", "下一次"), textColumn("last", "上一次"), textColumn("outcome", "结果"),
		textColumn("does", "做什么")}
	return a.jobsTable(ctx, all, columns, func() (rows [][]string, err error) {
		c, err := a.calendar()
		if err != nil {
			return nil, err
		}
		entries, err := c.List(ctx)
		for _, e := range entries {
			last := e.Last.Started
			if last.IsZero() {
				last = e.Last.Finished
			}
			rows = append(rows, []string{e.Job, e.When, minute(e.Next), minute(last), e.Last.State.Chinese(), e.Does})
		}
		return rows, err
	})
}

// minute writes a moment to the minute; nothing where there is none.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(month.Shanghai).Format("2006-01-02 15:04")
}

func (a *app) jobsRunCommand() *cobra.Command {
	var of string
	c := a.everywhere("run NAME", "现在做一次任务", cobra.ExactArgs(1), func(ctx context.Context, all []postgres.Region, args []string) error {
		m := month.Month(0)
		if of != "" {
			var err error
			if m, err = parseMonth(of); err != nil {
				return err
			}
		}
		var failed error
		for _, r := range all { // a region that fails keeps no other from its turn
			if err := a.in(ctx, r); err != nil {
				return err
			}
			if len(all) > 1 {
				a.remark("%s：", r)
			}
			if err := a.jobsRun(ctx, args[0], m); err != nil {
				if len(all) > 1 {
					a.tell(r.String() + "：" + sentence(ctx, err))
				}
				failed = cmp.Or(failed, err)
			}
		}
		return failed
	})
	c.Flags().StringVar(&of, "month", "", "任务所做的月份（缺省为本月）")
	return c
}

func (a *app) jobsRun(ctx context.Context, job string, m month.Month) error {
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	c, err := a.calendar()
	if err != nil {
		return err
	}
	bar := a.progress(job)
	o, err := c.RunHere(ctx, job, m, by.Actor, jobs.Watch{Progress: bar.show, Say: func(line string) { bar.end(); a.remark("%s", line) }})
	bar.end()
	if err != nil {
		return err
	}
	if o.State != calendar.Done {
		return fault.New(fault.Refused, "任务“%s”没有完成（%s），原因见上，也可用 jobs history %s 查看", job, o.State.Chinese(), job)
	}
	a.remark("任务“%s”完成", job)
	return nil
}

func (a *app) jobsHistoryCommand() *cobra.Command {
	var limit int
	c := a.everywhere("history [NAME]", "任务做过的记录：时间、用时、结果、记录", cobra.MaximumNArgs(1), func(ctx context.Context, regions []postgres.Region, args []string) error {
		return a.jobsTable(ctx, regions, historyColumns, func() ([][]string, error) {
			job := ""
			if len(args) == 1 {
				job = args[0]
				c, err := a.calendar()
				if err != nil {
					return nil, err
				}
				if _, err := c.Setting(ctx, job); err != nil {
					return nil, err
				}
			}
			all, err := calendar.Occurrences(ctx, a.DB, a.Region, job, limit)
			return a.historyRows(all), err
		})
	})
	c.Flags().IntVar(&limit, "limit", 50, "最多列几次")
	return c
}

var historyColumns = []column{textColumn("job", "任务"), textColumn("planned", "应在"), textColumn("started", "开始"), numberColumn("seconds", "用时（秒）"),
	textColumn("outcome", "结果"), textColumn("by", "由"), textColumn("month", "月份"), textColumn("log", "记录")}

func (a *app) historyRows(all []calendar.Occurrence) (rows [][]string) {
	for _, o := range all {
		seconds := ""
		if !o.Finished.IsZero() && !o.Started.IsZero() {
			seconds = fmt.Sprintf("%.0f", o.Finished.Sub(o.Started).Seconds())
		}
		by := o.Actor
		if by == "" {
			by = "日历"
		}
		log := strings.TrimSpace(o.Log)
		if a.format == "table" {
			log = strings.ReplaceAll(log, "\n", "；")
		}
		rows = append(rows, []string{o.Job, minute(o.Planned), minute(o.Started), seconds, o.State.Chinese(), by, o.Month.String(), log})
	}
	return rows
}

func (a *app) noticesCommand() *cobra.Command {
	var limit int
	c := a.everywhere("notices", "任务留下的通知，以及发出的情况", cobra.NoArgs, func(ctx context.Context, regions []postgres.Region, _ []string) error {
		return a.jobsTable(ctx, regions, noticeColumns, func() ([][]string, error) {
			all, err := calendar.Notices(ctx, a.DB, a.Region, calendar.Reader{}, false, limit)
			if err != nil {
				return nil, err
			}
			sent, err := calendar.DeliveryStates(ctx, a.DB, a.Region, 2*limit)
			return noticeRows(all, sent), err
		})
	})
	c.Flags().IntVar(&limit, "limit", 50, "最多列几条")
	return c
}

var noticeColumns = []column{numberColumn("n", "号"), textColumn("created", "时间"), textColumn("bureau", "单位"), textColumn("post", "岗位"), textColumn("title", "标题"),
	textColumn("text", "内容"), textColumn("delivery", "发出")}

func noticeRows(all []calendar.Notice, sent []calendar.DeliveryState) (rows [][]string) {
	words := map[string]string{"waiting": "待发", "sent": "已发", "failed": "发不出"}
	state := map[int64][]string{}
	for _, d := range sent {
		text := d.Channel + " " + words[d.State]
		if d.Error != "" && d.State != "sent" {
			text += fmt.Sprintf("（第 %d 次：%s）", d.Tries, d.Error)
		}
		state[d.N] = append(state[d.N], text)
	}
	for _, n := range all {
		rows = append(rows, []string{fmt.Sprint(n.N), minute(n.Created), n.Bureau, string(n.Post), n.Title, n.Body, strings.Join(state[n.N], "；")})
	}
	return rows
}
