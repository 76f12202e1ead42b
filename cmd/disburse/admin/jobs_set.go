package admin

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office/admin"
	"disburse/internal/store/calendar"
	"disburse/internal/store/users"
	"disburse/jobs"
)

// jobFlags is what jobs set changes; what is not given stays.
type jobFlags struct {
	enable, disable       bool
	every, at, shift      string
	day                   int16
	lead                  string
	parameters            []string
	reason                string
	everyGiven, leadGiven bool
	dayGiven              bool
}

func jobsSetCommand(a *kit.App) *cobra.Command {
	var f jobFlags
	var c *cobra.Command
	c = a.Command("set NAME", "修改任务的时间和参数", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		f.everyGiven, f.leadGiven, f.dayGiven = c.Flags().Changed("every"), c.Flags().Changed("lead"), c.Flags().Changed("day")
		return jobsSet(ctx, a, args[0], &f)
	})
	c.Flags().BoolVar(&f.enable, "enable", false, "启用")
	c.Flags().BoolVar(&f.disable, "disable", false, "停用")
	c.Flags().StringVar(&f.every, "every", "", "周期：每日、每周或每月")
	c.Flags().Int16Var(&f.day, "day", 0, "哪一天：每周写 1（周一）到 7，每月写 1 到 28")
	c.Flags().StringVar(&f.at, "at", "", "时刻，如 06:00")
	c.Flags().StringVar(&f.shift, "shift", "", "遇休息日：不移、提前或顺延")
	c.Flags().StringVar(&f.lead, "lead", "", "在那一天之前几个工作日，如 5,3,1；写空的表示就在那一天")
	c.Flags().StringArrayVar(&f.parameters, "param", nil, "参数，如 天数=60")
	c.Flags().StringVar(&f.reason, "reason", "", "理由")
	return c
}

func jobsSet(ctx context.Context, a *kit.App, job string, f *jobFlags) error {
	by, err := administrator(ctx, a, f.reason)
	if err != nil {
		return err
	}
	c, err := Calendar(a)
	if err != nil {
		return err
	}
	s, err := c.Setting(ctx, job)
	if err != nil {
		return err
	}
	if err := f.apply(&s); err != nil {
		return err
	}
	if err := c.Set(ctx, s, by); err != nil {
		return err
	}
	a.Remark("任务“%s”：%s", job, jobs.Describe(s))
	return nil
}

// apply changes a setting by the flags that were given.
func (f *jobFlags) apply(s *calendar.JobSetting) error {
	if f.enable && f.disable {
		return kit.Usage("--enable 和 --disable 只能写一个")
	}
	if f.enable || f.disable {
		s.Enabled = f.enable
	}
	if f.everyGiven {
		s.Every, s.Day = calendar.Period(f.every), 0
		if s.Every != calendar.Monthly {
			s.Lead = nil
		}
	}
	if f.dayGiven {
		s.Day = f.day
	}
	if f.shift != "" {
		s.Shift = calendar.Shift(f.shift)
	}
	if f.leadGiven {
		var err error
		if s.Lead, err = leads(f.lead); err != nil {
			return err
		}
	}
	for _, p := range f.parameters {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return kit.Usage("--param 应写成 名称=值，不能是“%s”", p)
		}
		s.Parameters[name] = value
	}
	return f.time(s)
}

func (f *jobFlags) time(s *calendar.JobSetting) error {
	if f.at == "" {
		return nil
	}
	hour, minute, ok := strings.Cut(f.at, ":")
	h, err1 := strconv.ParseInt(hour, 10, 16)
	m, err2 := strconv.ParseInt(minute, 10, 16)
	if !ok || err1 != nil || err2 != nil {
		return kit.Usage("--at 应写成 06:00，不能是“%s”", f.at)
	}
	s.Hour, s.Minute = int16(h), int16(m)
	return nil
}

func leads(text string) ([]int16, error) {
	var all []int16
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 16)
		if err != nil {
			return nil, kit.Usage("--lead 应写成 5,3,1，不能是“%s”", text)
		}
		all = append(all, int16(n))
	}
	return all, nil
}

// administrator is by for what only 管理 may change; without --as it is whoever runs the
// program on the machine itself.
func administrator(ctx context.Context, a *kit.App, reason string) (journal.By, error) {
	if strings.TrimSpace(reason) == "" {
		return journal.By{}, kit.Usage("请用 --reason 写明理由")
	}
	by, err := a.By(ctx, reason)
	if err != nil || a.As == "" {
		return by, err
	}
	users, err := users.List(ctx, a.DB, a.Region)
	for _, u := range users {
		if u.Name == a.As && u.Post != approval.Manager {
			return by, fault.New(fault.Denied, "“%s”的岗位是%s，修改日历要由管理岗位操作", u.Name, u.Post)
		}
	}
	return by, err
}

func holidayCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "holiday", Short: "节假日表：休（放假）和班（调休上班）"}
	var to, name, reason string
	var work bool
	add := a.Command("add YYYY-MM-DD", "登记一天或一段", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		days, err := daySpan(args[0], to, !work, name)
		if err != nil {
			return err
		}
		by, err := administrator(ctx, a, reason)
		if err != nil {
			return err
		}
		if err := admin.SetHolidays(ctx, a.Office, days, by); err != nil {
			return err
		}
		a.Remark("已登记 %d 天", len(days))
		return nil
	})
	add.Flags().StringVar(&name, "name", "", "名称，如 国庆节")
	add.Flags().BoolVar(&work, "work", false, "是调休上班的日子（班）")
	remove := a.Command("remove YYYY-MM-DD", "删除一天或一段", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return removeHolidays(ctx, a, args[0], to, reason)
	})
	for _, sub := range []*cobra.Command{add, remove} {
		sub.Flags().StringVar(&to, "to", "", "到哪一天为止（含）；缺省只有一天")
		sub.Flags().StringVar(&reason, "reason", "", "理由，如文号")
	}
	c.AddCommand(add, remove, a.Command("list", "列出", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		all, err := calendar.Holidays(ctx, a.DB, a.Region)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, h := range all {
			rows = append(rows, []string{h.Day.String(), h.Word(), h.Name})
		}
		return a.PrintRows([]kit.Column{kit.TextColumn("day", "日期"), kit.TextColumn("kind", "休/班"), kit.TextColumn("name", "名称")}, rows)
	}))
	return c
}

func removeHolidays(ctx context.Context, a *kit.App, from, to, reason string) error {
	span, err := daySpan(from, to, true, "删除")
	if err != nil {
		return err
	}
	by, err := administrator(ctx, a, reason)
	if err != nil {
		return err
	}
	var days []month.Date
	for _, h := range span {
		days = append(days, h.Day)
	}
	if err := admin.RemoveHolidays(ctx, a.Office, days, by); err != nil {
		return err
	}
	a.Remark("已删除 %d 天", len(days))
	return nil
}

func daySpan(from, to string, off bool, name string) ([]calendar.Holiday, error) {
	first, err := month.ParseDate(from)
	if err != nil {
		return nil, kit.Usage("%s", err.Error())
	}
	last := first
	if to != "" {
		if last, err = month.ParseDate(to); err != nil {
			return nil, kit.Usage("%s", err.Error())
		}
	}
	return jobs.Span(first, last, off, name)
}
