// Package layout has the sheets and columns of the roster workbook (花名册), of
// opening entries (期初) and of match lists (比对名单): their headings, and what a
// column is for, are said here once.
package layout
