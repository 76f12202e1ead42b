// Package people reads the roster as of a revision, resolves merged records, and maintains
// the search index (person_now). It does not change the roster: internal/store/imports and
// internal/store/merging do.
package people
