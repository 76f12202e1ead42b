package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/jobs"
)

func calendarRoutes() []route {
	return []route{
		{pattern: "GET /calendar", posts: everyone, do: (*visit).calendar},
		{pattern: "GET /calendar/job/{job}", posts: everyone, do: (*visit).jobPage},
		{pattern: "POST /calendar/job/{job}", posts: manager, do: (*visit).setJob},
		{pattern: "POST /calendar/job/{job}/run", posts: manager, do: (*visit).runJobNow},
		{pattern: "POST /calendar/holidays", posts: manager, do: (*visit).setHoliday},
		{pattern: "POST /calendar/holidays/remove", posts: manager, do: (*visit).removeHoliday},
		{pattern: "GET /notices", posts: everyone, do: (*visit).noticesPage},
		{pattern: "POST /notices/{notice}/read", posts: everyone, do: (*visit).readNotice},
	}
}

// calendarData is the calendar with what comes next, its holidays and its history.
type calendarData struct {
	Entries  []jobs.Entry
	Holidays []postgres.Holiday
	History  []postgres.Occurrence
	Manages  bool
	Runs     bool // a scheduler runs in this program
	Adding   holidayForm
}

// holidayForm is the form for days off as it was typed.
type holidayForm struct{ From, To, Off, Name, Reason string }

func (v *visit) calendar() error {
	d, err := v.calendarData()
	if err != nil {
		return err
	}
	return v.page("calendar", "日历", d)
}

func (v *visit) calendarData() (calendarData, error) {
	ctx := v.r.Context()
	d := calendarData{Manages: v.user.Post == approval.Manager, Runs: v.Scheduler != nil}
	var err error
	if d.Entries, err = v.jobs().List(ctx); err != nil {
		return d, err
	}
	if d.Holidays, err = v.office.DB.Holidays(ctx, v.office.Region); err != nil {
		return d, err
	}
	d.History, err = v.office.DB.Occurrences(ctx, v.office.Region, "", 30)
	return d, err
}

// jobs is the calendar; where the program was given none, one that lists and does nothing.
func (v *visit) jobs() *jobs.Calendar {
	if v.Jobs != nil {
		return v.Jobs
	}
	return &jobs.Calendar{DB: v.office.DB, Region: v.office.Region, Clock: v.Clock}
}

// jobData is one job with its setting and its history.
type jobData struct {
	jobs.Entry
	Lead       string // as typed: 5、3、1
	Parameters []parameter
	History    []postgres.Occurrence
	Manages    bool
	Runs       bool
	Busy       bool // something waits or is being done
	Typed      bool // the setting is as it was sent, and refused
}

type parameter struct{ Name, Value string }

func (v *visit) job() (jobData, error) {
	d := jobData{Manages: v.user.Post == approval.Manager, Runs: v.Scheduler != nil}
	entries, err := v.jobs().List(v.r.Context())
	if err != nil {
		return d, err
	}
	i := slices.IndexFunc(entries, func(e jobs.Entry) bool { return e.Job == v.r.PathValue("job") })
	if i < 0 {
		return d, nowhere()
	}
	d.Entry = entries[i]
	for _, n := range d.Setting.Lead {
		if d.Lead != "" {
			d.Lead += "、"
		}
		d.Lead += fmt.Sprint(n)
	}
	for name, value := range d.Setting.Parameters {
		d.Parameters = append(d.Parameters, parameter{name, value})
	}
	slices.SortFunc(d.Parameters, func(a, b parameter) int { return strings.Compare(a.Name, b.Name) })
	d.History, err = v.office.DB.Occurrences(v.r.Context(), v.office.Region, d.Job, 30)
	d.Busy = slices.ContainsFunc(d.History, func(o postgres.Occurrence) bool { return o.State == postgres.Waiting || o.State == postgres.Running })
	return d, err
}

func (v *visit) jobPage() error {
	d, err := v.job()
	if err != nil {
		return err
	}
	return v.page("job", d.Job, d)
}

// setJob changes when a job runs and with which parameters.
func (v *visit) setJob() error {
	d, err := v.job()
	if err != nil {
		return err
	}
	s, err := v.typedSetting(&d)
	if err == nil {
		err = v.jobs().Set(v.r.Context(), s, v.by(v.form("reason")))
	}
	if err != nil {
		d.Setting, d.Typed = s, true
		return v.refuse(err, "setting", "job", d.Job, d)
	}
	return v.goTo("/calendar/job/"+d.Job, "已改为新的时间")
}

// typedSetting reads the form; numbers that are none are refused by name.
func (v *visit) typedSetting(d *jobData) (postgres.JobSetting, error) {
	s := d.Setting
	s.Enabled, s.Every, s.Shift = v.form("enabled") == "1", v.form("every"), v.form("shift")
	for _, x := range []struct {
		field, name string
		to          *int16
	}{{"day", "日", &s.Day}, {"hour", "时", &s.Hour}, {"minute", "分", &s.Minute}} {
		n, err := strconv.ParseInt(v.form(x.field), 10, 16)
		if err != nil {
			return s, badInput(x.field, x.name, "“%s”要写数字，不能是“%s”", x.name, v.form(x.field))
		}
		*x.to = int16(n)
	}
	if s.Every == "每日" {
		s.Day = 0
	}
	s.Lead = nil
	for _, part := range strings.FieldsFunc(v.form("lead"), func(r rune) bool { return strings.ContainsRune("、,， ", r) }) {
		n, err := strconv.ParseInt(part, 10, 16)
		if err != nil {
			return s, badInput("lead", "提前几个工作日", "“提前几个工作日”要写数字，用顿号隔开，不能是“%s”", part)
		}
		s.Lead = append(s.Lead, int16(n))
	}
	s.Parameters = map[string]string{}
	for _, p := range d.Parameters {
		s.Parameters[p.Name] = v.form("p-" + p.Name)
	}
	return s, nil
}

func (v *visit) runJobNow() error {
	if v.Scheduler == nil {
		return fault.New(fault.Refused, "这个程序没有启动日历，请用命令 disburse jobs run %s", v.r.PathValue("job"))
	}
	m := month.Month(0)
	if s := v.form("month"); s != "" {
		var err error
		if m, err = month.Parse(s); err != nil {
			return err
		}
	}
	if _, err := v.Scheduler.RunNow(v.r.Context(), v.r.PathValue("job"), m, v.by("")); err != nil {
		return err
	}
	return v.goTo("/calendar/job/"+v.r.PathValue("job"), "已交办，结果见下面的记录")
}

// reader is the user as notices know readers. 管理 and 审计 read those to every bureau.
func (v *visit) reader() postgres.Reader {
	return postgres.Reader{Name: v.user.Name, Bureau: v.user.Bureau, Post: v.user.Post}
}

func (v *visit) noticesPage() error {
	all, err := v.office.DB.Notices(v.r.Context(), v.office.Region, v.reader(), false, 100)
	if err != nil {
		return err
	}
	return v.page("notices", "通知", all)
}

func (v *visit) readNotice() error {
	n, err := v.number("notice")
	if err != nil {
		return err
	}
	if err := v.office.DB.ReadNotice(v.r.Context(), v.office.Region, v.reader(), n, v.Clock()); err != nil {
		return err
	}
	return v.goTo(inside(v.form("next")), "通知已标为已读。")
}
