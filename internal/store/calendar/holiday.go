package calendar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// Holiday is a day on which offices are closed, or work although it is a weekend.
type Holiday struct {
	Day  month.Date
	Off  bool // 休; else 班
	Name string
}

// Word is the character that printed calendars use for it: 休 or 班.
func (h Holiday) Word() string {
	if h.Off {
		return "休"
	}
	return "班"
}

// Holidays returns a region's holidays in order.
func Holidays(ctx context.Context, db *postgres.DB, region int32) ([]Holiday, error) {
	var all []Holiday
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT day, off, name FROM holiday WHERE region = $1 ORDER BY day`, region)
		if err != nil {
			return fmt.Errorf("read holidays: %w", err)
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Holiday, err error) {
			var day time.Time
			err = row.Scan(&day, &h.Off, &h.Name)
			h.Day = month.FromTime(day)
			return h, err
		})
		if err != nil {
			return fmt.Errorf("read holidays: %w", err)
		}
		return nil
	})
	return all, err
}

// SetHolidays upserts days; if all of them are stored already, it writes nothing. It checks no
// permission. Errors: of Change.
func SetHolidays(ctx context.Context, db *postgres.DB, region int32, days []Holiday, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		changed := int64(0)
		for _, h := range days {
			tag, err := scope.Tx.Exec(ctx, `
				INSERT INTO holiday (region, day, off, name) VALUES ($1, $2, $3, $4)
				ON CONFLICT (region, day) DO UPDATE SET off = $3, name = $4 WHERE (holiday.off, holiday.name) <> ($3, $4)`,
				region, h.Day.Time(), h.Off, h.Name)
			if err != nil {
				return journal.Entry{}, fmt.Errorf("set holiday: %w", err)
			}
			changed += tag.RowsAffected()
		}
		if changed == 0 {
			return journal.Entry{}, postgres.ErrNoChange
		}
		return journal.Entry{Action: "登记节假日", Subject: dayList(days), Summary: fmt.Sprintf("%d 天", changed)}, nil
	})
	return err
}

// RemoveHolidays deletes days, all or nothing. Errors: fault.NotFound where one is not stored.
func RemoveHolidays(ctx context.Context, db *postgres.DB, region int32, days []month.Date, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		var removed []Holiday
		for _, day := range days {
			h := Holiday{Day: day}
			err := scope.Tx.QueryRow(ctx, `DELETE FROM holiday WHERE region = $1 AND day = $2 RETURNING off, name`, region, day.Time()).Scan(&h.Off, &h.Name)
			if errors.Is(err, pgx.ErrNoRows) {
				return journal.Entry{}, fault.New(fault.NotFound, "节假日表里没有 %s，请用 jobs holiday list 核对", day)
			}
			if err != nil {
				return journal.Entry{}, fmt.Errorf("remove holiday: %w", err)
			}
			removed = append(removed, h)
		}
		return journal.Entry{Action: "删除节假日", Subject: dayList(removed), Summary: fmt.Sprintf("%d 天", len(removed))}, nil
	})
	return err
}

func dayList(days []Holiday) string {
	var all []string
	for _, h := range days {
		all = append(all, h.Day.String()+" "+h.Word()+" "+h.Name)
	}
	slices.Sort(all)
	return strings.Join(all, "、")
}
