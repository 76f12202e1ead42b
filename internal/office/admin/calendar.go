package admin

import (
	"context"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/store/calendar"
)

// SetHolidays enters days off (休) and days worked instead (班) into the region's calendar.
// Errors: of Change.
func SetHolidays(ctx context.Context, o *office.Office, days []calendar.Holiday, by journal.By) error {
	return calendar.SetHolidays(ctx, o.DB, o.Region, days, by)
}

// RemoveHolidays takes days out of the region's calendar. Errors: fault.NotFound where one is
// not in it.
func RemoveHolidays(ctx context.Context, o *office.Office, days []month.Date, by journal.By) error {
	return calendar.RemoveHolidays(ctx, o.DB, o.Region, days, by)
}

// ReadNotice marks a notice as read by its reader. Errors: fault.NotFound.
func ReadNotice(ctx context.Context, o *office.Office, reader calendar.Reader, n int64, by journal.By) error {
	return calendar.ReadNotice(ctx, o.DB, o.Region, reader, n, by.At)
}
