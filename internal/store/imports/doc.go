// Package imports writes changes of the roster: it imports rosters and match lists, undoes
// imports, and applies confirmed change requests. Reading the roster is internal/store/people;
// parsing workbooks is internal/roster.
package imports
