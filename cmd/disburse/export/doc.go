// Package export has the commands that show or write what was computed: export, letter,
// lists, explain and year.
package export
