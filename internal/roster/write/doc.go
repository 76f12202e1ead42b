// Package write writes roster workbooks: the export, changes, templates, and the errors
// workbook that is mended and imported again.
package write
