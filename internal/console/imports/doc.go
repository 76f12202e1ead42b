// Package imports has the pages of rosters, match lists, merged records and undone
// imports.
package imports
