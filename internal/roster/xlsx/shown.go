package xlsx

import (
	"fmt"
	"strconv"
	"strings"
)

// Shown writes a cell much as people see it: dates as 2006-01-02, with the time of day
// where there is one, numbers without exponent as long as no digit is lost.
func (b *Book) Shown(c Cell) string {
	switch c.Kind {
	case Broken:
		return "（公式）"
	case Number:
	default:
		return c.Text
	}
	date, timed, ok := b.DateOf(c.Text)
	switch {
	case c.Date && ok && timed:
		return date.String() + " " + timeOfDay(c.Text)
	case c.Date && ok:
		return date.String()
	}
	if plain, exact, ok := Plain(c.Text); ok && exact {
		return plain
	}
	return Scientific(c.Text)
}

// timeOfDay writes the fraction of a date cell's number as hours, minutes and seconds.
func timeOfDay(raw string) string {
	plain, _, _ := Plain(raw)
	_, fraction, _ := strings.Cut(plain, ".")
	const digits, unit = 10, 1e10
	n, err := strconv.ParseInt((fraction + strings.Repeat("0", digits))[:digits], 10, 64)
	if err != nil {
		return ""
	}
	seconds := min((n*86400+unit/2)/unit, 86399)
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
