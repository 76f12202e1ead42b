// Package audit verifies the database against the journal's hash chain, row by row, and writes
// the access log. It repairs nothing: differences are reported as problems (docs/audit.md).
package audit
