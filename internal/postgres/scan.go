package postgres

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"disburse/internal/month"
)

// FirstDay returns the first day of a month, which is how months are stored.
func FirstDay(m month.Month) time.Time { return m.First().Time() }

// CursorOrEnd returns the cursor of a list that is paged from its end backwards: rows with
// a smaller number follow. Up to 0 means the end.
func CursorOrEnd(before int64) int64 {
	if before <= 0 {
		return math.MaxInt64
	}
	return before
}

// NullableDate converts a stored date; NULL is the zero Date.
func NullableDate(t *time.Time) month.Date {
	if t == nil {
		return 0
	}
	return month.FromTime(*t)
}

// NullableMonth converts a stored first day of a month; NULL is the zero Month.
func NullableMonth(t *time.Time) month.Month {
	if t == nil {
		return 0
	}
	return month.Of(t.Year(), int(t.Month()))
}

// ArrayText returns a bigint[] literal, for COPY, which takes no parameters.
func ArrayText(numbers []int64) string {
	var b strings.Builder
	b.WriteString("'{")
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(n, 10))
	}
	b.WriteString("}'::bigint[]")
	return b.String()
}

// ScannedMonth is the target for scanning a stored month (NOT NULL): its first day.
type ScannedMonth struct{ Day time.Time }

// Month returns the month of the scanned day.
func (s ScannedMonth) Month() month.Month { return month.FromTime(s.Day).Month() }

// ErrDryRun rolls a transaction back whose work was only wanted for its report.
var ErrDryRun = errors.New("dry run")
