// Package people reads the roster as known at a revision, follows merged records, and
// keeps the list behind search.
package people
