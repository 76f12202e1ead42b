// Package bank has the pages of bank files, bank results, failed payments and
// reconciliation.
package bank
