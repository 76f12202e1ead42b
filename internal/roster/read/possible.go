package read

import (
	"fmt"

	"disburse/internal/month"
)

// monthsAhead is how far ahead of the day of reading something may begin that is known
// already: a decision for next year is, one for 9999 is a slip.
const monthsAhead = 12

// future is why a day that must have been cannot be.
func (r *reader) future() string {
	return fmt.Sprintf("在今天（%s）以后，不可能，请核对", r.today)
}

// notFarAhead refuses a day, 0 for none, more than monthsAhead months ahead.
func (r *reader) notFarAhead(rec *record, col int, date month.Date) {
	if date > r.today.Later(monthsAhead) {
		rec.refuse(col, fmt.Sprintf("比今天（%s）晚 %d 个月以上，请核对；确是如此的，临近时再登记", r.today, monthsAhead))
	}
}

// monthNotFarAhead is notFarAhead for months.
func (r *reader) monthNotFarAhead(rec *record, col int, m month.Month) {
	if m > r.today.Month().Add(monthsAhead) {
		rec.refuse(col, fmt.Sprintf("比本月（%s）晚 %d 个月以上，请核对；确是如此的，临近时再登记", r.today.Month(), monthsAhead))
	}
}

// afterBirth reads a date that cannot lie before a birth; birth 0: not known.
func (r *reader) afterBirth(rec *record, col int, birth month.Date) month.Date {
	date := rec.date(col)
	if date != 0 && date < birth {
		rec.refuse(col, fmt.Sprintf("早于出生日期 %s，请核对", birth))
	}
	return date
}
