// Package workbook writes xlsx workbooks of any length in a stream, the same bytes
// every time. excelize makes everything of a workbook but the rows: styles, page
// setup, panes, names, properties. The rows are written here as XML and compressed
// while they come, on all processors, and put into excelize's sheets at the end.
// That is several times faster than excelize's own writers, takes memory that does
// not grow with the rows, and lets an amount be written as the exact decimal it is:
// no amount ever becomes a float on its way into a cell.
package workbook
