// Package read reads roster workbooks, match lists and opening entries: every row that
// can be accepted as far as the file itself tells, and what is wrong with the others,
// cell by cell.
package read
