// Package work stores short-lived state of the console: uploaded and generated files, for a
// day, and the progress of background work. None of it is in the journal or in backups.
package work
