// Package month has the calendar of the program: civil dates and months, with
// nothing of clocks. The zero Date and the zero Month mean "none".
package month

import (
	"fmt"
	"time"
)

// Shanghai is the zone of all offices that use the program: it is where a day begins and
// ends, wherever the program runs.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// Month is a calendar month, counted from January of year 0: 12·year + month − 1.
// The zero Month means "none".
type Month int32

// Of returns the month of a year, 1 to 12.
func Of(year, m int) Month { return Month(12*year + m - 1) }

// Year returns the calendar year.
func (m Month) Year() int { return int(m) / 12 }

// InYear returns the month within its year, 1 to 12.
func (m Month) InYear() int { return int(m)%12 + 1 }

// Add returns the month n months later, or earlier where n is negative.
func (m Month) Add(n int) Month { return m + Month(n) }

// First returns the first day of the month (F in the rules).
func (m Month) First() Date { return DateOf(m.Year(), m.InYear(), 1) }

// Last returns the last day of the month (L in the rules).
func (m Month) Last() Date { return (m + 1).First() - 1 }

// String writes the month as 2006-01, and none as the empty string.
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), m.InYear())
}

// Compact writes the month as 200601, as file names have it.
func (m Month) Compact() string { return fmt.Sprintf("%04d%02d", m.Year(), m.InYear()) }

// Chinese writes the month as 2006年1月.
func (m Month) Chinese() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%d年%d月", m.Year(), m.InYear())
}

// Age returns the full years at month m of somebody born on the date, counted in
// months (policy: a person is 80 from the month that holds the 80th birthday).
// It is negative before birth.
func Age(birth Date, m Month) int {
	return floorDiv(int(m-birth.Month()), 12)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Date is a civil date: the number of days from 0001-01-01, which is day 1.
// The zero Date means "none".
type Date int32

// epoch is 0000-12-31, the day before Date 1.
var epoch = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)

// DateOf returns the date of a year, month and day, which must exist.
func DateOf(year, m, day int) Date {
	// Years begin in March here, so that the leap day is their last: each full year
	// has 365 days and a quarter, with the Gregorian exceptions.
	if m <= 2 {
		year, m = year-1, m+12
	}
	return Date(365*year + year/4 - year/100 + year/400 + (153*(m-3)+2)/5 + day - 306)
}

// ValidDate reports whether the day exists and lies in the years 1 to 9999.
func ValidDate(year, m, day int) bool {
	if year < 1 || year > 9999 || m < 1 || m > 12 || day < 1 {
		return false
	}
	return day <= Of(year, m).Last().Day()
}

// FromTime returns the civil date that a clock shows at t in t's own zone.
func FromTime(t time.Time) Date {
	y, m, d := t.Date()
	// Seconds, not Sub: a Duration cannot span more than 292 years.
	return Date((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - epoch.Unix()) / 86400)
}

// Time returns midnight UTC of the date, for formatting and workbook cells.
func (d Date) Time() time.Time { return epoch.AddDate(0, 0, int(d)) }

// Day returns the day of the month, 1 to 31.
func (d Date) Day() int { return d.Time().Day() }

// Month returns the month that holds the date.
func (d Date) Month() Month {
	if d == 0 {
		return 0
	}
	y, m, _ := d.Time().Date()
	return Of(y, int(m))
}

// Add returns the date n days later.
func (d Date) Add(n int) Date { return d + Date(n) }

// Later returns the same day n months later, or the last day of a month that has none such.
func (d Date) Later(n int) Date {
	m := d.Month().Add(n)
	return min(m.First()+Date(d.Day()-1), m.Last())
}

// String writes the date as 2006-01-02, and none as the empty string.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format("2006-01-02")
}
