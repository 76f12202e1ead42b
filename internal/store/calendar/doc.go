// Package calendar stores what runs by itself: settings, holidays, occurrences of jobs
// and notices.
package calendar
