package xlsx

import (
	"fmt"
	"strconv"
	"strings"

	"disburse/internal/month"
)

// significant is how many digits of a number Excel keeps and shows.
const significant = 15

// Plain returns the number of a cell as Excel shows it with enough digits: without
// exponent and rounded, decimally, to 15 significant digits. Excel itself writes up to
// 17 into the file (70.1 becomes 70.099999999999994). exact is false where more than 15
// digits stood before the point: the last of them are lost. ok is false for what is no
// number, or none of a size that any roster has.
func Plain(raw string) (text string, exact, ok bool) {
	digits, point, negative, ok := parseNumber(strings.TrimSpace(raw))
	if !ok {
		return "", false, false
	}
	digits, point = trimLeading(digits, point)
	exact = point <= significant
	if len(digits) > significant {
		digits, point = roundDigits(digits, point)
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return "0", true, true
	}
	text = placePoint(digits, point)
	if negative {
		text = "-" + text
	}
	return text, exact, true
}

// Scientific writes a number as d.dddE+nn with its 15 significant digits: how to name a
// long number without pretending to know the digits it lost. Text that is no number
// comes back as it is.
func Scientific(raw string) string {
	digits, point, negative, ok := parseNumber(strings.TrimSpace(raw))
	if !ok {
		return raw
	}
	digits, point = trimLeading(digits, point)
	if len(digits) > significant {
		digits, point = roundDigits(digits, point)
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return "0"
	}
	sign := ""
	if negative {
		sign = "-"
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	return fmt.Sprintf("%s%sE%+03d", sign, digits, point-1)
}

// parseNumber takes a number apart: its digits, and how many of them stand before the
// point (perhaps fewer than none).
func parseNumber(raw string) (digits string, point int, negative, ok bool) {
	const longest = 64
	if len(raw) == 0 || len(raw) > longest {
		return "", 0, false, false
	}
	raw, negative = strings.CutPrefix(raw, "-")
	mantissa, exponent, scientific := raw, "", false
	if i := strings.IndexAny(raw, "eE"); i >= 0 {
		mantissa, exponent, scientific = raw[:i], raw[i+1:], true
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits, point = whole+fraction, len(whole)
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false, false
	}
	if scientific {
		shift, err := strconv.Atoi(exponent)
		if err != nil || shift < -400 || shift > 400 {
			return "", 0, false, false
		}
		point += shift
	}
	return digits, point, negative, true
}

func trimLeading(digits string, point int) (string, int) {
	trimmed := strings.TrimLeft(digits, "0")
	return trimmed, point - (len(digits) - len(trimmed))
}

// roundDigits rounds half up to the significant digits.
func roundDigits(digits string, point int) (string, int) {
	kept := []byte(digits[:significant])
	if digits[significant] < '5' {
		return string(kept), point
	}
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i] != '9' {
			kept[i]++
			return string(kept), point
		}
		kept[i] = '0'
	}
	return "1" + string(kept), point + 1
}

// placePoint writes digits, which neither start nor end with 0, with the point after
// so many of them.
func placePoint(digits string, point int) string {
	switch {
	case point <= 0:
		return "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return digits + strings.Repeat("0", point-len(digits))
	}
	return digits[:point] + "." + digits[point:]
}

// DateOf returns the date of a date cell's number. timed is true where the number has a
// time of day as well, ok false where there is no such day.
func (b *Book) DateOf(raw string) (date month.Date, timed, ok bool) {
	plain, exact, ok := Plain(raw)
	if !ok || !exact {
		return 0, false, false
	}
	whole, _, timed := strings.Cut(plain, ".")
	day, err := strconv.Atoi(whole)
	if err != nil || day < 0 {
		return 0, false, false
	}
	date, ok = serialDate(day, b.Date1904)
	return date, timed, ok
}

// serialDate turns day numbers into dates. Excel counts 1900-02-29, day 60, which never
// was, so the days before it lie one further back.
func serialDate(day int, date1904 bool) (month.Date, bool) {
	last := month.DateOf(9999, 12, 31)
	var date month.Date
	switch {
	case day > int(last):
		return 0, false
	case date1904:
		date = month.DateOf(1904, 1, 1).Add(day)
	case day == 0 || day == 60:
		return 0, false
	case day < 60:
		date = month.DateOf(1899, 12, 31).Add(day)
	default:
		date = month.DateOf(1899, 12, 30).Add(day)
	}
	return date, date <= last
}
