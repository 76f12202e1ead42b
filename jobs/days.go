package jobs

import (
	"time"

	"disburse/internal/month"
	"disburse/internal/store/calendar"
)

// days knows which days offices work: Monday to Friday, but for what the region's table
// of holidays says.
type days map[month.Date]bool // true 休, false 班

func daysOf(holidays []calendar.Holiday) days {
	d := days{}
	for _, h := range holidays {
		d[h.Day] = h.Off
	}
	return d
}

// working reports whether offices work on the day.
func (d days) working(day month.Date) bool {
	if off, known := d[day]; known {
		return !off
	}
	weekday := day.Time().Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

// farthest is how many days a day is moved at most: more than any holiday is long.
const farthest = 31

// shift moves a day that is off to the working day before or after it. Where there is
// none near, the table is wrong, and the day stays.
func (d days) shift(day month.Date, how calendar.Shift) month.Date {
	step := 0
	switch how {
	case calendar.ShiftBefore:
		step = -1
	case calendar.ShiftAfter:
		step = 1
	}
	for n := range farthest {
		if to := day.Add(n * step); d.working(to) {
			return to
		}
	}
	return day
}

// before returns the n-th working day before a day.
func (d days) before(day month.Date, n int) month.Date {
	for range n {
		day = d.shift(day.Add(-1), calendar.ShiftBefore)
	}
	return day
}
