package system

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office/admin"
	"disburse/internal/store/calendar"
	"disburse/jobs"
)

// calendarData is the data of 日历: jobs, holidays, past occurrences.
type calendarData struct {
	Entries  []jobs.Entry
	Holidays []calendar.Holiday
	History  []calendar.Occurrence
	Manages  bool
	Runs     bool // this program has a scheduler
	Adding   holidayForm
}

// holidayForm is the form for holidays as typed.
type holidayForm struct{ From, To, Off, Name, Reason string }

func calendarPage(v *web.Visit) error {
	d, err := readCalendar(v)
	if err != nil {
		return err
	}
	return v.Page("calendar", "日历", d)
}

func readCalendar(v *web.Visit) (calendarData, error) {
	ctx := v.R.Context()
	d := calendarData{Manages: v.User.Post == approval.Manager, Runs: v.Server.Scheduler != nil}
	var err error
	if d.Entries, err = Jobs(v).List(ctx); err != nil {
		return d, err
	}
	if d.Holidays, err = calendar.Holidays(ctx, v.Office.DB, v.Office.Region); err != nil {
		return d, err
	}
	d.History, err = calendar.Occurrences(ctx, v.Office.DB, v.Office.Region, "", 30)
	return d, err
}

// Jobs is the calendar of jobs. A program without one gets one that lists jobs and cannot run
// them.
func Jobs(v *web.Visit) *jobs.Calendar {
	if v.Server.Jobs != nil {
		return v.Server.Jobs
	}
	return &jobs.Calendar{DB: v.Office.DB, Region: v.Office.Region, Clock: v.Server.Clock}
}

// jobData is the data of one job: setting, past occurrences.
type jobData struct {
	jobs.Entry
	Lead       string // days of Setting.Lead, as typed: 5、3、1
	Parameters []parameter
	History    []calendar.Occurrence
	Manages    bool
	Runs       bool
	Busy       bool // an occurrence is pending or running
	Typed      bool // the setting is as submitted, and was refused
}

type parameter struct{ Name, Value string }

// readJob reads the job that the path names. Errors: fault.NotFound.
func readJob(v *web.Visit) (jobData, error) {
	d := jobData{Manages: v.User.Post == approval.Manager, Runs: v.Server.Scheduler != nil}
	entries, err := Jobs(v).List(v.R.Context())
	if err != nil {
		return d, err
	}
	i := slices.IndexFunc(entries, func(e jobs.Entry) bool { return e.Job == v.R.PathValue("job") })
	if i < 0 {
		return d, web.NotFound()
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
	d.History, err = calendar.Occurrences(v.R.Context(), v.Office.DB, v.Office.Region, d.Job, 30)
	d.Busy = slices.ContainsFunc(d.History, func(o calendar.Occurrence) bool { return o.State == calendar.Waiting || o.State == calendar.Running })
	return d, err
}

func jobPage(v *web.Visit) error {
	d, err := readJob(v)
	if err != nil {
		return err
	}
	return v.Page("job", d.Job, d)
}

// setJob changes the schedule and parameters of a job.
func setJob(v *web.Visit) error {
	d, err := readJob(v)
	if err != nil {
		return err
	}
	s, err := typedSetting(v, &d)
	if err == nil {
		err = Jobs(v).Set(v.R.Context(), s, v.By(v.Form("reason")))
	}
	if err != nil {
		d.Setting, d.Typed = s, true
		return v.Refuse(err, "setting", "job", d.Job, d)
	}
	return v.Redirect("/calendar/job/"+d.Job, "已改为新的时间")
}

// typedSetting parses the form. Errors: fault.Invalid with the input.
func typedSetting(v *web.Visit, d *jobData) (calendar.JobSetting, error) {
	s := d.Setting
	s.Enabled, s.Every, s.Shift = v.Form("enabled") == "1", calendar.Period(v.Form("every")), calendar.Shift(v.Form("shift"))
	for _, x := range []struct {
		field, name string
		to          *int16
	}{{"day", "日", &s.Day}, {"hour", "时", &s.Hour}, {"minute", "分", &s.Minute}} {
		n, err := strconv.ParseInt(v.Form(x.field), 10, 16)
		if err != nil {
			return s, web.BadInput(x.field, x.name, "“%s”要写数字，不能是“%s”", x.name, v.Form(x.field))
		}
		*x.to = int16(n)
	}
	if s.Every == calendar.Daily {
		s.Day = 0
	}
	s.Lead = nil
	for _, part := range strings.FieldsFunc(v.Form("lead"), func(r rune) bool { return strings.ContainsRune("、,， ", r) }) {
		n, err := strconv.ParseInt(part, 10, 16)
		if err != nil {
			return s, web.BadInput("lead", "提前几个工作日", "“提前几个工作日”要写数字，用顿号隔开，不能是“%s”", part)
		}
		s.Lead = append(s.Lead, int16(n))
	}
	s.Parameters = map[string]string{}
	for _, p := range d.Parameters {
		s.Parameters[p.Name] = v.Form("p-" + p.Name)
	}
	return s, nil
}

// runJobNow starts a job outside its schedule. Errors: fault.Refused without a scheduler.
func runJobNow(v *web.Visit) error {
	if v.Server.Scheduler == nil {
		return fault.New(fault.Refused, "这个程序没有启动日历，请用命令 disburse jobs run %s", v.R.PathValue("job"))
	}
	m := month.Month(0)
	if s := v.Form("month"); s != "" {
		var err error
		if m, err = month.Parse(s); err != nil {
			return err
		}
	}
	if _, err := v.Server.Scheduler.RunNow(v.R.Context(), v.R.PathValue("job"), m, v.By("")); err != nil {
		return err
	}
	return v.Redirect("/calendar/job/"+v.R.PathValue("job"), "已交办，结果见下面的记录")
}

// Reader is the user as a reader of notices. 管理 and 审计, who have no bureau, read the notices to
// all bureaus.
func Reader(v *web.Visit) calendar.Reader {
	return calendar.Reader{Name: v.User.Name, Bureau: v.User.Bureau, Post: v.User.Post}
}

func noticesPage(v *web.Visit) error {
	all, err := calendar.Notices(v.R.Context(), v.Office.DB, v.Office.Region, Reader(v), false, 100)
	if err != nil {
		return err
	}
	return v.Page("notices", "通知", all)
}

func readNotice(v *web.Visit) error {
	n, err := v.PathNumber("notice")
	if err != nil {
		return err
	}
	if err := admin.ReadNotice(v.R.Context(), v.Office, Reader(v), n, v.By("")); err != nil {
		return err
	}
	return v.Redirect(web.LocalPath(v.Form("next")), "通知已标为已读。")
}
