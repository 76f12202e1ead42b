package read

import (
	"strings"

	"disburse/internal/month"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/xlsx"
)

// date returns the date in a cell, 0 for none.
func (rec *record) date(col int) month.Date {
	if !rec.filled[col] {
		return 0
	}
	if rec.cells[col].Kind == xlsx.Number {
		return rec.numberDate(col)
	}
	text := clean.Squeeze(withoutMidnight(rec.text(col)))
	if text == "" {
		return 0
	}
	date, reason := rec.reader.dates.date(text)
	if reason != "" {
		rec.refuse(col, reason)
	}
	return date
}

// withoutMidnight takes off the time that programs put behind a date which has none:
// 2026-11-03 00:00:00, 2026/11/3 0:00.
func withoutMidnight(s string) string {
	if !strings.Contains(s, ":") {
		return s
	}
	s = clean.Tidy(s)
	at := strings.LastIndexAny(s, " T")
	if at < 0 {
		return s
	}
	switch s[at+1:] {
	case "0:00", "00:00", "0:00:00", "00:00:00", "00:00:00.000":
		return s[:at]
	}
	return s
}

// numberDate reads a date cell, or eight digits that Excel took for a number.
func (rec *record) numberDate(col int) month.Date {
	c := &rec.cells[col]
	if !c.Date {
		text := rec.numberText(col)
		if len(text) == 8 && clean.AllDigits(text) {
			date, reason := rec.reader.dates.date(text)
			if reason != "" {
				rec.refuse(col, reason)
			}
			return date
		}
		if text != "" {
			rec.refuse(col, "是数字而不是日期，请写成 2026-11-03 的样子")
		}
		return 0
	}
	date, timed, ok := rec.reader.book.DateOf(c.Text)
	switch {
	case !ok:
		rec.refuse(col, "日期不存在，请写成 2026-11-03 的样子")
		return 0
	case timed:
		rec.refuse(col, "日期带有时间，请只填日期")
		return 0
	}
	return date
}

// month returns the month in a cell, 0 for none. A date cell counts for its month: that
// is what Excel makes of 2026-11.
func (rec *record) month(col int) month.Month {
	if !rec.filled[col] {
		return 0
	}
	c := &rec.cells[col]
	if c.Kind == xlsx.Number && c.Date {
		return rec.numberDate(col).Month()
	}
	text := clean.Squeeze(rec.text(col))
	if c.Kind == xlsx.Number && strings.Contains(text, ".") {
		rec.refuse(col, "是带小数的数字，分不清是哪个月，请写成 2026-11 的样子")
		return 0
	}
	if text == "" {
		return 0
	}
	m, reason := rec.reader.dates.month(text)
	if reason != "" {
		rec.refuse(col, reason)
	}
	return m
}

// dateCache remembers how texts read: a roster has few different dates.
type dateCache struct {
	dates  map[string]month.Date
	months map[string]month.Month
}

const maxCached = 100_000

func newDateCache() dateCache {
	return dateCache{map[string]month.Date{}, map[string]month.Month{}}
}

func (c *dateCache) date(text string) (month.Date, string) {
	if d, ok := c.dates[text]; ok {
		return d, ""
	}
	d, err := month.ParseDate(text)
	switch {
	case err != nil && strings.Contains(text, ":"):
		return 0, "日期带有时间，请只填日期"
	case err != nil:
		return 0, err.Error()
	}
	if len(c.dates) < maxCached {
		c.dates[strings.Clone(text)] = d
	}
	return d, ""
}

func (c *dateCache) month(text string) (month.Month, string) {
	if m, ok := c.months[text]; ok {
		return m, ""
	}
	m, err := month.Parse(text)
	if err != nil {
		return 0, err.Error()
	}
	if len(c.months) < maxCached {
		c.months[strings.Clone(text)] = m
	}
	return m, ""
}
