package jobs

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"disburse/internal/month"
	"disburse/internal/store/calendar"
)

func day(y, m, d int) month.Date { return month.DateOf(y, m, d) }

// national are the days around 国庆节 of 2026, with its two working weekend days.
func national() []calendar.Holiday {
	var all []calendar.Holiday
	for d := day(2026, 10, 1); d <= day(2026, 10, 7); d++ {
		all = append(all, calendar.Holiday{Day: d, Off: true, Name: "国庆节"})
	}
	for _, d := range []month.Date{day(2026, 9, 27), day(2026, 10, 10)} {
		all = append(all, calendar.Holiday{Day: d, Name: "国庆节"})
	}
	return all
}

func planned(t *testing.T, s calendar.JobSetting, from time.Time, n int) []string {
	t.Helper()
	plan, err := newSchedule(s, daysOf(national()))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for range n {
		d, ok := plan.next(from)
		if !ok {
			t.Fatalf("nothing after %s", from)
		}
		all = append(all, d.planned.Format("01-02 15:04 Mon"))
		from = d.planned
	}
	return all
}

func TestDaysMoveOffWeekendsAndHolidays(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 9, 26, 12, 0, 0, 0, month.Shanghai)
	for _, c := range []struct {
		name string
		set  calendar.JobSetting
		want []string
	}{
		{"before the holiday", at("每月", 3, 6, 0, "提前"), []string{"09-30 06:00 Wed", "11-03 06:00 Tue"}},
		{"after the holiday", at("每月", 3, 6, 0, "顺延"), []string{"10-08 06:00 Thu", "11-03 06:00 Tue"}},
		{"not moved", at("每月", 3, 6, 0, "不移"), []string{"10-03 06:00 Sat", "11-03 06:00 Tue"}},
		{"a Saturday that is worked", at("每月", 10, 6, 0, "提前"), []string{"10-10 06:00 Sat", "11-10 06:00 Tue"}},
		{"every day means every working day", at("每日", 0, 9, 0, "顺延"), []string{"09-27 09:00 Sun", "09-28 09:00 Mon", "09-29 09:00 Tue", "09-30 09:00 Wed", "10-08 09:00 Thu"}},
		{"Mondays", at("每周", 1, 8, 0, "顺延"), []string{"09-28 08:00 Mon", "10-08 08:00 Thu", "10-12 08:00 Mon"}},
		{"working days before pay day", at("每月", 20, 8, 30, "提前", 5, 3, 1), []string{"10-13 08:30 Tue", "10-15 08:30 Thu", "10-19 08:30 Mon"}},
		{"working days over a holiday", at("每月", 9, 8, 0, "提前", 2), []string{"09-30 08:00 Wed"}},
	} {
		got := planned(t, c.set, from, len(c.want))
		for i := range c.want {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// drawDays is a table of at most so many holidays, some of working weekends.
func drawDays(t *rapid.T, most int) days {
	d := days{}
	for range rapid.IntRange(0, most).Draw(t, "holidays") {
		from := day(2026, 1, 1).Add(rapid.IntRange(0, 500).Draw(t, "from"))
		off := rapid.Bool().Draw(t, "off")
		for n := range rapid.IntRange(1, 8).Draw(t, "long") {
			d[from.Add(n)] = off
		}
	}
	return d
}

func drawSetting(t *rapid.T) calendar.JobSetting {
	every := rapid.SampledFrom([]string{"每日", "每周", "每月"}).Draw(t, "every")
	most := map[string]int{"每周": 7, "每月": 28}[every]
	d := 0
	if most > 0 {
		d = rapid.IntRange(1, most).Draw(t, "day")
	}
	s := at(every, int16(d), int16(rapid.IntRange(0, 23).Draw(t, "hour")), int16(rapid.IntRange(0, 59).Draw(t, "minute")),
		rapid.SampledFrom([]string{"不移", "提前", "顺延"}).Draw(t, "shift"))
	s.Job = MonthRun
	if every == "每月" {
		s.Lead = rapid.SliceOfNDistinct(rapid.Int16Range(1, 20), 0, 4, rapid.ID[int16]).Draw(t, "lead")
	}
	return s
}

// A day moves to the nearest working day on the side that the job says, and no further.
func TestShiftIsTheNearestWorkingDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDays(t, 12)
		from := day(2026, 1, 1).Add(rapid.IntRange(0, 500).Draw(t, "day"))
		how := rapid.SampledFrom([]string{"提前", "顺延"}).Draw(t, "how")
		to := d.shift(from, how)
		step := map[string]int{"提前": -1, "顺延": 1}[how]
		if !d.working(to) && to != from {
			t.Fatalf("%s moved to %s, which is off", from, to)
		}
		for between := from; between != to; between = between.Add(step) {
			if d.working(between) {
				t.Fatalf("%s moved past %s to %s", from, between, to)
			}
		}
		if !d.working(to) {
			for n := range farthest {
				if d.working(from.Add(n * step)) {
					t.Fatalf("%s stays although %s is worked", from, from.Add(n*step))
				}
			}
		}
		if d.shift(from, "不移") != from {
			t.Fatal("moved although it is not to move")
		}
	})
}

