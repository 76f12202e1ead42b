package admin

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/store/calendar"
	"disburse/jobs"
)

// JobsCommand is jobs and what is below it.
func JobsCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "jobs", Short: "日历：定时任务、记录、节假日、通知"}
	c.AddCommand(
		a.Everywhere("list", "各项任务、时间、下一次和上一次的结果", cobra.NoArgs,
			func(ctx context.Context, all []postgres.Region, _ []string) error { return jobsList(ctx, a, all) }),
		jobsRunCommand(a), jobsHistoryCommand(a), jobsSetCommand(a), holidayCommand(a), noticesCommand(a))
	return c
}

// jobsTable prints rows of the regions' jobs, each with its region where there are several.
func jobsTable(ctx context.Context, a *kit.App, all []postgres.Region, columns []kit.Column, rowsOf func() ([][]string, error)) error {
	several := len(all) > 1
	if several {
		columns = append([]kit.Column{kit.TextColumn("region", "区划")}, columns...)
	}
	var rows [][]string
	for _, r := range all {
		if err := a.In(ctx, r); err != nil {
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
	return a.PrintRows(columns, rows)
}

// Calendar is the region's jobs as this process does them.
func Calendar(a *kit.App) (*jobs.Calendar, error) {
	out, err := delivery(a)
	return &jobs.Calendar{DB: a.DB, Region: a.Region, Clock: kit.Now, Work: jobWork(a), Delivery: out, Host: kit.Hostname()}, err
}

func jobsList(ctx context.Context, a *kit.App, all []postgres.Region) error {
	columns := []kit.Column{kit.TextColumn("job", "任务"), kit.TextColumn("schedule", "时间"), kit.TextColumn("next", "下一次"), kit.TextColumn("last", "上一次"), kit.TextColumn("outcome", "结果"),
		kit.TextColumn("does", "做什么")}
	return jobsTable(ctx, a, all, columns, func() (rows [][]string, err error) {
		c, err := Calendar(a)
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

func jobsRunCommand(a *kit.App) *cobra.Command {
	var of string
	c := a.Everywhere("run NAME", "现在做一次任务", cobra.ExactArgs(1), func(ctx context.Context, all []postgres.Region, args []string) error {
		m := month.Month(0)
		if of != "" {
			var err error
			if m, err = kit.ParseMonth(of); err != nil {
				return err
			}
		}
		var failed error
		for _, r := range all { // a region that fails keeps no other from its turn
			if err := a.In(ctx, r); err != nil {
				return err
			}
			if len(all) > 1 {
				a.Remark("%s：", r)
			}
			if err := jobsRun(ctx, a, args[0], m); err != nil {
				if len(all) > 1 {
					a.Tell(r.String() + "：" + kit.Sentence(ctx, err))
				}
				failed = cmp.Or(failed, err)
			}
		}
		return failed
	})
	c.Flags().StringVar(&of, "month", "", "任务所做的月份（缺省为本月）")
	return c
}

func jobsRun(ctx context.Context, a *kit.App, job string, m month.Month) error {
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	c, err := Calendar(a)
	if err != nil {
		return err
	}
	bar := a.Progress(job)
	o, err := c.RunHere(ctx, job, m, by.Actor, jobs.Watch{Progress: bar.Show, Say: func(line string) { bar.End(); a.Remark("%s", line) }})
	bar.End()
	if err != nil {
		return err
	}
	if o.State != calendar.Done {
		return fault.New(fault.Refused, "任务“%s”没有完成（%s），原因见上，也可用 jobs history %s 查看", job, o.State.Chinese(), job)
	}
	a.Remark("任务“%s”完成", job)
	return nil
}

func jobsHistoryCommand(a *kit.App) *cobra.Command {
	var limit int
	c := a.Everywhere("history [NAME]", "任务做过的记录：时间、用时、结果、记录", cobra.MaximumNArgs(1), func(ctx context.Context, regions []postgres.Region, args []string) error {
		return jobsTable(ctx, a, regions, historyColumns, func() ([][]string, error) {
			job := ""
			if len(args) == 1 {
				job = args[0]
				c, err := Calendar(a)
				if err != nil {
					return nil, err
				}
				if _, err := c.Setting(ctx, job); err != nil {
					return nil, err
				}
			}
			all, err := calendar.Occurrences(ctx, a.DB, a.Region, job, limit)
			return historyRows(a, all), err
		})
	})
	c.Flags().IntVar(&limit, "limit", 50, "最多列几次")
	return c
}

var historyColumns = []kit.Column{kit.TextColumn("job", "任务"), kit.TextColumn("planned", "应在"), kit.TextColumn("started", "开始"), kit.NumberColumn("seconds", "用时（秒）"),
	kit.TextColumn("outcome", "结果"), kit.TextColumn("by", "由"), kit.TextColumn("month", "月份"), kit.TextColumn("log", "记录")}

func historyRows(a *kit.App, all []calendar.Occurrence) (rows [][]string) {
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
		if a.Format == "table" {
			log = strings.ReplaceAll(log, "\n", "；")
		}
		rows = append(rows, []string{o.Job, minute(o.Planned), minute(o.Started), seconds, o.State.Chinese(), by, o.Month.String(), log})
	}
	return rows
}

func noticesCommand(a *kit.App) *cobra.Command {
	var limit int
	c := a.Everywhere("notices", "任务留下的通知，以及发出的情况", cobra.NoArgs, func(ctx context.Context, regions []postgres.Region, _ []string) error {
		return jobsTable(ctx, a, regions, noticeColumns, func() ([][]string, error) {
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

var noticeColumns = []kit.Column{kit.NumberColumn("n", "号"), kit.TextColumn("created", "时间"), kit.TextColumn("bureau", "单位"), kit.TextColumn("post", "岗位"), kit.TextColumn("title", "标题"),
	kit.TextColumn("text", "内容"), kit.TextColumn("delivery", "发出")}

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
