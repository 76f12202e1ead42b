// Package rosters is what staff do with people's records: import and export rosters and
// opening entries, match lists, merge, change, and confirm what waits for a second
// person.
package rosters
