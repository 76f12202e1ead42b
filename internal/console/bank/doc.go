// Package bank has the pages of payments: bank files and their handing over, bank results,
// unanswered and failed payments, reconciliation. The formats of files are internal/bank's.
package bank
