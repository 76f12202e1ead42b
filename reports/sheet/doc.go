// Package sheet is what the sheets of all reports share: the styles of a workbook, a
// table whose columns are said once, printed pages, totals, notes and signatures.
package sheet
