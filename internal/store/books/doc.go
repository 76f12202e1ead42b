// Package books reads months, years and persons whole for sheets, statements, letters
// and pages.
package books
