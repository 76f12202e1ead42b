// Package recovery has the pages of debts, write-offs, instalments, notices and opening
// entries.
package recovery
