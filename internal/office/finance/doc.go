// Package finance is what staff do with money after approval: bank results,
// reconciliation, collections, write-offs and instalments.
package finance
