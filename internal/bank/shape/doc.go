// Package shape gives bank files (银行文件) the form that the pack lays down for each
// bank: which files a payment file becomes, their records, and for text files their
// bytes. Workbooks are written by reports from the same records. Nothing is ever cut
// short or replaced by a question mark: what a form cannot hold is an error, and
// Unwritable finds it for names and accounts before anybody signs. What a file can show is in
// internal/bank/field.
package shape
