package postgres

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"disburse/internal/month"
)

// FirstDay is how months are kept.
func FirstDay(m month.Month) time.Time { return m.First().Time() }

// OrEnd is where a list is read from that goes backwards.
func OrEnd(before int64) int64 {
	if before <= 0 {
		return math.MaxInt64
	}
	return before
}

// DateOf and monthIn turn a stored date, null for none, into the program's.
func DateOf(t *time.Time) month.Date {
	if t == nil {
		return 0
	}
	return month.FromTime(*t)
}

func MonthIn(t *time.Time) month.Month {
	if t == nil {
		return 0
	}
	return month.Of(t.Year(), int(t.Month()))
}

// ArrayText is an array of numbers as SQL has it: COPY takes no parameters.
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

// ErrRollBack ends a transaction that was only for trying.
var ErrRollBack = errors.New("only tried")

// ScannedMonth is a month as the database keeps it.
type ScannedMonth struct{ Day time.Time }

func (s ScannedMonth) Month() month.Month { return month.FromTime(s.Day).Month() }

// ErrDryRun rolls an import back that was only tried.
var ErrDryRun = errors.New("dry run")
