// Package jobs is the calendar (日历): what the program does by itself, and when.
//
// River carries the work between servers and is the only thing that waits for a time: it
// is given one schedule (robfig/cron), a look at the calendar each minute (tick.go). What
// that look finds due becomes a row of job_occurrence, whose key lets one of any number
// of servers add it, and a job in River's queue in the same transaction. Only the latest
// time that was missed becomes one. A worker then holds the occurrence by signs of life
// (perform.go), so what a crash interrupts is begun again within minutes, and ends once.
//
// Every job calls the function that its command calls, and is safe to run twice. What it
// says goes to staff, so neither it nor anything in the queue holds personal data.
package jobs

import (
	"context"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/store/calendar"
)

// The jobs, as staff and commands name them.
const (
	MonthRun   = "月度运行"
	PayDay     = "发放日前提醒"
	Reaching   = "满龄名单"
	Ending     = "情况到期"
	Unanswered = "银行未回"
	Verify     = "夜间核验"
	Prove      = "全员回看"
	Audit      = "审计核验"
	Backup     = "备份"
)

// Parameters of jobs.
const (
	Ages     = "年龄"   // 满龄名单: full years, separated by commas
	Days     = "天数"   // 情况到期: looked ahead; 银行未回: since files were handed over
	Folder   = "目录"   // 备份: where to; empty: beside the database of one machine
	Keep     = "保留"   // 备份: how many files stay
	Password = "口令文件" // 备份: encrypts with what this file holds; empty: not encrypted
)

// kind is one job.
type kind struct {
	name     string
	does     string // for people
	heavy    bool   // one of these at a time on a server
	defaults calendar.JobSetting
	work     func(*Calendar) func(context.Context, *Task) error
	trouble  []string // posts that are told when it fails; 管理 where none is named
}

// catalogue has the jobs in the order of a month. The defaults are those of 平城区: paid
// on the 20th, computed on the 10th.
var catalogue = []kind{
	{MonthRun, "计算当月各单位的批次", true, at(calendar.Monthly, 10, 6, 0, calendar.ShiftBefore), func(c *Calendar) workFunc { return c.Work.Run }, nil},
	{PayDay, "发放日前提醒各单位批次走到哪一步", false, at(calendar.Monthly, 20, 8, 30, calendar.ShiftBefore, 5, 3, 1), func(c *Calendar) workFunc { return c.remindPayDay }, nil},
	{Reaching, "下月满 80、100 周岁的人数", false, with(at(calendar.Monthly, 25, 8, 0, calendar.ShiftBefore), Ages, "80,100"), func(c *Calendar) workFunc { return c.countReaching }, nil},
	{Ending, "即将到期的情况", false, with(at(calendar.Weekly, 1, 8, 0, calendar.ShiftAfter), Days, "60"), func(c *Calendar) workFunc { return c.countEnding }, nil},
	{Unanswered, "交给银行后没有回盘的付款", false, with(at(calendar.Daily, 0, 9, 0, calendar.ShiftAfter), Days, "3"), func(c *Calendar) workFunc { return c.countUnanswered }, nil},
	{Backup, "备份整个数据库", true, with(at(calendar.Daily, 0, 0, 30, calendar.NoShift), Folder, "", Keep, "14", Password, ""), func(c *Calendar) workFunc { return c.Work.Backup }, nil},
	{Verify, "重算各单位最近一个月已审批的批次", true, at(calendar.Daily, 0, 1, 0, calendar.NoShift), func(c *Calendar) workFunc { return c.Work.Verify }, []string{"审计", "管理"}},
	{Prove, "核对只回看有变动的人与回看所有人结果相同", true, at(calendar.Daily, 0, 2, 0, calendar.NoShift), func(c *Calendar) workFunc { return c.Work.Prove }, []string{"审计", "管理"}},
	{Audit, "核对审计链和登记的每一行", true, at(calendar.Daily, 0, 3, 0, calendar.NoShift), func(c *Calendar) workFunc { return c.Work.Audit }, []string{"审计", "管理"}},
}

type workFunc = func(context.Context, *Task) error

func at(every calendar.Period, day, hour, minute int16, shift calendar.Shift, lead ...int16) calendar.JobSetting {
	return calendar.JobSetting{Enabled: true, Every: every, Day: day, Hour: hour, Minute: minute, Shift: shift, Lead: lead, Parameters: map[string]string{}}
}

func with(s calendar.JobSetting, parameters ...string) calendar.JobSetting {
	for i := 0; i < len(parameters); i += 2 {
		s.Parameters[parameters[i]] = parameters[i+1]
	}
	return s
}

// Names returns the jobs in the order of lists.
func Names() []string {
	var all []string
	for _, k := range catalogue {
		all = append(all, k.name)
	}
	return all
}

// kindOf finds a job by its name; fault.NotFound where there is none.
func kindOf(name string) (kind, error) {
	if i := slices.IndexFunc(catalogue, func(k kind) bool { return k.name == name }); i >= 0 {
		return catalogue[i], nil
	}
	return kind{}, fault.New(fault.NotFound, "没有“%s”这个任务，请用 jobs list 查看任务名称", name)
}

// setting is what is set for the job, the defaults where nothing is.
func (k kind) setting(set map[string]calendar.JobSetting) calendar.JobSetting {
	s, ok := set[k.name]
	if !ok {
		s = k.defaults
		s.Parameters = nil
	}
	s.Job = k.name
	parameters := map[string]string{}
	for name, value := range k.defaults.Parameters {
		parameters[name] = value
		if own, ok := s.Parameters[name]; ok {
			parameters[name] = own
		}
	}
	s.Parameters = parameters
	return s
}
