package calendar

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// Period is how often a job is due. The values are stored, and are what staff type and read.
type Period string

// The periods.
const (
	Daily   Period = "每日"
	Weekly  Period = "每周"
	Monthly Period = "每月"
)

// Shift is what happens to a due day on which offices are closed. The values are stored, and
// are what staff type and read.
type Shift string

// The shifts.
const (
	NoShift     Shift = "不移"
	ShiftBefore Shift = "提前" // to the working day before
	ShiftAfter  Shift = "顺延" // to the working day after
)

// JobSetting says when a job is due, and with what parameters.
type JobSetting struct {
	Job        string
	Enabled    bool
	Every      Period
	Day        int16 // of the week (1 is Monday) or of the month (1 to 28); 0: Daily
	Hour       int16
	Minute     int16
	Shift      Shift   // what happens if the day is off
	Lead       []int16 // working days before that day; empty: on it
	Parameters map[string]string
	Since      time.Time // when it was set; zero: it is the program's default
}

// JobSettings returns the settings that a region has stored, by the job's name; jobs without
// one have the program's defaults.
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

// SetJob upserts a job's setting; was and is describe the old and new one for the journal.
// Since becomes by's time, so occurrences due before are not caught up on. It checks no
// permission; s has been checked by the caller (jobs.Check). Errors: of Change.
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
