// Package books reads whole months, years and persons, joined from all other stores, for sheets,
// statements, letters and pages. It writes nothing and formats nothing: that is package reports.
package books