// Of any schedule: what is last has come, what is next has not, nothing lies between;
// no two due times have one key; a reminder is as many working days ahead as it says.
func TestScheduleProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, d := drawSetting(t), drawDays(t, 12)
		if err := Check(s); err != nil {
			t.Fatal(err)
		}
		plan, err := newSchedule(s, d)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, month.Shanghai).Add(time.Duration(rapid.IntRange(0, 500*24*60).Draw(t, "now")) * time.Minute)
		last, ok1 := plan.last(now)
		next, ok2 := plan.next(now)
		if !ok1 || !ok2 || last.planned.After(now) || !next.planned.After(now) {
			t.Fatalf("at %s last %v %v, next %v %v", now, last, ok1, next, ok2)
		}
		keys := map[time.Time]bool{}
		for _, x := range plan.around(now) {
			if x.planned.After(last.planned) && x.planned.Before(next.planned) {
				t.Fatalf("%s lies between %s and %s", x.planned, last.planned, next.planned)
			}
			if keys[x.rule] {
				t.Fatalf("two due times of %s", x.rule)
			}
			keys[x.rule] = true
			if x.planned.Hour() != int(s.Hour) || x.planned.Minute() != int(s.Minute) {
				t.Fatalf("%s is not at %02d:%02d", x.planned, s.Hour, s.Minute)
			}
		}
		if again, _ := plan.last(next.planned); !again.planned.Equal(next.planned) {
			t.Fatalf("at %s last is %s", next.planned, again.planned)
		}
	})
}

// What has been planned once is not planned again because the table of holidays changes.
func TestHolidaysDoNotChangeTheKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSetting(t)
		s.Lead = nil
		without, err := newSchedule(s, days{})
		if err != nil {
			t.Fatal(err)
		}
		within, err := newSchedule(s, drawDays(t, 12))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 7, 1, 0, 0, 0, 0, month.Shanghai)
		keys := map[time.Time]bool{}
		for _, d := range without.around(now) {
			keys[d.rule] = true
		}
		for _, d := range within.around(now) {
			if !keys[d.rule] {
				t.Fatalf("%s is another key", d.rule)
			}
		}
	})
}

func TestWorkingDaysBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDays(t, 3) // a table that leaves no month without a working day
		from := day(2026, 6, 1).Add(rapid.IntRange(0, 300).Draw(t, "day"))
		n := rapid.IntRange(1, 20).Draw(t, "n")
		to, worked := d.before(from, n), 0
		for x := to; x < from; x++ {
			if d.working(x) {
				worked++
			}
		}
		if worked != n || !d.working(to) {
			t.Fatalf("%d working days from %s to %s, want %d", worked, to, from, n)
		}
	})
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	with := func(change func(*calendar.JobSetting)) calendar.JobSetting {
		s := at("每月", 10, 6, 0, "提前")
		s.Job = PayDay
		change(&s)
		return s
	}
	for name, s := range map[string]calendar.JobSetting{
		"job":       with(func(s *calendar.JobSetting) { s.Job = "无此任务" }),
		"every":     with(func(s *calendar.JobSetting) { s.Every = "每年" }),
		"day":       with(func(s *calendar.JobSetting) { s.Day = 29 }),
		"weekday":   with(func(s *calendar.JobSetting) { s.Every, s.Day = "每周", 0 }),
		"hour":      with(func(s *calendar.JobSetting) { s.Hour = 24 }),
		"minute":    with(func(s *calendar.JobSetting) { s.Minute = -1 }),
		"shift":     with(func(s *calendar.JobSetting) { s.Shift = "往后" }),
		"lead":      with(func(s *calendar.JobSetting) { s.Lead = []int16{21} }),
		"daily":     with(func(s *calendar.JobSetting) { s.Every, s.Day, s.Lead = "每日", 0, []int16{1} }),
		"parameter": with(func(s *calendar.JobSetting) { s.Parameters = map[string]string{"年龄": "80"} }),
		"number":    with(func(s *calendar.JobSetting) { s.Job, s.Parameters = Ending, map[string]string{Days: "很多"} }),
		"ages":      with(func(s *calendar.JobSetting) { s.Job, s.Parameters = Reaching, map[string]string{Ages: ""} }),
	} {
		if err := Check(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, k := range catalogue {
		if err := Check(k.setting(nil)); err != nil {
			t.Errorf("default of %s: %v", k.name, err)
		}
	}
}
