package judge

import (
	"time"

	"disburse/internal/month"
)

// The judge's own calendar: plain year, month, day triples, compared part by part.
// Nothing here uses what package month computes, only how it stores: a Date counts
// days from 0001-01-01, a Month is 12·year + month − 1.

// day is a civil date; the zero day means none.
type day struct{ year, month, day int }

// calendarMonth is a month of a year.
type calendarMonth struct{ year, month int }

// unixDay is the stored number of 1970-01-01.
const unixDay = 719163

func dayOf(stored month.Date) day {
	if stored == 0 {
		return day{}
	}
	t := time.Unix((int64(stored)-unixDay)*86400, 0).UTC()
	return day{t.Year(), int(t.Month()), t.Day()}
}

func monthOf(stored month.Month) calendarMonth {
	return calendarMonth{int(stored) / 12, int(stored)%12 + 1}
}

func (m calendarMonth) stored() month.Month { return month.Month(12*m.year + m.month - 1) }

// firstDay is F of docs/rules.md §1.
func (m calendarMonth) firstDay() day { return day{m.year, m.month, 1} }

func (m calendarMonth) next() calendarMonth {
	if m.month == 12 {
		return calendarMonth{m.year + 1, 1}
	}
	return calendarMonth{m.year, m.month + 1}
}

func (m calendarMonth) before(o calendarMonth) bool {
	if m.year != o.year {
		return m.year < o.year
	}
	return m.month < o.month
}

// monthsUntil is how many months o lies after m.
func (m calendarMonth) monthsUntil(o calendarMonth) int {
	return 12*(o.year-m.year) + (o.month - m.month)
}

func (d day) none() bool { return d == day{} }

func (d day) before(o day) bool {
	if d.year != o.year {
		return d.year < o.year
	}
	if d.month != o.month {
		return d.month < o.month
	}
	return d.day < o.day
}

// afterLastDayOf reports whether d > L: whether d lies in a later month than m.
func (d day) afterLastDayOf(m calendarMonth) bool {
	return m.before(calendarMonth{d.year, d.month})
}

// age is docs/rules.md §1.1: 12·(year M − year of birth) + (month M − month of birth),
// divided by 12, rounded down.
func age(born day, m calendarMonth) int {
	months := 12*(m.year-born.year) + (m.month - born.month)
	years := months / 12
	if months < 0 && months%12 != 0 {
		years-- // Go rounds towards zero
	}
	return years
}
