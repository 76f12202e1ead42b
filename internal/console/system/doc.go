// Package system has the pages of the calendar of jobs, holidays, notices, users, and the
// audit. The jobs themselves are package jobs.
package system
