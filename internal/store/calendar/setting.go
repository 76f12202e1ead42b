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

// JobSetting says when a job is due, and with what parameters.
type JobSetting struct {
	Job        string
	Enabled    bool
	Every      string // 每日, 每周 or 每月
	Day        int16  // of the week (1 is Monday) or of the month (1 to 28); 0: 每日
	Hour       int16
	Minute     int16
	Shift      string  // where the day is off: 不移, 提前 or 顺延
	Lead       []int16 // working days before that day; empty: on it
	Parameters map[string]string
	Since      time.Time // when it was set; zero: it is the program's default
}

// JobSettings returns what a region has set, by the job's name.
func JobSettings(ctx context.Context, db *postgres.DB, region int32) (map[string]JobSetting, error) {
	set := map[string]JobSetting{}
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT job, enabled, every, day, hour, minute, shift, lead, parameters, since
			FROM job_setting WHERE region = $1`, region)
		if err != nil {
			return fmt.Errorf("read job settings: %w", err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[JobSetting])
		if err != nil {
			return fmt.Errorf("read job settings: %w", err)
		}
		for _, s := range all {
			set[s.Job] = s
		}
		return nil
	})
	return set, err
}

// SetJob changes when a job is due; old is what stands in the journal beside the new.
// Since becomes by's time, so nothing that would have been due before is made up for. It
// asks for no permission; s has been checked by the caller (jobs.Check). Errors: of Change.
func SetJob(ctx context.Context, db *postgres.DB, region int32, s JobSetting, was, is string, by journal.By) error {
	if s.Lead == nil {
		s.Lead = []int16{}
	}
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		_, err := scope.Tx.Exec(ctx, `
			INSERT INTO job_setting (region, job, enabled, every, day, hour, minute, shift, lead, parameters, since)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (region, job) DO UPDATE SET enabled = $3, every = $4, day = $5, hour = $6, minute = $7, shift = $8,
			    lead = $9, parameters = $10, since = $11`,
			region, s.Job, s.Enabled, s.Every, s.Day, s.Hour, s.Minute, s.Shift, s.Lead, s.Parameters, by.At)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("set job: %w", err)
		}
		return journal.Entry{Action: "修改定时任务", Subject: s.Job, Summary: "原：" + was + "；现：" + is}, nil
	})
	return err
}

// Holiday is a day on which offices are closed, or work although it is a weekend.
type Holiday struct {
	Day  month.Date
	Off  bool // 休; else 班
	Name string
}

// Word is the one character for it on calendars.
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

// SetHolidays adds days, or changes those that are there. Where all are there already, it
// changes nothing. It asks for no permission. Errors: of Change.
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
		return journal.Entry{Action: "登记节假日", Subject: sayDays(days), Summary: fmt.Sprintf("%d 天", changed)}, nil
	})
	return err
}

// RemoveHolidays takes days away. It fails with fault.NotFound where one is not there.
func RemoveHolidays(ctx context.Context, db *postgres.DB, region int32, days []month.Date, by journal.By) error {
	_, err := db.Change(ctx, region, by, func(scope postgres.Scope) (journal.Entry, error) {
		var gone []Holiday
		for _, day := range days {
			h := Holiday{Day: day}
			err := scope.Tx.QueryRow(ctx, `DELETE FROM holiday WHERE region = $1 AND day = $2 RETURNING off, name`, region, day.Time()).Scan(&h.Off, &h.Name)
			if errors.Is(err, pgx.ErrNoRows) {
				return journal.Entry{}, fault.New(fault.NotFound, "节假日表里没有 %s，请用 jobs holiday list 核对", day)
			}
			if err != nil {
				return journal.Entry{}, fmt.Errorf("remove holiday: %w", err)
			}
			gone = append(gone, h)
		}
		return journal.Entry{Action: "删除节假日", Subject: sayDays(gone), Summary: fmt.Sprintf("%d 天", len(gone))}, nil
	})
	return err
}

func sayDays(days []Holiday) string {
	var all []string
	for _, h := range days {
		all = append(all, h.Day.String()+" "+h.Word()+" "+h.Name)
	}
	slices.Sort(all)
	return strings.Join(all, "、")
}
