package month

import (
	"regexp"
	"strconv"
	"strings"

	"disburse/internal/fault"
)

// The ways in which staff write dates and months (docs/interface.md §4.3).
var (
	dateForms = []*regexp.Regexp{
		regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`),
		regexp.MustCompile(`^(\d{4})/(\d{1,2})/(\d{1,2})$`),
		regexp.MustCompile(`^(\d{4})\.(\d{1,2})\.(\d{1,2})$`),
		regexp.MustCompile(`^(\d{4})年(\d{1,2})月(\d{1,2})日$`),
		regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`),
	}
	monthForms = []*regexp.Regexp{
		regexp.MustCompile(`^(\d{4})-(\d{1,2})$`),
		regexp.MustCompile(`^(\d{4})/(\d{1,2})$`),
		regexp.MustCompile(`^(\d{4})\.(\d{1,2})$`),
		regexp.MustCompile(`^(\d{4})年(\d{1,2})月$`),
		regexp.MustCompile(`^(\d{4})(\d{2})$`),
	}
)

// ParseDate reads a date as text: 2026-11-03, 2026/11/3, 2026.11.3, 2026年11月3日
// or 20261103. It fails with fault.Invalid.
func ParseDate(s string) (Date, error) {
	for _, form := range dateForms {
		g := form.FindStringSubmatch(strings.TrimSpace(s))
		if g == nil {
			continue
		}
		y, m, d := atoi(g[1]), atoi(g[2]), atoi(g[3])
		if !ValidDate(y, m, d) {
			return 0, fault.New(fault.Invalid, "日期“%s”不存在，请核对年月日", s)
		}
		return DateOf(y, m, d), nil
	}
	return 0, fault.New(fault.Invalid, "“%s”不是日期，请写成 2026-11-03 的样子", s)
}

// Parse reads a month as text: 2026-11, 2026/11, 2026.11, 202611 or 2026年11月.
// It fails with fault.Invalid.
func Parse(s string) (Month, error) {
	for _, form := range monthForms {
		g := form.FindStringSubmatch(strings.TrimSpace(s))
		if g == nil {
			continue
		}
		y, m := atoi(g[1]), atoi(g[2])
		if y < 1 || m < 1 || m > 12 {
			return 0, fault.New(fault.Invalid, "月份“%s”不存在，请核对", s)
		}
		return Of(y, m), nil
	}
	return 0, fault.New(fault.Invalid, "“%s”不是月份，请写成 2026-11 的样子", s)
}

// atoi is for text that a pattern has already found to be a few digits.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
