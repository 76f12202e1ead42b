// Package calendar stores the state of scheduled jobs: settings, holidays, occurrences with
// their leases, and notices with their deliveries. When a job is due, and what it does, is
// decided by package jobs.
package calendar
