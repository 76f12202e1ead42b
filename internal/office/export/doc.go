// Package export writes what leaves the system for one month or year: sheets, lists,
// bank files, letters, notices and statements, and verifies what was written.
package export
