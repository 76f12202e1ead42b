// Package imports has the pages of roster imports, their undoing, match lists, and merging the
// records of a person. Reading workbooks and writing to the store are internal/office's.
package imports
