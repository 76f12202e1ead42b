// Package audit compares every row of every table with the journal's chain, and keeps
// the access log.
package audit
