package jobs

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"disburse/internal/month"
	"disburse/internal/store/calendar"
)

// due is one time that a job is due.
type due struct {
	rule    time.Time   // by the rule alone; what tells occurrences apart
	planned time.Time   // moved off weekends and holidays
	month   month.Month // of the day that the rule names
}

// schedule is a job's setting on a region's calendar.
type schedule struct {
	setting calendar.JobSetting
	days    days
	rule    cron.Schedule
}

// span is longer than a month and all that a due time is moved by.
const span = 120 * 24 * time.Hour

func newSchedule(s calendar.JobSetting, d days) (*schedule, error) {
	text := map[calendar.Period]string{
		calendar.Daily:   fmt.Sprintf("%d %d * * *", s.Minute, s.Hour),
		calendar.Weekly:  fmt.Sprintf("%d %d * * %d", s.Minute, s.Hour, s.Day%7),
		calendar.Monthly: fmt.Sprintf("%d %d %d * *", s.Minute, s.Hour, s.Day),
	}[s.Every]
	rule, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fmt.Errorf("schedule of %s: %w", s.Job, err)
	}
	return &schedule{s, d, rule}, nil
}

// last returns the latest due time that has come.
func (s *schedule) last(now time.Time) (due, bool) {
	all := s.around(now)
	i, _ := slices.BinarySearchFunc(all, now, func(d due, t time.Time) int {
		if d.planned.After(t) {
			return 1
		}
		return -1
	})
	if i == 0 {
		return due{}, false
	}
	return all[i-1], true
}

// next returns the first due time that has not come.
func (s *schedule) next(now time.Time) (due, bool) {
	for _, d := range s.around(now) {
		if d.planned.After(now) {
			return d, true
		}
	}
	return due{}, false
}

// around lists what is due in some months before and after now, in order. Of several
// due times that are moved to the same moment, all but the last are never done: the
// daily job that follows a weekend runs once on Monday.
func (s *schedule) around(now time.Time) []due {
	var all []due
	for t := s.rule.Next(now.In(month.Shanghai).Add(-span)); t.Before(now.Add(span)); t = s.rule.Next(t) {
		all = append(all, s.dueAt(t)...)
	}
	slices.SortFunc(all, func(a, b due) int { return cmp.Or(a.planned.Compare(b.planned), a.rule.Compare(b.rule)) })
	return all
}

func (s *schedule) dueAt(t time.Time) []due {
	day := month.FromTime(t)
	moved := s.days.shift(day, s.setting.Shift)
	if len(s.setting.Lead) == 0 {
		return []due{{t, s.at(moved), day.Month()}}
	}
	var all []due
	for _, n := range s.setting.Lead {
		all = append(all, due{t.AddDate(0, 0, -int(n)), s.at(s.days.before(moved, int(n))), day.Month()})
	}
	return all
}

// at is the job's time of day on a day.
func (s *schedule) at(day month.Date) time.Time {
	t := day.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), int(s.setting.Hour), int(s.setting.Minute), 0, 0, month.Shanghai)
}
